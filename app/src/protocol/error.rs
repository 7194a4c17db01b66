//! The codes by which a client knows what went wrong. The sentence beside a code is for a person and may change; the
//! code may not.

use serde::{Deserialize, Serialize};

/// The `code` of an `error` frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not an object, an unknown `type`, a missing field or one of the wrong kind.
    BadFrame,
    /// A room name that cannot be made into one.
    BadRoom,
    /// A user's name that cannot be one.
    BadName,
    /// A name that another user has, or that the chat keeps for itself.
    NameTaken,
    /// There is nobody of that name.
    NoSuchUser,
    /// A command that there is not.
    UnknownCommand,
    /// A command without what it takes.
    BadCommand,
    /// A text over the limit.
    TooLong,
    /// The room is none of the user's.
    NotInRoom,
    /// The room cannot be left.
    CannotLeave,
    /// The user is in as many rooms as one may be in.
    TooManyRooms,
    /// Too much in too short a time; nothing was done, and the same may be sent again after `retry_after_ms`.
    RateLimited,
    /// The store cannot take it now; nothing was stored, and the same may be sent again later.
    Unavailable,
    /// A code of a newer server.
    #[serde(other)]
    Unknown,
}

/// Why the server closed a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The server stops or restarts.
    GoingAway,
    /// A binary frame.
    Unsupported,
    /// A frame over the limit.
    TooBig,
    /// The connection was silent for too long, or went on asking for more than it may.
    Policy,
    /// Its bounded queue was full: reconnect and resume, nothing is lost.
    TooSlow,
    /// The server has as many connections as it takes.
    AtCapacity,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Unsupported => 1003,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::TooSlow => 4008,
            Self::AtCapacity => 4013,
        }
    }
}
