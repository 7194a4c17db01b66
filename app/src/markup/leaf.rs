//! Pieces without inner markup: code and rooms. Each function looks at one place of a text and returns the end of its
//! piece. Offsets are in bytes, between characters.

use super::{
    edges::{is_beside_unspaced, is_opening},
    work,
};
use crate::{
    characters::{is_alphanumeric, is_connector, is_joiner, is_letter},
    protocol::{
        ROOM_SIGN, is_room_name_char,
        limits::{ROOM_NAME_MAX, ROOM_NAME_MIN},
    },
};

/// Maximum number of backticks around code.
const BACKTICKS_MAX: usize = 3;

/// Returns the length of the run of equal bytes at `at`.
pub(super) fn run(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    let count = bytes.iter().take_while(|byte| Some(*byte) == bytes.first()).count();
    work::add(count);
    count
}

/// Returns the next run of `count` backticks after `from`, in the same paragraph.
///
/// A failed search found no such run, so the next search for one begins after it: each place is visited once per count.
/// The search is cheap because there are three counts; more backticks are text.
pub(super) fn code_end(text: &str, from: usize, count: usize) -> Option<usize> {
    if count > BACKTICKS_MAX {
        return None;
    }
    let mut at = from;
    while let Some(byte) = text.as_bytes().get(at) {
        work::add(1);
        at += match byte {
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

/// Returns `true` if the line after the line break at `at` is blank and has a line break of its own.
pub(super) fn is_before_blank_line(text: &str, at: usize) -> bool {
    let mut space = text[at + 1..].chars().inspect(|_| work::add(1)).take_while(|c| c.is_whitespace());
    space.any(|c| c == '\n')
}

/// Returns `true` if a [`#`](ROOM_SIGN) after this text can begin the name of a room.
#[must_use]
pub fn opens_room(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| {
        c.is_whitespace() || is_opening(c) || is_beside_unspaced(c) || matches!(c, '*' | '_' | '~' | ',' | ';')
    })
}

/// Returns the end of a room's name whose `#` is at `at`. That needs no list of rooms: other uses of the sign are
/// numbers and colours.
pub(super) fn room_end(text: &str, at: usize) -> Option<usize> {
    if !opens_room(&text[..at]) {
        return None;
    }
    let from = at + ROOM_SIGN.len_utf8();
    let rest = &text[from..];
    let name = rest.chars().take(ROOM_NAME_MAX + 1).take_while(|c| is_room_name_char(*c));
    let length = name.inspect(|_| work::add(1)).map(char::len_utf8).sum();
    let name = rest[..length].trim_end_matches(|c| c == '-' || is_connector(c) || is_joiner(c));
    let count = name.chars().count();
    let is_color = matches!(count, 3 | 6 | 8) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_name = (ROOM_NAME_MIN..=ROOM_NAME_MAX).contains(&count)
        && name.starts_with(is_alphanumeric)
        && name.contains(is_letter);
    (is_name && !is_color).then_some(from + name.len())
}
