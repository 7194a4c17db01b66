//! The name of a log on the wire: a room's name, or `@` and a peer, such as `@Bo` or `@2-Bo`.
//!
//! It depends on the reader and the time, so it is read where a frame arrives and made where one is sent; the outbox
//! stores it, and answers repeat the one of their request. Everything else knows a log by its [`LogId`](super::LogId) or,
//! on the page, by its [`Place`](super::Place).

use super::{Peer, UserId, name_in, peer_segment};

/// A log's name as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireName<'a> {
    /// The name of a room, possibly in another spelling.
    Room(&'a str),
    /// The peer of a conversation.
    Conversation(Peer<'a>),
}

impl<'a> WireName<'a> {
    /// Parses a name; `None` if it is that of a conversation with a malformed number.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        match name.strip_prefix('@') {
            Some(segment) => Peer::parse(segment).map(Self::Conversation),
            None => Some(Self::Room(name)),
        }
    }
}

impl WireName<'_> {
    /// Returns the peer's name in the name of a conversation, for people to read; the name of a room as it is.
    #[must_use]
    pub fn readable(name: &str) -> &str {
        name.strip_prefix('@').map_or(name, name_in)
    }

    /// Returns the name of the conversation with a user, such as `@Bo`. A later user of that name takes it over.
    #[must_use]
    pub fn with_name(name: &str) -> String {
        ["@", name].concat()
    }

    /// Returns the name of the conversation with a user, such as `@2-Bo`. It survives a change of the user's name.
    #[must_use]
    pub fn with_number(id: UserId, name: &str) -> String {
        ["@", &peer_segment(id, name)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_made() {
        let name = WireName::with_name("Bo");
        assert_eq!(WireName::parse(&name), Some(WireName::Conversation(Peer::Name("Bo"))));
        let name = WireName::with_number(UserId(2), "日本語");
        assert_eq!(WireName::parse(&name), Some(WireName::Conversation(Peer::Number(UserId(2)))));
        assert_eq!(WireName::parse("café"), Some(WireName::Room("café")));
        assert_eq!(WireName::parse("@two-Bo"), None);
        assert_eq!(["@Bo", "@2-Bo", "night-shift"].map(WireName::readable), ["Bo", "Bo", "night-shift"]);
    }
}
