//! Read marks, unread counts, alerts, and the divider of the new entries.
//!
//! Invariants:
//! - a read mark never moves back, neither by this tab nor by a frame of the server;
//! - a place with nothing newer than its mark has nothing unread;
//! - a divider that is set anew has not been seen.

use super::{Client, Effect, Log, places::RoomList};
use crate::{
    mention,
    protocol::{ClientFrame, Entry, EntryId, EntryKind, Place, Unread},
    sync::input::Alert,
};
use std::sync::Arc;

/// Minimum interval in milliseconds between two reports of read marks, since the server stores each.
const READ_EVERY_MS: u64 = 5_000;

/// Duration in milliseconds for which the divider stays once it and the end of the list were seen: the person has found
/// their place by then.
const DIVIDER_SEEN_MS: u64 = 5_000;

/// The person's progress past the divider and the entries below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DividerSeen {
    No,
    /// The divider was in view.
    Line,
    /// The divider was in view, and the end of the list, too, since this time.
    All(u64),
    /// Both were in view for [`DIVIDER_SEEN_MS`], so the divider is no longer needed.
    LongAgo,
}

/// The person's presence at the page, and the divider of the shown log.
#[derive(Debug, Clone)]
pub(super) struct Attention {
    /// Entry of the shown log after which the person was away.
    divider: Option<EntryId>,
    divider_seen: DividerSeen,
    /// `true` while the page is visible and focused.
    is_watched: bool,
}

impl Default for Attention {
    fn default() -> Self {
        Self { divider: None, divider_seen: DividerSeen::No, is_watched: true }
    }
}

impl Attention {
    pub(super) fn set_divider(&mut self, divider: Option<EntryId>) {
        self.divider = divider;
        self.divider_seen = DividerSeen::No;
    }

    /// Returns the time at which the divider has been seen long enough.
    pub(super) fn divider_goes_at(&self) -> Option<u64> {
        if let DividerSeen::All(at) = self.divider_seen { Some(at + DIVIDER_SEEN_MS) } else { None }
    }

    pub(super) fn divider_was_seen(&mut self, now: u64) {
        if self.divider_goes_at().is_some_and(|at| at <= now) {
            self.divider_seen = DividerSeen::LongAgo;
        }
    }
}

impl Client {
    /// Returns the person's read mark in a log, 0 if there is none.
    #[must_use]
    pub fn read_up_to(&self, place: &Place) -> EntryId {
        self.logs.get(place).map_or(0, |log| log.read)
    }

    /// Returns the unread counts of a log, which are zero for a previewed room.
    #[must_use]
    pub fn unread(&self, place: &Place) -> Unread {
        let is_own = place.room().is_none_or(|room| self.room_list.is_member(room));
        self.logs.get(place).filter(|_| is_own).map_or_else(Unread::default, |log| log.unread)
    }

    /// Returns the entry of the shown log after which the person was away, above which the divider of new entries
    /// stands.
    #[must_use]
    pub const fn divider(&self) -> Option<EntryId> {
        self.attention.divider
    }

