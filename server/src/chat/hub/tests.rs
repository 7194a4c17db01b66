//! Panics in shared state end the process, each test in a process of its own; and the turns of the readers of history.

use super::{super::tests::start, Hub};
use crate::{
    fair_queue::TURN_WITHIN,
    fatal::EndOnPanic,
    journal::{JournalError, READERS, Range},
};
use app::protocol::{LogId, RoomName};
use std::{env, os::unix::process::ExitStatusExt, process::Command, sync::Arc};
use tokio::time::Instant;

/// Environment variable that tells a test to be the process that ends.
const VICTIM: &str = "NATTER_TEST_VICTIM";

/// Runs a test again in a process of its own. Returns `true` in that process.
fn is_victim(test: &str) -> bool {
    if env::var_os(VICTIM).is_some() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
        return true;
    }
    let name = format!("chat::hub::tests::{test}");
    let victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(VICTIM, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&victim.stderr);
    assert_eq!(victim.status.signal(), Some(6), "it aborts: {:?}, {said}", victim.status);
    assert!(said.contains("a fault") && said.contains("panicked, and nothing can be relied on"), "{said}");
    false
}

#[tokio::test]
async fn a_panic_of_the_rules_ends_the_process_though_a_task_would_survive_it() {
    if is_victim("a_panic_of_the_rules_ends_the_process_though_a_task_would_survive_it") {
        let (hub, _journal) = start();
        tokio::spawn(async move { hub.with(|_, _| panic!("a fault")) }).await.ok();
    }
}

#[tokio::test]
async fn a_panic_of_a_question_to_the_rules_ends_the_process() {
    if is_victim("a_panic_of_a_question_to_the_rules_ends_the_process") {
        let (hub, _journal) = start();
        let question = async move {
            let _shared = hub.lock();
            panic!("a fault")
        };
        tokio::spawn(question).await.ok();
    }
}

#[tokio::test]
async fn a_task_of_the_hub_that_panics_ends_the_process() {
    if is_victim("a_task_of_the_hub_that_panics_ends_the_process") {
        super::spawn("a task", async { panic!("a fault") }).await.ok();
    }
}

#[test]
fn a_thread_that_panics_ends_the_process() {
    if is_victim("a_thread_that_panics_ends_the_process") {
        let thread = std::thread::spawn(|| {
            let _end = EndOnPanic("a thread");
            panic!("a fault")
        });
        thread.join().ok();
    }
}

/// Reads a page from the store, as a request for history of this machine does.
async fn page(hub: &Arc<Hub>) -> Result<usize, JournalError> {
    let range = Range { after: 0, before: 1, limit: 1 };
    hub.stored_page(None, &LogId::Room(RoomName::general()), range).await.map(|page| page.entries.len())
}

#[tokio::test(start_paused = true)]
async fn a_page_of_history_waits_for_its_turn_and_not_for_ever() {
    let (hub, _journal) = start();
    let mut turns = Vec::new();
    for _ in 0..READERS {
        assert_eq!(page(&hub).await, Ok(0));
        turns.push(hub.reads.turn(None).await.unwrap());
    }
    let since = Instant::now();
    assert_eq!((page(&hub).await, since.elapsed()), (Err(JournalError::Busy), TURN_WITHIN));
    assert!(hub.refused_readers().eq([("address", 0), ("all", 0), ("time", 1)]));
    turns.pop();
    assert_eq!(page(&hub).await, Ok(0));
}
