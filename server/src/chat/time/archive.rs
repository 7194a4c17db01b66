//! Archiving of quiet rooms, by each node's own calendar: see `requests::room_lists`.

use crate::chat::{Now, engine::Chat};
use std::cmp::Reverse;

/// Upper bound of the rooms that one tick archives: a frame names each of them to all followers of the list.
pub(in crate::chat) const ARCHIVED_PER_TICK: usize = 64;

impl Chat {
    /// Archives up to `most` rooms that are due.
    pub(in crate::chat) fn archive(&mut self, now: Now, most: usize) {
        for _ in 0..most {
            let Some((active_at, room)) = self.logs.idle.pop_first() else {
                return;
            };
            if now.clock.as_millis() < active_at.as_millis().saturating_add(self.settings.archive_after_ms) {
                self.logs.idle.insert((active_at, room));
                return;
            }
            if let Some(state) = self.logs.rooms.get_mut(&room) {
                state.is_archived = true;
                self.logs.ranks.remove(&(Reverse(state.present.len()), room.clone()));
                self.logs.listed.remove(&room);
                self.clients.room_counts.note_archived(room);
            }
        }
    }
}
