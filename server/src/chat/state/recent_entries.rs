//! The cached entries of a log, its newest ones.
//!
//! Invariants:
//! - the cached entries are a chain by `prev` that ends with the newest entry of the log, so all missing entries are
//!   older;
//! - each is in its present state: a cached amendment is in its target, in whatever order the two came.
//!
//! Mentions are parsed once, when an entry is cached, because every member of the room looks them up repeatedly.

use crate::journal::{AMENDMENTS, Page, PageSpace, Range};
use app::{
    mention,
    protocol::{Entry, EntryId, limits::CATCH_UP_BYTES},
};
use std::{collections::VecDeque, ops::RangeBounds};

/// The head of a log and its cached entries. See the [module](self).
#[derive(Debug, Default)]
pub(in crate::chat) struct RecentEntries {
    /// Cached entries, oldest first.
    cached: VecDeque<CachedEntry>,
    head: EntryId,
    /// Number of cached entries that are shown.
    shown: usize,
    /// Size of the cached entries, in bytes.
    bytes: usize,
    /// Time of the last use, in the units of [`Cache`](super::cache::Cache).
    pub(in crate::chat) used: u64,
}

/// An entry with data that is derived from its text.
#[derive(Debug)]
pub(in crate::chat) struct CachedEntry {
    pub(in crate::chat) entry: Entry,
    /// Names that the text mentions. See [`mention::called`].
    called: Box<[String]>,
    /// Upper bound of the encoded size in bytes. See [`Entry::encoded_at_most`].
    pub(in crate::chat) size: usize,
}

impl CachedEntry {
    fn new(entry: Entry) -> Self {
        Self { called: mention::called(&entry.text).into(), size: entry.encoded_at_most(), entry }
    }

    /// Estimates the size in memory, in bytes: the strings and a fixed overhead.
    fn bytes(&self) -> usize {
        let client_id = self.entry.client_id.as_ref().map_or(0, |id| id.len());
        let called: usize = self.called.iter().map(|name| name.len() + size_of::<String>()).sum();
        size_of::<Self>() + self.entry.text.len() + self.entry.from.len() + client_id + called + 48
    }

    /// Returns `true` if the text mentions the user of this [caseless](app::protocol::caseless) name.
    pub(in crate::chat) fn calls(&self, caseless: &str) -> bool {
        mention::calls(&self.called, caseless)
    }
}

impl RecentEntries {
    /// Creates a log without cached entries.
    pub(in crate::chat) fn of(head: EntryId) -> Self {
        Self { head, ..Self::default() }
    }

    /// Returns the identifier of the newest entry, 0 for an empty log.
    pub(in crate::chat) const fn head(&self) -> EntryId {
        self.head
    }

    /// Returns the size of the cached entries, in bytes.
    pub(in crate::chat) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the newest identifier that is not cached, 0 if all entries are cached.
    pub(in crate::chat) fn lacks_up_to(&self) -> EntryId {
        self.cached.front().map_or(self.head, |first| first.entry.prev)
    }

    /// Returns `true` if the log has entries and none is cached.
    pub(in crate::chat) fn is_blank(&self) -> bool {
        self.cached.is_empty() && self.head > 0
    }

    /// Returns `true` if no entry is cached that is shown.
    pub(in crate::chat) const fn shows_nothing(&self) -> bool {
        self.shown == 0
    }

    /// Returns `true` if the newest `most` entries after `after` that are shown are cached, or as many amendments as the
    /// cache keeps.
    pub(in crate::chat) fn reaches(&self, after: EntryId, most: usize) -> bool {
        self.lacks_up_to() <= after || self.shown >= most || self.cached.len() - self.shown >= AMENDMENTS
    }

    /// Appends the newest entry and keeps at most `most` entries that are shown, and [`AMENDMENTS`].
    pub(in crate::chat) fn push(&mut self, entry: Entry, most: usize) {
        debug_assert_eq!(entry.prev, self.head, "entries come in the order of the log");
        while !self.has_room(entry.is_shown(), most) {
            let first = self.cached.pop_front();
            self.shown -= usize::from(first.as_ref().is_some_and(|first| first.entry.is_shown()));
            self.bytes -= first.map_or(0, |first| first.bytes());
        }
        self.head = entry.id;
        self.amend(&entry);
        self.add(CachedEntry::new(entry), VecDeque::push_back);
    }

    fn has_room(&self, is_shown: bool, most: usize) -> bool {
        if is_shown { self.shown < most.max(1) } else { self.cached.len() - self.shown < AMENDMENTS }
    }

    /// Applies an amendment to the cached entries.
    fn amend(&mut self, amendment: &Entry) {
        let Some(target) = amendment.target else {
            return;
        };
        for cached in &mut self.cached {
            if cached.entry.id != target && cached.entry.target != Some(target) {
                continue;
            }
            let mut entry = cached.entry.clone();
            if entry.amend(amendment) {
                self.bytes -= cached.bytes();
                *cached = CachedEntry::new(entry);
                self.bytes += cached.bytes();
            }
        }
    }

