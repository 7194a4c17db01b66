//! The writer's thread.

use super::store::Store;
use crate::journal::{Change, News, NodeId, PROBE, Ticket, rules};
use std::{
    iter, mem,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedSender;

/// Upper bound of the changes in one transaction, and so of the wait of the first change for the last.
const BATCH: usize = 128;

/// Interval at which the store's files are checked, and rid of deleted words, while nothing is written.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Interval at which the files are rid of deleted words while something is always written.
const CLEAN_EVERY: Duration = Duration::from_secs(5);

/// The node of a store that only one process uses.
pub(super) const NODE: NodeId = NodeId(1);

/// Writes until the queue is closed and empty.
pub(super) fn run(mut store: Store, queue: &Receiver<(Ticket, Change)>, listener: &UnboundedSender<News>) {
    let mut is_whole = true;
    let (mut cleaned_at, mut looked_at) = (Instant::now(), Instant::now());
    let mut wait = Duration::ZERO;
    loop {
        let news = match queue.recv_timeout(wait) {
            Ok(first) => {
                let batch: Vec<_> = iter::once(first).chain(queue.try_iter().take(BATCH - 1)).collect();
                if cleaned_at.elapsed() >= CLEAN_EVERY {
                    cleaned_at = Instant::now();
                    clean(&mut store);
                }
                store.write(NODE, &batch)
            }
            Err(RecvTimeoutError::Timeout) => {
                wait = if store.tend_index() { Duration::ZERO } else { LOOK_EVERY };
                if looked_at.elapsed() < LOOK_EVERY {
                    continue;
                }
                looked_at = Instant::now();
                clean(&mut store);
                let looked = store.check_files();
                let was_whole = mem::replace(&mut is_whole, looked.is_ok());
                // The failure is sent as the answer to a probe, which makes the host send real ones.
                let failed = looked.err().filter(|_| was_whole);
                failed.map(|error| rules::refused(store.position, [PROBE], &error)).unwrap_or_default()
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if !news.answers.is_empty() && listener.send(news).is_err() {
            // Without a listener nobody can be told of later changes, so none may be made.
            return;
        }
    }
    // After an orderly close the store is one file.
    if let Err(error) = store.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the store");
    }
}

/// Removes deleted words from the files. A failure refuses nothing: it is tried again, and a disk that cannot be written
/// shows itself when something is stored.
fn clean(store: &mut Store) {
    if let Err(error) = store.forget_deleted() {
        tracing::debug!(%error, "deleted words stay in the write-ahead log for now");
    }
}
