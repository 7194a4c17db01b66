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
    /// The user stored another text under this `client_id`; nothing was stored.
    ClientIdUsed,
    /// The store cannot take it now; nothing was stored, and the same may be sent again later.
    Unavailable,
    /// A code of a newer server.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Every code, with its name on the wire.
    pub const KNOWN: [(Self, &'static str); 14] = [
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
        (Self::Unavailable, "unavailable"),
    ];

    /// The code of a name on the wire; one of a newer server is unknown.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|(_, known)| *known == name).map_or(Self::Unknown, |(code, _)| code)
    }
}

/// Why the server closed a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The server stops or restarts.
    GoingAway,
    /// The received bytes are no WebSocket frame (RFC 6455, section 7.4.1).
    NoFrame,
    /// A binary frame.
    Unsupported,
    /// A text that is not UTF-8.
    NotUtf8,
    /// A frame over the limit.
    TooBig,
    /// The connection was silent for too long, or went on asking for more than it may.
    Policy,
    /// Its bounded queue was full: reconnect and resume, nothing is lost.
    TooSlow,
    /// The session ended at its user's wish.
    SignedOut,
    /// The server has as many connections as it takes.
    AtCapacity,
}

impl CloseCode {
    /// The code of a number that came over the wire, if it is one of ours.
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

    /// The number on the wire.
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