    /// Prepends older entries that were read from the store, as many as the cache keeps. Entries that do not join the
    /// chain are dropped: the cache changed during the read.
    pub(in crate::chat) fn fill(&mut self, older: Vec<Entry>, most: usize) {
        // The store was read before these were stored.
        let is_amendment = |cached: &&CachedEntry| !cached.entry.is_shown();
        let newer: Vec<Entry> = self.cached.iter().filter(is_amendment).map(|cached| cached.entry.clone()).collect();
        for mut entry in older.into_iter().rev() {
            for amendment in &newer {
                entry.amend(amendment);
            }
            if entry.id == self.lacks_up_to() && self.has_room(entry.is_shown(), most) {
                self.add(CachedEntry::new(entry), VecDeque::push_front);
            }
        }
    }

    /// Drops all cached entries.
    pub(in crate::chat) fn clear(&mut self) {
        *self = Self::of(self.head);
    }

    fn add(&mut self, cached: CachedEntry, push: fn(&mut VecDeque<CachedEntry>, CachedEntry)) {
        self.bytes += cached.bytes();
        self.shown += usize::from(cached.entry.is_shown());
        push(&mut self.cached, cached);
    }

    /// Yields the encoded sizes of the newest entries after `after`, newest first, up to `most` that are shown.
    pub(in crate::chat) fn sizes(&self, after: EntryId, most: usize) -> impl Iterator<Item = usize> {
        let mut space = PageSpace::of(most, usize::MAX);
        let fits = move |cached: &&CachedEntry| space.take(cached.entry.is_shown(), 0);
        self.newest_first(after).take_while(fits).map(|cached| cached.size)
    }

    /// Returns the newest `limit` entries after `after`, oldest first, amendments included.
    pub(in crate::chat) fn newest(&self, after: EntryId, limit: usize) -> Vec<Entry> {
        let newer = self.cached.len() - self.first_after(after);
        self.entries(self.cached.len() - newer.min(limit)..)
    }

    /// Yields the entries after `after`, newest first.
    pub(in crate::chat) fn newest_first(&self, after: EntryId) -> impl Iterator<Item = &CachedEntry> {
        self.cached.range(self.first_after(after)..).rev()
    }

    /// Returns a page of the log, or `None` if it needs entries that are not cached.
    pub(in crate::chat) fn page(&self, range: Range) -> Option<Page> {
        let end = self.cached.partition_point(|cached| cached.entry.id < range.before);
        let begin = self.first_after(range.after).min(end);
        let lacking = self.lacks_up_to();
        let mut space = PageSpace::of(range.limit, CATCH_UP_BYTES);
        let fits = |cached: &&CachedEntry| space.take(cached.entry.is_shown(), cached.size);
        let count = self.cached.range(begin..end).rev().take_while(fits).count();
        let first = if count < end - begin || space.is_full() {
            end - count
        } else if lacking <= range.after {
            begin
        } else {
            return None;
        };
        let older = self.cached.get(first).map_or(0, |cached| cached.entry.prev);
        Some(Page { entries: self.entries(first..end), more: first < end && older > range.after })
    }

    /// Returns the index of the first entry after `after`.
    fn first_after(&self, after: EntryId) -> usize {
        self.cached.partition_point(|cached| cached.entry.id <= after)
    }

