//! Changes of the store's files while it is open.

use super::{message, open, user};
use crate::journal::{Answer, Answered, Change, Journal, JournalError, News, PROBE};
use std::{fs, path::Path, time::Duration};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

/// Timeout for an answer that must come: only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// Returns the ticket and the outcome of the next answer.
fn answer(news: &mut UnboundedReceiver<News>) -> (u64, Result<Answer, JournalError>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let next = runtime.block_on(async { timeout(PATIENCE, news.recv()).await });
    let mut batch = next.expect("an answer comes").unwrap().answers;
    assert_eq!(batch.len(), 1);
    let Answered { ticket, result, .. } = batch.remove(0);
    (ticket, result)
}

/// Harms the files of a store, and returns the reason for which a change is refused then, and its answer once the harm
/// is undone.
fn refused_while(harm: impl FnOnce(&Path), undo: impl FnOnce(&Path)) -> (String, Result<Answer, JournalError>) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let (journal, _, mut completions) = open(&folder);
    journal.submit(1, user("Ada")).unwrap();
    assert!(answer(&mut completions).1.is_ok());
    harm(&folder);
    journal.submit(2, message(1, "general", "hi", Some("m"))).unwrap();
    let refused = loop {
        // The journal may have reported the failure by itself before.
        let (ticket, result) = answer(&mut completions);
        if ticket != PROBE {
            break result.unwrap_err().to_string();
        }
    };
    undo(&folder);
    journal.submit(3, message(1, "general", "hi", Some("m"))).unwrap();
    let again = loop {
        let (ticket, result) = answer(&mut completions);
        if ticket == 3 {
            break result;
        }
    };
    (refused, again)
}

#[test]
fn a_store_whose_files_were_moved_away_refuses_changes_until_they_are_back() {
    for name in ["natter.db", "natter.db-wal", "natter.lock"] {
        let harm = |folder: &Path| fs::rename(folder.join(name), folder.join("elsewhere")).unwrap();
        let undo = |folder: &Path| fs::rename(folder.join("elsewhere"), folder.join(name)).unwrap();
        let (refused, again) = refused_while(harm, undo);
        assert!(refused.contains(&format!("{name} was deleted or moved away")), "{refused}");
        assert!(again == Ok(Answer::Done), "{again:?}");
    }
}

#[test]
fn a_store_whose_folder_was_deleted_or_replaced_refuses_changes_for_good() {
    let (refused, again) = refused_while(|folder| fs::remove_dir_all(folder).unwrap(), |_| {});
    assert!(refused.contains("natter.db was deleted") && again.is_err(), "{refused}");
    let replace = |folder: &Path| {
        fs::rename(folder, folder.with_file_name("old")).unwrap();
        drop(open(folder));
    };
    let (refused, again) = refused_while(replace, |_| {});
    assert!(refused.contains("natter.db was replaced by another file") && again.is_err(), "{refused}");
}

#[test]
fn a_store_in_which_nothing_is_written_says_by_itself_and_once_that_its_files_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _, mut completions) = open(folder.path());
    fs::remove_file(folder.path().join("natter.db")).unwrap();
    let (ticket, result) = answer(&mut completions);
    assert_eq!(ticket, PROBE);
    assert!(result.is_err());
    journal.submit(PROBE, Change::Probe).unwrap();
    assert!(answer(&mut completions).1.is_err());
    journal.close();
    assert!(completions.blocking_recv().is_none(), "not again");
}
