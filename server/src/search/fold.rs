//! Texts as a search compares them: without case, accents, kinds of quotation marks and invisible characters.
//!
//! The rules, in this order, for each character with the marks that combine with it:
//! - compatibility decomposition (NFKD of UAX #15): full-width letters, ligatures, `…` are the plain ones;
//! - accents (combining classes 1 and 200 to 240), and the points of Hebrew and Arabic (10 to 35), are dropped. Other
//!   marks distinguish words, such as the vowel signs of India and the voicing marks of Japan, and stay;
//! - letters with a stroke and joined letters become the plain ones, which NFKD leaves alone;
//! - upper case and then lower case, so that `ß` is `ss`, and both forms of sigma are one;
//! - white space of any length is one space, typographic quotation marks and dashes are those of a keyboard, and
//!   invisible characters are dropped.

use app::characters::is_invisible;
use std::{iter, ops::Range};
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::canonical_combining_class, is_nfc_quick};

/// A folded text, with the part of the original that each character stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    chars: Vec<char>,
    /// The bytes of the original behind each character.
    sources: Vec<Range<usize>>,
}

impl Folded {
    /// Folds a word that is searched for.
    #[must_use]
    pub fn word(text: &str) -> Vec<char> {
        Self::of(text).chars
    }

    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut folded = Self::default();
        let mut begin = 0;
        for (at, c) in text.char_indices().skip(1) {
            if !continues(c) {
                folded.push(text, begin..at);
                begin = at;
            }
        }
        folded.push(text, begin..text.len());
        folded
    }

    fn push(&mut self, text: &str, source: Range<usize>) {
        let segment = &text[source.clone()];
        let before = self.chars.len();
        match segment.as_bytes() {
            [byte] => self.push_simple(char::from(*byte)),
            _ => {
                let bare: String = segment.nfkd().filter(|c| !is_accent(*c)).nfc().collect();
                bare.chars().for_each(|c| self.push_simple(c));
            }
        }
        self.sources.extend((before..self.chars.len()).map(|_| source.clone()));
    }

    fn push_simple(&mut self, c: char) {
        match c {
            c if c.is_whitespace() => {
                if self.chars.last() != Some(&' ') {
                    self.chars.push(' ');
                }
            }
            c if c.is_ascii() => self.chars.push(c.to_ascii_lowercase()),
            c if is_invisible(c) => {}
            // The index writes some characters and its own marks as these.
            '\u{e000}'..='\u{e0ff}' => self.chars.push(char::REPLACEMENT_CHARACTER),
            c => match plain(c) {
                "" => self.chars.extend(c.to_uppercase().flat_map(char::to_lowercase)),
                plain => self.chars.extend(plain.chars()),
            },
        }
    }

    /// Returns the folded characters.
    #[must_use]
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Returns `true` if a folded word occurs in the text.
    #[must_use]
    pub fn contains(&self, word: &[char]) -> bool {
        word.is_empty() || self.chars.windows(word.len()).any(|window| window == word)
    }

    /// Returns the parts of the original in which folded words occur, in order and without overlaps.
    #[must_use]
    pub fn occurrences(&self, words: &[Vec<char>]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for word in words.iter().filter(|word| !word.is_empty()) {
            let starts = self.chars.windows(word.len()).enumerate().filter(|(_, window)| *window == &**word);
            found.extend(
                starts.filter_map(|(at, _)| {
                    Some(self.sources.get(at)?.start..self.sources.get(at + word.len() - 1)?.end)
                }),
            );
        }
        found.sort_unstable_by_key(|part| (part.start, part.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for part in found {
            match merged.last_mut() {
                Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
                _ => merged.push(part),
            }
        }
        merged
    }
}

/// Returns `true` if a character may belong to the one before it: a combining mark, the vowel or final consonant of a
/// Korean syllable, the second part of a vowel sign of India, a half-width voicing mark of Japan.
fn continues(c: char) -> bool {
    !c.is_ascii()
        && (is_nfc_quick(iter::once(c)) != IsNormalized::Yes
            || canonical_combining_class(c) != 0
            || matches!(c, '\u{ff9e}' | '\u{ff9f}'))
}

fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=35 | 200..=240)
}

/// Returns the plain form of a letter or sign that decomposition leaves alone, or an empty text.
const fn plain(c: char) -> &'static str {
    match c {
        'ẞ' => "ss",
        'ł' | 'Ł' => "l",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' => "d",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        '‘' | '’' | '‚' | '‹' | '›' | 'ʼ' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        Folded::of(text).chars().iter().collect()
    }

    #[test]
    fn case_accents_and_forms_of_a_letter_do_not_matter() {
        for (text, expected) in [
            ("Ångström", "angstrom"),
            ("STRASSE Straße STRAẞE", "strasse strasse strasse"),
            ("Ελληνικά ΟΔΟΣ οδός", "ελληνικα οδοσ οδοσ"),
            ("Tiếng Việt", "tieng viet"),
            ("Łódź Ørsted Æon", "lodz orsted aeon"),
            ("ｆｕｌｌ ﬁsh", "full fish"),
            ("İstanbul ısı", "istanbul isi"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("don’t “say” a\u{a0}–\n b", "don't \"say\" a - b"),
            ("so\u{ad}ft 👩\u{200d}🚀 ❤\u{fe0f}", "soft 👩🚀 ❤"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn marks_that_tell_words_apart_stay() {
        for (one, other) in [("か", "が"), ("ハ", "パ"), ("कल", "कील"), ("มา", "มี")] {
            assert_ne!(folded(one), folded(other));
        }
        assert_eq!(folded("\u{304b}\u{3099}"), "が", "however it is written");
        assert_eq!(folded("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(folded("\u{9c7}\u{9be}"), folded("\u{9cb}"));
        assert_eq!(folded("ﾊﾟﾝ ｶﾞ"), folded("パン ガ"));
    }

    #[test]
    fn an_occurrence_is_a_part_of_the_original() {
        let text = "Grüße, GRUSSE und Gruß";
        let word = vec![Folded::word("gruss")];
        let parts = Folded::of(text).occurrences(&word);
        assert_eq!(parts.iter().map(|part| &text[part.clone()]).collect::<Vec<_>>(), ["Grüß", "GRUSS", "Gruß"]);
        let two = vec!['a', 'n', 'a'];
        let overlapping = Folded::of("banana").occurrences(&[two]);
        assert_eq!((overlapping.len(), overlapping[0].clone()), (1, 1..6), "what overlaps is one part");
    }

    proptest! {
        #[test]
        fn a_part_of_a_text_that_begins_and_ends_with_whole_characters_is_found_in_it(
            text in "[ -~äßŁςが한👩‍🚀中\u{301}\u{3099}\n]{0,30}", from in 0_usize..30, length in 0_usize..30,
        ) {
            let starts: Vec<usize> =
                text.char_indices().filter(|(_, c)| !continues(*c)).map(|(at, _)| at).chain([text.len()]).collect();
            let (from, to) = (from.min(starts.len() - 1), (from + length).min(starts.len() - 1));
            let part = Folded::of(&text[starts[from]..starts[to]]);
            let whole = Folded::of(&text);
            let word: String = part.chars().iter().collect();
            let word: Vec<char> = word.trim().chars().collect();
            prop_assert!(whole.contains(&word));
            for part in whole.occurrences(&[word]) {
                prop_assert!(text.is_char_boundary(part.start) && text.is_char_boundary(part.end));
            }
        }
    }
}
