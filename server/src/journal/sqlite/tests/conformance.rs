//! The SQLite store passes the conformance tests.

use crate::journal::{
    Change, Found, JournalError, News, NodeId, Page, Range, Restored, Search, Store, Ticket,
    conformance::{Subject, conformance},
};
use app::protocol::{Entry, EntryId, LogId};
use std::sync::{Arc, atomic::AtomicBool};

const NODE: NodeId = NodeId(1);

impl Subject for Store {
    fn make() -> Self {
        Self::in_memory("e", Arc::new(AtomicBool::new(true))).unwrap()
    }

    fn write(&mut self, node: NodeId, batch: &[(Ticket, Change)]) -> News {
        Self::write(self, node, batch)
    }

    fn page(&self, log: &LogId, range: Range) -> Result<Page, JournalError> {
        Self::page(self, log, range)
    }

    fn around(&self, log: &LogId, id: EntryId, limit: usize) -> Result<Option<Page>, JournalError> {
        Self::around(self, log, id, limit)
    }

    fn versions(&self, log: &LogId, id: EntryId) -> Result<Vec<Entry>, JournalError> {
        Self::versions(self, log, id)
    }

    fn search(&self, search: &Search) -> Result<Found, JournalError> {
        Self::search(self, search)
    }

    fn restored(&self) -> Restored {
        Self::restored(self, NODE).unwrap()
    }
}

conformance!(sqlite, Store);
