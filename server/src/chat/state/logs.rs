//! Rooms and conversations, with as many of their newest entries as are cached.
//!
//! Invariant: `ranks` and `listed` contain every room that is not archived; `idle` contains those of them that have no
//! members and can be archived.

use crate::{
    chat::state::{Cache, RecentEntries, Room, RoomNames},
    journal::StoredRoom,
};
use app::protocol::{EntryId, Pair, RoomName, Timestamp};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// The logs of rooms and conversations. See the [module](self).
#[derive(Debug)]
pub(in crate::chat) struct Logs {
    pub(in crate::chat) rooms: BTreeMap<RoomName, Room>,
    /// Rooms that are not archived, by descending number of present members.
    pub(in crate::chat) ranks: BTreeSet<(Reverse<usize>, RoomName)>,
    /// Rooms that are not archived, by name.
    pub(in crate::chat) listed: BTreeSet<RoomName>,
    /// Rooms that can be archived, by the time of their last entry.
    pub(in crate::chat) idle: BTreeSet<(Timestamp, RoomName)>,
    /// Names of the rooms, and of rooms that were requested here and do not exist yet.
    pub(in crate::chat) room_names: RoomNames,
    pub(in crate::chat) conversations: BTreeMap<Pair, RecentEntries>,
    /// Order and size of the cached entries (local).
    pub(in crate::chat) cache: Cache,
    /// Identifier of the newest entry of all logs.
    pub(in crate::chat) last_id: EntryId,
    /// Number of stored entries.
    pub(in crate::chat) entries: u64,
}

impl Logs {
    /// Restores the logs without cached entries.
    pub(in crate::chat) fn new(
        rooms: BTreeMap<RoomName, StoredRoom>,
        conversations: BTreeMap<Pair, EntryId>,
        last_id: EntryId,
        entries: u64,
        cache_bytes: usize,
    ) -> Self {
        Self {
            rooms: rooms.into_iter().map(|(name, room)| (name, Room::restored(room))).collect(),
            ranks: BTreeSet::new(),
            listed: BTreeSet::new(),
            idle: BTreeSet::new(),
            room_names: RoomNames::default(),
            conversations: conversations.into_iter().map(|(pair, head)| (pair, RecentEntries::of(head))).collect(),
            cache: Cache::new(cache_bytes),
            last_id,
            entries,
        }
    }
}
