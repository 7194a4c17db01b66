//! A store that cannot be written: people get the truth about it, and it heals by itself.
//!
//! The disk is full for the server alone, by a limit on the size of its files: its writes fail within the operating
//! system, as on a disk that is full for all.

use crate::helpers::{Client, Disk, Natter, Stored, stored, texts};
use serde_json::{Value, json};
use std::time::Instant;

/// Space for a few short entries, but not for a probe.
const NEARLY_FULL: Disk = Disk::Left(60_000);
/// Log level with errors and each probe that fails.
const LOG: &str = "warn,natter_server::chat::host=debug";

fn marked(mark: &str) -> Value {
    json!({"type": "message", "text": format!("text of {mark}"), "client_id": mark})
}

/// Sends messages until one is refused. Returns the `client_id`s of the stored ones, and of the refused one.
async fn say_until_refused(client: &mut Client) -> (Vec<String>, String) {
    let mut stored = Vec::new();
    for n in 0..100 {
        let mark = format!("m{n}");
        client.send(marked(&mark)).await;
        let answer = client.next().await;
        assert_eq!(answer["client_id"], json!(mark), "{answer}");
        if answer["type"] == "error" {
            assert_refused(&answer, &mark);
            return (stored, mark);
        }
        stored.push(mark);
    }
    panic!("the disk is full and nothing was refused")
}

