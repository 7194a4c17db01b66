//! The ends of names in mentions.

use crate::{
    characters::{is_connector, is_joiner, is_letter, is_mark, is_unspaced},
    protocol::{
        USER_SIGN, is_name_char,
        limits::{USER_NAME_MAX, USER_NAME_MIN},
    },
};

/// Returns the end of a mention whose `@` is at `at`. An underscore at the end of the name closes one that was opened
/// before: `_thank you @Bo_`.
pub(super) fn mention_end(text: &str, at: usize, is_underscore_open: bool) -> Option<usize> {
    let rest = &text[at + USER_SIGN.len_utf8()..];
    if is_address(&text[..at]) || rest.starts_with(|c| is_mark(c) || is_joiner(c)) {
        return None;
    }
    // Two characters beyond the limit: one that closes, and one that shows that the name is too long.
    let length = rest.chars().take(USER_NAME_MAX + 2).take_while(|c| is_name_char(*c)).map(char::len_utf8).sum();
    let mut name: &str = &rest[..length];
    if is_underscore_open {
        name = name.strip_suffix('_').unwrap_or(name);
    }
    name = name.trim_end_matches(|c| is_joiner(c) || (is_connector(c) && c != '_'));
    let end = ends(name).next_back()?;
    Some(at + USER_SIGN.len_utf8() + end)
}

/// Returns `true` if an `@` after this text is part of a mail address: after an ASCII letter or digit, or a sign
/// between such.
pub(crate) fn is_address(before: &str) -> bool {
    before.trim_end_matches(['.', '_', '+', '-']).ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Yields the possible ends of a name that begins like this, in bytes, the shortest first: its end and every border,
/// within the limits of a name's length.
pub(crate) fn ends(name: &str) -> impl DoubleEndedIterator<Item = usize> {
    let counted = name.char_indices().map(|(at, c)| at + c.len_utf8()).enumerate();
    let fitting = counted.skip(USER_NAME_MIN - 1).take(USER_NAME_MAX + 1 - USER_NAME_MIN);
    let ends: Vec<_> = fitting
        .map(|(_, end)| end)
        .filter(|end| *end == name.len() || is_border(&name[..*end], &name[*end..]))
        .collect();
    ends.into_iter()
}

/// Returns `true` if a name can end between these two without a space: before a letter of a script without spaces, and
/// after such a letter before one of another script. A digit or a sign always continues the name.
pub(crate) fn is_border(before: &str, after: &str) -> bool {
    let (Some(before), Some(after)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    // Repetition and length marks of the sound before them begin no word.
    let goes_on = is_mark(after) || matches!(after, 'ー' | '々' | '〻' | 'ゝ' | 'ゞ' | 'ヽ' | 'ヾ');
    !goes_on && is_letter(after) && (is_unspaced(after) || is_unspaced(before))
}

/// Distinguishes the scripts that names and the words after them often have.
pub(crate) const fn script(c: char) -> u8 {
    match c {
        '\u{3041}'..='\u{309f}' => 1,
        '\u{30a0}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => 2,
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7ff}' => 3,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => 4,
        '\u{20000}'..='\u{3ffff}' => 4,
        _ => 0,
    }
}
