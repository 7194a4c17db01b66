//! Edits and deletions of the person's own entries.
//!
//! An amendment waits in the outbox like a text, in the order of typing. Until it is stored, the entry itself is in its
//! former state, and the screen shows both.

use super::{Client, Effect};
use crate::{
    protocol::{Entry, EntryId, EntryKind, Place, RoomName},
    sync::outbox::{Outgoing, OutgoingState},
};
use std::sync::Arc;

impl Client {
    /// Returns a sentence if an amendment cannot be accepted in the shown place right now.
    #[must_use]
    pub fn cannot_amend(&self) -> Option<String> {
        self.cannot_do(&self.place, None)
    }

    /// Returns the words of a loaded entry of the shown place that the person can edit, as they will be when everything
    /// that waits is stored; `None` for other entries.
    #[must_use]
    pub fn words_of(&self, id: EntryId) -> Option<Arc<str>> {
        let entry = self.logs.get(&self.place)?.timeline.get(id)?;
        let words = entry.words().filter(|_| self.place != Place::Mentions && self.is_mine(entry))?;
        let waiting = self.outgoing_to(&self.place).filter(|item| item.target == Some(id));
        match waiting.filter(|item| item.state == OutgoingState::Waiting).last() {
            Some(item) if item.is_deletion() => None,
            Some(item) => Some(Arc::clone(&item.text)),
            None => Some(words.into()),
        }
    }

    /// Returns the newest loaded entry of the shown place that the person can edit; `None` while a newer text waits, which
    /// has no entry yet.
    #[must_use]
    pub fn newest_own(&self) -> Option<EntryId> {
        if self.outgoing_to(&self.place).any(|item| item.target.is_none() && item.state == OutgoingState::Waiting) {
            return None;
        }
        let mut entries = self.logs.get(&self.place)?.timeline.entries().rev();
        entries.find(|entry| self.words_of(entry.id).is_some()).map(|entry| entry.id)
    }

    /// Puts an amendment of an entry into the outbox, behind all texts that were typed before. `None` deletes the entry.
    pub(super) fn amend(
        &mut self,
        now: u64,
        (place, target): (&Place, EntryId),
        text: Option<Arc<str>>,
        client_id: Arc<str>,
        at: u64,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(reason) = self.cannot_do(place, None) {
            return self.notices.warn(&reason);
        }
        let name = place.room().map_or_else(|| self.name_of(place), RoomName::shared);
        let (place, text, state) = (place.clone(), text.unwrap_or_default(), OutgoingState::Waiting);
        let item = Outgoing { client_id, at, place, name, text, target: Some(target), state };
        effects.push(Effect::Persist(self.outbox.push(item)));
        self.send_next(now, effects);
        self.claim(effects);
    }

    /// Refuses the amendments that wait: in another store, other entries have the same numbers. An edit is a text of its
    /// own then.
    pub(super) fn refuse_amendments(&mut self, effects: &mut Vec<Effect>) {
        let is_waiting = |item: &&Outgoing| item.target.is_some() && item.state == OutgoingState::Waiting;
        let waiting: Vec<_> = self.outbox.iter().filter(is_waiting).map(|item| Arc::clone(&item.client_id)).collect();
        for client_id in waiting {
            if let Some(item) = self.outbox.get_mut(&client_id) {
                item.state = OutgoingState::Failed("The server has another store than before.".into());
                if !item.is_deletion() {
                    item.target = None;
                }
                effects.push(Effect::Persist(item.clone()));
            }
        }
    }

    /// Drops the deletions of an entry that was deleted, perhaps by another tab.
    pub(super) fn drop_deletions(&mut self, now: u64, place: &Place, amendment: &Entry, effects: &mut Vec<Effect>) {
        if amendment.kind != EntryKind::Delete {
            return;
        }
        let is_repeat =
            |item: &&Outgoing| item.is_deletion() && item.target == amendment.target && item.place == *place;
        let repeats: Vec<_> = self.outbox.iter().filter(is_repeat).map(|item| Arc::clone(&item.client_id)).collect();
        for client_id in repeats {
            self.remove_text(now, &client_id, effects);
        }
    }
}
