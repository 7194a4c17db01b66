//! A user, with sessions, connections and presence.

use super::recent_entries::RecentEntries;
use crate::{
    chat::{ConnectionId, rate_limit::Buckets},
    journal::{NodeId, SessionHash},
    tally::Tally,
};
use app::protocol::{EntryId, LogId, NameKey, RoomName, UserId, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// The state of a user.
#[derive(Debug)]
pub(in crate::chat) struct User {
    pub(in crate::chat) name: UserName,
    /// Sort key of member lists.
    pub(in crate::chat) key: NameKey,
    /// The name that was requested last, or the current one if no change is in flight.
    pub(in crate::chat) asked_name: UserName,
    /// Rooms of which the user is a member or requested membership: a pending join already grants access, and is undone
    /// if it cannot be stored.
    pub(in crate::chat) rooms: BTreeSet<RoomName>,
    /// Rooms of which the user is a member by the store, and in which others see the user.
    pub(in crate::chat) member_of: BTreeSet<RoomName>,
    /// Read marks: the newest entry read, by log.
    pub(in crate::chat) reads: BTreeMap<LogId, EntryId>,
    /// Logs in which the user is typing, with the end of each lease.
    pub(in crate::chat) typing: BTreeMap<LogId, u64>,
    /// Conversations by their newest entry.
    pub(in crate::chat) talks: BTreeSet<(EntryId, UserId)>,
    /// Users who are typing a private message to this one.
    pub(in crate::chat) typing_peers: BTreeSet<UserId>,
    /// Number of joins and leaves in flight, by room.
    pub(in crate::chat) asked_rooms: Tally<RoomName>,
    /// Number of name changes in flight.
    pub(in crate::chat) asked_names: usize,
    /// Hashes of the user's sessions.
    pub(in crate::chat) sessions: Vec<SessionHash>,
    /// Nodes to which the user is connected, by the facts.
    pub(in crate::chat) nodes: BTreeSet<NodeId>,
    /// Node that runs the grace period, by the facts; `None` while connected or if unknown.
    pub(in crate::chat) awaited_by: Option<NodeId>,
    /// Open connections to this node, oldest first.
    pub(in crate::chat) connections: Vec<ConnectionId>,
    /// Newest entry that was sent to the user before the last connection to a node closed, by the facts.
    pub(in crate::chat) caught_up_to: EntryId,
    /// The same value for this node, set when its last connection closes and before that is a fact.
    pub(in crate::chat) caught_up_here: EntryId,
    /// `true` while the user is shown as present before that is a fact.
    pub(in crate::chat) is_arriving: bool,
    /// `true` while a presence change is in flight to the journal.
    pub(in crate::chat) is_telling: bool,
    /// `true` while [`Change::Gone`](crate::journal::Change::Gone) is in flight.
    pub(in crate::chat) is_leaving: bool,
    /// `true` while the deletion is in flight: the user's sessions are refused.
    pub(in crate::chat) is_going: bool,
    /// `true` if others see the user: connected, within the grace period, or reading a page without a connection.
    pub(in crate::chat) present: bool,
    /// End of the presence of a user without a connection.
    pub(in crate::chat) leaves_at: Option<u64>,
    /// `true` if `leaves_at` is the end of a page's lease, of which only this node knows.
    pub(in crate::chat) is_visiting: bool,
    /// Time of the deletion, for a user without a connection.
    pub(in crate::chat) forgotten_at: Option<u64>,
    /// `true` if the user has ever written an entry or received a private one.
    pub(in crate::chat) has_entries: bool,
    /// `true` if the user has ever written an entry.
    pub(in crate::chat) has_written: bool,
    /// `true` if the user signed in through the page's form.
    pub(in crate::chat) by_form: bool,
    pub(in crate::chat) buckets: Buckets,
}

impl User {
    pub(in crate::chat) fn new(name: UserName, rooms: impl IntoIterator<Item = RoomName>, buckets: Buckets) -> Self {
        let rooms: BTreeSet<_> = rooms.into_iter().collect();
        Self {
            asked_name: name.clone(),
            key: name.key(),
            name,
            member_of: rooms.clone(),
            rooms,
            reads: BTreeMap::new(),
            typing: BTreeMap::new(),
            talks: BTreeSet::new(),
            typing_peers: BTreeSet::new(),
            asked_rooms: Tally::default(),
            asked_names: 0,
            sessions: Vec::new(),
            nodes: BTreeSet::new(),
            awaited_by: None,
            connections: Vec::new(),
            caught_up_to: 0,
            caught_up_here: 0,
            is_arriving: false,
            is_telling: false,
            is_leaving: false,
            is_going: false,
            present: false,
            leaves_at: None,
            is_visiting: false,
            forgotten_at: None,
            has_entries: false,
            has_written: false,
            by_form: false,
            buckets,
        }
    }

    /// Returns `true` if others can write to the user: one without a session cannot return, and one who is being
    /// forgotten neither.
    pub(in crate::chat) fn is_there(&self) -> bool {
        !self.sessions.is_empty() && !self.is_going
    }

    /// Returns `true` if member lists show the user as away when absent: an author who can return.
    pub(in crate::chat) fn is_listed_away(&self) -> bool {
        self.has_written && self.is_there()
    }

    /// Returns `true` if the user is connected to any node.
    pub(in crate::chat) fn is_connected(&self) -> bool {
        !self.connections.is_empty() || !self.nodes.is_empty()
    }

    /// Returns `true` if the user is connected here, or to a node other than `node`: the end of the connection to
    /// `node` may not be a fact yet.
    pub(in crate::chat) fn is_connected_but_by(&self, node: NodeId) -> bool {
        !self.connections.is_empty() || self.nodes.iter().any(|other| *other != node)
    }

    /// Returns `true` if the user is present without a connection and no timer but one of this node would end that.
    pub(in crate::chat) fn is_left_to(&self, node: NodeId) -> bool {
        let is_unwatched = self.present && !self.is_connected() && self.leaves_at.is_none() && !self.is_leaving;
        is_unwatched && self.awaited_by.is_none_or(|by| by == node)
    }

    /// Returns the newest entry up to which the user was sent everything.
    pub(in crate::chat) fn was_sent_up_to(&self) -> EntryId {
        self.caught_up_to.max(self.caught_up_here)
    }

    /// Sets the read mark of a new member to the newest entry, so that nothing said before counts as unread. The store
    /// does the same.
    pub(in crate::chat) fn has_read_all(&mut self, room: &RoomName, recent: &RecentEntries) {
        if recent.head() > 0 {
            let mark = self.reads.entry(LogId::Room(room.clone())).or_default();
            *mark = recent.head().max(*mark);
        }
    }
}
