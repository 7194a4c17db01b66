//! Who does not read is let go of, and loses nothing by it.

use crate::helpers::{Natter, PATIENCE, texts};
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_reader_that_stalls_is_closed_with_4008_while_the_others_get_everything() {
    const MESSAGES: usize = 3_000;
    let natter = Natter::start().await;
    let mut stalled = natter.connect("name=Stalled").await;
    let token = stalled.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    stalled.expect("joined").await;
    let mut healthy = natter.join_as("Healthy").await;
    let mut sender = natter.join_as("Sender").await;
    healthy.expect("user_joined").await;

    // From here on nobody reads `stalled`: the sockets' buffers fill, then the server's queue. Sending goes on in steps,
    // so that only the one who never reads falls behind.
    let text = "x".repeat(4_000);
    let mut ids = Vec::new();
    for _ in 0..MESSAGES / 100 {
        for _ in 0..100 {
            sender.say(&text).await;
        }
        for _ in 0..100 {
            sender.expect("message").await;
            ids.push(healthy.expect("message").await["id"].as_u64().unwrap());
        }
    }
    assert_eq!(ids.len(), MESSAGES);
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
