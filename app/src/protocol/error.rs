//! Codes of errors and of closed connections. The sentence beside a code is for a person and may change; the code may
//! not.

use super::{FromJson, Json};
use serde::{Deserialize, Serialize};

/// The `code` of an `error` frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame is not JSON, not an object, of an unknown `type`, or has a missing or wrong field.
    BadFrame,
    /// The text cannot be made into a room's name.
    BadRoom,
    /// The text is not a valid name of a user.
    BadName,
    /// Another user has the name, or the chat reserves it.
    NameTaken,
    /// No user has the name.
    NoSuchUser,
    /// The command does not exist.
    UnknownCommand,
    /// The command lacks its argument, or is not possible in this place.
    BadCommand,
    /// The text exceeds its limit.
    TooLong,
    /// The user is not a member of the room.
    NotInRoom,
    /// The room cannot be left.
    CannotLeave,
    /// The user has reached the limit of memberships, or of new rooms in a day.
    TooManyRooms,
    /// A rate limit is exceeded. Nothing was stored, and the frame can be repeated after `retry_after_ms`.
    RateLimited,
    /// The user stored another text under this `client_id`. Nothing was stored.
    ClientIdUsed,
    /// The entry does not exist in this log, or was deleted.
    NoSuchEntry,
    /// The entry cannot be amended by this user: it is somebody else's, or no message.
    NotYours,
    /// The entry has been edited [too often](super::limits::EDITS_MAX).
    TooManyEdits,
    /// The store refuses changes right now. Nothing was stored, and the frame can be repeated later.
    Unavailable,
    /// A code of a newer server.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Every code, with its name on the wire.
    pub const KNOWN: [(Self, &'static str); 17] = [
        (Self::BadFrame, "bad_frame"),
        (Self::BadRoom, "bad_room"),
        (Self::BadName, "bad_name"),
        (Self::NameTaken, "name_taken"),
        (Self::NoSuchUser, "no_such_user"),
        (Self::UnknownCommand, "unknown_command"),
        (Self::BadCommand, "bad_command"),
        (Self::TooLong, "too_long"),
        (Self::NotInRoom, "not_in_room"),
        (Self::CannotLeave, "cannot_leave"),
        (Self::TooManyRooms, "too_many_rooms"),
        (Self::RateLimited, "rate_limited"),
        (Self::ClientIdUsed, "client_id_used"),
        (Self::NoSuchEntry, "no_such_entry"),
        (Self::NotYours, "not_yours"),
        (Self::TooManyEdits, "too_many_edits"),
        (Self::Unavailable, "unavailable"),
    ];

    /// Parses the name of a code; one of a newer server is [`Unknown`](Self::Unknown).
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|(_, known)| *known == name).map_or(Self::Unknown, |(code, _)| code)
    }
}

impl FromJson for ErrorCode {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        Some(Self::from_name(&value.as_text()?))
    }

    fn blank() -> Self {
        Self::Unknown
    }
}

/// The reason for which the server closed a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The server stops or restarts.
    GoingAway,
    /// The received bytes are not a WebSocket frame (RFC 6455, section 7.4.1).
    NoFrame,
    /// The frame was binary.
    Unsupported,
    /// The text was not UTF-8.
    NotUtf8,
    /// The frame exceeded its limit.
    TooBig,
    /// The connection was silent for too long, or kept exceeding its rate limits.
    Policy,
    /// The connection's queue was full. The client reconnects and resumes without a loss.
    TooSlow,
    /// The user signed out.
    SignedOut,
    /// The server has reached its limit of connections.
    AtCapacity,
}

impl CloseCode {
    /// Returns the close code of a number from the wire, or `None` if Natter does not use it.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        const ALL: [CloseCode; 9] = [
            CloseCode::GoingAway,
            CloseCode::NoFrame,
            CloseCode::Unsupported,
            CloseCode::NotUtf8,
            CloseCode::TooBig,
            CloseCode::Policy,
            CloseCode::TooSlow,
            CloseCode::SignedOut,
            CloseCode::AtCapacity,
        ];
        ALL.into_iter().find(|code| code.number() == number)
    }

    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::NoFrame => 1002,
            Self::Unsupported => 1003,
            Self::NotUtf8 => 1007,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::SignedOut => 4001,
            Self::TooSlow => 4008,
            Self::AtCapacity => 4013,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_its_name() {
        for (code, name) in ErrorCode::KNOWN {
            assert_eq!(serde_json::to_value(code).unwrap(), name);
            assert_eq!(ErrorCode::from_name(name), code);
        }
        assert_eq!(ErrorCode::from_name("dance"), ErrorCode::Unknown);
    }

    #[test]
    fn a_close_code_is_known_by_its_number() {
        for number in [1001, 1002, 1003, 1007, 1008, 1009, 4001, 4008, 4013] {
            assert_eq!(CloseCode::from_number(number).map(CloseCode::number), Some(number));
        }
        assert_eq!(CloseCode::from_number(1000), None);
    }
}
