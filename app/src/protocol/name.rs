//! Names of users and rooms: validation, normalization and equality.
//!
//! A name consists of letters, digits and connecting signs of any script, with their accents and vowel signs (UAX #31,
//! `XID_Continue`). Invisible characters are cut, so that nobody can have almost the same name as somebody else;
//! joiners stay between joining letters. Names that only look alike have other characters, and the server tells them
//! apart.

use super::limits::{MARKS_MAX, ROOM_NAME_MAX, ROOM_NAME_MIN, USER_NAME_MAX, USER_NAME_MIN};
use crate::characters::{is_ignorable, is_joined, is_joiner, is_mark, is_word};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Name of the room of which everybody is a member and that nobody can leave.
pub const GENERAL: &str = "general";

/// Names of the rooms that always exist.
pub const DEFAULT_ROOMS: [&str; 3] = [GENERAL, "random", "help"];

/// Names that no user can have.
pub const RESERVED_NAMES: [&str; 4] = ["system", "server", "admin", "natter"];

/// Sign before a user's name in a text.
pub const USER_SIGN: char = '@';

/// Sign before a room's name in a text.
pub const ROOM_SIGN: char = '#';

/// Returns `true` if a user's name may contain the character; joiners count as such.
#[must_use]
pub fn is_name_char(c: char) -> bool {
    is_word(c) || is_joiner(c)
}

/// Returns `true` if a room's name may contain the character.
#[must_use]
pub fn is_room_name_char(c: char) -> bool {
    is_name_char(c) || c == '-'
}

/// Folds a name: without letter case, compatibility forms and invisible characters. Names that are equal after this are
/// the same to people. Folding preserves prefixes (`straß` and `STRASSE`).
#[must_use]
pub fn caseless(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let seen: String = nfkc(name).chars().filter(|c| !is_ignorable(*c) && !is_joiner(*c)).collect();
    nfkc(&undotted(&fold(&seen)))
}

/// Lower case, upper case and lower case again map `ẞ`, `ß` and `ss`, `ı` and `i`, and all sigmas to one form each. The
/// mapping is per character, because whole strings have another sigma at their end.
#[cfg(not(feature = "hydrate"))]
fn fold(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The same with the browser's own tables, which need no download.
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

/// Maps Turkish lower-case letters to English ones: the lower case of `İ` is `i` with a combining dot, which every `i`
/// has anyway.
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

/// Repeats a step until it changes nothing: a cut character may have separated others, in the order of marks or between
/// a letter and its accent. From the second time on a step only cuts or joins, so this ends.
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

/// Returns a name in NFKC without invisible characters; joiners stay between two joining letters.
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
    // A cut character may have separated a letter from its accent.
    nfkc(&kept)
}

/// Returns a counter of consecutive marks, fed character by character.
fn marks() -> impl FnMut(char) -> usize {
    let mut count = 0;
    move |c| {
        count = if is_mark(c) { count + 1 } else { 0 };
        count
    }
}

/// Returns `true` if each mark follows a letter or digit and none of these has more than [`MARKS_MAX`].
fn is_legible(name: &str) -> bool {
    let mut marks = marks();
    !name.starts_with(is_mark) && name.chars().all(|c| marks(c) <= MARKS_MAX)
}

/// Yields the characters of a name without the marks that [`is_legible`] refuses.
fn legible(name: &str) -> impl Iterator<Item = char> {
    let mut marks = marks();
    name.trim_start_matches(|c| is_mark(c) || is_joiner(c)).chars().filter(move |c| marks(*c) <= MARKS_MAX)
}

/// A user's name: [`USER_NAME_MIN`] to [`USER_NAME_MAX`] letters, digits or `_`, in NFKC, with their marks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Arc<str>);

/// The reason for which a text is not a user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is too short, too long, or has other characters.
    #[error("A name has {USER_NAME_MIN} to {USER_NAME_MAX} letters, digits or underscores.")]
    Invalid,
    /// The name is reserved.
    #[error("That name can't be used.")]
    Reserved,
}

