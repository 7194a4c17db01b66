//! The loaded entries of one log, and the gaps between them.

use crate::protocol::{Entry, EntryId};
use std::sync::Arc;

/// A gap between two entries, or above the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gap {
    /// Entry above the gap; 0 if the gap reaches to the beginning of the log.
    pub after: EntryId,
    /// Entry below the gap.
    pub before: EntryId,
}

/// A row of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// Missing entries.
    Gap(Gap),
    /// A loaded entry.
    Entry(Arc<Entry>),
}

/// The entries of one log, however they arrived: live, by catching up or as a page of history, in any order and any
/// number of times.
///
/// Order and gaps are not stored but follow from the entries: they are sorted by `id`, and entries are missing exactly
/// where an entry's `prev` is not the `id` of the entry above it. So no sequence of arrivals can leave a wrong
/// neighbour unmarked.
///
/// Amendments are links of this chain without a row. Each loaded entry is in the state of the newest of: its own
/// arrivals, and the loaded amendments of it.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Entries by `id`. Insertion into a vector of pointers is cheap at the length of a page, and a map would add much
    /// code to the download.
    entries: Vec<Arc<Entry>>,
    /// The loaded amendments, each by its target and its own `id`.
    amendments: Vec<(EntryId, EntryId)>,
    /// Newest entry according to the server.
    head: EntryId,
    /// Counter of changes, which tells a view if its rows are current.
    revision: u64,
}

impl Timeline {
    /// Inserts an entry, or takes the later state of a loaded one. Returns `false` if it was loaded already.
    pub fn insert(&mut self, entry: Entry) -> bool {
        self.note_head(entry.id);
        let place = self.place(entry.id);
        match place {
            Ok(at) => self.renew(at, entry),
            Err(at) => self.add(at, entry),
        }
        place.is_err()
    }

    fn renew(&mut self, at: usize, entry: Entry) {
        let known = &self.entries[at];
        let lost_text = !entry.is_shown() && entry.text.is_empty() && !known.text.is_empty();
        if entry.rev() > known.rev() || lost_text {
            self.entries[at] = Arc::new(entry);
            self.revision += 1;
        }
    }

    fn add(&mut self, at: usize, mut entry: Entry) {
        // Earlier edits lose their texts, too.
        for amendment in self.amendments_of(entry.target.unwrap_or(entry.id)) {
            entry.amend(amendment);
        }
        if let Some(target) = entry.target {
            self.amend(&entry);
            let of = (target, entry.id);
            let at = self.amendments.partition_point(|other| *other < of);
            self.amendments.insert(at, of);
        }
        self.entries.insert(at, Arc::new(entry));
        self.revision += 1;
    }

    /// Applies an amendment to its target and to the other amendments of that, as far as they are loaded. Returns
    /// `true` if it changed one of them.
    pub fn amend(&mut self, amendment: &Entry) -> bool {
        let Some(target) = amendment.target else {
            return false;
        };
        let others: Vec<EntryId> = self.amendments_of(target).map(|other| other.id).collect();
        let mut is_changed = false;
        for id in others.into_iter().chain([target]) {
            if let Ok(at) = self.place(id) {
                is_changed |= Arc::make_mut(&mut self.entries[at]).amend(amendment);
            }
        }
        self.revision += u64::from(is_changed);
        is_changed
    }

    /// Yields the loaded amendments of an entry.
    fn amendments_of(&self, target: EntryId) -> impl Iterator<Item = &Entry> {
        let from = self.amendments.partition_point(|(of, _)| *of < target);
        let those = self.amendments[from..].iter().take_while(move |(of, _)| *of == target);
        those.filter_map(|(_, id)| self.get(*id))
    }

    /// Returns the last of the amendments that directly follow an entry, or the entry itself.
    #[must_use]
    pub fn last_amendment_after(&self, id: EntryId) -> EntryId {
        let next = self.entries.partition_point(|entry| entry.id <= id);
        let mut last = id;
        for entry in &self.entries[next..] {
            if entry.is_shown() || entry.prev != last {
                break;
            }
            last = entry.id;
        }
        last
    }

