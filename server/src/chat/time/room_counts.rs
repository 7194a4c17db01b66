//! Member counts of rooms, for the connections that follow the room list: a page also lists rooms of which its user is
//! not a member, and no other frame carries their presence.
//!
//! All changes within [`ROOM_COUNTS_MS`] are one frame, encoded once, so a storm of joins costs each follower one
//! frame.

use crate::chat::{Now, engine::Chat};
use app::protocol::{self, RoomInfo, RoomName, ServerFrame, limits::ROOM_COUNTS_MS};

impl Chat {
    /// Sends the changes to the followers, at most once in [`ROOM_COUNTS_MS`].
    pub(in crate::chat) fn tell_room_counts(&mut self, now: Now) {
        let counts = &mut self.clients.room_counts;
        if now.elapsed_ms < counts.next_at || (counts.changed.is_empty() && !counts.has_other_rooms) {
            return;
        }
        counts.next_at = now.elapsed_ms + ROOM_COUNTS_MS;
        counts.has_other_rooms = false;
        let changed = std::mem::take(&mut counts.changed);
        let archived = std::mem::take(&mut counts.archived);
        let info = |name: RoomName| Some(RoomInfo { users: self.logs.rooms.get(&name)?.count(), name });
        let rooms = changed.into_iter().filter_map(info).collect();
        let told = protocol::RoomCounts { rooms, total: self.listed_count(), archived };
        let followers = self.clients.room_counts.followers.iter().copied().collect();
        self.send_to_all(followers, &ServerFrame::RoomCounts(told));
    }
}
