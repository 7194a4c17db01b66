//! The terms by which the index finds substrings: all groups of two and of three characters of a folded text, and the
//! single characters that are words by themselves.
//!
//! A word of three characters or more has all its groups of three in every text that contains it; few other texts have
//! them all. Groups of two alone would be fewer terms, and find a hundred times as many texts for a long word.

use super::Folded;
use app::characters::is_emoji;
use std::slice;
use unicode_script::{Script, UnicodeScript};

/// Begins the terms that are not made of a text. No folded text contains it.
pub(super) const MARK: char = '\u{e080}';

/// Added to the ASCII characters that the index's tokenizer would take for separators.
const SHIFT: u32 = 0xe000;

/// Returns the terms of texts for the index, separated by spaces, each once.
pub(crate) fn document<'a>(texts: impl IntoIterator<Item = &'a Folded>) -> String {
    let mut grams: Vec<u64> = Vec::new();
    for chars in texts.into_iter().map(Folded::chars) {
        let singles = chars.iter().filter(|c| is_a_word(**c)).map(slice::from_ref);
        grams.extend(singles.chain(chars.windows(2)).chain(chars.windows(3)).map(packed));
    }
    grams.sort_unstable();
    grams.dedup();
    let mut document = String::with_capacity(grams.len() * 5);
    for gram in grams {
        document.extend(unpacked(gram));
        document.push(' ');
    }
    document
}

/// Bits of a character.
const CHAR_BITS: u32 = 21;

/// Returns up to three characters, as the index writes them, in one number: the writer sorts some hundred of them for
/// each entry.
fn packed(gram: &[char]) -> u64 {
    gram.iter().fold(0, |packed, c| packed << CHAR_BITS | u64::from(u32::from(shifted(*c))))
}

fn unpacked(gram: u64) -> impl Iterator<Item = char> {
    let part = move |at: u32| u32::try_from(gram >> (at * CHAR_BITS) & ((1 << CHAR_BITS) - 1)).unwrap_or(0);
    [2, 1, 0].into_iter().map(part).filter(|c| *c > 0).filter_map(char::from_u32)
}

/// Returns the terms that every entry with a folded word has; none if the word is too short for the index.
pub(crate) fn required(word: &[char]) -> Vec<String> {
    let size = match word {
        [] => return Vec::new(),
        [c] if is_a_word(*c) => 1,
        [_] => return Vec::new(),
        [_, _] => 2,
        _ => 3,
    };
    let mut terms: Vec<String> = word.windows(size).map(written).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Returns characters as the index writes them.
pub(super) fn written(chars: &[char]) -> String {
    chars.iter().copied().map(shifted).collect()
}

fn shifted(c: char) -> char {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        return c;
    }
    char::from_u32(SHIFT + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Returns `true` if people search for a character alone: an ideograph, a Korean syllable, a picture.
fn is_a_word(c: char) -> bool {
    !c.is_ascii() && (matches!(c.script(), Script::Han | Script::Hangul) || is_emoji(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        document([&Folded::of(text)]).split_whitespace().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_text_has_each_group_of_two_and_three_once() {
        assert_eq!(terms("Anana"), ["an", "na", "ana", "nan"]);
        assert_eq!(terms("a b"), ["a\u{e020}", "\u{e020}b", "a\u{e020}b"]);
        assert_eq!(terms("中文"), ["中", "文", "中文"]);
        assert!(terms("x").is_empty());
    }

    #[test]
    fn every_part_of_a_text_has_terms_that_the_text_has() {
        let text = "Zürich 東京 🎉 “ok”? 한국";
        let has = terms(text);
        let folded = Folded::of(text);
        for length in 1..=6 {
            for part in folded.chars().windows(length) {
                assert!(required(part).iter().all(|term| has.contains(term)), "{part:?}");
            }
        }
    }

    #[test]
    fn a_word_of_one_character_is_looked_up_where_a_script_writes_words_so() {
        for (word, expected) in
            [("a", 0), ("?", 0), ("é", 0), ("中", 1), ("물", 1), ("🎉", 1), ("❤️", 1), ("ab", 1), ("abcd", 2)]
        {
            assert_eq!(required(Folded::of(word).chars()).len(), expected, "{word}");
        }
    }

    /// If this fails, the index of existing stores has other terms than those under which an entry would be removed: it
    /// has to be made anew by a migration.
    #[test]
    fn the_terms_are_those_of_the_stored_indexes() {
        let mut digest = crc32fast::Hasher::new();
        for c in '\0'..='\u{2ffff}' {
            let folded = Folded::of(c.encode_utf8(&mut [0; 4]));
            digest.update(folded.chars().iter().collect::<String>().as_bytes());
            digest.update(&[u8::from(is_a_word(c))]);
        }
        assert_eq!(digest.finalize(), 3_827_746_717);
    }

    #[test]
    fn nobody_can_write_a_facet() {
        let forged = terms(&format!("{MARK}p {MARK}u7"));
        assert!(!forged.iter().any(|term| term.contains(MARK)), "{forged:?}");
    }
}
