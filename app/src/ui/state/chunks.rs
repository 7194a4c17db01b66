//! The lines of a list, cut into chunks.
//!
//! A browser shows ten thousand messages quickly only if it can skip those that are out of sight. It skips an element
//! with all its content, but visits each such element whenever the list is scrolled; so many lines are skipped as one
//! element: a chunk.
//!
//! Invariant: a line never moves from one chunk to another while both are shown. A moved line is taken out of the
//! document and inserted anew, which loses its focus and the height that the browser remembers. So the boundaries of
//! chunks depend on the list's history, not only on its content.

use super::lines::Line;
use crate::protocol::EntryId;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Most entries of a chunk: a few screens of them. Entries that arrive later between two chunks fill up the first of the
/// two before they begin another one.
const ENTRIES: usize = 64;

/// A run of lines that the browser skips as one while they are out of sight.
#[derive(Debug, Clone)]
pub(in crate::ui) struct Chunk {
    /// The chunk's first entry, which may follow other lines; 0 if the list has no entries.
    pub(in crate::ui) first: EntryId,
    pub(in crate::ui) lines: Arc<[Line]>,
    /// Number of the content: it differs whenever the lines differ.
    pub(in crate::ui) version: u64,
}

static VERSIONS: AtomicU64 = AtomicU64::new(1);

impl Chunk {
    /// Returns a chunk of the lines: the one in `before` with the same content, if there is one.
    fn of(first: EntryId, lines: Vec<Line>, before: &[Self]) -> Self {
        let same = before.iter().find(|chunk| chunk.first == first && *chunk.lines == *lines);
        same.cloned().unwrap_or_else(|| Self {
            first,
            lines: lines.into(),
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
        })
    }
}

impl PartialEq for Chunk {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// Cuts lines into chunks. `before` is the previous result: an entry that began a chunk begins one again, as long as it
/// is listed.
pub(in crate::ui) fn chunks(lines: Vec<Line>, before: &[Chunk]) -> Vec<Chunk> {
    let mut begins = before.iter().map(|chunk| chunk.first).peekable();
    let mut chunks: Vec<Chunk> = Vec::with_capacity(begins.len() + 1);
    let (mut first, mut cut, mut entries, mut ahead) = (0, Vec::new(), 0, Vec::new());
    let mut close = |first: EntryId, cut: &mut Vec<Line>| {
        if !cut.is_empty() {
            chunks.push(Chunk::of(first, std::mem::take(cut), before));
        }
    };
    for line in lines {
        let Line::Entry(entry, _) = &line else {
            ahead.push(line);
            continue;
        };
        while begins.next_if(|first| *first < entry.id).is_some() {}
        let began_one = begins.peek() == Some(&entry.id);
        let is_behind_a_gap = ahead.iter().any(|line| matches!(line, Line::Gap(_)));
        if first == 0 || entries == ENTRIES || is_behind_a_gap || began_one {
            close(first, &mut cut);
            (first, entries) = (entry.id, 0);
        }
        cut.append(&mut ahead);
        cut.push(line);
        entries += 1;
    }
    cut.append(&mut ahead);
    close(first, &mut cut);
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{Entry, EntryKind, Timestamp},
        sync::Gap,
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
                amended: None,
                target: None,
            };
            Line::Entry(Arc::new(entry), false)
        })
    }

    fn gap(after: EntryId, before: EntryId) -> Line {
        Line::Gap(Gap { after, before })
    }

    /// Returns each chunk's first entry and its number of lines.
    fn shape(chunks: &[Chunk]) -> Vec<(EntryId, usize)> {
        chunks.iter().map(|chunk| (chunk.first, chunk.lines.len())).collect()
    }

    #[test]
    fn a_list_is_cut_from_its_beginning_and_grows_at_its_end() {
        let first = chunks(entries(1..=64).collect(), &[]);
        assert_eq!(shape(&first), [(1, 64)]);
        assert_eq!(shape(&chunks(entries(1..=66).collect(), &first)), [(1, 64), (65, 2)]);
        assert_eq!(shape(&chunks(Vec::new(), &first)), []);
    }

    #[test]
    fn what_comes_before_is_cut_for_itself_and_takes_the_line_above_with_it() {
        let page = chunks([gap(0, 101)].into_iter().chain(entries(101..=110)).collect(), &[]);
        assert_eq!(shape(&page), [(101, 11)]);
        let older = chunks([gap(0, 31)].into_iter().chain(entries(31..=110)).collect(), &page);
        assert_eq!(shape(&older), [(31, 65), (95, 6), (101, 10)]);
    }

    #[test]
    fn what_fills_a_gap_comes_behind_what_is_above_it() {
        let torn = entries(1..=10).chain([gap(10, 91)]).chain(entries(91..=100));
        let torn = chunks(torn.collect(), &[]);
        assert_eq!(shape(&torn), [(1, 10), (91, 11)]);
        assert_eq!(shape(&chunks(entries(1..=100).collect(), &torn)), [(1, 64), (65, 26), (91, 10)]);
    }

    #[test]
    fn a_list_without_an_entry_is_one_chunk() {
        assert_eq!(shape(&chunks(vec![gap(0, 9)], &[])), [(0, 1)]);
        let behind = entries(1..=2).chain([gap(2, 9)]);
        assert_eq!(shape(&chunks(behind.collect(), &[])), [(1, 3)], "what is missing at the end is of the last");
    }
}
