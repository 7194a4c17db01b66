//! The store as the checks know it.

use crate::engine::Engine;
use app::protocol::{Entry, EntryId, LogId};
use natter_server::journal::{Fact, Position, Range, Store};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The known contents of the store.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Entries as they were first stored, amendments included.
    pub(super) said: HashMap<EntryId, Entry>,
    /// Position up to which the facts were read.
    position: Position,
    /// Entries that were found in the store.
    found: HashSet<EntryId>,
    client_ids: HashSet<Arc<str>>,
    /// Newest entry of each log whose `client_id` is known.
    read: HashMap<LogId, EntryId>,
}

impl Truth {
    /// Reads the new facts.
    pub(super) fn follow(&mut self, engine: &Engine) {
        for fact in engine.facts_after(self.position) {
            self.position = fact.at;
            if let Fact::Said(_, entry) = fact.fact {
                self.said.insert(entry.id, entry);
            }
        }
    }

    /// Returns an entry of a log in the state that an amendment made, or that it began with; `None` if the store never
    /// had that.
    pub(super) fn state(&mut self, store: &Store, log: &LogId, id: EntryId, rev: EntryId) -> Option<Entry> {
        let mut entry = self.said.get(&id)?.clone();
        if rev > 0 && !entry.amend(self.said.get(&rev)?) {
            return None;
        }
        for id in [id, rev].into_iter().filter(|id| *id > 0) {
            if !self.found.contains(&id) {
                let range = Range { after: id - 1, before: id + 1, limit: 1 };
                store.page(log, range).ok()?.entries.pop()?;
                self.found.insert(id);
            }
        }
        Some(entry)
    }

    /// Returns the entry that is shown right above another one, 0 for the first.
    pub(super) fn above(&self, entry: &Entry) -> EntryId {
        let mut above = entry.prev;
        while let Some(amendment) = self.said.get(&above).filter(|entry| !entry.is_shown()) {
            above = amendment.prev;
        }
        above
    }

    /// Returns `true` if a text with this `client_id` is stored in one of these logs.
    pub(super) fn has(&mut self, store: &Store, client_id: &Arc<str>, logs: &[LogId]) -> bool {
        if self.client_ids.contains(client_id) {
            return true;
        }
        for log in logs {
            let after = self.read.get(log).copied().unwrap_or(0);
            let range = Range { after, before: EntryId::MAX, limit: usize::MAX };
            for entry in store.page(log, range).unwrap_or_default().entries {
                self.read.insert(log.clone(), entry.id);
                self.client_ids.extend(entry.client_id);
            }
        }
        self.client_ids.contains(client_id)
    }
}
