//! A writer of JSON for the few flat objects that a page sends.

/// An object under construction, field by field.
#[derive(Debug, Default)]
pub struct Writer {
    /// The fields so far, each after its `{` or `,`.
    json: String,
}

impl Writer {
    /// Writes string fields.
    pub fn texts(&mut self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            self.text(name, value);
        }
    }

    /// Writes a string field.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quote(value);
    }

    /// Writes a field with a whole number.
    pub fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.json += &value.to_string();
    }

    /// Writes a boolean field.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.json += if value { "true" } else { "false" };
    }

    /// Writes a field with an object.
    pub fn object(&mut self, name: &str, value: Self) {
        self.name(name);
        self.json += &value.finish();
    }

    /// Returns the object as JSON.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.json.is_empty() {
            self.json.push('{');
        }
        self.json.push('}');
        self.json
    }

    /// Writes a field's name. Names are words of the protocol, which need no escapes.
    fn name(&mut self, name: &str) {
        self.json.push(if self.json.is_empty() { '{' } else { ',' });
        self.quote(name);
        self.json.push(':');
    }

    fn quote(&mut self, text: &str) {
        const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        self.json.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.json.extend(['\\', character]),
                '\0'..' ' => {
                    let code = character as usize;
                    self.json.extend(['\\', 'u', '0', '0', DIGITS[code / 16], DIGITS[code % 16]]);
                }
                _ => self.json.push(character),
            }
        }
        self.json.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn an_object_is_written_as_it_is() {
        let mut inner = Writer::default();
        inner.flag("no", false);
        let mut outer = Writer::default();
        outer.text("text", "x");
        outer.number("number", u64::MAX);
        outer.flag("yes", true);
        outer.object("inner", inner);
        let json = outer.finish();
        assert_eq!(json, r#"{"text":"x","number":18446744073709551615,"yes":true,"inner":{"no":false}}"#);
        assert_eq!(Writer::default().finish(), "{}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(text in r#"([\x00-\x1f"\\/\x7f\u{2028}\u{2029}\u{feff}]|.){0,40}"#) {
            let mut writer = Writer::default();
            writer.text("text", &text);
            let read: Value = serde_json::from_str(&writer.finish()).unwrap();
            prop_assert_eq!(read, json!({ "text": text }));
        }
    }
}
