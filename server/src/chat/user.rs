//! A user and how many ways lead to them.

use super::{ConnectionId, rates::Buckets, tail::Tail};
use crate::{
    journal::{Log, SessionHash},
    tally::Tally,
};
use app::protocol::{EntryId, NameKey, RoomName, UserId, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody with a name.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: UserName,
    /// What lists are in the order of.
    pub(super) key: NameKey,
    /// The name that was asked for last: the user's own until a change of it is stored.
    pub(super) asked_name: UserName,
    /// The rooms the user is in, or asked to be in: what was asked counts at once for what the user may do next, and
    /// is taken back if it cannot be stored.
    pub(super) rooms: BTreeSet<RoomName>,
    /// The rooms the user is in as it is stored: where others see the user.
    pub(super) member_of: BTreeSet<RoomName>,
    /// How far the user has read which log.
    pub(super) reads: BTreeMap<Log, EntryId>,
    /// Where the user is writing, and until when that holds unless they say so again.
    pub(super) typing: BTreeMap<Log, u64>,
    /// With whom the user has a conversation, by its newest entry.
    pub(super) talks: BTreeSet<(EntryId, UserId)>,
    /// Who is writing to the user alone.
    pub(super) typing_peers: BTreeSet<UserId>,
    /// Answers of the store that are awaited to what was asked of each room.
    pub(super) asked_rooms: Tally<RoomName>,
    /// The same to changes of the name.
    pub(super) asked_names: usize,
    /// Whose tokens lead here.
    pub(super) sessions: Vec<SessionHash>,
    /// Open connections, in the order in which they came.
    pub(super) connections: Vec<ConnectionId>,
    /// Up to which entry the user was sent everything when the last connection went.
    pub(super) caught_up_to: EntryId,
    /// Whether others see the user: connected, gone for less than the grace, or reading a page without a connection.
    pub(super) present: bool,
    /// When a user who is present without a connection is so no more.
    pub(super) leaves_at: Option<u64>,
    /// When the user is forgotten, for one without a connection.
    pub(super) forgotten_at: Option<u64>,
    /// Whether the user ever wrote something, or was written to alone.
    pub(super) has_entries: bool,
    /// Whether the user ever wrote something.
    pub(super) has_written: bool,
    /// Whether the user came in by the page's form.
    pub(super) by_form: bool,
    pub(super) buckets: Buckets,
}

impl User {
    pub(super) fn new(name: UserName, rooms: impl IntoIterator<Item = RoomName>, buckets: Buckets) -> Self {
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
            connections: Vec::new(),
            caught_up_to: 0,
            present: false,
            leaves_at: None,
            forgotten_at: None,
            has_entries: false,
            has_written: false,
            by_form: false,
            buckets,
        }
    }

    /// The user has just become a member of a room: nothing that was said before was missed. The store sets the same
    /// mark with the membership.
    pub(super) fn has_read_all(&mut self, room: &RoomName, tail: &Tail) {
        if tail.head() > 0 {
            let mark = self.reads.entry(Log::Room(room.clone())).or_default();
            *mark = tail.head().max(*mark);
        }
    }
}
