//! A room: its members, who of them is present, and its newest entries.

use super::core::TAIL;
use crate::journal::{Page, Range};
use app::protocol::{Entry, EntryId, UserId};
use std::collections::{BTreeSet, VecDeque};

/// A room's state in memory.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Everybody who is in the room, also while away.
    pub(super) members: BTreeSet<UserId>,
    /// The members whom others see: connected, or gone for less than the grace.
    pub(super) present: BTreeSet<UserId>,
    /// The newest [`TAIL`] entries, oldest first; a chain by `prev`.
    tail: VecDeque<Entry>,
}

impl Room {
    pub(super) fn restored(tail: Vec<Entry>) -> Self {
        Self { tail: tail.into(), ..Self::default() }
    }

    /// The newest entry's id, 0 for none.
    pub(super) fn head(&self) -> EntryId {
        self.tail.back().map_or(0, |entry| entry.id)
    }

    /// Takes the entry after the newest.
    pub(super) fn push(&mut self, entry: Entry) {
        debug_assert_eq!(entry.prev, self.head(), "entries come in the order of the log");
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(entry);
    }

    /// The newest `limit` entries after `after`, oldest first.
    pub(super) fn newest(&self, after: EntryId, limit: usize) -> Vec<Entry> {
        let newer = self.tail.len() - self.tail.partition_point(|entry| entry.id <= after);
        self.tail.range(self.tail.len() - newer.min(limit)..).cloned().collect()
    }

    /// A page of the log, if the entries in memory suffice for it.
    pub(super) fn page(&self, range: Range) -> Option<Page> {
        let end = self.tail.partition_point(|entry| entry.id < range.before);
        let begin = self.tail.partition_point(|entry| entry.id <= range.after).min(end);
        // What memory lacks is everything up to the `prev` of its first entry.
        let lacking = self.tail.front().map_or(0, |first| first.prev);
        let first = if end - begin >= range.limit {
            end - range.limit
        } else if lacking <= range.after {
            begin
        } else {
            return None;
        };
        let older = self.tail.get(first).map_or(0, |entry| entry.prev);
        Some(Page { entries: self.tail.range(first..end).cloned().collect(), more: first < end && older > range.after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::{EntryKind, Timestamp};

    fn room_of(entries: u64) -> Room {
        let mut room = Room::default();
        for n in 1..=entries {
            room.push(Entry {
                id: n * 10,
                prev: (n - 1) * 10,
                ts: Timestamp::default(),
                from: "Ada".into(),
                text: "x".into(),
                kind: EntryKind::Message,
                client_id: None,
            });
        }
        room
    }

    fn ids(entries: &[Entry]) -> Vec<EntryId> {
        entries.iter().map(|entry| entry.id / 10).collect()
    }

    fn page(room: &Room, after: u64, before: u64, limit: usize) -> Option<(Vec<EntryId>, bool)> {
        let before = before.saturating_mul(10);
        let page = room.page(Range { after: after * 10, before, limit })?;
        Some((ids(&page.entries), page.more))
    }

    #[test]
    fn the_newest_are_those_after_a_cursor_up_to_a_limit() {
        let room = room_of(5);
        assert_eq!(ids(&room.newest(0, 3)), [3, 4, 5]);
        assert_eq!(ids(&room.newest(30, 3)), [4, 5]);
        assert_eq!(ids(&room.newest(35, 9)), [4, 5]);
        assert!(room.newest(50, 9).is_empty());
    }

    #[test]
    fn a_page_within_memory_is_answered_from_memory() {
        let room = room_of(5);
        assert_eq!(page(&room, 0, u64::MAX, 3), Some((vec![3, 4, 5], true)));
        assert_eq!(page(&room, 0, u64::MAX, 5), Some((vec![1, 2, 3, 4, 5], false)));
        assert_eq!(page(&room, 2, 5, 9), Some((vec![3, 4], false)));
        assert_eq!(page(&room, 5, u64::MAX, 9), Some((vec![], false)));
        assert_eq!(page(&Room::default(), 0, u64::MAX, 9), Some((vec![], false)));
    }

    #[test]
    fn a_page_that_reaches_below_memory_is_left_to_the_store() {
        let newest = TAIL as u64 + 5;
        let room = room_of(newest);
        assert_eq!(room.tail.len(), TAIL);
        assert_eq!(page(&room, 0, u64::MAX, TAIL).map(|page| page.1), Some(true));
        assert_eq!(page(&room, 0, u64::MAX, TAIL + 1), None);
        assert_eq!(page(&room, 0, 6, 9), None);
        assert_eq!(page(&room, 5, 8, 9), Some((vec![6, 7], false)));
        assert_eq!(page(&room, 4, 8, 9), None);
    }
}
