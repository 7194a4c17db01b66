//! The entries of one room that a client holds.

use crate::protocol::{Entry, EntryId};
use std::sync::Arc;

/// Something missing between two entries, or before the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hole {
    /// The entry above it; 0 when it reaches to the beginning of the room.
    pub after: EntryId,
    /// The entry below it.
    pub before: EntryId,
}

/// What one line of a timeline shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// Entries are missing here.
    Hole(Hole),
    /// An entry.
    Entry(Arc<Entry>),
}

/// The entries of one room, however they arrived: live, by catching up, as a page of history; in any order, any
/// number of times.
///
/// The order and the holes are not kept but follow from the entries: they are sorted by `id`, and one is missing
/// exactly where an entry's `prev` is not the `id` of the entry above it. So no sequence of arrivals can leave a wrong
/// neighbour unmarked.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// By `id`. A row of pointers that makes room in its middle is cheap at any length that a page has, and a map would
    /// be much code for a browser to download.
    entries: Vec<Arc<Entry>>,
    /// The newest entry that the server has said there is.
    head: EntryId,
    /// Grows with each change, so that who shows the rows can tell whether they are the same.
    revision: u64,
}

impl Timeline {
    /// Takes an entry; `false` when it was there already.
    pub fn insert(&mut self, entry: Entry) -> bool {
        self.note_head(entry.id);
        let place = self.place(entry.id);
        if let Err(at) = place {
            self.entries.insert(at, Arc::new(entry));
            self.revision += 1;
        }
        place.is_err()
    }

    /// Where an entry is, or where it would be.
    fn place(&self, id: EntryId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }

    /// Takes entries; see [`Timeline::insert`].
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.insert(entry);
        }
    }

    /// Lets go of the oldest, so that at most so many stay; whether any went. What is let go of is older history again.
    pub fn keep_newest(&mut self, most: usize) -> bool {
        let too_many = self.entries.len().saturating_sub(most);
        if too_many > 0 {
            self.entries.drain(..too_many);
            self.revision += 1;
        }
        too_many > 0
    }

    /// How often what it shows has changed.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether an entry is here.
    #[must_use]
    pub fn has(&self, id: EntryId) -> bool {
        self.place(id).is_ok()
    }

    /// The entries that are here, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// Notes that the room's newest entry is this one, whether or not it is here.
    pub fn note_head(&mut self, head: EntryId) {
        if head > self.head {
            self.head = head;
            self.revision += 1;
        }
    }

    /// The newest entry that the server has said there is, 0 for none.
    #[must_use]
    pub const fn head(&self) -> EntryId {
        self.head
    }

    /// The `id` of the newest entry that is here, 0 for none.
    #[must_use]
    pub fn newest(&self) -> EntryId {
        self.entries.last().map_or(0, |entry| entry.id)
    }

    /// What the room shows, oldest first. A hole at the very top means that the room goes on upwards; one at the very
    /// bottom, that the server is known to have newer entries.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let mut above = 0;
        let below = self.hole_at_end().map(Row::Hole);
        self.entries
            .iter()
            .flat_map(move |entry| {
                let hole = (entry.prev != above).then(|| Row::Hole(Hole { after: above, before: entry.id }));
                above = entry.id;
                hole.into_iter().chain([Row::Entry(Arc::clone(entry))])
            })
            .chain(below)
    }

    /// Everything that is missing, newest first. What is missing above the first entry is older history.
    #[must_use]
    pub fn holes(&self) -> Vec<Hole> {
        let mut holes: Vec<Hole> = self
            .rows()
            .filter_map(|row| match row {
                Row::Hole(hole) => Some(hole),
                Row::Entry(_) => None,
            })
            .collect();
        holes.reverse();
        holes
    }

    /// What is missing right above an entry that is here.
    #[must_use]
    pub fn hole_above(&self, id: EntryId) -> Option<Hole> {
        let at = self.place(id).ok()?;
        let entry = self.entries.get(at)?;
        let after = self.entries[..at].last().map_or(0, |above| above.id);
        (entry.prev != after).then_some(Hole { after, before: id })
    }

    /// Whether every entry behind an entry is here, up to the newest one that the server has said there is.
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

    /// What is missing at the end: the server has said that there are newer entries.
    #[must_use]
    pub fn hole_at_end(&self) -> Option<Hole> {
        let newest = self.newest();
        (self.head > newest).then_some(Hole { after: newest, before: self.head + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EntryKind, Timestamp};
    use proptest::{prelude::*, sample::subsequence};

    /// A room's log of so many entries whose ids have gaps, as they do when there are other rooms.
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
            })
            .collect()
    }

    fn entries(timeline: &Timeline) -> Vec<Entry> {
        timeline
            .rows()
            .filter_map(|row| match row {
                Row::Entry(entry) => Some((*entry).clone()),
                Row::Hole(_) => None,
            })
            .collect()
    }

    fn timeline_of(entries: impl IntoIterator<Item = Entry>) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.extend(entries);
        timeline
    }

    #[test]
    fn a_missing_entry_is_a_hole_that_knows_its_bounds() {
        let mut log = log(4);
        let missing = log.remove(2);
        let mut timeline = timeline_of(log);
        assert_eq!(timeline.holes(), [Hole { after: 6, before: 12 }]);
        assert!(timeline.insert(missing));
        assert_eq!(timeline.holes(), []);
        assert_eq!(timeline.rows().count(), 4);
    }

    #[test]
    fn a_repeated_entry_changes_nothing() {
        let mut timeline = timeline_of(log(3));
        assert!(!timeline.insert(log(3).remove(1)));
        assert_eq!(entries(&timeline), log(3));
    }

    #[test]
    fn a_head_that_is_not_here_is_a_hole_at_the_end() {
        let mut timeline = timeline_of(log(2));
        timeline.note_head(9);
        assert_eq!(timeline.holes(), [Hole { after: 6, before: 10 }]);
        assert_eq!(timeline.rows().last(), Some(Row::Hole(Hole { after: 6, before: 10 })));
        assert_eq!(timeline.hole_at_end(), Some(Hole { after: 6, before: 10 }));
        let mut empty = Timeline::default();
        empty.note_head(9);
        assert_eq!(empty.holes(), [Hole { after: 0, before: 10 }]);
    }

    #[test]
    fn a_first_page_is_whole_and_goes_on_upwards() {
        let older = Hole { after: 0, before: 9 };
        let timeline = timeline_of(log(5).split_off(2));
        assert_eq!(timeline.holes(), [older]);
        assert_eq!(timeline.rows().next(), Some(Row::Hole(older)));
        assert_eq!(
            (timeline.hole_above(9), timeline.hole_above(12), timeline.hole_at_end()),
            (Some(older), None, None)
        );
        assert_eq!(timeline_of(log(5)).holes(), []);
    }

    #[test]
    fn what_is_let_go_of_is_older_history_again() {
        let mut timeline = timeline_of(log(5));
        timeline.keep_newest(5);
        assert_eq!(timeline.holes(), []);
        timeline.keep_newest(4);
        assert_eq!(timeline.holes(), [Hole { after: 0, before: 6 }]);
        timeline.keep_newest(0);
        assert_eq!(timeline.holes(), [Hole { after: 0, before: 16 }], "and the end is known");
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

    proptest! {
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
                    Row::Hole(hole) => {
                        prop_assert_eq!(hole.after, above);
                        prop_assert!(hole.before > hole.after + 3, "a hole has something in it");
                        above = hole.before - 3;
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