/// The key by which names are equal to people: see [`caseless`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// Returns the key of a name as typed, with or without an [`@`](USER_SIGN) before it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(unsigned(&caseless(beginning(name)), USER_SIGN).into())
    }

    /// Returns the key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Maximum size of a typed name in bytes, twice that of the longest valid name. Longer texts are refused without
/// further work.
pub const RAW_NAME_MAX: usize = 256;

/// Returns the first [`RAW_NAME_MAX`] bytes of a typed name, since normalization takes time for each byte.
fn beginning(raw: &str) -> &str {
    let mut end = raw.len().min(RAW_NAME_MAX);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    &raw[..end]
}

/// Removes the sign that stands before a name in a text.
fn unsigned(name: &str, sign: char) -> &str {
    name.trim_start_matches(sign)
}

impl UserName {
    /// Parses a name that must be valid as typed. Invisible characters, and an [`@`](USER_SIGN) before it, are cut.
    ///
    /// # Errors
    /// Returns the [`NameError`] of an invalid name.
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

    /// Adapts a text to a name, for a WebSocket client: other characters become `_`, the rest is cut, and a text that
    /// is too short becomes `User` with the three digits of `random_suffix` (0 to 999, drawn by the caller). The name
    /// can be taken or reserved; see [`UserName::numbered`].
    #[must_use]
    pub fn sanitized(raw: &str, random_suffix: u16) -> Self {
        let name = settled(beginning(raw), |raw| {
            let seen = seen_once(raw);
            let chars = legible(unsigned(&seen, USER_SIGN)).map(|c| if is_name_char(c) { c } else { '_' });
            chars.take(USER_NAME_MAX).collect()
        });
        if name.chars().count() < USER_NAME_MIN {
            return Self(format!("User{:03}", random_suffix % 1_000).into());
        }
        Self(name.into())
    }

    /// Returns the name with a number appended, shortened so that both fit.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Self {
        let suffix = number.to_string();
        let kept: String = self.0.chars().take(USER_NAME_MAX.saturating_sub(suffix.len())).collect();
        Self((kept.trim_end_matches(is_joiner).to_owned() + &suffix).into())
    }

    /// Wraps a name of the store, which was validated before it was stored.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns `true` if the name is reserved.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED_NAMES.contains(&self.key().as_str())
    }

    /// Returns the key by which the name equals others.
    #[must_use]
    pub fn key(&self) -> NameKey {
        NameKey(caseless(&self.0).into())
    }

    /// Returns the name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as a shared string.
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

/// A room's name: [`ROOM_NAME_MIN`] to [`ROOM_NAME_MAX`] letters, digits, `_` or `-`, in lower case and NFKC, with
/// their marks; no `_` is at an end or beside another.
///
/// Deserialization does not validate: only the server sends names in this type, and has validated them. Names from
/// clients are strings until they are parsed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomName(Arc<str>);

/// The reason for which a text is not a room's name: its length.
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
        // The mark belongs to a character that was left out.
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
    /// Makes a room's name of a text: lower case, one `_` for each run of other characters between letters and digits,
    /// and no more than [`ROOM_NAME_MAX`] characters. A [`#`](ROOM_SIGN) before it is not part of it.
    ///
    /// # Errors
    /// Returns [`RoomNameError`] if the name is too short, or the text exceeds [`RAW_NAME_MAX`] bytes.
    pub fn parse(raw: &str) -> Result<Self, RoomNameError> {
        if raw.len() > RAW_NAME_MAX {
            return Err(RoomNameError);
        }
        let name = settled(raw, room_name_once);
        if name.chars().count() < ROOM_NAME_MIN { Err(RoomNameError) } else { Ok(Self(name.into())) }
    }

    /// Wraps a name of the server or the store, which was validated before.
    #[must_use]
    pub fn told(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns the name of the room of which everybody is a member.
    #[must_use]
    pub fn general() -> Self {
        Self(GENERAL.into())
    }

    /// Returns `true` for the room of which everybody is a member.
    #[must_use]
    pub fn is_general(&self) -> bool {
        &*self.0 == GENERAL
    }

    /// Returns `true` for the rooms that always exist.
    #[must_use]
    pub fn is_default(&self) -> bool {
        DEFAULT_ROOMS.contains(&&*self.0)
    }

    /// Returns the name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as a shared string.
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
