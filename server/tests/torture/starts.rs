//! A start with a large store: its duration, and its memory.
//!
//! The duration is printed without a bound, because it depends on the machine. `ROOMS` and `ENTRIES` set the size of
//! the store.

use crate::server::Server;
use app::protocol::{EntryKind, LogId, RoomName, Timestamp, UserId, UserName};
use natter_server::journal::{Change, Draft, Journal, QUEUE, SqliteJournal};
use std::{path::Path, time::Instant};
use tokio::sync::mpsc::unbounded_channel;

/// Makes a text: mostly 150 characters, and sometimes a page.
fn text(number: usize) -> String {
    "An ordinary sentence. ".repeat(if number.is_multiple_of(50) { 70 } else { 7 })
}

/// Fills a store with rooms and entries in turn.
fn fill(folder: &Path, rooms: usize, entries: usize) {
    let (sender, mut completions) = unbounded_channel();
    let (journal, _) = SqliteJournal::open(folder, sender).unwrap();
    let (user, at) = (UserId(1), Timestamp::from_millis(1_900_000_000_000));
    let name = UserName::parse("Ada").unwrap();
    let room = |number: usize| RoomName::told(&format!("team-{number}-notes"));
    let join = |number| Change::Join { user, room: room(number), at };
    let say = |number: usize| {
        let (log, text) = (LogId::Room(room(number % rooms)), text(number).into());
        Change::Append(Draft { log, author: user, kind: EntryKind::Message, text, client_id: None, at, target: None })
    };
    let made = Change::CreateUser { name, session: [1; 32], by_form: false, at };
    let changes = [made].into_iter().chain((0..rooms).map(join)).chain((0..entries).map(say));
    let mut waiting = 0;
    for (ticket, change) in (1..).zip(changes) {
        while waiting >= QUEUE {
            waiting -= completions.blocking_recv().unwrap().answers.len();
        }
        journal.submit(ticket, change).unwrap();
        waiting += 1;
    }
    journal.close();
}

/// Returns the memory of a process in KiB, as the system reports it.
fn memory(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

async fn start(rooms: usize, entries: usize) -> usize {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&folder, rooms, entries)).await.unwrap();
    let bytes = std::fs::metadata(data.path().join("natter.db")).unwrap().len();
    let mut server = Server::start_on(data).await;
    // The files are in the system's cache; the first start also cleans them up.
    server.stop().await;
    let since = Instant::now();
    server.restart().await;
    let (elapsed, memory) = (since.elapsed(), memory(server.id()));
    println!(
        "{rooms} rooms, {entries} entries, {} MB: listening after {} ms with {} MiB",
        bytes / 1_000_000,
        elapsed.as_millis(),
        memory / 1_024,
    );
    memory
}

pub(crate) fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |number| number.parse().expect("a number"))
}

#[tokio::test]
async fn the_memory_of_a_start_does_not_grow_with_what_was_said() {
    let (rooms, entries) = (setting("ROOMS", 200), setting("ENTRIES", 20_000));
    let few = start(rooms, rooms).await;
    let many = start(rooms, entries).await;
    assert!(many < few + 4 * 1_024, "{few} KiB, and {many} KiB with {entries} entries");
}
