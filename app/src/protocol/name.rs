//! Names of users and of rooms: what may be one, and when two are the same.
//!
//! A name has letters, digits and connecting signs of any script, with the accents and vowel signs that are on them
//! (UAX #31, `XID_Continue`). Whatever is not seen is cut, so that nobody is called almost like somebody else; joiners
//! stay where letters are joined. Names that only look alike have other characters and are the server's to tell apart.

use super::limits::{MARKS_MAX, ROOM_NAME_MAX, ROOM_NAME_MIN, USER_NAME_MAX, USER_NAME_MIN};
use crate::characters::{is_ignorable, is_joined, is_joiner, is_mark, is_word};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// The room that everybody is in and nobody can leave.
pub const GENERAL: &str = "general";

/// The rooms that always exist.
pub const DEFAULT_ROOMS: [&str; 3] = [GENERAL, "random", "help"];

/// Names that the chat keeps for itself.
pub const RESERVED_NAMES: [&str; 4] = ["system", "server", "admin", "natter"];

/// The sign before a user's name in a text.
pub const USER_SIGN: char = '@';

/// The sign before a room's name in a text.
pub const ROOM_SIGN: char = '#';

/// Whether a character may stand in a user's name, joiners too.
#[must_use]
pub fn is_name_char(c: char) -> bool {
    is_word(c) || is_joiner(c)
}

/// Whether a character may stand in a room's name.
#[must_use]
pub fn is_room_name_char(c: char) -> bool {
    is_name_char(c) || c == '-'
}

/// A name without regard to letter case, compatibility forms and characters that are not seen. Two names that are
/// equal in it are the same to people. A name begins with what its beginnings are in it (`straß` and `STRASSE`).
#[must_use]
pub fn caseless(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let seen: String = nfkc(name).chars().filter(|c| !is_ignorable(*c) && !is_joiner(*c)).collect();
    nfkc(&undotted(&fold(&seen)))
}

/// Lower case, upper case and lower case again map `ẞ`, `ß` and `ss`, `ı` and `i`, and all sigmas to one form each.
/// Character by character, because whole strings have another sigma at their end.
#[cfg(not(feature = "hydrate"))]
fn fold(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The same by the browser's own tables, which need not be downloaded.
#[cfg(feature = "hydrate")]
fn fold(name: &str) -> String {
    let lower: String = js_sys::JsString::from(name).to_lower_case().to_upper_case().to_lower_case().into();
    lower.replace('ς', "σ")
}

#[cfg(not(feature = "hydrate"))]
fn nfkc(name: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfkc(name).collect()
}

#[cfg(feature = "hydrate")]
fn nfkc(name: &str) -> String {
    js_sys::JsString::from(name).normalize("NFKC").into()
}

#[cfg(not(feature = "hydrate"))]
fn lower(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(feature = "hydrate")]
fn lower(name: &str) -> String {
    js_sys::JsString::from(name).to_lower_case().into()
}

/// Lower-case letters of the Turkish alphabet as those of the English one: `İ` is `i` and a dot above in lower case,
/// and that dot is seen on every `i` anyway.
fn undotted(lower: &str) -> String {
    let mut kept = String::with_capacity(lower.len());
    for c in lower.chars() {
        match c {
            'ı' => kept.push('i'),
            '\u{307}' if kept.ends_with('i') => {}
            _ => kept.push(c),
        }
    }
    kept
}

/// The result of a step that is repeated until it changes nothing of a name: a character that the step cuts may have kept
/// others apart, in the order of marks or between a letter and its accent. From the second time on a step only cuts or joins.
fn settled(raw: &str, step: fn(&str) -> String) -> String {
    let mut name = step(raw);
    loop {
        let again = step(&name);
        if again == name {
            return name;
        }
        name = again;
    }
}

/// A name in NFKC, without what is not seen; joiners stay between two letters that are joined.
fn seen(raw: &str) -> String {
    settled(raw, seen_once)
}

fn seen_once(raw: &str) -> String {
    let mut kept = String::with_capacity(raw.len());
    let normal = nfkc(raw);
    let mut rest = normal.chars().filter(|c| !is_ignorable(*c)).peekable();
    while let Some(c) = rest.next() {
        let mut joins = || kept.ends_with(is_joined) && rest.peek().is_some_and(|next| is_joined(*next));
        if !is_joiner(c) || joins() {
            kept.push(c);
        }
    }
    // What was cut may have stood between a letter and its accent.
    nfkc(&kept)
}

/// How many marks the letter before it has already, for each character that is one more.
fn marks() -> impl FnMut(char) -> usize {
    let mut count = 0;
    move |c| {
        count = if is_mark(c) { count + 1 } else { 0 };
        count
    }
}

/// Whether each mark is on a letter or digit, and none has more than [`MARKS_MAX`].
fn is_legible(name: &str) -> bool {
    let mut marks = marks();
    !name.starts_with(is_mark) && name.chars().all(|c| marks(c) <= MARKS_MAX)
}

/// The name with the marks that [`is_legible`] allows.
fn legible(name: &str) -> impl Iterator<Item = char> {
    let mut marks = marks();
    name.trim_start_matches(|c| is_mark(c) || is_joiner(c)).chars().filter(move |c| marks(*c) <= MARKS_MAX)
}

/// A user's name: [`USER_NAME_MIN`] to [`USER_NAME_MAX`] letters, digits or `_`, in NFKC, with the marks on them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Arc<str>);

/// Why something is not a user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too short, too long, or with other characters.
    #[error("A name has {USER_NAME_MIN} to {USER_NAME_MAX} letters, digits or underscores.")]
    Invalid,
    /// One of the names that the chat keeps for itself.
    #[error("That name can't be used.")]
    Reserved,
}

