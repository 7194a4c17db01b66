//! Avatars: a person's first letter in a coloured circle.

use super::html::Html;
use crate::protocol::UserId;

/// Number of colours in the style sheet.
const HUES: u64 = 8;

/// Returns the number of a person's colour. It is derived from the user's id, so that it survives a change of the name.
pub(in crate::ui) fn hue(user: Option<UserId>) -> u64 {
    user.map_or(0, |user| user.0 % HUES)
}

impl Html {
    pub(in crate::ui) fn avatar(&mut self, user: Option<UserId>, name: &str) -> &mut Self {
        self.tag(r#"<span class="avatar""#).attribute("data-hue", &hue(user).to_string());
        self.tag(r#" aria-hidden="true" translate="no">"#).text(&initial(name)).tag("</span>")
    }
}

/// Returns the first letter of a name as people see it, with its combining marks.
pub(in crate::ui) fn initial(name: &str) -> String {
    let letters = name.trim_start_matches('_');
    first_grapheme(if letters.is_empty() { name } else { letters })
}

#[cfg(not(feature = "hydrate"))]
fn first_grapheme(text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;

    text.graphemes(true).next().unwrap_or_default().to_owned()
}

/// Returns the first grapheme by the browser's own tables, which need no download. Some browsers from before 2024 have
/// no such tables; there it is the first character.
#[cfg(feature = "hydrate")]
fn first_grapheme(text: &str) -> String {
    Segmenter::new()
        .map_or_else(|_| text.chars().take(1).collect(), |segmenter| segmenter.segments(text).containing(0).text())
}

#[cfg(feature = "hydrate")]
#[leptos::wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = leptos::wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type Segmenter;
    type Segments;
    type Segment;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new() -> Result<Segmenter, leptos::wasm_bindgen::JsValue>;
    #[wasm_bindgen(method, js_name = segment)]
    fn segments(this: &Segmenter, text: &str) -> Segments;
    #[wasm_bindgen(method)]
    fn containing(this: &Segments, at: u32) -> Segment;
    #[wasm_bindgen(method, getter, js_name = segment)]
    fn text(this: &Segment) -> String;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_is_a_letter_as_people_see_it() {
        for (name, letter) in [
            ("Ada", "A"),
            ("_ada_", "a"),
            ("7up", "7"),
            ("___", "_"),
            ("दीपक", "दी"),
            ("क्षेम", "क्षे"),
            ("דוד", "ד"),
            ("日本", "日"),
            ("g\u{308}abc", "g\u{308}"),
            ("", ""),
        ] {
            assert_eq!(initial(name), letter, "{name}");
        }
    }
}
