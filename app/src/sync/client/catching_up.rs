//! Missing entries, and their loading: one page at a time, the newest first, when they come into view.
//!
//! `resumed` carries the newest missed entries of each room. If more are missing, a gap stays visible; one page of it
//! is requested at once, and the rest when the gap is in view.

use super::{Client, Effect};
use crate::{
    protocol::{ClientFrame, Entry, EntryId, EntryKind, History, Place, limits::HISTORY_MAX},
    sync::Gap,
};
use std::sync::Arc;

/// Upper bound of the loaded entries of the shown room; beyond it the oldest are dropped.
const KEPT_IN_SIGHT: usize = 20_000;
/// Upper bound of the loaded entries of any other log, so that the place of reading is still there on return, unless it
/// is further up.
const KEPT_OUT_OF_SIGHT: usize = 10 * HISTORY_MAX;

impl Client {
    /// Inserts entries of a log, however they arrived.
    pub(super) fn take(&mut self, now: u64, place: &Place, entries: Vec<Entry>, effects: &mut Vec<Effect>) {
        self.logs.get_or_insert(place).is_known = true;
        for entry in entries {
            if let Some(client_id) = entry.client_id.clone().filter(|_| self.is_mine(&entry))
                && self.remove_text(now, &client_id, effects)
            {
                self.notices.succeeded();
            }
            if !entry.is_shown() {
                self.amend_mention(&entry);
                self.drop_deletions(now, place, &entry, effects);
                effects.extend(entry.target.filter(|_| entry.kind == EntryKind::Delete).map(Effect::Deleted));
            }
            self.logs.get_or_insert(place).timeline.insert(entry);
        }
    }

    /// Inserts entries that advance the cursor.
    pub(super) fn take_news(&mut self, now: u64, place: &Place, entries: Vec<Entry>, effects: &mut Vec<Effect>) {
        let newest = entries.iter().map(|entry| entry.id).max().unwrap_or(0);
        self.cursor.last_id = self.cursor.last_id.max(newest);
        self.take(now, place, entries, effects);
        // Pages of history are not trimmed: the entries just requested would be dropped.
        self.trim(place);
    }

    /// Drops the oldest entries of a log beyond its limit.
    pub(super) fn trim(&mut self, place: &Place) {
        let most = if self.place == *place { KEPT_IN_SIGHT } else { KEPT_OUT_OF_SIGHT };
        if self.logs.get_or_insert(place).timeline.keep_newest(most) {
            // A gap above the remaining entries may reappear with other bounds, and counts as a new one.
            self.logs.forget_answered();
        }
    }

    /// Inserts an entry that was just said, and requests the entries missing right above it.
    pub(super) fn take_live(&mut self, now: u64, place: &Place, entry: Entry, effects: &mut Vec<Effect>) {
        let (id, is_news) = (entry.id, self.logs.get(place).is_none_or(|log| !log.timeline.has(entry.id)));
        let said = Arc::new(entry.clone());
        self.take_news(now, place, vec![entry], effects);
        if is_news && said.is_shown() {
            self.count_unread(place, &said, effects);
        } else if is_news {
            self.count_amended(now, place, &said, effects);
        }
        let gap = self.logs.get(place).and_then(|log| log.timeline.gap_above(id));
        if let Some(gap) = gap.filter(|gap| gap.after > 0) {
            self.fill(place, gap, effects);
        }
    }

    pub(super) fn note_head(&mut self, place: &Place, head: EntryId) {
        let log = self.logs.get_or_insert(place);
        log.timeline.note_head(head);
        log.is_known = true;
        self.cursor.last_id = self.cursor.last_id.max(head);
    }

    pub(super) fn history(&mut self, now: u64, history: History, effects: &mut Vec<Effect>) {
        // The cursor stands for every log, so a page of history does not move it.
        if let Some(place) = self.logs.find(&history.room) {
            self.take(now, &place, history.messages, effects);
            self.recount(&place, self.read_up_to(&place));
            self.logs.forget_answered();
        }
    }

    /// Requests one page of the newest gap in the shown room, unless that is merely older history.
    pub(super) fn fill_newest(&mut self, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        let timeline = &self.logs.get_or_insert(&place).timeline;
        let between = || timeline.gaps().into_iter().find(|gap| gap.after > 0);
        if let Some(gap) = timeline.gap_at_end().or_else(between) {
            self.fill(&place, gap, effects);
        }
    }

    /// Requests a gap that came into view, unless it belongs to the place that was shown before.
    pub(super) fn look_at(&mut self, gap: Gap, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        let is_there =
            |log: &super::Log| [log.timeline.gap_above(gap.before), log.timeline.gap_at_end()].contains(&Some(gap));
        if self.logs.get(&place).is_some_and(is_there) {
            self.fill(&place, gap, effects);
        }
    }

    /// Requests a page of a gap, at once or when the client is connected again.
    pub(super) fn fill(&mut self, place: &Place, gap: Gap, effects: &mut Vec<Effect>) {
        let wanted = (place.clone(), gap);
        let has_name = self.logs.get(place).is_some_and(|log| log.wire_name().is_some());
        if self.logs.asked.contains(&wanted) || !has_name {
            return;
        }
        if self.link.is_live() {
            self.ask_for(place, gap, effects);
        }
        self.logs.asked.push(wanted);
    }

    /// Requests the gaps again that are still open.
    pub(super) fn fill_again(&mut self, effects: &mut Vec<Effect>) {
        self.logs.forget_answered();
        for (place, gap) in &self.logs.asked {
            self.ask_for(place, *gap, effects);
        }
    }

    fn ask_for(&self, place: &Place, gap: Gap, effects: &mut Vec<Effect>) {
        let (before, after, limit) = (Some(gap.before), Some(gap.after), Some(HISTORY_MAX));
        let room = self.logs.get(place).and_then(super::Log::wire_name);
        effects.extend(room.map(|room| Effect::Send(ClientFrame::GetHistory { room, before, after, limit })));
    }
}
