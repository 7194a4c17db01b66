//! A journal whose commits wait for the test.

use crate::{
    chat::store_health::PROBE_EVERY_MS,
    journal::{Change, Found, Journal, JournalError, News, Page, Range, Search, Ticket, memory::Memory, rules},
};
use app::protocol::{Entry, EntryId, LogId};
use futures::future::BoxFuture;
use std::{sync::Mutex, time::Duration};
use tokio::sync::mpsc::UnboundedSender;

/// A journal that commits when the test says so, except for presence.
pub(crate) struct HeldJournal {
    pub(super) waiting: Mutex<Vec<(Ticket, Change)>>,
    pub(super) memory: Mutex<Memory>,
    pub(super) listener: UnboundedSender<News>,
    pub(super) is_full: Mutex<bool>,
}

impl HeldJournal {
    /// Answers all pending changes, like a store that works or one that fails.
    pub(super) fn answer(&self, works: bool) {
        let waiting: Vec<_> = self.waiting.lock().unwrap().drain(..).collect();
        let failure = JournalError::Store("no space left".to_owned());
        let refused = || rules::refused(0, waiting.iter().map(|(ticket, _)| *ticket), &failure);
        let news = if works { self.memory.lock().unwrap().write(&waiting) } else { refused() };
        self.listener.send(news).unwrap();
    }

    /// Waits until a probe, and nothing else, is pending.
    pub(super) async fn until_probed(&self) {
        let due = Duration::from_millis(2 * PROBE_EVERY_MS);
        let comes = async {
            while self.waiting.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(due, comes).await.expect("a probe comes");
        assert!(matches!(self.waiting.lock().unwrap()[..], [(_, Change::Probe)]));
    }
}

impl Journal for HeldJournal {
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        if *self.is_full.lock().unwrap() {
            return Err(JournalError::Busy);
        }
        if change.is_presence() {
            let news = self.memory.lock().unwrap().write(&[(ticket, change)]);
            self.listener.send(news).unwrap();
        } else {
            self.waiting.lock().unwrap().push((ticket, change));
        }
        Ok(())
    }

    fn page(&self, _: &LogId, _: Range) -> BoxFuture<'static, Result<Page, JournalError>> {
        Box::pin(async { Ok(Page::default()) })
    }

    fn around(&self, _: &LogId, _: EntryId, _: usize) -> BoxFuture<'static, Result<Option<Page>, JournalError>> {
        Box::pin(async { Ok(None) })
    }

    fn versions(&self, _: &LogId, _: EntryId) -> BoxFuture<'static, Result<Vec<Entry>, JournalError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn search(&self, _: Search) -> BoxFuture<'static, Result<Found, JournalError>> {
        Box::pin(async { Ok(Found::default()) })
    }

    fn close(&self) {}
}
