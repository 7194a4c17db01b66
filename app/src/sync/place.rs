//! What a page shows.

use crate::protocol::{FromJson, Json, RoomName, UserId, field};
use serde::{Deserialize, Serialize};

/// A log as a client knows it, or what is put together from logs. A conversation goes by the other one's number, which stays when the name changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A room.
    Room(RoomName),
    /// The conversation with a user.
    With(UserId),
    /// What names the person, in whichever room it was said.
    Mentions,
}

impl Place {
    /// The room, if it is one.
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
}

impl From<RoomName> for Place {
    fn from(room: RoomName) -> Self {
        Self::Room(room)
    }
}
