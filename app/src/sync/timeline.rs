//! The entries of one room that a client holds.

use crate::protocol::{Entry, EntryId};
use std::{collections::BTreeMap, sync::Arc};

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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    entries: BTreeMap<EntryId, Arc<Entry>>,
    /// The newest entry that the server has said there is.
    head: EntryId,
}

impl Timeline {
    /// Takes an entry; `false` when it was there already.
    pub fn insert(&mut self, entry: Entry) -> bool {
        self.head = self.head.max(entry.id);
        self.entries.insert(entry.id, Arc::new(entry)).is_none()
    }

    /// Notes that the room's newest entry is this one, whether or not it is here.
    pub fn note_head(&mut self, head: EntryId) {
        self.head = self.head.max(head);
    }

    /// The `id` of the newest entry that is here, 0 for none.
    #[must_use]
    pub fn newest(&self) -> EntryId {
        self.entries.last_key_value().map_or(0, |(id, _)| *id)
    }

    /// What the room shows, oldest first. A hole at the very top means that the room goes on upwards; one at the very
    /// bottom, that the server is known to have newer entries.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let mut above = 0;
        let below =
            (self.head > self.newest()).then(|| Row::Hole(Hole { after: self.newest(), before: self.head + 1 }));
        self.entries
            .values()
            .flat_map(move |entry| {
                let hole = (entry.prev != above).then(|| Row::Hole(Hole { after: above, before: entry.id }));
                above = entry.id;
                hole.into_iter().chain([Row::Entry(Arc::clone(entry))])
            })
            .chain(below)
    }

    /// The holes below the first entry, newest first: what must be fetched for the list to be whole. The one above
    /// it is older history, which waits until somebody wants to read it.
    #[must_use]
    pub fn holes(&self) -> Vec<Hole> {
        let mut holes: Vec<Hole> = self
            .rows()
            .skip(1)
            .filter_map(|row| match row {
                Row::Hole(hole) => Some(hole),
                Row::Entry(_) => None,
            })
            .collect();
        if self.entries.is_empty() && self.head > 0 {
            holes.push(Hole { after: 0, before: self.head + 1 });
        }
        holes.reverse();
        holes
    }

    /// The hole above the first entry, if the room goes on there.
    #[must_use]
    pub fn older(&self) -> Option<Hole> {
        let (id, entry) = self.entries.first_key_value()?;
        (entry.prev != 0).then_some(Hole { after: 0, before: *id })
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
        for entry in entries {
            timeline.insert(entry);
        }
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
        let mut empty = Timeline::default();
        empty.note_head(9);
        assert_eq!(empty.holes(), [Hole { after: 0, before: 10 }]);
    }

    #[test]
    fn a_first_page_is_whole_and_goes_on_upwards() {
        let timeline = timeline_of(log(5).split_off(2));
        assert_eq!(timeline.holes(), []);
        assert_eq!(timeline.older(), Some(Hole { after: 0, before: 9 }));
        assert_eq!(timeline.rows().next(), Some(Row::Hole(Hole { after: 0, before: 9 })));
        assert_eq!(timeline_of(log(5)).older(), None);
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