    /// Returns `true` while the page is visible and focused.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.attention.is_watched
    }

    /// Returns `true` once the person has seen the divider and all entries below it for some moments. It keeps its
    /// place in the list until the list moves anyway.
    #[must_use]
    pub fn is_divider_seen(&self) -> bool {
        self.attention.divider_seen == DividerSeen::LongAgo
    }

    /// Returns `true` while the scroll position of the shown log matters for the divider.
    #[must_use]
    pub fn follows_divider(&self) -> bool {
        self.attention.divider.is_some() && matches!(self.attention.divider_seen, DividerSeen::No | DividerSeen::Line)
    }

    pub(super) fn looked(&mut self, now: u64, is_at_end: bool, is_divider_in_view: bool) {
        if !self.attention.is_watched || !self.follows_divider() {
            return;
        }
        if is_divider_in_view {
            self.attention.divider_seen = DividerSeen::Line;
        }
        if is_at_end {
            self.read_to_the_end(now);
        }
    }

    /// Records that the end of the shown log is in view.
    fn read_to_the_end(&mut self, now: u64) {
        if self.attention.divider_seen == DividerSeen::Line && self.unread(&self.place).count == 0 {
            self.attention.divider_seen = DividerSeen::All(now);
        }
    }

    /// Takes a read mark of the server.
    pub(super) fn note_read(&mut self, place: &Place, id: EntryId) {
        let log = self.logs.get_or_insert(place);
        if log.read < id {
            let before = std::mem::replace(&mut log.read, id);
            self.recount(place, before);
        }
    }

    /// Schedules the last report of read marks again, which was possibly refused.
    pub(super) fn tell_reads_again(&mut self) {
        let told = std::mem::take(&mut self.connection.told_reads);
        for log in self.logs.all.iter_mut().filter(|log| told.contains(&log.place)) {
            log.is_read_untold = true;
        }
    }

    /// Takes the state of a log with which the server begins a connection. A mark whose report never arrived is
    /// reported again.
    pub(super) fn note_resumed(&mut self, place: &Place, read: EntryId, unread: Unread) {
        self.note_unread(place, read, unread);
        let log = self.logs.get_or_insert(place);
        log.is_read_untold |= log.read > read;
    }

    /// Takes the unread counts of the server, which refer to the server's mark; the page's own mark may be further.
    pub(super) fn note_unread(&mut self, place: &Place, read: EntryId, unread: Unread) {
        self.logs.get_or_insert(place).unread = unread;
        self.recount(place, read);
    }

    /// Recounts the unread entries after the mark moved from `before`, or after missing entries arrived. While entries
    /// after the mark are missing, the known count stays, less the entries that the mark has passed.
    pub(super) fn recount(&mut self, place: &Place, before: EntryId) {
        let Some(log) = self.logs.get(place) else {
            return;
        };
        let behind = |mark: EntryId| log.timeline.entries().rev().take_while(move |entry| entry.id > mark);
        let unread = if log.timeline.is_whole_behind(log.read) {
            self.unread_among(place, behind(log.read))
        } else {
            let passed = self.unread_among(place, behind(before).filter(|entry| entry.id <= log.read));
            let here = self.unread_among(place, behind(log.read));
            Unread {
                count: log.unread.count.saturating_sub(passed.count).max(here.count),
                mentions: log.unread.mentions.saturating_sub(passed.mentions).max(here.mentions),
            }
        };
        self.logs.get_or_insert(place).unread = unread;
    }

    /// Counts the entries of others, and the mentions among them.
    fn unread_among<'a>(&self, place: &Place, entries: impl Iterator<Item = &'a Arc<Entry>>) -> Unread {
        entries.filter(|entry| entry.is_news() && !self.is_mine(entry)).fold(Unread::default(), |unread, entry| {
            Unread { count: unread.count + 1, mentions: unread.mentions + usize::from(self.calls(place, entry)) }
        })
    }

    /// Counts a new entry of somebody else as unread, and alerts the person if it calls for attention.
    pub(super) fn count_unread(&mut self, place: &Place, entry: &Arc<Entry>, effects: &mut Vec<Effect>) {
        if !self.is_followed(place)
            || self.is_mine(entry)
            || !entry.is_news()
            || self.logs.get(place).is_none_or(|log| entry.id <= log.read)
        {
            return;
        }
        let calls = self.calls(place, entry);
        if let Some(room) = place.room().filter(|_| calls) {
            self.mention(room.clone(), Entry::clone(entry));
        }
        let log = self.logs.get_or_insert(place);
        log.unread.count += 1;
        log.unread.mentions += usize::from(calls);
        let is_looked_at = self.attention.is_watched && *place == self.place;
        if *place == self.place && self.is_divider_seen() {
            self.attention.set_divider(None);
        }
        if *place == self.place && !self.attention.is_watched && self.attention.divider.is_none() {
            self.divide();
        }
        if !is_looked_at && (calls || matches!(place, Place::With(_))) {
            let Entry { id, from, text, .. } = Entry::clone(entry);
            effects.push(Effect::Alert(Alert { place: place.clone(), id, from, text }));
        }
    }

    /// Counts again after an amendment, which can take an unread entry away, or a mention, or add one. While entries after
    /// the mark are missing the client cannot count: it reports its mark again, and the server answers with its counts.
    pub(super) fn count_amended(&mut self, now: u64, place: &Place, amendment: &Entry, effects: &mut Vec<Effect>) {
        let (Some(target), true) = (amendment.target, self.is_followed(place)) else {
            return;
        };
        let Some(log) = self.logs.get(place) else {
            return;
        };
        let (read, is_whole) = (log.read, log.timeline.is_whole_behind(log.read));
        let amended = log.timeline.get(target).cloned();
        if let (Some(entry), Some(room)) = (amended, place.room())
            && !self.is_mine(&entry)
            && self.calls(place, &entry)
        {
            self.mention(room.clone(), entry);
        }
        if read >= amendment.prev && self.attention.is_watched && *place == self.place {
            return self.seen(now, amendment.prev, effects);
        }
        if target <= read {
            return;
        }
        if is_whole {
            self.recount(place, read);
        } else if !self.is_mine(amendment) {
            self.logs.get_or_insert(place).is_read_untold = true;
            self.tell_reads(now, effects);
        }
    }

    /// Returns `true` if entries of a place count as unread. A previewed room does not.
    fn is_followed(&self, place: &Place) -> bool {
        match place {
            Place::Room(room) => self.room_list.is_member(room),
            Place::With(_) => true,
            Place::Mentions => false,
        }
    }

    /// Returns `true` if an entry in a room mentions the person. Private entries need no mention.
    fn calls(&self, place: &Place, entry: &Entry) -> bool {
        matches!(place, Place::Room(_))
            && entry.kind != EntryKind::System
            && mention::is_mentioned(&entry.text, &self.name)
    }

    /// Sets the divider between the read and the new entries of the shown log, unless the person has read nothing of it
    /// yet.
    pub(super) fn divide(&mut self) {
        let read = self.read_up_to(&self.place);
        self.attention.set_divider(Some(read).filter(|read| *read > 0 && self.unread(&self.place).count > 0));
    }

    pub(super) fn watched(&mut self, now: u64, is_watched: bool, effects: &mut Vec<Effect>) {
        self.attention.is_watched = is_watched;
        if !is_watched {
            // The page may be about to close.
            self.connection.told_read_at = None;
            self.tell_reads(now, effects);
        }
        // The person has read everything, so the divider is set anew at the next absence.
        if !is_watched && self.unread(&self.place).count == 0 {
            self.attention.set_divider(None);
        }
    }

    /// Takes a report that the person has seen the shown log up to an entry. The entry of another log belongs to the
    /// place that was shown before.
    pub(super) fn seen(&mut self, now: u64, id: EntryId, effects: &mut Vec<Effect>) {
        let place = self.place.clone();
        // The amendments behind an entry have no rows to be seen.
        let id = self.logs.get(&place).map_or(id, |log| log.timeline.last_amendment_after(id));
        let is_news = self.logs.get(&place).is_some_and(|log| log.read < id && log.timeline.has(id));
        if is_news && self.is_followed(&place) {
            self.note_read(&place, id);
            self.logs.get_or_insert(&place).is_read_untold = true;
            self.tell_reads(now, effects);
        }
        if self.attention.is_watched {
            self.read_to_the_end(now);
        }
    }

    /// Returns the time at which read marks are reported next.
    pub(super) fn tells_reads_at(&self) -> Option<u64> {
        let is_untold = self.logs.all.iter().any(|log| is_to_be_told(log, &self.room_list));
        self.connection.told_read_at.filter(|_| self.link.is_live() && is_untold).map(|at| at + READ_EVERY_MS)
    }

    pub(super) fn tell_reads(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let is_due = self.connection.told_read_at.is_none_or(|at| now >= at + READ_EVERY_MS);
        if !self.link.is_live() || !is_due {
            return;
        }
        let untold: Vec<_> = self.logs.all.iter_mut().filter(|log| is_to_be_told(log, &self.room_list)).collect();
        if untold.is_empty() {
            return;
        }
        self.connection.told_read_at = Some(now);
        self.connection.told_reads = untold.iter().map(|log| log.place.clone()).collect();
        for log in untold {
            log.is_read_untold = false;
            effects.extend(log.wire_name().map(|room| Effect::Send(ClientFrame::Read { room, id: log.read })));
        }
    }
}

/// Returns `true` if the server does not know the read mark of a log. There are no marks in previewed rooms.
fn is_to_be_told(log: &Log, rooms: &RoomList) -> bool {
    log.is_read_untold && log.place.room().is_none_or(|room| rooms.is_member(room))
}