    fn entries(&self, range: impl RangeBounds<usize>) -> Vec<Entry> {
        self.cached.range(range).map(|cached| cached.entry.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::RECENT_ENTRIES;
    use app::protocol::{EntryKind, Timestamp};

    fn recent_of(entries: u64) -> RecentEntries {
        let mut recent = RecentEntries::default();
        for n in 1..=entries {
            recent.push(Entry { id: n * 10, prev: (n - 1) * 10, ..entry() }, RECENT_ENTRIES);
        }
        recent
    }

    fn entry() -> Entry {
        Entry {
            id: 0,
            prev: 0,
            ts: Timestamp::default(),
            from: "Ada".into(),
            user_id: None,
            text: "x".into(),
            kind: EntryKind::Message,
            client_id: None,
            amended: None,
            target: None,
        }
    }

    fn ids(entries: &[Entry]) -> Vec<EntryId> {
        entries.iter().map(|entry| entry.id / 10).collect()
    }

    fn page(recent: &RecentEntries, after: u64, before: u64, limit: usize) -> Option<(Vec<EntryId>, bool)> {
        let before = before.saturating_mul(10);
        let page = recent.page(Range { after: after * 10, before, limit })?;
        Some((ids(&page.entries), page.more))
    }

    #[test]
    fn the_newest_are_those_after_a_cursor_up_to_a_limit() {
        let recent = recent_of(5);
        assert_eq!(ids(&recent.newest(0, 3)), [3, 4, 5]);
        assert_eq!(ids(&recent.newest(30, 3)), [4, 5]);
        assert_eq!(ids(&recent.newest(35, 9)), [4, 5]);
        assert!(recent.newest(50, 9).is_empty());
    }

    #[test]
    fn a_page_within_memory_is_answered_from_memory() {
        let recent = recent_of(5);
        assert_eq!(page(&recent, 0, u64::MAX, 3), Some((vec![3, 4, 5], true)));
        assert_eq!(page(&recent, 0, u64::MAX, 5), Some((vec![1, 2, 3, 4, 5], false)));
        assert_eq!(page(&recent, 2, 5, 9), Some((vec![3, 4], false)));
        assert_eq!(page(&recent, 5, u64::MAX, 9), Some((vec![], false)));
        assert_eq!(page(&RecentEntries::default(), 0, u64::MAX, 9), Some((vec![], false)));
    }

    #[test]
    fn a_page_that_reaches_below_memory_is_left_to_the_store() {
        let newest = RECENT_ENTRIES as u64 + 5;
        let recent = recent_of(newest);
        assert_eq!(recent.cached.len(), RECENT_ENTRIES);
        assert_eq!(page(&recent, 0, u64::MAX, RECENT_ENTRIES).map(|page| page.1), Some(true));
        assert_eq!(page(&recent, 0, u64::MAX, RECENT_ENTRIES + 1), None);
        assert_eq!(page(&recent, 0, 6, 9), None);
        assert_eq!(page(&recent, 5, 8, 9), Some((vec![6, 7], false)));
        assert_eq!(page(&recent, 4, 8, 9), None);
    }

    fn edit(id: EntryId, target: EntryId, text: &str) -> Entry {
        let kind = if text.is_empty() { EntryKind::Delete } else { EntryKind::Edit };
        Entry { id, prev: id - 10, kind, text: text.into(), target: Some(target), ..entry() }
    }

    fn texts(recent: &RecentEntries) -> Vec<String> {
        recent.newest(0, usize::MAX).iter().map(|entry| entry.text.to_string()).collect()
    }

    /// Returns the size of the cached entries, computed anew.
    fn counted(recent: &RecentEntries) -> usize {
        recent.cached.iter().map(CachedEntry::bytes).sum()
    }

    #[test]
    fn a_cached_entry_is_in_its_present_state_whatever_came_first() {
        let mut recent = recent_of(2);
        recent.push(edit(30, 10, "@Ada, mended"), RECENT_ENTRIES);
        assert_eq!(texts(&recent), ["@Ada, mended", "x", "@Ada, mended"]);
        assert!(recent.cached[0].calls("ada"));
        recent.push(edit(40, 10, ""), RECENT_ENTRIES);
        assert_eq!(texts(&recent), ["", "x", "", ""]);
        assert_eq!(recent.shown, 2);
        assert!(!recent.cached[0].calls("ada"));
        assert_eq!(recent.bytes(), counted(&recent));

        // The store was read before the amendment came.
        let mut recent = RecentEntries::of(20);
        recent.push(edit(30, 10, "mended"), RECENT_ENTRIES);
        recent.fill(recent_of(2).newest(0, 2), RECENT_ENTRIES);
        assert_eq!(texts(&recent), ["mended", "x", "mended"]);
        assert_eq!(recent.bytes(), counted(&recent));
    }

    #[test]
    fn a_page_counts_what_is_shown_and_edits_push_nothing_out() {
        let mut recent = recent_of(3);
        for id in [40, 50, 60] {
            recent.push(edit(id, 10, "mended"), RECENT_ENTRIES);
        }
        recent.push(Entry { id: 70, prev: 60, ..entry() }, RECENT_ENTRIES);
        assert_eq!(page(&recent, 0, u64::MAX, 3), Some((vec![2, 3, 4, 5, 6, 7], true)));
        assert_eq!(page(&recent, 0, 7, 1), Some((vec![3, 4, 5, 6], true)));
        assert_eq!(recent.sizes(0, 2).count(), 5);
        let most = AMENDMENTS as u64;
        for n in 8..8 + 2 * most {
            recent.push(edit(n * 10, 70, "mended"), 4);
        }
        assert_eq!(recent.cached.len(), AMENDMENTS, "past the limit the oldest go, whatever they are");
        assert!(recent.reaches(0, 4) && recent.bytes() == counted(&recent));
    }

    #[test]
    fn a_page_ends_at_its_bytes_and_says_that_there_is_more() {
        let mut recent = recent_of(0);
        for n in 1..=100 {
            let text = "\u{1}".repeat(4_000).into();
            let entry = Entry { id: n * 10, prev: (n - 1) * 10, text, ..entry() };
            recent.push(entry, RECENT_ENTRIES);
        }
        let (ids, more) = page(&recent, 0, u64::MAX, 50).unwrap();
        assert_eq!((ids, more), ((91..=100).collect(), true));
        assert_eq!(page(&recent, 0, 91, 50).unwrap().0, (81..=90).collect::<Vec<_>>(), "and goes on there");
        assert_eq!(page(&recent, 0, 11, 50).unwrap(), ((1..=10).collect(), false));
        assert_eq!(page(&recent, 95, u64::MAX, 5).unwrap(), ((96..=100).collect(), false));
    }
}
