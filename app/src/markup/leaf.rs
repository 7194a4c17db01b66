//! What has nothing inside that is read: code, links and mentions. Each function looks at one place of a text and says
//! how far what stands there goes. Offsets are in bytes and lie between characters.

use super::work;
use crate::protocol::{
    is_name_char,
    limits::{USER_NAME_MAX, USER_NAME_MIN},
};

/// What a link can begin with. There are no others on purpose: a chat is where `javascript:` would be tried.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Most backticks around code.
const BACKTICKS_MAX: usize = 3;

/// Lines of code begin and end with a line of these.
const FENCE: &str = "```";

/// How many of the byte at `at` stand there in a row.
pub(super) fn run(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    let count = bytes.iter().take_while(|byte| Some(*byte) == bytes.first()).count();
    work::add(count);
    count
}

/// Where as many backticks as the `count` before `from` stand next, in the same paragraph.
///
/// What is looked through in vain has no such run, so the next search for one begins behind it: for each count every
/// place is looked at once. That is cheap because there are three counts; more backticks are text.
pub(super) fn code_end(text: &str, from: usize, count: usize) -> Option<usize> {
    if count > BACKTICKS_MAX {
        return None;
    }
    let mut at = from;
    while let Some(byte) = text.as_bytes().get(at) {
        work::add(1);
        at += match byte {
            b'`' if fence_opened(text, at).is_some() => return None,
            b'`' => match run(text, at) {
                same if same == count => return Some(at),
                other => other,
            },
            b'\n' if is_before_blank_line(text, at) => return None,
            _ => 1,
        };
    }
    None
}

/// Whether the line after the line break at `at` has nothing but white space, and a line break of its own.
pub(super) fn is_before_blank_line(text: &str, at: usize) -> bool {
    let mut space = text[at + 1..].chars().inspect(|_| work::add(1)).take_while(|c| c.is_whitespace());
    space.any(|c| c == '\n')
}

/// Where the code begins, when an opening fence stands at `at`.
pub(super) fn fence_opened(text: &str, at: usize) -> Option<usize> {
    let is_line_start = at == 0 || text[..at].ends_with('\n');
    if !is_line_start {
        return None;
    }
    let rest = text[at..].strip_prefix(FENCE)?;
    let end = rest.find('\n');
    work::add(end.unwrap_or(rest.len()));
    let end = end?;
    let is_word = !rest[..end].trim().contains(|c: char| c == '`' || c.is_whitespace());
    is_word.then_some(at + FENCE.len() + end + 1)
}

/// Where the code that begins at `from` ends, and where its block does, when a closing fence comes.
pub(super) fn fence_closed(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        work::add(line.len());
        if line.trim_end() == FENCE {
            let code = &text[from..at];
            let code = code.strip_suffix('\n').map_or(code, |code| code.strip_suffix('\r').unwrap_or(code));
            return Some((from + code.len(), at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Where a link that begins at `at` ends. A star or an underscore at its end is not of the link when it `can_close`
/// something that was opened before.
pub(super) fn link_end(text: &str, at: usize, can_close: impl Fn(char) -> bool) -> Option<usize> {
    // Bytes, because the cut need not lie between characters.
    let has = |scheme: &&str| {
        text.as_bytes()[at..].get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    let from = at + SCHEMES.iter().find(|scheme| has(scheme))?.len();
    // A host begins with a letter or a digit, which no trimming takes away: something is always left.
    if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) || !text[from..].starts_with(char::is_alphanumeric) {
        return None;
    }
    let rest = &text[from..];
    let mut link = &rest[..rest.find(ends_link).unwrap_or(rest.len())];
    work::add(link.len());
    let mut round = Surplus::of(link, '(', ')');
    let mut square = Surplus::of(link, '[', ']');
    while let Some(last) = link.chars().next_back() {
        let is_trimmed = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' => true,
            ')' => round.take(),
            ']' => square.take(),
            '*' | '_' => can_close(last),
            _ => false,
        };
        if !is_trimmed {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    Some(from + link.len())
}

/// Whether a link ends before this character: white space, quotes, angles, and what would make the browser show the
/// address in another order than it is read.
fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '“' | '”' | '„' | '«' | '»')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many brackets are closed in a link that were not opened in it: `(see https://example.org/a_(b))`.
struct Surplus(usize);

impl Surplus {
    fn of(link: &str, opening: char, closing: char) -> Self {
        let count = |bracket| link.chars().filter(|c| *c == bracket).count();
        Self(count(closing).saturating_sub(count(opening)))
    }

    fn take(&mut self) -> bool {
        let is_there = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        is_there
    }
}

/// Where a mention whose `@` stands at `at` ends. When an underscore was opened before, one at the end of the name
/// closes it: `_thank you @Bo_`.
pub(super) fn mention_end(text: &str, at: usize, is_underscore_open: bool) -> Option<usize> {
    if text[..at].ends_with(char::is_alphanumeric) {
        return None;
    }
    let (mut from, mut count) = (at + 1, 0);
    let mut last = None;
    // Two more than a name has: one that closes, and one that shows that it is too long.
    for c in text[from..].chars().take(USER_NAME_MAX + 2).take_while(|c| is_name_char(*c)) {
        work::add(1);
        from += c.len_utf8();
        count += 1;
        last = Some(c);
    }
    if is_underscore_open && last == Some('_') {
        from -= 1;
        count -= 1;
    }
    (USER_NAME_MIN..=USER_NAME_MAX).contains(&count).then_some(from)
}
