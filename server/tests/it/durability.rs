//! What was acknowledged is there, once, whatever happens to the process.

use crate::helpers::{Client, Natter, stored};
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

    let stored = stored(natter.data());
    let places: HashSet<(&str, u64)> =
        stored.iter().map(|entry| (entry.client_id.as_deref().unwrap(), entry.id)).collect();
    let marks: HashSet<&str> = places.iter().map(|(mark, _)| *mark).collect();
    assert_eq!(marks.len(), stored.len(), "nothing is doubled");
    let lost: Vec<_> = acknowledged.iter().filter(|(mark, id)| !places.contains(&(mark.as_str(), *id))).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

impl Natter {
    async fn join_as_any(&self, round: usize, sender: usize) -> Client {
        let mut client = self.connect(&format!("name=S{round}x{sender}")).await;
        client.expect("connected").await;
        client
    }
}
