//! The answers to probes.

use super::{message, open, user};
use crate::journal::{Answer, Change, Journal, JournalError, News, Restored};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedReceiver;

/// Locks the store for writing by another connection, until that is dropped.
fn lock(folder: &Path) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(folder.join("natter.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

fn answers(news: &mut UnboundedReceiver<News>, count: usize) -> Vec<Result<Answer, JournalError>> {
    let mut answers = Vec::new();
    while answers.len() < count {
        answers.extend(news.blocking_recv().unwrap().answers.into_iter().map(|answer| answer.result));
    }
    answers
}

#[test]
fn every_probe_writes_more_than_the_largest_entry_does() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, mut completions) = open(folder.path());
    let mut written_by = |change| {
        let written = || fs::metadata(folder.path().join("natter.db-wal")).unwrap().len();
        let before = written();
        journal.submit(0, change).unwrap();
        assert!(answers(&mut completions, 1)[0].is_ok());
        written() - before
    };
    written_by(user("Ada"));
    let entry = written_by(message(1, "general", &"\u{1f9d1}".repeat(4_000), Some(&"m".repeat(64))));
    for _ in 0..3 {
        let probe = written_by(Change::Probe);
        assert!(probe > entry, "{probe} bytes, and an entry is {entry}");
    }
}

#[test]
fn a_probe_is_refused_with_the_cause_while_the_store_cannot_be_written_and_stored_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, mut completions) = open(folder.path());
    let lock = lock(folder.path());
    journal.submit(0, Change::Probe).unwrap();
    let refused = answers(&mut completions, 1).remove(0).unwrap_err().to_string();
    assert!(refused.contains("database is locked") && refused.contains("code 5"), "{refused}");
    drop(lock);
    journal.submit(0, Change::Probe).unwrap();
    assert_eq!(answers(&mut completions, 1), [Ok(Answer::Done)]);
}

#[test]
fn a_probe_changes_nothing_that_the_chat_starts_from() {
    let folder = tempfile::tempdir().unwrap();
    super::run(folder.path(), vec![user("Ada"), message(1, "general", "a", None)]);
    let before = open(folder.path()).1;
    super::run(folder.path(), vec![Change::Probe]);
    let after = open(folder.path()).1;
    assert_eq!(Restored { run: 0, ..after }, Restored { run: 0, ..before });
}

#[test]
fn who_waits_together_for_a_lock_is_refused_together() {
    const CHANGES: usize = 50;
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, mut completions) = open(folder.path());
    let _lock = lock(folder.path());
    let since = Instant::now();
    for n in 0..CHANGES {
        journal.submit(n as u64, message(1, "general", "held up", None)).unwrap();
    }
    assert!(answers(&mut completions, CHANGES).iter().all(Result::is_err));
    // The writer may have begun with the first few alone.
    let waited = since.elapsed();
    assert!(waited < Duration::from_secs(6), "{waited:?}");
}
