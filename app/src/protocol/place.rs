//! The places that a page can show.

use super::{FromJson, Json, RoomName, UserId, field};
use serde::{Deserialize, Serialize};

/// A log, or a list that is compiled from logs. A conversation is identified by its peer's number, which survives a
/// change of name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A room.
    Room(RoomName),
    /// The conversation with a user.
    With(UserId),
    /// The entries that mention the person, from all rooms.
    Mentions,
}

impl Place {
    /// Returns the room, or `None` for another place.
    #[must_use]
    pub const fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Room(room) => Some(room),
            Self::With(_) | Self::Mentions => None,
        }
    }
}

impl FromJson for Place {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        if value.as_text().as_deref() == Some("mentions") {
            return Some(Self::Mentions);
        }
        field(value, "room").map(Self::Room).or_else(|| field(value, "with").map(Self::With))
    }

    fn blank() -> Self {
        Self::Mentions
    }
}

impl From<RoomName> for Place {
    fn from(room: RoomName) -> Self {
        Self::Room(room)
    }
}
