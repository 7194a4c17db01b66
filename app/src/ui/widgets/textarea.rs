//! Content of textareas.

/// Returns the content of a textarea as HTML. A child view is no alternative: Leptos renders a placeholder for an empty
/// text, which would become part of the field's text.
pub(in crate::ui) fn textarea_content(text: &str) -> String {
    // An HTML parser drops one line break at the start.
    let start = if text.starts_with('\n') { "\n" } else { "" };
    start.to_owned() + &text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_text_comes_back_as_text() {
        assert_eq!(textarea_content("</textarea><script>&lt;"), "&lt;/textarea>&lt;script>&amp;lt;");
        assert_eq!(textarea_content("\nx"), "\n\nx");
        assert_eq!(textarea_content(""), "");
    }
}
