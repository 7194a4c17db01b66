//! What is missing, and how it is fetched: a page at a time, the newest first, when somebody looks.
//!
//! What a client missed comes with `resumed`, the newest entries of each room. If there is more, a hole is left in sight;
//! one page of it is asked for at once, and the rest when it is in view.

use super::{Client, Effect};
use crate::{
    protocol::{ClientFrame, Entry, EntryId, History, limits::HISTORY_MAX},
    sync::{Hole, Place},
};
use std::sync::Arc;

/// Entries of the shown room that are kept: with more, the oldest go.
const KEPT_IN_SIGHT: usize = 20_000;
/// Entries of any other log that are kept: who comes back finds the place that was read, if it is not further up.
const KEPT_OUT_OF_SIGHT: usize = 10 * HISTORY_MAX;

impl Client {
    /// Takes entries of a log, however they came.
    pub(super) fn take(&mut self, now: u64, place: &Place, entries: Vec<Entry>, effects: &mut Vec<Effect>) {
        self.log_mut(place).is_known = true;
        for entry in entries {
            if let Some(client_id) = entry.client_id.clone().filter(|_| self.is_mine(&entry))
                && self.let_go(now, &client_id, effects)
            {
                self.succeeded();
            }
            self.log_mut(place).timeline.insert(entry);
        }
    }

    /// Takes entries that say how far the client has come.
    pub(super) fn take_news(&mut self, now: u64, place: &Place, entries: Vec<Entry>, effects: &mut Vec<Effect>) {
        let newest = entries.iter().map(|entry| entry.id).max().unwrap_or(0);
        self.cursor.last_id = self.cursor.last_id.max(newest);
        self.take(now, place, entries, effects);
        // Not when somebody reads back: what was asked for would go as it comes.
        self.trim(place);
    }

    /// Lets go of the oldest entries of a log, so that no more are kept than may be.
    pub(super) fn trim(&mut self, place: &Place) {
        let most = if self.place == *place { KEPT_IN_SIGHT } else { KEPT_OUT_OF_SIGHT };
        if self.log_mut(place).timeline.keep_newest(most) {
            // A hole that was asked for above what is kept now may come again, and is another one then.
            self.forget_answered();
        }
    }

    /// Takes an entry that was just said, and asks for what is missing right above it.
    pub(super) fn take_live(&mut self, now: u64, place: &Place, entry: Entry, effects: &mut Vec<Effect>) {
        let (id, is_news) = (entry.id, self.log(place).is_none_or(|log| !log.timeline.has(entry.id)));
        let said = Arc::new(entry.clone());
        self.take_news(now, place, vec![entry], effects);
        if is_news {
            self.heed(place, &said, effects);
        }
        let hole = self.log(place).and_then(|log| log.timeline.hole_above(id));
        if let Some(hole) = hole.filter(|hole| hole.after > 0) {
            self.fill(place, hole, effects);
        }
    }

    pub(super) fn note_head(&mut self, place: &Place, head: EntryId) {
        let log = self.log_mut(place);
        log.timeline.note_head(head);
        log.is_known = true;
        self.cursor.last_id = self.cursor.last_id.max(head);
    }

    pub(super) fn history(&mut self, now: u64, history: History, effects: &mut Vec<Effect>) {
        // A page of history is no news: the cursor stays, which vouches for every log.
        if let Some(place) = self.find(&history.room) {
            self.take(now, &place, history.messages, effects);
            self.recount(&place, self.read_up_to(&place));
            self.forget_answered();
        }
    }

    /// Asks for one page of what is missing in the shown room that is not simply older than everything that is here.
    pub(super) fn fill_newest(&mut self, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        let timeline = &self.log_mut(&place).timeline;
        let between = || timeline.holes().into_iter().find(|hole| hole.after > 0);
        if let Some(hole) = timeline.hole_at_end().or_else(between) {
            self.fill(&place, hole, effects);
        }
    }

    /// A hole of the shown log is in view, unless it was just before another was shown.
    pub(super) fn look_at(&mut self, hole: Hole, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        let is_there =
            |log: &super::Log| [log.timeline.hole_above(hole.before), log.timeline.hole_at_end()].contains(&Some(hole));
        if self.log(&place).is_some_and(is_there) {
            self.fill(&place, hole, effects);
        }
    }

    /// Asks for a page of a hole. Without a connection that is done when it is there.
    pub(super) fn fill(&mut self, place: &Place, hole: Hole, effects: &mut Vec<Effect>) {
        let wanted = (place.clone(), hole);
        let has_address = self.log(place).is_some_and(|log| log.address().is_some());
        if self.asked.contains(&wanted) || !has_address {
            return;
        }
        if self.is_live() {
            self.ask_for(place, hole, effects);
        }
        self.asked.push(wanted);
    }

    /// Asks again for what was asked for and is still missing.
    pub(super) fn fill_again(&mut self, effects: &mut Vec<Effect>) {
        self.forget_answered();
        for (place, hole) in &self.asked {
            self.ask_for(place, *hole, effects);
        }
    }

    /// What was asked for and is not missing any more is asked for no longer.
    pub(super) fn forget_answered(&mut self) {
        let mut asked = std::mem::take(&mut self.asked);
        asked.retain(|(place, hole)| self.log(place).is_some_and(|log| log.timeline.holes().contains(hole)));
        self.asked = asked;
    }

    fn ask_for(&self, place: &Place, hole: Hole, effects: &mut Vec<Effect>) {
        let (before, after, limit) = (Some(hole.before), Some(hole.after), Some(HISTORY_MAX));
        let room = self.log(place).and_then(super::Log::address);
        effects.extend(room.map(|room| Effect::Send(ClientFrame::GetHistory { room, before, after, limit })));
    }
}
