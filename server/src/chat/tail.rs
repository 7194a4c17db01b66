//! The newest entries of a log, as far as they are in memory.
//!
//! Invariant: what is in memory is a chain by `prev` that ends with the log's newest entry, so all that is missing is older.
//! A text is read once, when it comes in: whom it calls is asked again and again, by each of the room's members.

use crate::journal::{Page, Range};
use app::{
    mention,
    protocol::{Entry, EntryId, limits::CATCH_UP_BYTES},
};
use std::{collections::VecDeque, ops::RangeBounds};

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Oldest first.
    held: VecDeque<Held>,
    head: EntryId,
    /// What the entries take in memory.
    bytes: usize,
    /// When it was last used, as [`Cache`](super::cache::Cache) counts.
    pub(super) used: u64,
}

/// An entry, and what is asked of its text.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) entry: Entry,
    /// See [`mention::called`].
    called: Box<[String]>,
    /// See [`Entry::encoded_at_most`].
    pub(super) size: usize,
}

impl Held {
    fn new(entry: Entry) -> Self {
        Self { called: mention::called(&entry.text).into(), size: entry.encoded_at_most(), entry }
    }

    /// What it takes in memory, roughly: as long as its strings are, and what is around them.
    fn bytes(&self) -> usize {
        let mark = self.entry.client_id.as_ref().map_or(0, |mark| mark.len());
        let called: usize = self.called.iter().map(|name| name.len() + size_of::<String>()).sum();
        size_of::<Self>() + self.entry.text.len() + self.entry.from.len() + mark + called + 48
    }

    /// Whether the text calls who is called this, [caselessly](app::protocol::caseless).
    pub(super) fn calls(&self, caseless: &str) -> bool {
        mention::calls(&self.called, caseless)
    }
}

impl Tail {
    /// A log of which nothing is in memory.
    pub(super) fn of(head: EntryId) -> Self {
        Self { head, ..Self::default() }
    }

    /// The newest entry's id, 0 for none.
    pub(super) const fn head(&self) -> EntryId {
        self.head
    }

    /// What the entries take in memory.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Up to which entry, that one included, nothing is in memory; 0 when everything is.
    pub(super) fn lacks_up_to(&self) -> EntryId {
        self.held.front().map_or(self.head, |first| first.entry.prev)
    }

    /// There are entries, and none of them is in memory.
    pub(super) fn is_blank(&self) -> bool {
        self.held.is_empty() && self.head > 0
    }

    /// The newest `most` entries after `after` are in memory.
    pub(super) fn reaches(&self, after: EntryId, most: usize) -> bool {
        self.lacks_up_to() <= after || self.held.len() >= most
    }

    /// Takes the entry after the newest, and keeps at most so many.
    pub(super) fn push(&mut self, entry: Entry, most: usize) {
        debug_assert_eq!(entry.prev, self.head, "entries come in the order of the log");
        while self.held.len() >= most.max(1) {
            self.bytes -= self.held.pop_front().map_or(0, |first| first.bytes());
        }
        self.head = entry.id;
        self.add(Held::new(entry), VecDeque::push_back);
    }

    /// Takes what is older than what is in memory, as it was read of the log meanwhile, and keeps at most so many. What
    /// does not fit on is let go of: more was said, or was let go of, since.
    pub(super) fn fill(&mut self, older: Vec<Entry>, most: usize) {
        for entry in older.into_iter().rev() {
            if self.held.len() < most.max(1) && entry.id == self.lacks_up_to() {
                self.add(Held::new(entry), VecDeque::push_front);
            }
        }
    }

    /// Lets go of all entries.
    pub(super) fn clear(&mut self) {
        *self = Self::of(self.head);
    }

    fn add(&mut self, held: Held, push: fn(&mut VecDeque<Held>, Held)) {
        self.bytes += held.bytes();
        push(&mut self.held, held);
    }

    /// The newest `limit` entries after `after`, oldest first.
    pub(super) fn newest(&self, after: EntryId, limit: usize) -> Vec<Entry> {
        let newer = self.held.len() - self.first_after(after);
        self.entries(self.held.len() - newer.min(limit)..)
    }

    /// The entries after `after`, the newest first.
    pub(super) fn newest_first(&self, after: EntryId) -> impl Iterator<Item = &Held> {
        self.held.range(self.first_after(after)..).rev()
    }

