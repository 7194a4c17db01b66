//! HTML that is written as text, by the same functions on the server and in the browser.
//!
//! Invariants:
//! - people's words pass through [`Html::text`] or [`Html::attribute`], which escape them; everything else is a
//!   constant of the program (`&'static str`) or a number;
//! - the text of the elements is byte for byte the given text.

use super::icon::Icon;

/// A piece of HTML.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash)]
pub(in crate::ui) struct Html(String);

impl Html {
    /// Appends text as content, or within an attribute in double quotes. A character that an HTML parser would alter is
    /// written as an escape: the parser replaces `\r` by `
    /// `, and cannot represent NUL.
    pub(in crate::ui) fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        // All of these are one byte long, so the text is cut between characters.
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\r' | 0)) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            self.0.push_str(match special.as_bytes()[0] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\r' => "&#13;",
                _ => "\u{fffd}",
            });
            rest = &special[1..];
        }
        self.0.push_str(rest);
        self
    }

    /// Appends the program's own markup.
    pub(in crate::ui) fn tag(&mut self, tag: &'static str) -> &mut Self {
        self.0.push_str(tag);
        self
    }

    /// Appends the program's own markup if a condition holds: mostly an attribute such as `" hidden"`.
    pub(in crate::ui) fn tag_if(&mut self, condition: bool, tag: &'static str) -> &mut Self {
        self.tag(if condition { tag } else { "" })
    }

    /// Appends an attribute, with a space before it.
    pub(in crate::ui) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.tag(" ").tag(name).tag("=\"").text(value).tag("\"")
    }

    /// Appends other HTML.
    pub(in crate::ui) fn html(&mut self, html: &Self) -> &mut Self {
        self.0.push_str(&html.0);
        self
    }

    pub(in crate::ui) fn within(
        &mut self,
        open: &'static str,
        close: &'static str,
        write: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.tag(open);
        write(self);
        self.tag(close)
    }

    /// Appends a name within one of the chat's own sentences: with its own text direction, and excluded from
    /// translation.
    pub(in crate::ui) fn name(&mut self, name: &str) -> &mut Self {
        self.tag(r#"<bdi translate="no">"#).text(name).tag("</bdi>")
    }

    /// Appends a decorative icon; words beside it give its meaning.
    pub(in crate::ui) fn icon(&mut self, icon: Icon) -> &mut Self {
        self.tag(r#"<svg viewBox="0 0 24 24" aria-hidden="true"><path d=""#).tag(icon.path()).tag(r#""></path></svg>"#)
    }

    pub(in crate::ui) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(in crate::ui) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_wrote_is_text_and_never_markup() {
        let hostile = "</li><script>alert(\"x\")</script>&lt;'`";
        let escaped = "&lt;/li&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;lt;'`";
        assert_eq!(Html::default().text(hostile).as_str(), escaped);
        let attribute = Html::default().attribute("title", hostile).clone();
        assert_eq!(attribute.as_str(), format!(" title=\"{escaped}\""));
        assert_eq!(Html::default().name("<b>").as_str(), r#"<bdi translate="no">&lt;b&gt;</bdi>"#,);
    }

    #[test]
    fn what_a_parser_would_change_is_spelled_out() {
        assert_eq!(Html::default().text("a\r\nb\0c").as_str(), "a&#13;\nb\u{fffd}c");
    }

    proptest! {
        #[test]
        fn no_text_ends_its_element_or_its_attribute(text in ".*") {
            let html = Html::default().text(&text).clone().into_string();
            prop_assert!(!html.contains(['<', '>', '"', '\r', '\0']));
            let said = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#13;", "\r");
            prop_assert_eq!(said.replace("&amp;", "&"), text.replace('\0', "\u{fffd}"));
        }
    }
}
