//! What the person has read, what waits for them, and what calls for them.
//!
//! Invariants:
//! - a read mark never goes back, wherever it was set;
//! - a place with nothing newer than its mark has nothing unread.

use super::{
    Client, Effect, Log,
    places::{Known, is_member},
};
use crate::{
    mention,
    protocol::{ClientFrame, Entry, EntryId, EntryKind, Unread},
    sync::{Place, input::Alert},
};
use std::sync::Arc;

/// How often the server is told up to where the person has read, in milliseconds: it is stored each time.
const READ_EVERY_MS: u64 = 5_000;

impl Client {
    /// Up to where the person has read a log; 0 for nothing.
    #[must_use]
    pub fn read_up_to(&self, place: &Place) -> EntryId {
        self.log(place).map_or(0, |log| log.read)
    }

    /// What is unread in a log.
    #[must_use]
    pub fn unread(&self, place: &Place) -> Unread {
        self.log(place).map_or_else(Unread::default, |log| log.unread)
    }

    /// Behind which entry of the shown log the person was away; what stands below it was said meanwhile.
    #[must_use]
    pub const fn divider(&self) -> Option<EntryId> {
        self.divider
    }

    /// Whether somebody looks at the page.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// The server says up to where a log is read.
    pub(super) fn note_read(&mut self, place: &Place, id: EntryId) {
        let log = self.log_mut(place);
        if log.read < id {
            log.read = id;
            self.recount(place);
        }
    }

    /// The server says what is unread, behind the mark that it knows. Of this page's own mark it may not know yet.
    pub(super) fn note_unread(&mut self, place: &Place, read: EntryId, unread: Unread) {
        let log = self.log_mut(place);
        log.unread = unread;
        if log.read > read {
            self.recount(place);
        }
    }

    /// Counts what is unread, as far as it is here.
    fn recount(&mut self, place: &Place) {
        let Some(log) = self.log(place) else {
            return;
        };
        let (read, before) = (log.read, log.unread);
        let is_whole = log.timeline.holes().iter().all(|hole| hole.after < read && hole.before <= read + 1);
        let newer = log.timeline.entries().rev().take_while(|entry| entry.id > read);
        let mut unread = Unread::default();
        for entry in newer.filter(|entry| !self.is_mine(entry)) {
            unread.count += 1;
            unread.mentions += usize::from(self.calls(place, entry));
        }
        if read < log.timeline.head() && !is_whole {
            unread = Unread { count: unread.count.max(1).min(before.count), ..before };
        }
        self.log_mut(place).unread = unread;
    }

    /// An entry was just said. Somebody else's is unread until it is seen.
    pub(super) fn heed(&mut self, place: &Place, entry: &Arc<Entry>, effects: &mut Vec<Effect>) {
        if self.is_mine(entry) || self.log(place).is_none_or(|log| entry.id <= log.read) {
            return;
        }
        let calls = self.calls(place, entry);
        let log = self.log_mut(place);
        log.unread.count += 1;
        log.unread.mentions += usize::from(calls);
        let is_looked_at = self.is_watched && *place == self.place;
        if *place == self.place && !self.is_watched && self.divider.is_none() {
            self.divide();
        }
        if !is_looked_at && (calls || matches!(place, Place::With(_))) {
            let Entry { id, from, text, .. } = Entry::clone(entry);
            effects.push(Effect::Alert(Alert { place: place.clone(), id, from, text }));
        }
    }

    /// Whether an entry in a room names the person. What is said privately is for them anyway.
    fn calls(&self, place: &Place, entry: &Entry) -> bool {
        matches!(place, Place::Room(_))
            && entry.kind != EntryKind::System
            && mention::is_mentioned(&entry.text, &self.name)
    }

    /// Draws the line between what the person has read of the shown log and what is new. Who has read nothing of it is
    /// new there themselves.
    pub(super) fn divide(&mut self) {
        let log = self.log(&self.place).filter(|log| log.read > 0 && log.unread.count > 0);
        self.divider = log.map(|log| log.read);
    }

    pub(super) fn watched(&mut self, now: u64, is_watched: bool, effects: &mut Vec<Effect>) {
        self.is_watched = is_watched;
        if !is_watched {
            // The page may be on its way out.
            self.told_read_at = None;
            self.tell_reads(now, effects);
        }
        // Who has read everything has seen the line, and is away anew.
        if !is_watched && self.unread(&self.place).count == 0 {
            self.divider = None;
        }
    }

    /// The person has seen the shown log up to an entry. One that is not in it was seen just before another was shown.
    pub(super) fn seen(&mut self, now: u64, id: EntryId, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        if self.log(&place).is_some_and(|log| log.read < id && log.timeline.has(id)) {
            self.note_read(&place, id);
            self.log_mut(&place).is_read_untold = true;
            self.tell_reads(now, effects);
        }
    }

    /// When the server is next to be told.
    pub(super) fn tells_reads_at(&self) -> Option<u64> {
        let is_untold = self.logs.iter().any(|log| is_to_be_told(log, &self.rooms));
        self.told_read_at.filter(|_| self.is_live() && is_untold).map(|at| at + READ_EVERY_MS)
    }

    pub(super) fn tell_reads(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let is_due = self.told_read_at.is_none_or(|at| now >= at + READ_EVERY_MS);
        if !self.is_live() || !is_due {
            return;
        }
        for log in self.logs.iter_mut().filter(|log| is_to_be_told(log, &self.rooms)) {
            self.told_read_at = Some(now);
            log.is_read_untold = false;
            effects.extend(log.address().map(|room| Effect::Send(ClientFrame::Read { room, id: log.read })));
        }
    }
}

/// Whether the server does not know up to where a log is read. Who only looks into a room has no mark there.
fn is_to_be_told(log: &Log, rooms: &[Known]) -> bool {
    log.is_read_untold && log.place.room().is_none_or(|room| is_member(rooms, room))
}
