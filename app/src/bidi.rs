//! Isolation of names in sentences of another direction.
//!
//! Two right-to-left names in a left-to-right sentence are displayed in the wrong order: "A is now known as B" reads as
//! if B had become A. In HTML a `<bdi>` isolates a name; elsewhere (titles, labels, notifications, plain lines) two
//! invisible characters do.

use std::borrow::Cow;

/// First strong isolate: the following text has a direction of its own, that of its first letter.
const ISOLATE: char = '\u{2068}';
/// Pop directional isolate: the end of that text.
const END: char = '\u{2069}';

/// Isolates a name for a left-to-right sentence. A left-to-right name is returned as it is.
#[must_use]
pub fn isolated(name: &str) -> Cow<'_, str> {
    if !name.chars().any(is_from_the_right) {
        return Cow::Borrowed(name);
    }
    let mut text = String::with_capacity(name.len() + ISOLATE.len_utf8() + END.len_utf8());
    text.push(ISOLATE);
    text.push_str(name);
    text.push(END);
    Cow::Owned(text)
}

/// Returns `true` for a character in one of Unicode's blocks for right-to-left scripts.
const fn is_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_the_right_is_isolated_and_any_other_is_as_it_is() {
        for name in ["דוד", "عمر", "ada_דוד", "ߊߋ", "𞤀𞤁"] {
            assert_eq!(isolated(name), format!("\u{2068}{name}\u{2069}"));
        }
        for name in ["Ada", "田中", "Ελένη", "हिन्दी", "bo_2", ""] {
            assert_eq!(isolated(name), name);
        }
    }
}
