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

/// For how long the line before what is new stays in sight once it was seen and the list was read to its end, in
/// milliseconds: the person has found their place by then.
const DIVIDER_SEEN_MS: u64 = 5_000;

/// What the person has seen of the line before what is new, and of what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DividerSeen {
    No,
    /// The line.
    Line,
    /// The line, and since this moment the end of the list too.
    All(u64),
    /// All of it for some time: they need the line no longer.
    LongAgo,
}

impl Client {
    /// Up to where the person has read a log; 0 for nothing.
    #[must_use]
    pub fn read_up_to(&self, place: &Place) -> EntryId {
        self.log(place).map_or(0, |log| log.read)
    }

    /// What is unread in a log. A room that the person only looks into has nothing that would wait for them.
    #[must_use]
    pub fn unread(&self, place: &Place) -> Unread {
        let is_own = place.room().is_none_or(|room| is_member(&self.rooms, room));
        self.log(place).filter(|_| is_own).map_or_else(Unread::default, |log| log.unread)
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

    /// Whether the person has seen the divider and everything below it for some moments. It keeps its place in the list
    /// until the list moves anyway.
    #[must_use]
    pub fn is_divider_seen(&self) -> bool {
        self.divider_seen == DividerSeen::LongAgo
    }

    pub(super) fn divider_goes_at(&self) -> Option<u64> {
        if let DividerSeen::All(at) = self.divider_seen { Some(at + DIVIDER_SEEN_MS) } else { None }
    }

    pub(super) fn divider_was_seen(&mut self, now: u64) {
        if self.divider_goes_at().is_some_and(|at| at <= now) {
            self.divider_seen = DividerSeen::LongAgo;
        }
    }

    /// Whether it matters how the shown log is in view.
    #[must_use]
    pub fn follows_divider(&self) -> bool {
        self.divider.is_some() && matches!(self.divider_seen, DividerSeen::No | DividerSeen::Line)
    }

    pub(super) fn looked(&mut self, now: u64, is_at_end: bool, is_divider_in_view: bool) {
        if !self.is_watched || !self.follows_divider() {
            return;
        }
        if is_divider_in_view {
            self.divider_seen = DividerSeen::Line;
        }
        if is_at_end {
            self.read_to_the_end(now);
        }
    }

    /// The person reads the shown log at its end.
    fn read_to_the_end(&mut self, now: u64) {
        if self.divider_seen == DividerSeen::Line && self.unread(&self.place).count == 0 {
            self.divider_seen = DividerSeen::All(now);
        }
    }

    pub(super) fn set_divider(&mut self, divider: Option<EntryId>) {
        self.divider = divider;
        self.divider_seen = DividerSeen::No;
    }

    /// The server says up to where a log is read.
    pub(super) fn note_read(&mut self, place: &Place, id: EntryId) {
        let log = self.log_mut(place);
        if log.read < id {
            let before = std::mem::replace(&mut log.read, id);
            self.recount(place, before);
        }
    }

    /// The server says what is unread behind the mark that it knows. This page's own mark may be further.
    pub(super) fn note_unread(&mut self, place: &Place, read: EntryId, unread: Unread) {
        self.log_mut(place).unread = unread;
        self.recount(place, read);
    }

    /// Counts what is unread anew, after the mark moved from `before` to where it is now, or after entries came that had
    /// been missing. Until all entries behind the mark are here, the number that was known is kept, less what the mark
    /// has passed.
    pub(super) fn recount(&mut self, place: &Place, before: EntryId) {
        let Some(log) = self.log(place) else {
            return;
        };
        let behind = |mark: EntryId| log.timeline.entries().rev().take_while(move |entry| entry.id > mark);
        let unread = if log.timeline.is_whole_behind(log.read) {
            self.count_unread(place, behind(log.read))
        } else {
            let passed = self.count_unread(place, behind(before).filter(|entry| entry.id <= log.read));
            let here = self.count_unread(place, behind(log.read));
            Unread {
                count: log.unread.count.saturating_sub(passed.count).max(here.count),
                mentions: log.unread.mentions.saturating_sub(passed.mentions).max(here.mentions),
            }
        };
        self.log_mut(place).unread = unread;
    }

    /// How much of these entries waits for the person.
    fn count_unread<'a>(&self, place: &Place, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Unread {
        entries.filter(|entry| !self.is_mine(entry)).fold(Unread::default(), |unread, entry| Unread {
            count: unread.count + 1,
            mentions: unread.mentions + usize::from(self.calls(place, entry)),
        })
    }

    /// An entry was just said. Somebody else's is unread until it is seen.
    pub(super) fn heed(&mut self, place: &Place, entry: &Arc<Entry>, effects: &mut Vec<Effect>) {
        if !self.is_followed(place) || self.is_mine(entry) || self.log(place).is_none_or(|log| entry.id <= log.read) {
            return;
        }
        let calls = self.calls(place, entry);
        if let Some(room) = place.room().filter(|_| calls) {
            self.mention(room.clone(), Entry::clone(entry));
        }
        let log = self.log_mut(place);
        log.unread.count += 1;
        log.unread.mentions += usize::from(calls);
        let is_looked_at = self.is_watched && *place == self.place;
        if *place == self.place && self.is_divider_seen() {
            self.set_divider(None);
        }
        if *place == self.place && !self.is_watched && self.divider.is_none() {
            self.divide();
        }
        if !is_looked_at && (calls || matches!(place, Place::With(_))) {
            let Entry { id, from, text, .. } = Entry::clone(entry);
            effects.push(Effect::Alert(Alert { place: place.clone(), id, from, text }));
        }
    }

    /// Whether what is said in a place is for the person to read. A room that is only looked at waits for nobody.
    fn is_followed(&self, place: &Place) -> bool {
        match place {
            Place::Room(room) => is_member(&self.rooms, room),
            Place::With(_) => true,
            Place::Mentions => false,
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
        let read = self.read_up_to(&self.place);
        self.set_divider(Some(read).filter(|read| *read > 0 && self.unread(&self.place).count > 0));
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
            self.set_divider(None);
        }
    }

    /// The person has seen the shown log up to an entry. One that is not in it was seen just before another was shown.
    pub(super) fn seen(&mut self, now: u64, id: EntryId, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        let is_news = self.log(&place).is_some_and(|log| log.read < id && log.timeline.has(id));
        if is_news && self.is_followed(&place) {
            self.note_read(&place, id);
            self.log_mut(&place).is_read_untold = true;
            self.tell_reads(now, effects);
        }
        if self.is_watched {
            self.read_to_the_end(now);
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
