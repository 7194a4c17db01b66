//! Texts of a few emoji alone, which are displayed larger.

use crate::characters::{self, is_picture};

/// Maximum number of emoji in such a text.
pub const EMOJI_MAX: usize = 5;

/// Maximum number of characters of one emoji; a family of four with skin tones has eleven, a flag of a region seven.
const CHARS_MAX: usize = 16;

const JOINER: char = '\u{200d}';
const AS_PICTURE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Returns `true` if a character is displayed as a picture by itself.
pub(super) fn is_emoji(c: char) -> bool {
    !c.is_ascii() && characters::is_emoji(c) && !is_component(c)
}

/// Returns `true` if a character is a part of emoji alone: it joins, colours or tags them.
const fn is_component(c: char) -> bool {
    matches!(c, JOINER | AS_PICTURE | KEYCAP | '\u{1f1e6}'..='\u{1f1ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Returns `true` if a text consists of one to [`EMOJI_MAX`] emoji and white space.
#[must_use]
pub fn is_emoji_only(text: &str) -> bool {
    if text.len() > (EMOJI_MAX * CHARS_MAX + EMOJI_MAX) * char::MAX_LEN_UTF8 {
        return false;
    }
    let mut rest = text.trim();
    let mut count = 0;
    while !rest.is_empty() {
        let Some(behind) = after_emoji(rest) else { return false };
        count += 1;
        rest = behind.trim_start();
    }
    (1..=EMOJI_MAX).contains(&count)
}

/// Returns the text after the emoji at its start.
fn after_emoji(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix(|c: char| c.is_ascii_digit() || matches!(c, '#' | '*')) {
        return rest.strip_prefix(AS_PICTURE).unwrap_or(rest).strip_prefix(KEYCAP);
    }
    let is_letter_of_flag = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    if let Some(rest) = text.strip_prefix(is_letter_of_flag) {
        return rest.strip_prefix(is_letter_of_flag);
    }
    let mut rest = text;
    loop {
        let first = rest.chars().next().filter(|c| is_emoji(*c))?;
        rest = &rest[first.len_utf8()..];
        // Many signs are pictures only with a variation selector.
        let as_picture = rest.strip_prefix(AS_PICTURE);
        let coloured = rest.strip_prefix(|c| matches!(c, '\u{1f3fb}'..='\u{1f3ff}'));
        rest = match (as_picture, coloured) {
            (Some(rest), _) | (None, Some(rest)) => rest,
            (None, None) if is_picture(first) => rest,
            (None, None) => return None,
        };
        rest = rest.trim_start_matches(|c| matches!(c, '\u{e0020}'..='\u{e007f}'));
        match rest.strip_prefix(JOINER) {
            Some(joined) => rest = joined,
            None => return Some(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_few_emoji_are_known() {
        for text in
            ["👋", "👍🏽", "❤️", "☕", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "#️⃣", "🎉🎉🎉", " 🎉 🎊\n", "❤️‍🔥", "🧑🏻‍🤝‍🧑🏿", "✌🏾"]
        {
            assert!(is_emoji_only(text), "{text:?}");
        }
        assert!(is_emoji_only(&"😀".repeat(EMOJI_MAX)));
        for text in ["", " ", "a", "👋 hi", "1", "12", "#", "*", "©", "™", "❤", "🇩", "👩‍", "‍", "️", "日", "1⃣a", "→"]
        {
            assert!(!is_emoji_only(text), "{text:?}");
        }
        assert!(!is_emoji_only(&"😀".repeat(EMOJI_MAX + 1)));
    }
}
