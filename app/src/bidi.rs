//! Names within sentences of another direction.
//!
//! Without help a sentence of two names that are written from the right is read the wrong way round: of "A is now known
//! as B" it is said that B became A. In markup a `<bdi>` keeps a name apart; where there is none (titles, labels,
//! notifications, lines of plain text) two invisible characters do.

use std::borrow::Cow;

/// First strong isolate: what follows has a direction of its own, that of its first letter.
const ISOLATE: char = '\u{2068}';
/// Pop directional isolate: the end of that.
const END: char = '\u{2069}';

/// A name for a sentence that is written from the left. One from the left needs nothing, and stays as it is.
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

/// Whether a character is in one of the blocks that Unicode keeps for what is written from the right.
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