fn assert_refused(answer: &Value, mark: &str) {
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unavailable")), "{answer}");
    assert_eq!(answer["client_id"], json!(mark));
    assert!(answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{answer}");
}

/// Sends a message again until it is stored.
async fn say_until_stored(client: &mut Client, mark: &str) -> Value {
    let since = Instant::now();
    loop {
        client.send(marked(mark)).await;
        let answer = client.next().await;
        if answer["type"] == "message" {
            return answer;
        }
        assert_refused(&answer, mark);
        assert!(since.elapsed() < crate::helpers::PATIENCE, "it is stored some time");
    }
}

fn marks(entries: &[Stored]) -> Vec<&str> {
    entries.iter().map(|entry| entry.client_id.as_deref().unwrap()).collect()
}

async fn status(natter: &Natter, path: &str) -> u16 {
    reqwest::get(natter.url(path)).await.unwrap().status().as_u16()
}

/// Counts the lines of the log with this text.
fn said(natter: &Natter, part: &str) -> usize {
    natter.log().matches(part).count()
}

#[tokio::test]
async fn a_full_disk_refuses_what_people_send_and_takes_it_when_there_is_room_again() {
    let natter = Natter::start_on_a_disk(LOG).await;
    let reader = natter.browser("Reader").await;
    // The reader is present from here on, and will not be announced again.
    reader.page("/room/general").await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    natter.disk(NEARLY_FULL);
    let (mut acknowledged, refused) = say_until_refused(&mut ada).await;
    assert!(!acknowledged.is_empty(), "it was not full from the start");
    for mark in &acknowledged {
        assert_eq!(bo.expect("message").await["client_id"], json!(mark));
    }

    // The refusals hold under load, for any message.
    natter.disk(Disk::Full);
    for n in 0..200 {
        let mark = format!("more{n}");
        ada.send(marked(&mark)).await;
        assert_refused(&ada.next().await, &mark);
    }
    ada.send(json!({"type": "join", "room": "random"})).await;
    ada.expect_error("unavailable").await;
    ada.send(json!({"type": "set_nick", "name": "Zoe"})).await;
    ada.expect_error("unavailable").await;
    ada.send(json!({"type": "pm", "to": "Bo", "text": "psst", "client_id": "pm"})).await;
    assert_refused(&ada.next().await, "pm");
    assert_eq!(natter.connect_with("name=Cy", &[]).await.err().map(|status| status.as_u16()), Some(503));
    bo.expect_nothing().await;

    // Probes are refused like everything else.
    let since = Instant::now();
    while said(&natter, "still cannot be written") < 2 {
        assert!(since.elapsed() < crate::helpers::PATIENCE, "{}", natter.log());
        assert_eq!(status(&natter, "/healthz").await, 200);
    }
    ada.expect_nothing().await;
    assert_eq!((status(&natter, "/readyz").await, status(&natter, "/healthz").await), (503, 200));
    let page = reader.page("/room/general").await;
    assert!(page.contains("text of m0") && !page.contains(&format!("text of {refused}<")));
    assert_eq!(texts(&natter.json("/api/room/general/history").await).len(), acknowledged.len());

    natter.disk(Disk::Spacious);
    natter.until_ready_is(200).await;
    assert_eq!((said(&natter, "ERROR"), said(&natter, " WARN")), (1, 1), "{}", natter.log());
    assert_eq!(said(&natter, "the store can be written again"), 1);
    for _ in 0..2 {
        ada.send(marked(&refused)).await;
        assert_eq!(ada.expect("message").await["client_id"], json!(refused));
    }
    assert_eq!(bo.expect("message").await["client_id"], json!(refused));
    bo.expect_nothing().await;

    acknowledged.push(refused);
    let entries = stored(natter.data());
    assert_eq!(marks(&entries), acknowledged);
    let screen = natter.json("/api/room/general/history").await;
    assert_eq!(texts(&screen), entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_store_that_somebody_else_holds_is_answered_the_same_and_heals_the_same() {
    const MARKS: [&str; 20] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    let holder = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();

    for mark in MARKS {
        ada.send(marked(mark)).await;
    }
    for mark in MARKS {
        assert_refused(&ada.next().await, mark);
    }
    bo.expect_nothing().await;
    assert_eq!((status(&natter, "/readyz").await, status(&natter, "/healthz").await), (503, 200));
    assert_eq!(natter.json("/api/room/general/history").await, json!([]));

    drop(holder);
    natter.until_ready_is(200).await;
    for mark in MARKS {
        ada.send(marked(mark)).await;
    }
    for client in [&mut ada, &mut bo] {
        for mark in MARKS {
            assert_eq!(client.expect("message").await["client_id"], mark);
        }
    }
    assert_eq!(marks(&stored(natter.data())), MARKS);
}

#[tokio::test]
async fn a_form_that_cannot_be_stored_comes_back_with_the_text_and_the_reason() {
    let natter = Natter::start_on_a_disk(LOG).await;
    let ada = natter.browser("Ada").await;
    natter.disk(Disk::Full);
    let form = [("text", "written with care"), ("client_id", "form-1")];
    let refused = ada.post("/room/general", &form).await;
    assert_eq!(refused.status(), 503);
    let page = refused.text().await.unwrap();
    let composer = page.split("<textarea").nth(1).and_then(|rest| rest.split("</textarea>").next()).unwrap();
    assert!(composer.ends_with(">written with care"), "{composer}");
    assert!(page.contains("The server can't store messages right now."));

    let newcomer = crate::helpers::Browser::new(&natter).sign_in("Newcomer").await;
    assert_eq!(newcomer.status(), 503);
    assert!(newcomer.text().await.unwrap().contains("value=\"Newcomer\""));

    natter.disk(Disk::Spacious);
    natter.until_ready_is(200).await;
    for _ in 0..2 {
        assert_eq!(ada.post("/room/general", &form).await.status(), 303);
    }
    let texts: Vec<_> = stored(natter.data()).into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["written with care"]);
}

#[tokio::test]
async fn a_crash_on_a_full_disk_loses_nothing_acknowledged_and_brings_back_nothing_refused() {
    let natter = Natter::start_on_a_disk(LOG).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    natter.disk(NEARLY_FULL);
    let (mut acknowledged, refused) = say_until_refused(&mut ada).await;
    assert!(!acknowledged.is_empty());
    // The crash comes while more messages of the same size are refused.
    for n in 0..50 {
        ada.send(marked(&format!("more{n}"))).await;
    }
    let natter = natter.crash_and_restart().await;
    assert_eq!(marks(&stored(natter.data())), acknowledged);

    let (mut ada, resumed) = natter.resume(&token, 0).await;
    let screen = resumed["missedMessages"]["general"].as_array().unwrap();
    assert_eq!(screen.iter().map(|entry| entry["client_id"].as_str().unwrap()).collect::<Vec<_>>(), acknowledged);
    for _ in 0..2 {
        say_until_stored(&mut ada, &refused).await;
    }
    acknowledged.push(refused);
    assert_eq!(marks(&stored(natter.data())), acknowledged);
    assert_eq!(status(&natter, "/readyz").await, 200);
}
