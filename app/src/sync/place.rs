//! Where something is said.

use crate::protocol::{RoomName, UserId};

/// A log as a client knows it. A conversation goes by the other one's number, which stays when the name changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A room.
    Room(RoomName),
    /// The conversation with a user.
    With(UserId),
}

impl From<RoomName> for Place {
    fn from(room: RoomName) -> Self {
        Self::Room(room)
    }
}
