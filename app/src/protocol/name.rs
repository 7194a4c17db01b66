//! Names of users and of rooms: what may be one, and when two are the same.

use super::limits::{ROOM_NAME_MAX, ROOM_NAME_MIN, USER_NAME_MAX, USER_NAME_MIN};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use unicode_normalization::UnicodeNormalization;

/// The room that everybody is in and nobody can leave.
pub const GENERAL: &str = "general";

/// The rooms that always exist.
pub const DEFAULT_ROOMS: [&str; 3] = [GENERAL, "random", "help"];

/// Names that the chat keeps for itself.
const RESERVED: [&str; 4] = ["system", "server", "admin", "natter"];

/// Whether a character may stand in a user's name.
#[must_use]
pub fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A name without regard to letter case, to compare in the browser. It is [`UserName::key`] but for NFKC, whose tables
/// would be 55 kB of the page: names as the server says them are in NFKC already, and what is typed nearly always is.
/// Character by character, so that what a name begins with is also what its caseless form begins with (whole strings
/// have another sigma at their end).
#[must_use]
#[cfg(not(feature = "hydrate"))]
pub fn caseless(name: &str) -> String {
    // Upper case first, as in the key.
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The same by the browser's own tables, which need not be downloaded.
#[must_use]
#[cfg(feature = "hydrate")]
pub fn caseless(name: &str) -> String {
    let lower: String = js_sys::JsString::from(name).to_upper_case().to_lower_case().into();
    lower.replace('ς', "σ")
}

/// In lower case and NFKC.
#[cfg(not(feature = "hydrate"))]
fn lower_nfkc(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// The same by the browser's own tables.
#[cfg(feature = "hydrate")]
fn lower_nfkc(name: &str) -> String {
    js_sys::JsString::from(name).normalize("NFKC").to_lower_case().normalize("NFKC").into()
}

/// A user's name: [`USER_NAME_MIN`] to [`USER_NAME_MAX`] letters, digits or `_`, in NFKC.
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

/// What two names share when they are the same to people: letter case and compatibility forms do not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Arc<str>);

impl NameKey {
    /// The key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserName {
    /// Takes a name that must be right as it is.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, NameError> {
        let name: String = raw.nfkc().collect();
        let length = name.chars().count();
        if !(USER_NAME_MIN..=USER_NAME_MAX).contains(&length) || !name.chars().all(is_name_char) {
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
        let name: String = raw.nfkc().map(|c| if is_name_char(c) { c } else { '_' }).take(USER_NAME_MAX).collect();
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
        Self((kept + &suffix).into())
    }

    /// A name that the store holds, which was validated when it was stored.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether the chat keeps this name for itself.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.key().as_str())
    }

    /// What this name shares with every name that people take for the same.
    #[must_use]
    pub fn key(&self) -> NameKey {
        // Upper case first: it maps `ß` and `ss`, and all three sigmas, to one form each.
        NameKey(self.0.to_uppercase().to_lowercase().nfkc().collect::<String>().into())
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

/// A room's name: [`ROOM_NAME_MIN`] to [`ROOM_NAME_MAX`] letters, digits, `_` or `-`, in lower case and NFKC.
///
/// Deserializing trusts: names arrive that way from the server alone, which has validated them, and the tables that
/// validating takes would be half of what a browser downloads. What clients send is a string until it is parsed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomName(Arc<str>);

/// Why something is not a room's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A room name has {ROOM_NAME_MIN} to {ROOM_NAME_MAX} letters, digits, underscores or hyphens.")]
pub struct RoomNameError;

impl RoomName {
    /// Makes a room name: lower case, other characters become `_`, what is too long is cut.
    ///
    /// # Errors
    /// [`RoomNameError`] when it is too short.
    pub fn parse(raw: &str) -> Result<Self, RoomNameError> {
        let fits = |c| if is_name_char(c) || c == '-' { c } else { '_' };
        let name: String = lower_nfkc(raw).chars().map(fits).take(ROOM_NAME_MAX).collect();
        if name.chars().count() < ROOM_NAME_MIN { Err(RoomNameError) } else { Ok(Self(name.into())) }
    }

    /// A name as the server says it, which has validated it.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_login_name_is_made_to_fit() {
        let made = |raw: &str| UserName::sanitized(raw, 7).to_string();
        assert_eq!(made("Ada"), "Ada");
        assert_eq!(made("   "), "___");
        assert_eq!(made("a b<c>"), "a_b_c_");
        assert_eq!(made("x"), "User007");
        assert_eq!(made(""), "User007");
        assert_eq!(made("Ελληνικά 日本語"), "Ελληνικά_日本語");
        assert_eq!(made("\u{1f9d1}\u{200d}\u{1f680}"), "___");
        assert_eq!(made(&"n".repeat(USER_NAME_MAX + 1)), "n".repeat(USER_NAME_MAX));
    }

    #[test]
    fn a_number_fits_behind_the_longest_name() {
        let longest = UserName::sanitized(&"n".repeat(USER_NAME_MAX), 0);
        assert_eq!(longest.numbered(12).to_string(), format!("{}12", "n".repeat(USER_NAME_MAX - 2)));
        assert_eq!(UserName::sanitized("Alice", 0).numbered(1).to_string(), "Alice1");
    }

    #[test]
    fn a_chosen_name_must_be_right_as_it_is() {
        assert!(UserName::parse("Zoë_9").is_ok());
        assert!(UserName::parse(&"n".repeat(USER_NAME_MAX)).is_ok());
        for wrong in ["a", "a b", "<b>", &"n".repeat(USER_NAME_MAX + 1)] {
            assert_eq!(UserName::parse(wrong), Err(NameError::Invalid), "{wrong}");
        }
        for reserved in ["system", "SERVER", "Admin", "ｎａｔｔｅｒ"] {
            assert_eq!(UserName::parse(reserved), Err(NameError::Reserved), "{reserved}");
        }
    }

    #[test]
    fn names_that_look_the_same_have_one_key() {
        let key = |raw: &str| UserName::sanitized(raw, 0).key();
        for (one, other) in
            [("Ada", "aDA"), ("Café", "cafe\u{301}"), ("ΣΑΣ", "σασ"), ("Ａda", "ada"), ("straße", "STRASSE")]
        {
            assert_eq!(key(one), key(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_room_name_is_made_to_fit_or_refused() {
        let made = |raw: &str| RoomName::parse(raw).map(|name| name.to_string());
        assert_eq!(made("General"), Ok("general".into()));
        assert_eq!(made("Café & Bar"), Ok("café___bar".into()));
        assert_eq!(made("日本語"), Ok("日本語".into()));
        assert_eq!(made("a-b"), Ok("a-b".into()));
        assert_eq!(made(&"r".repeat(ROOM_NAME_MAX + 1)), Ok("r".repeat(ROOM_NAME_MAX)));
        assert_eq!(made("x"), Err(RoomNameError));
    }

    #[test]
    fn a_caseless_name_begins_as_the_name_does() {
        assert!(caseless("ΣΑΣΑ").starts_with(&caseless("σας")));
        assert!(caseless("STRASSE").starts_with(&caseless("straß")));
    }

    proptest! {
        #[test]
        fn names_in_nfkc_are_caselessly_the_same_when_their_keys_are(
            one in "[aAkKſßsSsΣσςÀàéÉıİiIǅ_]{2,4}",
            other in "[aAkKſßsSsΣσςÀàéÉıİiIǅ_]{2,4}",
        ) {
            let (one, other) = (UserName::sanitized(&one, 0), UserName::sanitized(&other, 0));
            prop_assert_eq!(caseless(one.as_str()) == caseless(other.as_str()), one.key() == other.key());
            prop_assert_eq!(caseless(one.as_str()), caseless(&one.as_str().to_uppercase()));
        }

        #[test]
        fn a_made_room_name_is_its_own_name(raw in any::<String>()) {
            if let Ok(name) = RoomName::parse(&raw) {
                prop_assert_eq!(RoomName::parse(name.as_str()).unwrap(), name);
            }
        }

        #[test]
        fn a_made_user_name_obeys_the_rule(raw in any::<String>(), lot in 0_u16..1_000, number in 0_u64..100_000) {
            let name = UserName::sanitized(&raw, lot);
            for name in [name.numbered(number), name] {
                prop_assert!(matches!(UserName::parse(name.as_str()), Ok(_) | Err(NameError::Reserved)), "{}", name);
            }
        }

        #[test]
        fn a_key_does_not_depend_on_case(raw in "[a-zA-Zà-þΑ-Ω0-9_]{2,20}") {
            let key = |raw: &str| UserName::sanitized(raw, 0).key();
            prop_assert_eq!(key(&raw), key(&raw.to_lowercase()));
        }
    }
}
