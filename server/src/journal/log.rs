//! Which log an entry is in: a room's, or that of two users' conversation.

use app::protocol::{RoomName, UserId};
use std::fmt;

/// The two users of a conversation, in no order; they may be the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    low: UserId,
    high: UserId,
}

impl Pair {
    /// The conversation of these two.
    #[must_use]
    pub fn new(one: UserId, other: UserId) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// Both users.
    #[must_use]
    pub const fn users(self) -> [UserId; 2] {
        [self.low, self.high]
    }

    /// The user whom this one talks with.
    #[must_use]
    pub fn other(self, user: UserId) -> UserId {
        if user == self.low { self.high } else { self.low }
    }
}

/// The name of a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// A room's.
    Room(RoomName),
    /// A conversation's.
    Conversation(Pair),
}

impl Log {
    /// Reads a name as the store has it; nothing when it is none. What was a room's name when it was stored still is.
    #[must_use]
    pub fn stored(name: &str) -> Option<Self> {
        let Some(pair) = name.strip_prefix('@') else {
            return Some(Self::Room(RoomName::told(name)));
        };
        let (low, high) = pair.split_once(':')?;
        Some(Self::Conversation(Pair::new(UserId(low.parse().ok()?), UserId(high.parse().ok()?))))
    }

    /// The room, if this is one's.
    #[must_use]
    pub const fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Room(room) => Some(room),
            Self::Conversation(_) => None,
        }
    }
}

/// The name as the store has it. An `@` begins a conversation's, which no room's name can have.
impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(room) => room.fmt(f),
            Self::Conversation(Pair { low, high }) => write!(f, "@{low}:{high}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_the_same_from_both_sides_and_survives_the_store() {
        let pair = Pair::new(UserId(7), UserId(3));
        assert_eq!(pair, Pair::new(UserId(3), UserId(7)));
        assert_eq!((pair.other(UserId(3)), pair.other(UserId(7))), (UserId(7), UserId(3)));
        let log = Log::Conversation(pair);
        assert_eq!(log.to_string(), "@3:7");
        assert_eq!(Log::stored("@3:7"), Some(log));
    }

    #[test]
    fn no_room_is_taken_for_a_conversation() {
        let room = RoomName::parse("@3:7").unwrap();
        assert_eq!(Log::stored(room.as_str()), Some(Log::Room(room)));
        for wrong in ["@", "@3", "@3:x", "@:"] {
            assert_eq!(Log::stored(wrong), None, "{wrong}");
        }
    }
}
