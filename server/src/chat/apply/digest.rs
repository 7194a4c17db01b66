//! A digest of the state that facts decide, to compare chats that applied the same facts.

use crate::chat::engine::Chat;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Chat {
    /// Returns a hash of the state that facts decide, which is equal on all nodes at the same position. It leaves out
    /// local state: connections, timers, pending requests, cached entries, archived rooms, reserved names, and the
    /// `caught_up_to` of users, of which the store keeps only a lower bound.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.position, self.logs.last_id, self.logs.entries, self.directory.online, &self.directory.forgotten)
            .hash(&mut hasher);
        for (id, user) in &self.directory.users {
            (id, &user.name, &user.member_of, &user.reads, &user.talks).hash(&mut hasher);
            let mut sessions = user.sessions.clone();
            sessions.sort_unstable();
            (sessions, &user.nodes, user.present).hash(&mut hasher);
            (user.has_entries, user.has_written, user.by_form).hash(&mut hasher);
        }
        for (name, room) in &self.logs.rooms {
            (name, room.created_at, &room.members, &room.present, room.recent.head(), room.active_at).hash(&mut hasher);
        }
        for (pair, recent) in &self.logs.conversations {
            (pair, recent.head()).hash(&mut hasher);
        }
        hasher.finish()
    }
}
