//! The logs with entries in memory, in the order of their use: when they take too much, the first of them are let go of.
//!
//! Invariant: [`Cache::bytes`] is the sum over all tails, each as [`Cache::note`] last saw it, and [`PLACE_BYTES`] for each.

use super::tail::Tail;
use crate::journal::Log;
use std::collections::BTreeMap;

/// Bytes that a log with entries in memory takes beside them: its name, and its places here and in the tail's queue.
const PLACE_BYTES: usize = 256;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Cache {
    /// Bytes that the entries of all logs may take. A single log may take more: it is what somebody is reading.
    most: usize,
    bytes: usize,
    /// How often anything was used.
    uses: u64,
    /// The logs with entries in memory by when they were last used, with the bytes that they take.
    used: BTreeMap<u64, (Log, usize)>,
}

impl Cache {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, bytes: 0, uses: 0, used: BTreeMap::new() }
    }

    /// Bytes that all entries in memory take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// A log was read, or its entries in memory are others than they were.
    pub(super) fn note(&mut self, log: &Log, tail: &mut Tail) {
        let noted = self.used.remove(&tail.used);
        self.bytes -= noted.as_ref().map_or(0, |(_, bytes)| *bytes);
        if tail.bytes() == 0 {
            return;
        }
        self.uses += 1;
        tail.used = self.uses;
        let bytes = tail.bytes() + PLACE_BYTES;
        self.bytes += bytes;
        self.used.insert(self.uses, (noted.map_or_else(|| log.clone(), |(log, _)| log), bytes));
    }

    /// The log whose entries are to be let go of next, while more is in memory than may be: the one that was not used for
    /// longest. It counts as let go of then.
    pub(super) fn take_excess(&mut self) -> Option<Log> {
        if self.bytes <= self.most || self.used.len() < 2 {
            return None;
        }
        let (_, (log, bytes)) = self.used.pop_first()?;
        self.bytes -= bytes;
        Some(log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::{Entry, EntryKind, RoomName, Timestamp};

    fn log(name: &str) -> Log {
        Log::Room(RoomName::told(name))
    }

    fn tail(bytes: usize) -> Tail {
        let mut tail = Tail::default();
        let text = "x".repeat(bytes).into();
        let (ts, from) = (Timestamp::default(), "Ada".into());
        let entry = Entry { id: 1, prev: 0, ts, from, user_id: None, text, kind: EntryKind::Message, client_id: None };
        tail.push(entry, 200);
        tail
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first_and_nothing_while_there_is_space() {
        let size = tail(10_000).bytes() + PLACE_BYTES;
        let mut cache = Cache::new(3 * size);
        let mut tails = ["a", "b", "c", "d"].map(|name| (log(name), tail(10_000)));
        for (log, tail) in &mut tails[..3] {
            cache.note(log, tail);
        }
        assert_eq!((cache.bytes(), cache.take_excess()), (3 * size, None), "at the limit");
        let (first, tail) = &mut tails[0];
        cache.note(first, tail);
        let (fourth, tail) = &mut tails[3];
        cache.note(fourth, tail);
        assert_eq!((cache.take_excess(), cache.take_excess()), (Some(log("b")), None), "one past it");
        assert_eq!(cache.bytes(), 3 * size);
    }

    #[test]
    fn a_log_that_grows_is_counted_once_and_one_without_entries_takes_nothing() {
        let mut cache = Cache::new(0);
        let (name, mut one) = (log("a"), tail(10));
        cache.note(&name, &mut one);
        cache.note(&name, &mut one);
        assert_eq!((cache.bytes(), cache.used.len()), (one.bytes() + PLACE_BYTES, 1));
        assert_eq!(cache.take_excess(), None, "the only one stays, however long it is");
        let mut empty = Tail::of(7);
        cache.note(&log("b"), &mut empty);
        assert_eq!(cache.used.len(), 1);
    }
}
