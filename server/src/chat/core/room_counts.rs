//! How many are present in each room, told to the connections that follow it: a page lists rooms that its person is not
//! in, of which no other frame says who comes and goes.
//!
//! All changes of [`ROOM_COUNTS_MS`] are one frame, encoded once, so a storm of joins costs each follower one frame.

use super::Chat;
use crate::chat::{ConnectionId, Now};
use app::protocol::{self, RoomInfo, RoomName, ServerFrame, limits::ROOM_COUNTS_MS};
use std::collections::BTreeSet;

/// What changed since the followers were last told.
#[derive(Debug, Default)]
pub(super) struct RoomCounts {
    followers: BTreeSet<ConnectionId>,
    changed: BTreeSet<RoomName>,
    /// Whether there are other rooms than there were.
    has_other_rooms: bool,
    archived: Vec<RoomName>,
    next_at: u64,
}

impl RoomCounts {
    pub(super) fn follow(&mut self, connection: ConnectionId) {
        self.followers.insert(connection);
    }

    pub(super) fn unfollow(&mut self, connection: ConnectionId) {
        self.followers.remove(&connection);
    }

    /// Somebody appeared in a room, or disappeared from it. Everybody is in `general` and told of it by other frames.
    pub(super) fn note(&mut self, room: &RoomName) {
        if !room.is_general() {
            self.changed.insert(room.clone());
        }
    }

    /// A room is listed no longer, though it is there.
    pub(super) fn note_archived(&mut self, room: RoomName) {
        self.has_other_rooms = true;
        self.archived.push(room);
    }

    /// A room was made or removed.
    pub(super) fn note_rooms(&mut self) {
        self.has_other_rooms = true;
    }
}

impl Chat {
    /// Tells the followers what has changed, unless they were told a moment ago.
    pub(super) fn tell_room_counts(&mut self, now: Now) {
        let counts = &mut self.room_counts;
        if now.elapsed_ms < counts.next_at || (counts.changed.is_empty() && !counts.has_other_rooms) {
            return;
        }
        counts.next_at = now.elapsed_ms + ROOM_COUNTS_MS;
        counts.has_other_rooms = false;
        let changed = std::mem::take(&mut counts.changed);
        let archived = std::mem::take(&mut counts.archived);
        let info = |name: RoomName| Some(RoomInfo { users: self.rooms.get(&name)?.present.len(), name });
        let rooms = changed.into_iter().filter_map(info).collect();
        let told = protocol::RoomCounts { rooms, total: self.listed_count(), archived };
        let followers = self.room_counts.followers.iter().copied().collect();
        self.send_to_all(followers, &ServerFrame::RoomCounts(told));
    }
}
