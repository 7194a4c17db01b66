//! Character classes for names, texts and combining marks.
//!
//! A few ranges here cover what the [properties] do not tell; Unicode has not changed them since their assignment.

mod properties;

use properties::{Property, has};

/// Returns `true` if a character begins a word in some script: a letter or an ideograph.
#[must_use]
pub fn is_letter(c: char) -> bool {
    has(c, Property::BeginsWord) && !is_ignorable(c)
}

/// Returns `true` if a character is part of words (UAX #31): a letter, a digit, a combining mark, `_`, a dot within a
/// word.
#[must_use]
pub fn is_word(c: char) -> bool {
    (is_alphanumeric(c) || has(c, Property::ContinuesWord)) && !is_ignorable(c) && !is_joiner(c)
}

/// Returns `true` if a character is alphabetic or a number, as in [`char::is_alphanumeric`].
#[must_use]
pub fn is_alphanumeric(c: char) -> bool {
    is_alphabetic(c) || is_number(c)
}

/// Returns `true` if a character is a letter, or a sign that is used as one, as in [`char::is_alphabetic`].
#[must_use]
pub fn is_alphabetic(c: char) -> bool {
    has(c, Property::Alphabetic)
}

/// Returns `true` if a character is a digit or another number, as in [`char::is_numeric`].
#[must_use]
pub fn is_number(c: char) -> bool {
    has(c, Property::Numeric)
}

/// Returns `true` if a character is a picture, or becomes one with a following `U+FE0F`.
#[must_use]
pub fn is_emoji(c: char) -> bool {
    has(c, Property::Emoji)
}

/// Returns `true` if a character is a picture without a following `U+FE0F`.
#[must_use]
pub fn is_picture(c: char) -> bool {
    has(c, Property::Picture)
}

/// Returns `true` if a character combines with the one before it: an accent, a vowel sign, a virama.
#[must_use]
pub fn is_mark(c: char) -> bool {
    // A character that continues words and begins none is a mark, a digit, or one of a few connecting dots and lines.
    let continues = has(c, Property::ContinuesWord) && !has(c, Property::BeginsWord) && !is_number(c);
    continues && !is_ignorable(c) && !is_joiner(c) && !is_connector(c) && !matches!(c, '\u{ff9e}' | '\u{ff9f}')
        || matches!(c, '\u{488}' | '\u{489}' | '\u{1abe}' | '\u{20dd}'..='\u{20e4}' | '\u{a670}'..='\u{a672}')
}

/// Returns `true` if a character connects the words of a name: `_`, and the dots of `约翰·史密斯` and `ジョン・スミス`.
#[must_use]
pub const fn is_connector(c: char) -> bool {
    matches!(
        c,
        '_' | '·'
            | '\u{387}'
            | '・'
            | '\u{ff65}'
            | '\u{203f}'
            | '\u{2040}'
            | '\u{2054}'
            | '\u{fe33}'
            | '\u{fe34}'
            | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}'
    )
}

/// Returns `true` if a character controls the joining of its neighbours: the two that words of some scripts need.
#[must_use]
pub const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns `true` if letters of the character's script are joined to each other, so that a [joiner](is_joiner) between
/// them is visible: from Arabic to Myanmar, from Khmer to Vedic, and the newer blocks of such scripts.
#[must_use]
pub const fn is_joined(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1700}'..='\u{1cff}' | '\u{a800}'..='\u{abff}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Returns `true` if a character has no look of its own, by Unicode's property `Default_Ignorable_Code_Point`, except
/// for [joiners](is_joiner) and direction controls, which change the look of others.
#[must_use]
pub const fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns `true` if a character changes the direction of the text around it.
#[must_use]
pub const fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns `true` if a character is invisible in every context.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    is_ignorable(c) || is_direction(c) || is_joiner(c) || c.is_control()
}

/// Returns `true` if a character takes space and shows nothing.
fn is_empty(c: char) -> bool {
    // An empty Braille cell, and a musical note head that is blank.
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{1d159}')
}

/// Returns `true` if a text shows nothing: white space, invisible characters, and combining marks without a letter.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| is_empty(c) || is_invisible(c) || is_mark(c))
}

/// Returns `true` if a character is a letter of a script without spaces between words, or whose words take endings that
/// are not part of a name: Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese, Tibetan.
#[must_use]
pub fn is_unspaced(c: char) -> bool {
    let is_there = matches!(c, '\u{e01}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}'
        | '\u{aa60}'..='\u{aa7f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}');
    is_there && is_letter(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_are_told_from_letters_digits_and_connectors() {
        for c in ['\u{301}', '\u{94d}', 'ि', '\u{e34}', '\u{5b0}', '\u{3099}', '\u{20dd}'] {
            assert!(is_mark(c) && !is_letter(c), "{c:?}");
        }
        for c in ['a', 'é', '日', 'ー', '5', '٣', '_', '·', '・', '²', '\u{200d}', '\u{34f}', '*'] {
            assert!(!is_mark(c), "{c:?}");
        }
    }

    #[test]
    fn a_text_that_shows_nothing_is_blank() {
        for text in [
            "",
            " \n\t",
            "\u{200b}",
            "\u{2800}\u{2800}",
            "\u{3164}",
            "\u{2060}",
            "\u{feff}",
            "\u{ad}",
            "\u{115f}",
            "\u{1160}",
            "\u{17b4}",
            "\u{ffa0}",
            "\u{e0061}\u{e007f}",
            "\u{fe0f}",
            "\u{e0100}",
            "\u{0}\u{7f}\u{85}",
            "\u{301}\u{302}\u{489}",
            "\u{200d}\u{200c}",
            "\u{202e}\u{200f}",
            "\u{180e}",
            "\u{3000}",
            "\u{a0}",
            "\u{20dd}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in
            ["a", ".", "\u{1f44b}", "e\u{301}", "❤\u{fe0f}", "1\u{fe0f}\u{20e3}", "\u{1f1e9}", "¨", "�", "・", "ﾟ"]
        {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_known() {
        assert!("日本語のカナ한국어ภาษาไทยខ្មែរမြန်မာ繁體々".chars().filter(|c| is_letter(*c)).all(is_unspaced));
        assert!(!"aéЖאعहΩ1_・。　".chars().any(is_unspaced));
    }

    proptest! {
        #[test]
        fn what_is_invisible_is_no_part_of_a_word(c in any::<char>()) {
            prop_assert!(!(is_invisible(c) && is_word(c)), "{:?}", c);
            prop_assert!(!is_mark(c) || !is_letter(c), "{:?}", c);
        }
    }
}
