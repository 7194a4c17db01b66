//! What others said that names the person.
//!
//! The server lists it when it is looked at; what is said from then on is added as it is heard.

use super::Client;
use crate::{
    protocol::{Entry, EntryId, Mention, RoomName, limits::MENTIONS_LISTED},
    sync::Place,
};

impl Client {
    /// In which room a mention was said.
    #[must_use]
    pub fn mentioned_in(&self, id: EntryId) -> Option<&RoomName> {
        self.mentioned_in.iter().find(|(its, _)| *its == id).map(|(_, room)| room)
    }

    /// These are all mentions that are listed, in place of those that were.
    pub fn mentions(&mut self, mentions: Vec<Mention>) {
        self.mentioned_in.clear();
        let log = self.log_mut(&Place::Mentions);
        log.is_known = true;
        log.timeline.keep_newest(0);
        for Mention { room, entry } in mentions {
            self.mention(room, entry);
        }
    }

    /// One more.
    pub(super) fn mention(&mut self, room: RoomName, entry: Entry) {
        let log = self.log_mut(&Place::Mentions);
        if !log.is_known {
            return;
        }
        let id = entry.id;
        log.timeline.insert(entry);
        log.timeline.keep_newest(MENTIONS_LISTED);
        let oldest = log.timeline.entries().next().map_or(0, |entry| entry.id);
        self.mentioned_in.push((id, room));
        self.mentioned_in.retain(|(id, _)| *id >= oldest);
    }
}
