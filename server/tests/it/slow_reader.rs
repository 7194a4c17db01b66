//! A client that does not read is closed, and loses nothing.

use crate::helpers::{Natter, PATIENCE, texts};
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Number of messages between two checks of the members.
const STEP: usize = 100;
/// 80 MB of text: more than any system's socket buffers hold.
const MOST: usize = 20_000;

#[tokio::test]
async fn a_reader_that_stalls_is_closed_with_4008_while_the_others_get_everything() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut stalled = natter.connect("name=Stalled").await;
    let token = stalled.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    stalled.expect("joined").await;
    // A user without entries would be forgotten with the last connection.
    stalled.said("here").await;
    let mut healthy = natter.join_as("Healthy").await;
    let mut sender = natter.join_as("Sender").await;
    healthy.expect("user_joined").await;

    // From here on nobody reads `stalled`: the sockets' buffers fill, then the server's queue, then the server closes
    // it, and the others see it leave. Messages are sent in steps, so that nobody else falls behind.
    let text = "x".repeat(4_000);
    let mut ids = Vec::new();
    let mut has_left = false;
    while !has_left {
        assert!(ids.len() < MOST, "it is let go of at some time");
        for _ in 0..STEP {
            sender.say(&text).await;
        }
        for client in [&mut sender, &mut healthy] {
            let mut echoes = 0;
            while echoes < STEP {
                let frame = client.next().await;
                match frame["type"].as_str().unwrap() {
                    "message" => {
                        echoes += 1;
                        ids.push(frame["id"].as_u64().unwrap());
                    }
                    "user_left" => has_left = true,
                    other => panic!("unexpected {other}"),
                }
            }
        }
        // Both have received the same, in the same order.
        let heard = ids.split_off(ids.len() - STEP);
        assert_eq!(ids[ids.len() - STEP..], heard);
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));

    let seen = timeout(PATIENCE, async {
        let mut seen = 0;
        loop {
            match futures::StreamExt::next(&mut stalled.socket)
                .await
                .expect("a close before the end")
                .expect("no reset")
            {
                Message::Text(text) => {
                    let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
                    seen = frame["id"].as_u64().unwrap_or(seen);
                }
                Message::Close(Some(close)) => {
                    assert_eq!(u16::from(close.code), 4008);
                    return seen;
                }
                _ => {}
            }
        }
    })
    .await
    .expect("it is closed");
    assert!(seen > 0 && seen < *ids.last().unwrap(), "it had fallen behind");

    let mut back = natter.connect(&format!("session={token}&lastMsgId={seen}")).await;
    let resumed = back.expect("resumed").await;
    let mut list = resumed["missedMessages"]["general"].as_array().unwrap().clone();
    while list[0]["prev"].as_u64().unwrap() > seen {
        back.send(
            json!({"type": "get_history", "room": "general", "after": seen, "before": list[0]["id"], "limit": 200}),
        )
        .await;
        let page = back.expect("history").await["messages"].as_array().unwrap().clone();
        list.splice(0..0, page);
    }
    assert!(texts(&json!(list)).iter().all(|resumed| *resumed == text));
    let resumed: Vec<u64> = list.iter().map(|entry| entry["id"].as_u64().unwrap()).collect();
    let missed: Vec<u64> = ids.into_iter().filter(|id| *id > seen).collect();
    assert_eq!(resumed, missed);
}
