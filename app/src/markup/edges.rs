//! Conditions on the neighbours of delimiters that open and close.

use super::{emoji::is_emoji, work};
use crate::characters::{is_letter, is_number, is_unspaced, is_word};

/// Maximum number of adjacent delimiter characters that are skipped.
const AROUND_MAX: usize = 8;

/// Returns `true` if a delimiter can open after the character: an opening bracket or quote, or a dash.
pub(super) const fn is_opening(c: char) -> bool {
    matches!(
        c,
        '(' | '['
            | '{'
            | '"'
            | '\''
            | '“'
            | '‘'
            | '„'
            | '‚'
            | '«'
            | '‹'
            | '¿'
            | '¡'
            | '—'
            | '–'
            | '（'
            | '［'
            | '｛'
            | '「'
            | '『'
            | '【'
            | '〈'
            | '《'
            | '〔'
            | '〖'
            | '〘'
            | '〚'
            | '｢'
            | '〝'
            | '＂'
            | '＇'
    )
}

/// Returns `true` if a delimiter can close before the character: closing punctuation, a quote, a dash, or any other
/// sign outside of ASCII.
fn is_closing(c: char) -> bool {
    let ascii = matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '"' | '\'');
    ascii || (!c.is_ascii() && !is_word(c) && !c.is_whitespace())
}

/// Returns `true` for a letter or punctuation of a script without spaces between words.
pub(super) fn is_beside_unspaced(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{ff01}'..='\u{ff65}')
}

/// Returns `true` if marked text can begin like this: with a letter, a digit or an emoji, possibly after a bracket, a
/// quote or another delimiter. Excluded is what follows a star or an underscore in paths, code and faces.
fn begins(text: &str) -> bool {
    let is_before = |c: &char| is_opening(*c) || matches!(c, '@' | '#' | '$' | '€' | '£' | '*' | '_' | '~');
    let behind = text.chars().take(AROUND_MAX).take_while(is_before);
    let behind = &text[behind.inspect(|_| work::add(1)).map(char::len_utf8).sum()..];
    let mut chars = behind.chars();
    match chars.next() {
        // A number can have a sign.
        Some('+' | '-' | '−') => chars.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c == '`' || is_letter(c) || is_number(c) || is_emoji(c),
        None => false,
    }
}

/// Returns `true` if marked text can end with the character.
fn ends(c: char) -> bool {
    let ascii = is_word(c) || matches!(c, '%' | '$' | '+' | '-' | '#' | '`' | '*' | '~');
    ascii || (is_closing(c) && !is_opening_only(c)) || is_emoji(c)
}

/// Returns `true` if the character only opens, and closes nothing.
const fn is_opening_only(c: char) -> bool {
    is_opening(c) && !matches!(c, '"' | '\'' | '“' | '‘' | '»' | '«' | '›' | '‹' | '—' | '–' | '＂' | '＇')
}

/// Returns `true` if the delimiter between these can open. `is_inner` tells that another one was opened right before
/// it.
pub(super) fn can_open(before: Option<char>, after: &str, mark: u8, is_inner: bool) -> bool {
    let is_edge = match before {
        None => true,
        Some(c) => c.is_whitespace() || is_opening(c) || is_inner || (mark == b'*' && is_beside_unspaced(c)),
    };
    is_edge && begins(after)
}

/// Returns `true` if the delimiter between these can close. `is_behind_piece` tells that a piece such as code or a link
/// ends right before it.
pub(super) fn can_close(before: Option<char>, after: &str, mark: u8, is_behind_piece: bool) -> bool {
    // Adjacent delimiters close at the same place.
    let around = after.bytes().take(AROUND_MAX).take_while(|byte| matches!(byte, b'*' | b'_' | b'~')).count();
    work::add(around);
    let is_edge = match after[around..].chars().next() {
        None => true,
        Some(c) => c.is_whitespace() || is_closing(c) || (mark != b'_' && is_beside_unspaced(c)),
    };
    is_edge && (is_behind_piece || before.is_some_and(ends))
}

/// Returns `true` if a delimiter between these neighbours stands for itself: `"*"`, `count(*)`.
pub(super) fn is_alone(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_between =
        matches!((before, after), ('(', ')') | ('[', ']') | ('{', '}') | ('“', '”') | ('‘', '’') | ('«', '»'));
    is_between || (before == after && !is_word(before))
}

/// Returns `true` if backticks after this character can open code: not after a word of a script with spaces, nor where
/// a shell or a face has them.
pub(super) fn can_open_code(before: Option<char>) -> bool {
    before.is_none_or(|c| {
        let is_within = is_word(c) && !is_unspaced(c) && c != '_';
        !is_within && !matches!(c, '=' | '\\' | '$' | '・' | '´' | '`')
    })
}