    /// A page of the log, if the entries in memory suffice for it.
    pub(super) fn page(&self, range: Range) -> Option<Page> {
        let end = self.held.partition_point(|held| held.entry.id < range.before);
        let begin = self.first_after(range.after).min(end);
        let lacking = self.lacks_up_to();
        let mut bytes = 0;
        let fits = |held: &&Held| {
            bytes += held.size;
            bytes <= CATCH_UP_BYTES
        };
        let count = self.held.range(begin..end).rev().take(range.limit).take_while(fits).count();
        // A single entry may be as long as it is.
        let count = count.max(range.limit.min(end - begin).min(1));
        let first = if count == range.limit || count < end - begin {
            end - count
        } else if lacking <= range.after {
            begin
        } else {
            return None;
        };
        let older = self.held.get(first).map_or(0, |held| held.entry.prev);
        Some(Page { entries: self.entries(first..end), more: first < end && older > range.after })
    }

    /// Where the entries after `after` begin.
    fn first_after(&self, after: EntryId) -> usize {
        self.held.partition_point(|held| held.entry.id <= after)
    }

    fn entries(&self, range: impl RangeBounds<usize>) -> Vec<Entry> {
        self.held.range(range).map(|held| held.entry.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::TAIL;
    use app::protocol::{EntryKind, Timestamp};

    fn tail_of(entries: u64) -> Tail {
        let mut tail = Tail::default();
        for n in 1..=entries {
            tail.push(Entry { id: n * 10, prev: (n - 1) * 10, ..entry() }, TAIL);
        }
        tail
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
        }
    }

    fn ids(entries: &[Entry]) -> Vec<EntryId> {
        entries.iter().map(|entry| entry.id / 10).collect()
    }

    fn page(tail: &Tail, after: u64, before: u64, limit: usize) -> Option<(Vec<EntryId>, bool)> {
        let before = before.saturating_mul(10);
        let page = tail.page(Range { after: after * 10, before, limit })?;
        Some((ids(&page.entries), page.more))
    }

    #[test]
    fn the_newest_are_those_after_a_cursor_up_to_a_limit() {
        let tail = tail_of(5);
        assert_eq!(ids(&tail.newest(0, 3)), [3, 4, 5]);
        assert_eq!(ids(&tail.newest(30, 3)), [4, 5]);
        assert_eq!(ids(&tail.newest(35, 9)), [4, 5]);
        assert!(tail.newest(50, 9).is_empty());
    }

    #[test]
    fn a_page_within_memory_is_answered_from_memory() {
        let tail = tail_of(5);
        assert_eq!(page(&tail, 0, u64::MAX, 3), Some((vec![3, 4, 5], true)));
        assert_eq!(page(&tail, 0, u64::MAX, 5), Some((vec![1, 2, 3, 4, 5], false)));
        assert_eq!(page(&tail, 2, 5, 9), Some((vec![3, 4], false)));
        assert_eq!(page(&tail, 5, u64::MAX, 9), Some((vec![], false)));
        assert_eq!(page(&Tail::default(), 0, u64::MAX, 9), Some((vec![], false)));
    }

    #[test]
    fn a_page_that_reaches_below_memory_is_left_to_the_store() {
        let newest = TAIL as u64 + 5;
        let tail = tail_of(newest);
        assert_eq!(tail.held.len(), TAIL);
        assert_eq!(page(&tail, 0, u64::MAX, TAIL).map(|page| page.1), Some(true));
        assert_eq!(page(&tail, 0, u64::MAX, TAIL + 1), None);
        assert_eq!(page(&tail, 0, 6, 9), None);
        assert_eq!(page(&tail, 5, 8, 9), Some((vec![6, 7], false)));
        assert_eq!(page(&tail, 4, 8, 9), None);
    }

    #[test]
    fn a_page_ends_at_its_bytes_and_says_that_there_is_more() {
        let mut tail = tail_of(0);
        for n in 1..=100 {
            let text = "\u{1}".repeat(4_000).into();
            let entry = Entry { id: n * 10, prev: (n - 1) * 10, text, ..entry() };
            tail.push(entry, TAIL);
        }
        let (ids, more) = page(&tail, 0, u64::MAX, 50).unwrap();
        assert_eq!((ids, more), ((91..=100).collect(), true));
        assert_eq!(page(&tail, 0, 91, 50).unwrap().0, (81..=90).collect::<Vec<_>>(), "and goes on there");
        assert_eq!(page(&tail, 0, 11, 50).unwrap(), ((1..=10).collect(), false));
        assert_eq!(page(&tail, 95, u64::MAX, 5).unwrap(), ((96..=100).collect(), false));
    }
}