/// What two names share when they are the same to people: see [`caseless`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// The key of a name as somebody typed it, with or without an [`@`](USER_SIGN) before it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(unsigned(&caseless(beginning(name)), USER_SIGN).into())
    }

    /// The key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes of what somebody gives for a name that are looked at: twice what the longest name has. What is longer is no name
/// of anything, and costs no work.
pub const RAW_NAME_MAX: usize = 256;

/// As much of what somebody gave for a name as is looked at: normalizing costs time for each byte.
fn beginning(raw: &str) -> &str {
    let mut end = raw.len().min(RAW_NAME_MAX);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    &raw[..end]
}

/// A name without the sign that stands before it in a text.
fn unsigned(name: &str, sign: char) -> &str {
    name.trim_start_matches(sign)
}

impl UserName {
    /// Reads a name that must be right as it is. What is not seen of it, and an [`@`](USER_SIGN) before it, is cut.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, NameError> {
        if raw.len() > RAW_NAME_MAX {
            return Err(NameError::Invalid);
        }
        let seen = seen(raw);
        let name = unsigned(&seen, USER_SIGN);
        let length = name.chars().count();
        let fits = (USER_NAME_MIN..=USER_NAME_MAX).contains(&length) && name.chars().all(is_name_char);
        if !fits || !is_legible(name) {
            return Err(NameError::Invalid);
        }
        let name = Self(name.into());
        if name.is_reserved() { Err(NameError::Reserved) } else { Ok(name) }
    }

    /// Makes a name out of whatever somebody asked for at the door: other characters become `_`, the rest is cut, and
    /// what is too short becomes `User` with the three digits of `lot` (0 to 999, drawn by the caller). It may be
    /// taken or reserved; see [`UserName::numbered`].
    #[must_use]
    pub fn sanitized(raw: &str, lot: u16) -> Self {
        let name = settled(beginning(raw), |raw| {
            let seen = seen_once(raw);
            let chars = legible(unsigned(&seen, USER_SIGN)).map(|c| if is_name_char(c) { c } else { '_' });
            chars.take(USER_NAME_MAX).collect()
        });
        if name.chars().count() < USER_NAME_MIN {
            return Self(format!("User{:03}", lot % 1_000).into());
        }
        Self(name.into())
    }

    /// The same name with a number behind it, cut so that both fit.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Self {
        let suffix = number.to_string();
        let kept: String = self.0.chars().take(USER_NAME_MAX.saturating_sub(suffix.len())).collect();
        Self((kept.trim_end_matches(is_joiner).to_owned() + &suffix).into())
    }

    /// A name that the store holds, which was validated when it was stored.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether the chat keeps this name for itself.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED_NAMES.contains(&self.key().as_str())
    }

    /// What this name shares with every name that people take for the same.
    #[must_use]
    pub fn key(&self) -> NameKey {
        NameKey(caseless(&self.0).into())
    }

    /// The name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a shared string.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A room's name: [`ROOM_NAME_MIN`] to [`ROOM_NAME_MAX`] letters, digits, `_` or `-`, in lower case and NFKC, with the
/// marks on them; no `_` is at its ends or beside another.
///
/// Deserializing trusts: names arrive that way from the server alone, which has validated them. What clients send is a
/// string until it is parsed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomName(Arc<str>);

/// Why something is not a room's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A room name has {ROOM_NAME_MIN} to {ROOM_NAME_MAX} letters, digits, underscores or hyphens.")]
pub struct RoomNameError;

/// See [`RoomName::parse`].
fn room_name_once(raw: &str) -> String {
    let seen = nfkc(&undotted(&seen_once(&lower(&nfkc(raw)))));
    let mut name = String::new();
    let mut is_gap = false;
    let mut count = 0;
    for c in legible(&seen) {
        if c == '_' || !is_room_name_char(c) {
            is_gap = !name.is_empty();
            continue;
        }
        // It was on what is left out.
        if (is_mark(c) || is_joiner(c)) && (is_gap || name.is_empty()) {
            continue;
        }
        count += 1 + usize::from(is_gap);
        if count > ROOM_NAME_MAX {
            break;
        }
        if std::mem::take(&mut is_gap) {
            name.push('_');
        }
        name.push(c);
    }
    name.truncate(name.trim_end_matches(is_joiner).len());
    name
}

impl RoomName {
    /// Makes a room name: lower case, one `_` for whatever else stands between letters and digits, what is too long is
    /// cut. A [`#`](ROOM_SIGN) before it is no part of it.
    ///
    /// # Errors
    /// [`RoomNameError`] when it is too short, or over [`RAW_NAME_MAX`] bytes.
    pub fn parse(raw: &str) -> Result<Self, RoomNameError> {
        if raw.len() > RAW_NAME_MAX {
            return Err(RoomNameError);
        }
        let name = settled(raw, room_name_once);
        if name.chars().count() < ROOM_NAME_MIN { Err(RoomNameError) } else { Ok(Self(name.into())) }
    }

    /// A name as the server says it or the store holds it, which was validated before.
    #[must_use]
    pub fn told(name: &str) -> Self {
        Self(name.into())
    }

    /// The room that everybody is in.
    #[must_use]
    pub fn general() -> Self {
        Self(GENERAL.into())
    }

    /// Whether this is the room that everybody is in.
    #[must_use]
    pub fn is_general(&self) -> bool {
        &*self.0 == GENERAL
    }

    /// Whether this is one of the rooms that always exist.
    #[must_use]
    pub fn is_default(&self) -> bool {
        DEFAULT_ROOMS.contains(&&*self.0)
    }

    /// The name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a shared string.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
