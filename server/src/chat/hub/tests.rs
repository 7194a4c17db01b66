//! A panic where state is shared ends the process: each test plays it in a process of its own. And the turns of those who
//! have a page of history read.

use super::{super::tests::start, Hub};
use crate::{
    fair_queue::TURN_WITHIN,
    fatal::EndOnPanic,
    journal::{JournalError, Log, READERS, Range},
};
use app::protocol::RoomName;
use std::{env, os::unix::process::ExitStatusExt, process::Command, sync::Arc};
use tokio::time::Instant;

/// Says to a test that it is the process that is to end.
const VICTIM: &str = "NATTER_TEST_VICTIM";

/// Plays a test again in a process of its own; whether this is that process.
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

/// A page of the store, as a request for history from this machine has it read.
async fn page(hub: &Arc<Hub>) -> Result<usize, JournalError> {
    let range = Range { after: 0, before: 1, limit: 1 };
    hub.stored_page(None, &Log::Room(RoomName::general()), range).await.map(|page| page.entries.len())
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
