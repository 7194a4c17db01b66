//! Identities of logs, of a room or of a conversation. An identity is the same for everybody and independent of users'
//! names; the wire's name of a log, such as `@Bo`, depends on the reader and the time.

use super::{RoomName, UserId};

/// The two users of a conversation, in no order; they can be the same user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    low: UserId,
    high: UserId,
}

impl Pair {
    /// Creates the pair of two users.
    #[must_use]
    pub fn new(one: UserId, other: UserId) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// Returns both users, the one with the smaller number first.
    #[must_use]
    pub const fn users(self) -> [UserId; 2] {
        [self.low, self.high]
    }

    /// Returns the peer of a user.
    #[must_use]
    pub fn other(self, user: UserId) -> UserId {
        if user == self.low { self.high } else { self.low }
    }
}

/// The identity of a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogId {
    /// The log of a room.
    Room(RoomName),
    /// The log of a conversation.
    Conversation(Pair),
}

impl LogId {
    /// Returns the room, or `None` for a conversation.
    #[must_use]
    pub const fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Room(room) => Some(room),
            Self::Conversation(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_the_same_from_both_sides() {
        let pair = Pair::new(UserId(7), UserId(3));
        assert_eq!(pair, Pair::new(UserId(3), UserId(7)));
        assert_eq!((pair.other(UserId(3)), pair.other(UserId(7))), (UserId(7), UserId(3)));
    }
}
