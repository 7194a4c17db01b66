//! Changes of the room lists since the last `room_counts` frame.

use crate::chat::ConnectionId;
use app::protocol::RoomName;
use std::collections::BTreeSet;

/// The connections that follow the lists, and the changes that they have not received.
#[derive(Debug, Default)]
pub(in crate::chat) struct RoomCounts {
    pub(in crate::chat) followers: BTreeSet<ConnectionId>,
    pub(in crate::chat) changed: BTreeSet<RoomName>,
    /// `true` if rooms were created, removed or archived.
    pub(in crate::chat) has_other_rooms: bool,
    pub(in crate::chat) archived: Vec<RoomName>,
    pub(in crate::chat) next_at: u64,
}

impl RoomCounts {
    pub(in crate::chat) fn follow(&mut self, connection: ConnectionId) {
        self.followers.insert(connection);
    }

    pub(in crate::chat) fn unfollow(&mut self, connection: ConnectionId) {
        self.followers.remove(&connection);
    }

    /// Records a change of a room's present members. `general` is left out: everybody is a member and gets its frames.
    pub(in crate::chat) fn note(&mut self, room: &RoomName) {
        if !room.is_general() {
            self.changed.insert(room.clone());
        }
    }

    /// Records that a room was archived.
    pub(in crate::chat) fn note_archived(&mut self, room: RoomName) {
        self.has_other_rooms = true;
        self.archived.push(room);
    }

    /// Records that a room was created or removed.
    pub(in crate::chat) fn note_rooms(&mut self) {
        self.has_other_rooms = true;
    }
}
