//! A damaged store: its pages, the server's log, and `natter check`.

use crate::helpers::{Natter, command};
use rusqlite::Connection;
use std::{fs, path::Path};

const SENTENCE: &str = "This message is damaged in the store.";

/// Replaces bytes, which occur in the store's file once, with others of the same length.
fn overwrite(folder: &Path, old: &[u8], new: &[u8]) {
    let file = folder.join("natter.db");
    let mut bytes = fs::read(&file).unwrap();
    let places: Vec<_> = (0..bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert_eq!(places.len(), 1);
    bytes[places[0]..][..new.len()].copy_from_slice(new);
    fs::write(&file, bytes).unwrap();
}

/// Runs `natter check` on a folder, and returns its exit code and output.
async fn check(folder: &Path) -> (Option<i32>, String) {
    let output = command(folder).arg("check").output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn one_damaged_entry_is_shown_as_damaged_and_named_once_and_everything_else_works() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut ids = Vec::new();
    for text in ["before it", "a text to be damaged", "behind it"] {
        ids.push(ada.said(text).await["id"].as_u64().unwrap());
    }
    drop(ada);
    let natter = natter.restart_after(|folder| overwrite(folder, b"a text to be", b"a test to be")).await;

    let bo = natter.browser("Bo").await;
    for _ in 0..2 {
        let page = bo.page("/room/general").await;
        for part in ["before it", SENTENCE, "behind it"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("to be damaged"), "{page}");
        let history = natter.json("/api/room/general/history").await;
        let history = history.as_array().unwrap();
        let chain: Vec<_> = history.iter().map(|entry| (entry["id"].as_u64(), entry["prev"].as_u64())).collect();
        assert_eq!(chain, [(Some(ids[0]), Some(0)), (Some(ids[1]), Some(ids[0])), (Some(ids[2]), Some(ids[1]))]);
        assert_eq!((&history[1]["text"], &history[1]["from"]), (&SENTENCE.into(), &"system".into()));
    }
    natter.join_as("Cy").await.said("and it goes on").await;
    let log = natter.log();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains(&format!("Entry {} in general is damaged in the store", ids[1])), "{log}");
    let metrics = reqwest::get(natter.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("natter_damaged_entries 1"), "{metrics}");
}

#[tokio::test]
async fn a_check_says_in_sentences_what_is_damaged() {
    let mut natter = Natter::start().await;
    natter.join_as("Ada").await.said("a text to be damaged").await;
    let (code, said) = check(natter.data()).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("in use by another Natter"), "{said}");
    natter.signal("TERM");
    natter.ended().await;

    let (code, said) = check(natter.data()).await;
    assert_eq!((code, said.lines().count()), (Some(0), 1), "{said}");
    assert!(said.contains("natter.db is whole. Read: 1 entries"), "{said}");
    overwrite(natter.data(), b"a text to be", b"a test to be");
    let (code, said) = check(natter.data()).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("Entry 4 in general is damaged: its checksum does not match.\n"), "{said}");

    let nowhere = tempfile::tempdir().unwrap();
    let (code, said) = check(nowhere.path()).await;
    assert_eq!(code, Some(1));
    assert!(said.starts_with("natter: There is no store at "), "{said}");
    assert_eq!(fs::read_dir(nowhere.path()).unwrap().count(), 0, "and none is made");
}

#[tokio::test]
async fn the_help_explains_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &'static [&'static str]| {
        let output = command(folder.path()).args(arguments).output();
        async move { String::from_utf8(output.await.unwrap().stdout).unwrap() }
    };
    assert!(help(&["--help"]).await.contains("check  Read everything in the data folder"));
    let check = help(&["check", "--help"]).await;
    assert!(check.contains("exit code is 0") && check.contains("--data"), "{check}");
}

/// Makes entries in `general`, and damages the page of their index with the oldest of them.
fn damage_the_oldest_in_the_index(folder: &Path) {
    let file = folder.join("natter.db");
    let store = Connection::open(&file).unwrap();
    store
        .execute_batch(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)
             INSERT INTO entries (room, prev, ts, kind, from_name, text)
             SELECT rooms.id, n - 1, n, 'message', 'Old', 'old' FROM numbers, rooms WHERE name = 'general' ORDER BY n;
             UPDATE meta SET value = 3000 WHERE key = 'unchecked';
             UPDATE rooms SET head = 3000, head_at = 3000 WHERE name = 'general';",
        )
        .unwrap();
    let root: u32 = store
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'entries_by_room'", (), |row| row.get(0))
        .unwrap();
    drop(store);
    let mut bytes = fs::read(&file).unwrap();
    let root = &bytes[(root as usize - 1) * 4_096..][..4_096];
    assert_eq!(root[0], 2, "an inner page of an index");
    let cell = usize::from(u16::from_be_bytes([root[12], root[13]]));
    let oldest = u32::from_be_bytes([root[cell], root[cell + 1], root[cell + 2], root[cell + 3]]) as usize;
    bytes[(oldest - 1) * 4_096..][..4_096].fill(0xa5);
    fs::write(&file, bytes).unwrap();
}

#[tokio::test]
async fn a_page_of_history_that_cannot_be_read_is_refused_in_words_and_logged_once() {
    let natter = Natter::start().await;
    let natter = natter.restart_after(damage_the_oldest_in_the_index).await;
    assert_eq!(natter.json("/api/room/general/history").await.as_array().unwrap().len(), 100);
    for _ in 0..2 {
        let answer = reqwest::get(natter.url("/api/room/general/history?before=100")).await.unwrap();
        assert_eq!(answer.status(), 503);
        let said = answer.text().await.unwrap();
        assert!(said.contains("A part of the store is damaged, and these messages cannot be read."), "{said}");
    }
    let mut ada = natter.join_as("Ada").await;
    ada.send(serde_json::json!({"type": "get_history", "room": "general", "before": 100})).await;
    let refused = ada.until("error").await;
    assert_eq!(refused["code"], "unavailable");
    ada.said("and it goes on").await;
    let log = natter.log();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("natter check"), "{log}");
}
