//! Where marks can open and close: what their neighbours are.

use super::{emoji::is_emoji, work};
use crate::characters::{is_letter, is_number, is_unspaced, is_word};

/// Most stars, underscores and tildes of the marks around a mark that are looked past.
const AROUND_MAX: usize = 8;

/// What may stand before an opening mark besides white space: an opening bracket or quote, or a dash.
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

/// What may stand behind a closing mark besides white space: closing punctuation, a quote, a dash, or any sign that is
/// not of ASCII.
fn is_closing(c: char) -> bool {
    let ascii = matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '"' | '\'');
    ascii || (!c.is_ascii() && !is_word(c) && !c.is_whitespace())
}

/// Whether this is a letter or punctuation of a script that has no spaces between words.
pub(super) fn is_beside_unspaced(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{ff01}'..='\u{ff65}')
}

/// Whether a text that is marked can begin like this: with a letter, a digit or an emoji, maybe behind a bracket, a quote
/// or another mark. What paths, code and faces have behind a star or an underscore is left out.
fn begins(text: &str) -> bool {
    let is_before = |c: &char| is_opening(*c) || matches!(c, '@' | '#' | '$' | '€' | '£' | '*' | '_' | '~');
    let behind = text.chars().take(AROUND_MAX).take_while(is_before);
    let behind = &text[behind.inspect(|_| work::add(1)).map(char::len_utf8).sum()..];
    let mut chars = behind.chars();
    match chars.next() {
        // A number may have a sign.
        Some('+' | '-' | '−') => chars.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c == '`' || is_letter(c) || is_number(c) || is_emoji(c),
        None => false,
    }
}

/// Whether a text that is marked can end with this.
fn ends(c: char) -> bool {
    let ascii = is_word(c) || matches!(c, '%' | '$' | '+' | '-' | '#' | '`' | '*' | '~');
    ascii || (is_closing(c) && !is_opening_only(c)) || is_emoji(c)
}

/// Whether this opens something and closes nothing.
const fn is_opening_only(c: char) -> bool {
    is_opening(c) && !matches!(c, '"' | '\'' | '“' | '‘' | '»' | '«' | '›' | '‹' | '—' | '–' | '＂' | '＇')
}

/// Whether the mark between these can open. `is_inner` says that another mark was opened right before it.
pub(super) fn can_open(before: Option<char>, after: &str, mark: u8, is_inner: bool) -> bool {
    let is_edge = match before {
        None => true,
        Some(c) => c.is_whitespace() || is_opening(c) || is_inner || (mark == b'*' && is_beside_unspaced(c)),
    };
    is_edge && begins(after)
}

/// Whether the mark between these can close. `is_behind_piece` says that code, a link or the like ends right before it.
pub(super) fn can_close(before: Option<char>, after: &str, mark: u8, is_behind_piece: bool) -> bool {
    // The marks around it close at the same place.
    let around = after.bytes().take(AROUND_MAX).take_while(|byte| matches!(byte, b'*' | b'_' | b'~')).count();
    work::add(around);
    let is_edge = match after[around..].chars().next() {
        None => true,
        Some(c) => c.is_whitespace() || is_closing(c) || (mark != b'_' && is_beside_unspaced(c)),
    };
    is_edge && (is_behind_piece || before.is_some_and(ends))
}

/// Whether a mark with these neighbours stands for itself: `"*"`, `count(*)`.
pub(super) fn is_alone(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_between =
        matches!((before, after), ('(', ')') | ('[', ']') | ('{', '}') | ('“', '”') | ('‘', '’') | ('«', '»'));
    is_between || (before == after && !is_word(before))
}

/// Whether backticks behind this can open: not behind a word of a script with spaces, nor where a shell or a face has
/// them.
pub(super) fn can_open_code(before: Option<char>) -> bool {
    before.is_none_or(|c| {
        let is_within = is_word(c) && !is_unspaced(c) && c != '_';
        !is_within && !matches!(c, '=' | '\\' | '$' | '・' | '´' | '`')
    })
}
