//! The lines of a list, cut into stretches.
//!
//! A browser that shows ten thousand messages is quick only if it need not look at those that are out of sight. It can
//! skip an element and all that is in it, but looks at each such element whenever the list is scrolled, so it skips many
//! lines as one: a stretch.
//!
//! Invariant: a line never goes from one stretch to another while both are shown, for it would be taken out of the
//! document and put in anew, and lose its focus and the browser what it knows of its height. So where a stretch begins
//! does not follow from what is in the list, but from what was in it before.

use super::{lines::Line, list::Keyed};
use crate::protocol::EntryId;
use std::sync::Arc;

/// How many entries a stretch has at the most when it is cut: some screens of them. Between two stretches more may come
/// later, of which the first of the two then has all.
const ENTRIES: usize = 64;

/// Lines that are skipped as one where they are out of sight.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    /// The entry that it begins with, below the lines before it; 0 in a list that has none.
    pub(super) first: EntryId,
    pub(super) lines: Arc<[Line]>,
}

impl Keyed for Stretch {
    type Key = EntryId;

    fn key(&self) -> EntryId {
        self.first
    }
}

/// Cuts lines. `before` is how the list was cut until now: what began a stretch begins one still, as long as it is here.
pub(super) fn stretches(lines: Vec<Line>, before: &[Stretch]) -> Vec<Stretch> {
    let mut before = before.iter().map(|stretch| stretch.first).peekable();
    let mut stretches: Vec<Stretch> = Vec::with_capacity(before.len() + 1);
    let (mut first, mut cut, mut entries, mut ahead) = (0, Vec::new(), 0, Vec::new());
    let mut close = |first: EntryId, cut: &mut Vec<Line>| {
        if !cut.is_empty() {
            stretches.push(Stretch { first, lines: std::mem::take(cut).into() });
        }
    };
    for line in lines {
        let Line::Entry(entry, _) = &line else {
            ahead.push(line);
            continue;
        };
        while before.next_if(|first| *first < entry.id).is_some() {}
        let began_one = before.peek() == Some(&entry.id);
        let is_behind_a_hole = ahead.iter().any(|line| matches!(line, Line::Hole(_)));
        if first == 0 || entries == ENTRIES || is_behind_a_hole || began_one {
            close(first, &mut cut);
            (first, entries) = (entry.id, 0);
        }
        cut.append(&mut ahead);
        cut.push(line);
        entries += 1;
    }
    cut.append(&mut ahead);
    close(first, &mut cut);
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{Entry, EntryKind, Timestamp},
        sync::Hole,
    };
    use std::ops::RangeInclusive;

    fn entries(ids: RangeInclusive<EntryId>) -> impl Iterator<Item = Line> {
        ids.map(|id| {
            let entry = Entry {
                id,
                prev: id - 1,
                ts: Timestamp::from_millis(id),
                from: "Ada".into(),
                user_id: None,
                text: "x".into(),
                kind: EntryKind::Message,
                client_id: None,
            };
            Line::Entry(Arc::new(entry), false)
        })
    }

    fn hole(after: EntryId, before: EntryId) -> Line {
        Line::Hole(Hole { after, before })
    }

    /// Of each stretch, the entry that it begins with and how many lines it has.
    fn shape(stretches: &[Stretch]) -> Vec<(EntryId, usize)> {
        stretches.iter().map(|stretch| (stretch.first, stretch.lines.len())).collect()
    }

    #[test]
    fn a_list_is_cut_from_its_beginning_and_grows_at_its_end() {
        let first = stretches(entries(1..=64).collect(), &[]);
        assert_eq!(shape(&first), [(1, 64)]);
        assert_eq!(shape(&stretches(entries(1..=66).collect(), &first)), [(1, 64), (65, 2)]);
        assert_eq!(shape(&stretches(Vec::new(), &first)), []);
    }

    #[test]
    fn what_comes_before_is_cut_for_itself_and_takes_the_line_above_with_it() {
        let page = stretches([hole(0, 101)].into_iter().chain(entries(101..=110)).collect(), &[]);
        assert_eq!(shape(&page), [(101, 11)]);
        let older = stretches([hole(0, 31)].into_iter().chain(entries(31..=110)).collect(), &page);
        assert_eq!(shape(&older), [(31, 65), (95, 6), (101, 10)]);
    }

    #[test]
    fn what_fills_a_hole_comes_behind_what_is_above_it() {
        let torn = entries(1..=10).chain([hole(10, 91)]).chain(entries(91..=100));
        let torn = stretches(torn.collect(), &[]);
        assert_eq!(shape(&torn), [(1, 10), (91, 11)]);
        assert_eq!(shape(&stretches(entries(1..=100).collect(), &torn)), [(1, 64), (65, 26), (91, 10)]);
    }

    #[test]
    fn a_list_without_an_entry_is_one_stretch() {
        assert_eq!(shape(&stretches(vec![hole(0, 9)], &[])), [(0, 1)]);
        let behind = entries(1..=2).chain([hole(2, 9)]);
        assert_eq!(shape(&stretches(behind.collect(), &[])), [(1, 3)], "what is missing at the end is of the last");
    }
}