    /// Returns a loaded entry.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(self.place(id).ok()?).map(|entry| &**entry)
    }

    /// Removes a loaded entry.
    pub fn remove(&mut self, id: EntryId) {
        if let Ok(at) = self.place(id) {
            self.entries.remove(at);
            self.revision += 1;
        }
    }

    /// Returns the index of an entry, or the index at which it would be inserted.
    fn place(&self, id: EntryId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }

    /// Inserts entries; see [`Timeline::insert`].
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.insert(entry);
        }
    }

    /// Drops the oldest entries beyond `most`, which become older history again. Returns `true` if any were dropped.
    pub fn keep_newest(&mut self, most: usize) -> bool {
        let too_many = self.entries.len().saturating_sub(most);
        if too_many > 0 {
            self.entries.drain(..too_many);
            let oldest = self.entries.first().map_or(EntryId::MAX, |entry| entry.id);
            self.amendments.retain(|(_, id)| *id >= oldest);
            self.revision += 1;
        }
        too_many > 0
    }

    /// Returns the number of changes so far.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns `true` if the entry is loaded.
    #[must_use]
    pub fn has(&self, id: EntryId) -> bool {
        self.place(id).is_ok()
    }

    /// Yields the loaded entries, oldest first, amendments included.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// Records the identifier of the log's newest entry, loaded or not.
    pub fn note_head(&mut self, head: EntryId) {
        if head > self.head {
            self.head = head;
            self.revision += 1;
        }
    }

    /// Returns the newest entry according to the server, 0 if there is none.
    #[must_use]
    pub const fn head(&self) -> EntryId {
        self.head
    }

    /// Returns the newest loaded entry, 0 if there is none.
    #[must_use]
    pub fn newest(&self) -> EntryId {
        self.entries.last().map_or(0, |entry| entry.id)
    }

    /// Yields the rows, oldest first. A gap at the top means that the log has older entries; one at the bottom, that
    /// the server has newer ones.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let mut above = 0;
        let below = self.gap_at_end().map(Row::Gap);
        self.entries
            .iter()
            .flat_map(move |entry| {
                let gap = (entry.prev != above).then(|| Row::Gap(Gap { after: above, before: entry.id }));
                above = entry.id;
                gap.into_iter().chain(entry.is_shown().then(|| Row::Entry(Arc::clone(entry))))
            })
            .chain(below)
    }

    /// Returns all gaps, newest first. The one above the first entry is older history.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self
            .rows()
            .filter_map(|row| match row {
                Row::Gap(gap) => Some(gap),
                Row::Entry(_) => None,
            })
            .collect();
        gaps.reverse();
        gaps
    }

    /// Returns the gap right above a loaded entry.
    #[must_use]
    pub fn gap_above(&self, id: EntryId) -> Option<Gap> {
        let at = self.place(id).ok()?;
        let entry = self.entries.get(at)?;
        let after = self.entries[..at].last().map_or(0, |above| above.id);
        (entry.prev != after).then_some(Gap { after, before: id })
    }

    /// Returns `true` if every entry after `id` is loaded, up to the newest one according to the server.
    #[must_use]
    pub fn is_whole_behind(&self, id: EntryId) -> bool {
        let mut next = self.head;
        for entry in self.entries.iter().rev().take_while(|entry| entry.id > id) {
            if entry.id != next {
                return false;
            }
            next = entry.prev;
        }
        next <= id
    }

    /// Returns the gap at the end, if the server has newer entries than the loaded ones.
    #[must_use]
    pub fn gap_at_end(&self) -> Option<Gap> {
        let newest = self.newest();
        (self.head > newest).then_some(Gap { after: newest, before: self.head + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EntryKind, Timestamp};
    use proptest::{prelude::*, sample::subsequence};

    /// Entries of a log whose identifiers have gaps, as with several rooms.
    fn log(length: u64) -> Vec<Entry> {
        (1..=length)
            .map(|n| Entry {
                id: n * 3,
                prev: (n - 1) * 3,
                ts: Timestamp::from_millis(n),
                from: "Ada".into(),
                user_id: None,
                text: n.to_string().into(),
                kind: EntryKind::Message,
                client_id: None,
                target: None,
                amended: None,
            })
            .collect()
    }

    /// The log with an edit of the first entry, and another edit and the deletion of the second.
    fn amended_log() -> Vec<Entry> {
        let mut log = log(4);
        for (kind, target, text) in
            [(EntryKind::Edit, 3, "one"), (EntryKind::Edit, 6, "two"), (EntryKind::Delete, 6, "")]
        {
            let prev = log.last().map_or(0, |entry| entry.id);
            let (text, target) = (text.into(), Some(target));
            log.push(Entry { id: prev + 3, prev, kind, text, target, ..log[0].clone() });
        }
        log
    }

    fn entries(timeline: &Timeline) -> Vec<Entry> {
        timeline
            .rows()
            .filter_map(|row| match row {
                Row::Entry(entry) => Some((*entry).clone()),
                Row::Gap(_) => None,
            })
            .collect()
    }

    fn timeline_of(entries: impl IntoIterator<Item = Entry>) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.extend(entries);
        timeline
    }

    #[test]
    fn a_missing_entry_is_a_gap_that_knows_its_bounds() {
        let mut log = log(4);
        let missing = log.remove(2);
        let mut timeline = timeline_of(log);
        assert_eq!(timeline.gaps(), [Gap { after: 6, before: 12 }]);
        assert!(timeline.insert(missing));
        assert_eq!(timeline.gaps(), []);
        assert_eq!(timeline.rows().count(), 4);
    }

    #[test]
    fn a_repeated_entry_changes_nothing() {
        let mut timeline = timeline_of(log(3));
        assert!(!timeline.insert(log(3).remove(1)));
        assert_eq!(entries(&timeline), log(3));
    }

    #[test]
    fn a_head_that_is_not_here_is_a_gap_at_the_end() {
        let mut timeline = timeline_of(log(2));
        timeline.note_head(9);
        assert_eq!(timeline.gaps(), [Gap { after: 6, before: 10 }]);
        assert_eq!(timeline.rows().last(), Some(Row::Gap(Gap { after: 6, before: 10 })));
        assert_eq!(timeline.gap_at_end(), Some(Gap { after: 6, before: 10 }));
        let mut empty = Timeline::default();
        empty.note_head(9);
        assert_eq!(empty.gaps(), [Gap { after: 0, before: 10 }]);
    }

    #[test]
    fn a_first_page_is_whole_and_goes_on_upwards() {
        let older = Gap { after: 0, before: 9 };
        let timeline = timeline_of(log(5).split_off(2));
        assert_eq!(timeline.gaps(), [older]);
        assert_eq!(timeline.rows().next(), Some(Row::Gap(older)));
        assert_eq!((timeline.gap_above(9), timeline.gap_above(12), timeline.gap_at_end()), (Some(older), None, None));
        assert_eq!(timeline_of(log(5)).gaps(), []);
    }

    #[test]
    fn what_is_let_go_of_is_older_history_again() {
        let mut timeline = timeline_of(log(5));
        timeline.keep_newest(5);
        assert_eq!(timeline.gaps(), []);
        timeline.keep_newest(4);
        assert_eq!(timeline.gaps(), [Gap { after: 0, before: 6 }]);
        timeline.keep_newest(0);
        assert_eq!(timeline.gaps(), [Gap { after: 0, before: 16 }], "and the end is known");
    }

    #[test]
    fn what_stands_behind_an_entry_is_whole_when_no_entry_of_it_is_missing() {
        let whole_behind =
            |timeline: &Timeline| -> Vec<EntryId> { (0..=16).filter(|id| timeline.is_whole_behind(*id)).collect() };
        let mut log = log(5);
        log.remove(1);
        let mut timeline = timeline_of(log);
        assert_eq!(whole_behind(&timeline), (6..=16).collect::<Vec<_>>(), "6 is missing, and 5 may be one's mark");
        timeline.note_head(16);
        assert_eq!(whole_behind(&timeline), [16]);
        assert!(Timeline::default().is_whole_behind(0));
    }

    #[test]
    fn an_amendment_is_a_link_of_the_chain_and_no_row() {
        let mut log = amended_log();
        let timeline = timeline_of(log.clone());
        assert_eq!((timeline.gaps(), timeline.rows().count(), timeline.newest()), (vec![], 4, 21));
        log.remove(5);
        assert_eq!(timeline_of(log).gaps(), [Gap { after: 15, before: 21 }], "a gap that hides one is a gap");
    }

    #[test]
    fn an_entry_that_comes_again_brings_its_later_state_and_never_an_earlier_one() {
        let mut later = log(2);
        assert!(later[0].amend(&amended_log()[4]));
        let mut timeline = timeline_of(log(2));
        let before = timeline.revision();
        assert!(!timeline.insert(later[0].clone()));
        assert_eq!((entries(&timeline), timeline.revision() > before), (later.clone(), true));
        timeline.extend(log(2));
        assert_eq!(entries(&timeline), later);
    }

    #[test]
    fn no_word_of_a_deleted_entry_is_left() {
        let timeline = timeline_of(amended_log());
        let texts = timeline.entries().map(|entry| &*entry.text).collect::<Vec<_>>();
        assert_eq!(texts, ["one", "", "3", "4", "one", "", ""]);
        assert!(timeline.get(6).is_some_and(Entry::is_deleted));
        let mut timeline = timeline_of(amended_log().into_iter().take(6));
        timeline.insert(Entry { text: "".into(), ..amended_log().remove(5) });
        assert_eq!(timeline.get(18).map(|edit| &*edit.text), Some(""), "one that comes again without its text");
    }

    proptest! {
        #[test]
        fn entries_and_their_amendments_lead_to_the_same_rows_in_any_order(
            order in Just([amended_log(), amended_log()].concat()).prop_shuffle()
        ) {
            let timeline = timeline_of(order);
            prop_assert_eq!(entries(&timeline), entries(&timeline_of(amended_log())));
            prop_assert!(timeline.entries().eq(timeline_of(amended_log()).entries()));
        }

        #[test]
        fn any_arrival_shows_what_came_in_order_and_marks_what_did_not(
            (came, order) in (1_usize..40).prop_flat_map(|n| subsequence(log(n as u64), 0..=n))
                .prop_flat_map(|came| (Just(came.clone()), Just([came.clone(), came].concat()).prop_shuffle()))
        ) {
            let timeline = timeline_of(order);
            prop_assert_eq!(entries(&timeline), came.clone());
            let mut above = 0;
            for row in timeline.rows() {
                match row {
                    Row::Gap(gap) => {
                        prop_assert_eq!(gap.after, above);
                        prop_assert!(gap.before > gap.after + 3, "a gap has something in it");
                        above = gap.before - 3;
                    }
                    Row::Entry(entry) => {
                        prop_assert_eq!(entry.prev, above);
                        above = entry.id;
                    }
                }
            }
        }
    }
}
