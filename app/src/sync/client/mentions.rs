//! The list of mentions of the person.
//!
//! The server sends it when it is opened; later mentions are added as they arrive.

use super::Client;
use crate::{
    mention,
    protocol::{Entry, EntryId, Mention, Place, RoomName, limits::MENTIONS_LISTED},
};
use std::sync::Arc;

impl Client {
    /// Returns the room of a mention.
    #[must_use]
    pub fn mentioned_in(&self, id: EntryId) -> Option<&RoomName> {
        self.logs.mentioned_in.iter().find(|(its, _)| *its == id).map(|(_, room)| room)
    }

    /// Replaces the list of mentions.
    pub fn mentions(&mut self, mentions: Vec<Mention>) {
        self.logs.mentioned_in.clear();
        let log = self.logs.get_or_insert(&Place::Mentions);
        log.is_known = true;
        log.timeline.keep_newest(0);
        for Mention { room, entry } in mentions {
            self.mention(room, entry);
        }
    }

    /// Applies an amendment to the list. An entry that no longer mentions the person leaves it.
    pub(super) fn amend_mention(&mut self, amendment: &Entry) {
        let (Some(target), name) = (amendment.target, Arc::clone(self.name())) else {
            return;
        };
        let log = self.logs.get_or_insert(&Place::Mentions);
        if log.timeline.amend(amendment)
            && log.timeline.get(target).is_some_and(|entry| !mention::is_mentioned(&entry.text, &name))
        {
            log.timeline.remove(target);
        }
    }

    /// Adds a mention, once the list has arrived.
    pub(super) fn mention(&mut self, room: RoomName, entry: Entry) {
        let log = self.logs.get_or_insert(&Place::Mentions);
        if !log.is_known {
            return;
        }
        let id = entry.id;
        log.timeline.insert(entry);
        log.timeline.keep_newest(MENTIONS_LISTED);
        let oldest = log.timeline.entries().next().map_or(0, |entry| entry.id);
        self.logs.mentioned_in.push((id, room));
        self.logs.mentioned_in.retain(|(id, _)| *id >= oldest);
    }
}
