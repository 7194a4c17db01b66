//! A person's first letter in a coloured circle, to tell people apart at a glance.

use crate::protocol::UserId;
use leptos::prelude::*;

/// How many colours the style has.
const HUES: u64 = 8;

/// The circle. Its colour goes by the number, so that it stays with the person whatever they are called.
pub(super) fn avatar(user: Option<UserId>, initial: impl IntoView) -> impl IntoView {
    view! {
        <span class="avatar" data-hue=user.map_or(0, |user| user.0 % HUES) aria-hidden="true" translate="no">
            {initial}
        </span>
    }
}

/// The first letter of a name as people see it, with the marks that belong to it.
pub(super) fn initial(name: &str) -> String {
    let letters = name.trim_start_matches('_');
    first_grapheme(if letters.is_empty() { name } else { letters })
}

#[cfg(not(feature = "hydrate"))]
fn first_grapheme(text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;

    text.graphemes(true).next().unwrap_or_default().to_owned()
}

/// The same by the browser's own tables, which need not be downloaded. A browser from before 2024 may have none.
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
