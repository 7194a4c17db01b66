//! Unicode properties of characters: from tables in the program on the server, and in the browser from those of its
//! regular expressions, which need no download.
//!
//! Invariant: both sides agree on every character that both know. A browser knows those of its own version of Unicode.

/// A property, for [`has`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Property {
    /// `XID_Start`: the character can begin a word.
    BeginsWord,
    /// `XID_Continue`: the character can be within a word.
    ContinuesWord,
    /// `Alphabetic`.
    Alphabetic,
    /// A digit or another number (`N`).
    Numeric,
    /// `Emoji`: the character is a picture or can become one.
    Emoji,
    /// `Emoji_Presentation`: the character is a picture by default.
    Picture,
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::has;
#[cfg(not(feature = "hydrate"))]
pub(crate) use crates::has;

#[cfg(not(feature = "hydrate"))]
mod crates {
    use super::Property;
    use unicode_properties::{EmojiStatus as Status, UnicodeEmoji};

    /// Returns `true` if the character has the property.
    #[must_use]
    pub(crate) fn has(c: char, property: Property) -> bool {
        match property {
            Property::BeginsWord => unicode_ident::is_xid_start(c),
            Property::ContinuesWord => unicode_ident::is_xid_continue(c),
            Property::Alphabetic => c.is_alphabetic(),
            Property::Numeric => c.is_numeric(),
            Property::Emoji => c.is_emoji_char(),
            Property::Picture => matches!(
                c.emoji_status(),
                Status::EmojiPresentation
                    | Status::EmojiPresentationAndModifierBase
                    | Status::EmojiPresentationAndModifierAndEmojiComponent
                    | Status::EmojiPresentationAndEmojiComponent
            ),
        }
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Property;
    use js_sys::RegExp;
    use std::cell::RefCell;

    /// The browser's names of the properties, in their order above: bit `n` is property `n`.
    const PATTERNS: [&str; 6] = ["XIDS", "XIDC", "Alpha", "N", "Emoji", "EPres"];

    /// Capacity of the cache in characters; it is cleared when it is full. A query of the browser takes some
    /// microseconds. The largest text has fewer characters, so each is queried at most twice.
    const KEPT: usize = 8 * 1024;

    thread_local! {
        static BROWSER: [RegExp; PATTERNS.len()] =
            PATTERNS.map(|name| RegExp::new(&["^\\p{", name, "}"].concat(), "u"));
        // Sorted by character.
        static KNOWN: RefCell<Vec<(char, u8)>> = RefCell::default();
    }

    /// Returns `true` if the character has the property.
    #[must_use]
    pub(crate) fn has(c: char, property: Property) -> bool {
        if c.is_ascii() {
            return match property {
                Property::BeginsWord | Property::Alphabetic => c.is_ascii_alphabetic(),
                Property::ContinuesWord => c.is_ascii_alphanumeric() || c == '_',
                Property::Numeric => c.is_ascii_digit(),
                Property::Emoji => c.is_ascii_digit() || matches!(c, '#' | '*'),
                Property::Picture => false,
            };
        }
        known(c) >> property as u8 & 1 == 1
    }

    fn known(c: char) -> u8 {
        KNOWN.with_borrow_mut(|known| {
            let at = match known.binary_search_by_key(&c, |(known, _)| *known) {
                Ok(at) => return known[at].1,
                Err(at) => at,
            };
            let bits = ask(c);
            if known.len() < KEPT {
                known.insert(at, (c, bits));
            } else {
                known.clear();
            }
            bits
        })
    }

    fn ask(c: char) -> u8 {
        let text = String::from(c);
        BROWSER.with(|browser| browser.iter().rev().fold(0, |bits, pattern| bits << 1 | u8::from(pattern.test(&text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_property_is_told() {
        for (property, with, without) in [
            (Property::BeginsWord, ['a', 'é', '日', 'ก'], ['1', '_', '\u{301}', '👋']),
            (Property::ContinuesWord, ['a', '1', '_', '\u{301}'], [' ', '-', '👋', '²']),
            (Property::Alphabetic, ['a', 'é', '日', 'ⓐ'], ['1', '_', ' ', '👋']),
            (Property::Numeric, ['1', '²', '٣', '½'], ['a', '_', ' ', '👋']),
            (Property::Emoji, ['👋', '❤', '©', '1'], ['a', '日', ' ', '→']),
            (Property::Picture, ['👋', '☕', '🏽', '🇩'], ['a', '❤', '©', '1']),
        ] {
            assert!(with.into_iter().all(|c| has(c, property)), "{property:?}");
            assert!(!without.into_iter().any(|c| has(c, property)), "{property:?}");
        }
    }
}
