//! Boundaries of web addresses in a text.

use super::{emoji::is_emoji, work};
use crate::characters::{is_alphabetic, is_alphanumeric, is_joiner, is_word};

/// Schemes of addresses. Others are left out on purpose: a chat is where `javascript:` would be tried, and a `mailto:`
/// would start another program.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Start of an address without a scheme.
const WWW: &str = "www.";

/// Brackets that an address can contain in pairs.
const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// Returns `true` if an address has a scheme.
pub(super) fn has_scheme(link: &str) -> bool {
    SCHEMES.iter().any(|scheme| begins(link, scheme))
}

/// Returns `true` if a text begins with `head`, ignoring ASCII case.
fn begins(text: &str, head: &str) -> bool {
    // Bytes, because the cut need not lie between characters.
    text.as_bytes().get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head.as_bytes()))
}

/// Returns the end of a link that begins at `at`. A star, an underscore or a tilde at its end is excluded if it
/// `can_close` an open delimiter.
pub(super) fn link_end(text: &str, at: usize, can_close: impl Fn(char) -> bool) -> Option<usize> {
    let rest = &text[at..];
    let scheme = SCHEMES.iter().find(|scheme| begins(rest, scheme)).map_or(0, |scheme| scheme.len());
    let is_www = scheme == 0 && begins(rest, WWW);
    if (scheme == 0 && !is_www) || text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    // After these, `www.` is part of something else, such as a mail address or a path.
    if is_www && text[..at].ends_with(['@', '/', '.', '-', '_', ':', '\\', '=']) {
        return None;
    }
    let rest = &rest[scheme..];
    let host = host_end(rest)?;
    let mut link = &rest[..host];
    if is_www && !link[WWW.len().min(link.len())..].trim_end_matches('.').contains('.') {
        return None;
    }
    // A host that ends within a word has no path.
    if rest[host..].starts_with(['/', '?', '#', ':', '@', '%', '&', '=', '~', '\'']) {
        link = &rest[..host + path_end(&rest[host..])];
    }
    let end = trimmed(link, can_close);
    // The trimmed rest must still contain a host.
    (end > 0).then_some(at + scheme + end)
}

/// Returns the end of a host: names and dots, or an address in square brackets. A last name that begins with ASCII has
/// no other letters; those belong to the sentence around it (`example.comを見て`).
fn host_end(rest: &str) -> Option<usize> {
    if let Some(inside) = rest.strip_prefix('[') {
        let length = inside.find(|c: char| !c.is_ascii_hexdigit() && !matches!(c, ':' | '.'))?;
        work::add(length);
        let is_address = length > 1 && inside[..length].contains(':') && inside[length..].starts_with(']');
        return is_address.then_some(length + 2);
    }
    let end = rest.find(|c: char| !is_word(c) && !is_joiner(c) && !matches!(c, '-' | '.')).unwrap_or(rest.len());
    work::add(end);
    let host = &rest[..end];
    if !host.starts_with(is_alphanumeric) {
        return None;
    }
    let from = host.trim_end_matches('.').rfind('.').map_or(0, |dot| dot + 1);
    let last = &host[from..];
    let is_mixed = last.starts_with(|c: char| c.is_ascii_alphanumeric());
    Some(last.find(|c: char| is_mixed && !c.is_ascii()).map_or(end, |at| from + at))
}

/// Returns the end of the text after a host: before a character that is not part of addresses, and before a bracket
/// that was opened before the link.
fn path_end(path: &str) -> usize {
    let mut open = [0_usize; BRACKETS.len()];
    let mut chars = path.char_indices().peekable();
    let mut before = '/';
    while let Some((at, c)) = chars.next() {
        work::add(1);
        let next = chars.peek().map_or(' ', |(_, next)| *next);
        for (count, (opening, closing)) in open.iter_mut().zip(BRACKETS) {
            if c == opening {
                *count += 1;
            } else if c == closing {
                match count.checked_sub(1) {
                    Some(less) => *count = less,
                    None => return at,
                }
            }
        }
        if !is_of_path(before, c, next) {
            return at;
        }
        before = c;
    }
    path.len()
}

/// Returns `true` if a character can be within an address: of ASCII all except white space, quotes and angle brackets;
/// of the rest word characters, a hyphen within a word, and emoji.
fn is_of_path(before: char, c: char, after: char) -> bool {
    match c {
        '"' | '<' | '>' => false,
        _ if c.is_ascii() => c.is_ascii_graphic(),
        // The dots between words of Chinese and Japanese just as often end a sentence, or an item of it.
        '・' | '·' | '\u{2010}'..='\u{2013}' => is_word(before) && is_word(after),
        // A variation selector belongs to the emoji before it.
        '\u{fe0f}' => is_emoji(before),
        _ => {
            is_word(c) && !matches!(c, '\u{ff65}')
                || is_joiner(c) && !before.is_ascii() && !after.is_ascii()
                || is_emoji(c)
        }
    }
}

/// Returns the length of a link without trailing punctuation and brackets that were not opened in it.
fn trimmed(link: &str, can_close: impl Fn(char) -> bool) -> usize {
    let mut link = link;
    while let Some(last) = link.chars().next_back() {
        work::add(1);
        let is_trimmed = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '`' | '|' | '\\' | '(' | '[' | '{' => true,
            '*' | '_' | '~' => can_close(last),
            _ => is_joiner(last),
        };
        if !is_trimmed {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link.len()
}

/// Returns `true` if words look like an address, so that a link would seem to lead there: a scheme, a path, or names
/// with a dot between them.
pub(super) fn is_like_address(words: &str) -> bool {
    let dotted = |(at, _)| {
        let (before, after): (&str, &str) = (&words[..at], &words[at + 1..]);
        before.ends_with(is_word) && after.starts_with(is_alphabetic)
    };
    words.contains("://")
        || words.contains(['@', '。', '．', '｡', '\u{2024}', '\u{2044}', '\u{2215}', '⧸', '／'])
        || words.match_indices('.').any(dotted)
        || words.chars().any(crate::characters::is_invisible)
}
