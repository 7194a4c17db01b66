//! A least recently used cache of entries: the logs with entries in memory, in the order of their use.
//!
//! Invariant: [`Cache::bytes`] is the sum over all logs of the size that [`Cache::note`] last saw, plus [`PLACE_BYTES`]
//! for each.

use super::recent_entries::RecentEntries;
use app::protocol::LogId;
use std::collections::BTreeMap;

/// Overhead of a cached log in bytes: its name and its nodes in the maps.
const PLACE_BYTES: usize = 256;

/// The cache's order and sizes; the entries stay with their logs. See the [module](self).
#[derive(Debug)]
pub(in crate::chat) struct Cache {
    /// Limit for the entries of all logs, in bytes. A single log may exceed it, because it is in use.
    most: usize,
    bytes: usize,
    /// Counter of uses, which serves as the time of a use.
    uses: u64,
    /// The cached logs and their sizes in bytes, by the time of their last use.
    used: BTreeMap<u64, (LogId, usize)>,
}

impl Cache {
    pub(in crate::chat) const fn new(most: usize) -> Self {
        Self { most, bytes: 0, uses: 0, used: BTreeMap::new() }
    }

    /// Returns the size of all cached entries, in bytes.
    pub(in crate::chat) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records a use of a log, or a change of its cached entries.
    pub(in crate::chat) fn note(&mut self, log: &LogId, recent: &mut RecentEntries) {
        let noted = self.used.remove(&recent.used);
        self.bytes -= noted.as_ref().map_or(0, |(_, bytes)| *bytes);
        if recent.bytes() == 0 {
            return;
        }
        self.uses += 1;
        recent.used = self.uses;
        let bytes = recent.bytes() + PLACE_BYTES;
        self.bytes += bytes;
        self.used.insert(self.uses, (noted.map_or_else(|| log.clone(), |(log, _)| log), bytes));
    }

    /// Removes the least recently used log from the cache and returns it, for the caller to drop its entries. Returns
    /// `None` if the cache is within its limit.
    pub(in crate::chat) fn take_excess(&mut self) -> Option<LogId> {
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

    fn log(name: &str) -> LogId {
        LogId::Room(RoomName::told(name))
    }

    fn recent(bytes: usize) -> RecentEntries {
        let mut recent = RecentEntries::default();
        let text = "x".repeat(bytes).into();
        let (ts, from) = (Timestamp::default(), "Ada".into());
        let entry = Entry {
            id: 1,
            prev: 0,
            ts,
            from,
            user_id: None,
            text,
            kind: EntryKind::Message,
            client_id: None,
            amended: None,
            target: None,
        };
        recent.push(entry, 200);
        recent
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first_and_nothing_while_there_is_space() {
        let size = recent(10_000).bytes() + PLACE_BYTES;
        let mut cache = Cache::new(3 * size);
        let mut logs_in_memory = ["a", "b", "c", "d"].map(|name| (log(name), recent(10_000)));
        for (log, recent) in &mut logs_in_memory[..3] {
            cache.note(log, recent);
        }
        assert_eq!((cache.bytes(), cache.take_excess()), (3 * size, None), "at the limit");
        let (first, recent) = &mut logs_in_memory[0];
        cache.note(first, recent);
        let (fourth, recent) = &mut logs_in_memory[3];
        cache.note(fourth, recent);
        assert_eq!((cache.take_excess(), cache.take_excess()), (Some(log("b")), None), "one past it");
        assert_eq!(cache.bytes(), 3 * size);
    }

    #[test]
    fn a_log_that_grows_is_counted_once_and_one_without_entries_takes_nothing() {
        let mut cache = Cache::new(0);
        let (name, mut one) = (log("a"), recent(10));
        cache.note(&name, &mut one);
        cache.note(&name, &mut one);
        assert_eq!((cache.bytes(), cache.used.len()), (one.bytes() + PLACE_BYTES, 1));
        assert_eq!(cache.take_excess(), None, "the only one stays, however long it is");
        let mut empty = RecentEntries::of(7);
        cache.note(&log("b"), &mut empty);
        assert_eq!(cache.used.len(), 1);
    }
}
