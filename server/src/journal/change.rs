//! Changes that can be submitted to a journal.

use super::ids::{NodeId, SessionHash};
use app::protocol::{EntryId, EntryKind, LogId, RoomName, Timestamp, UserId, UserName};
use std::sync::Arc;

/// A requested change. The [rules](super::rules) decide its outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Creates a user with a session as a member of `general`, whose entries so far count as read.
    CreateUser {
        /// Name of the user, which must be free.
        name: UserName,
        /// Hash of the first session.
        session: SessionHash,
        /// `true` for a sign-in through the page's form.
        by_form: bool,
        /// Time of the request.
        at: Timestamp,
    },
    /// Renames a user, and appends a system line about it to each of the user's rooms.
    Rename {
        /// User to rename.
        user: UserId,
        /// New name, which must be free.
        name: UserName,
        /// Time of the request.
        at: Timestamp,
    },
    /// Deletes a user who is not connected, with the name, the sessions, the memberships and the read marks. The
    /// entries stay.
    Forget {
        /// User to delete.
        user: UserId,
        /// If `true`, a user with entries is kept.
        if_no_entries: bool,
        /// Uptime of the server over all starts at the time of the request, in milliseconds.
        uptime_ms: u64,
    },
    /// Records that users are, or were recently, connected.
    Seen {
        /// The users, each with the entry up to which they were sent everything.
        users: Vec<(UserId, EntryId)>,
        /// Time of the request.
        at: Timestamp,
        /// Uptime of the server over all starts at the time of the request, in milliseconds.
        uptime_ms: u64,
    },
    /// Makes a user a member of a room, which is created if necessary. Its entries so far count as read.
    Join {
        /// User who joins.
        user: UserId,
        /// Room to join.
        room: RoomName,
        /// Time of the request.
        at: Timestamp,
    },
    /// Ends a user's membership. A room that is then without members and entries is removed, except for the default
    /// rooms.
    Leave {
        /// User who leaves.
        user: UserId,
        /// Room to leave.
        room: RoomName,
    },
    /// Appends an entry to a room of which the author is a member, or to a conversation of the author. An amendment
    /// needs an entry of the same author as its target.
    Append(Draft),
    /// Looks up whether the author stored this text under this `client_id`; changes nothing.
    LookupByClientId {
        /// Author of the entry.
        author: UserId,
        /// Client's identifier of the message.
        client_id: Arc<str>,
        /// Kind as in a [`Draft`].
        kind: EntryKind,
        /// Text as in a [`Draft`].
        text: Arc<str>,
        /// Target as in a [`Draft`].
        target: Option<EntryId>,
    },
    /// Ends sessions of a user.
    EndSessions {
        /// User of the sessions.
        user: UserId,
        /// Hashes of the sessions to end.
        sessions: Vec<SessionHash>,
    },
    /// Renews a session whose cookie was sent anew.
    RenewSession {
        /// Hash of the session.
        session: SessionHash,
        /// Time of the request.
        at: Timestamp,
    },
    /// Moves a user's read mark in a log.
    Read {
        /// User who has read the log.
        user: UserId,
        /// Log of the mark.
        log: LogId,
        /// Newest entry read; an entry before the current mark changes nothing.
        id: EntryId,
    },
    /// Records a user's first connection to a node.
    Came {
        /// User who connected.
        user: UserId,
        /// Node of the connection.
        node: NodeId,
    },
    /// Records a page load of a user without a connection, who is then present until a [`Change::Gone`].
    Visited {
        /// User who loaded the page.
        user: UserId,
    },
    /// Records that a user's last connection to a node closed.
    Went {
        /// User who disconnected.
        user: UserId,
        /// Node of the connection.
        node: NodeId,
        /// Newest entry up to which the user was sent everything.
        caught_up_to: EntryId,
    },
    /// Ends a user's presence, unless the user is connected to any node.
    Gone {
        /// User whose grace period is over.
        user: UserId,
    },
    /// Declares a node dead: its connections have ended, and its later changes are refused.
    Bury {
        /// Node that does not answer.
        node: NodeId,
    },
    /// Writes about as much as the largest entry without a visible effect, so if a probe is stored, entries can be
    /// stored, too.
    Probe,
}

impl Change {
    /// Returns `true` for changes of presence, which are never written: presence starts anew with each start of the
    /// store.
    #[must_use]
    pub const fn is_presence(&self) -> bool {
        matches!(
            self,
            Self::Came { .. } | Self::Visited { .. } | Self::Went { .. } | Self::Gone { .. } | Self::Bury { .. }
        )
    }
}

/// An entry before it has a place in the log. It is stored under the author's name at that place, which only the log
/// knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Log to append to.
    pub log: LogId,
    /// Author of the entry.
    pub author: UserId,
    /// Message, action, edit or deletion.
    pub kind: EntryKind,
    /// Text of the entry, empty for a deletion. An action is stored with the author's name in front: `* Alice waves`.
    pub text: Arc<str>,
    /// Entry that is amended; `None` for a message or an action.
    pub target: Option<EntryId>,
    /// Client's identifier of the message: a repeat of the same text by the same author under the same one is stored
    /// once.
    pub client_id: Option<Arc<str>>,
    /// Time of the request.
    pub at: Timestamp,
}
