//! What was acknowledged is there, once, whatever happens to the process.

use crate::helpers::{Client, Natter};
use futures::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use std::collections::HashSet;
use tokio_tungstenite::tungstenite::Message;

/// Sends for as long as the server lives, and returns the marks whose echo came.
async fn send_until_the_end(mut client: Client, marks: Vec<String>) -> Vec<(String, u64)> {
    let mut acknowledged = Vec::new();
    for mark in marks {
        let frame = json!({"type": "message", "text": mark, "client_id": mark});
        if client.socket.send(Message::text(frame.to_string())).await.is_err() {
            return acknowledged;
        }
        loop {
            let Some(Ok(message)) = client.socket.next().await else {
                return acknowledged;
            };
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["client_id"] == json!(mark) {
                acknowledged.push((mark, frame["id"].as_u64().unwrap()));
                break;
            }
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_by_kill_minus_nine() {
    const ROUNDS: usize = 4;
    const SENDERS: usize = 16;
    let mut natter = Natter::start().await;
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let senders = join_all((0..SENDERS).map(|sender| natter.join_as_any(round, sender))).await;
        let mut witness = natter.connect("name=Witness").await;
        let sending = senders.into_iter().enumerate().map(|(sender, client)| {
            let marks = (0..10_000).map(|n| format!("{round}-{sender}-{n}")).collect();
            tokio::spawn(send_until_the_end(client, marks))
        });
        let sending: Vec<_> = sending.collect();
        // The crash comes in the middle of the traffic: at a count of entries that is another one each round.
        for _ in 0..100 + 37 * round {
            while witness.next().await["type"] != "message" {}
        }
        natter = natter.crash_and_restart().await;
        for sender in join_all(sending).await {
            acknowledged.extend(sender.unwrap());
        }
    }
    assert!(acknowledged.len() >= ROUNDS * 100 - SENDERS, "there was traffic: {}", acknowledged.len());

    let store = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    let verdict: String = store.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut statement = store.prepare("SELECT id, prev, client_id FROM entries ORDER BY id").unwrap();
    let stored: Vec<(u64, u64, String)> = statement
        .query_map((), |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut above = 0;
    for (id, prev, _) in &stored {
        assert_eq!(*prev, above, "the chain is whole");
        above = *id;
    }
    let marks: HashSet<&String> = stored.iter().map(|(_, _, mark)| mark).collect();
    assert_eq!(marks.len(), stored.len(), "nothing is doubled");
    let places: HashSet<(&String, u64)> = stored.iter().map(|(id, _, mark)| (mark, *id)).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|(mark, id)| !places.contains(&(mark, *id))).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

impl Natter {
    async fn join_as_any(&self, round: usize, sender: usize) -> Client {
        let mut client = self.connect(&format!("name=S{round}x{sender}")).await;
        client.expect("connected").await;
        client
    }
}
