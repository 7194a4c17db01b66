//! Identities of users.

use super::{FromJson, Json};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A user's public number, which never changes; a string on the wire. It grants nothing: access takes a session's
/// token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl FromJson for UserId {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text()?.parse().ok().map(Self)
    }

    fn blank() -> Self {
        Self(0)
    }
}
