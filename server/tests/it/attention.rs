//! What waits for somebody: what they have not read, who names them, and who is away.

use crate::helpers::{Natter, names};
use serde_json::json;

#[tokio::test]
async fn what_is_unread_and_who_names_one_is_said_to_who_comes_back_however_they_come() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let read = bo.said("read").await["id"].as_u64().unwrap();
    ada.until("message").await;
    ada.send(json!({"type": "read", "room": "general", "id": read})).await;
    ada.said("my own").await;
    bo.until("message").await;
    bo.said("unread").await;
    let newest = bo.said("@Ada, are you there?").await["id"].as_u64().unwrap();
    let unread = json!({"count": 2, "mentions": 1});

    let (_, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed["unread"], json!({"general": unread}), "whatever the cursor is");
    let mut anew = natter.connect(&format!("session={token}")).await;
    anew.expect("connected").await;
    let joined = anew.expect("joined").await;
    assert_eq!((&joined["read"], &joined["unread"]), (&json!(read), &unread));

    let natter = natter.crash_and_restart().await;
    let (mut ada, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed["unread"], json!({"general": unread}), "after a restart too");
    ada.send(json!({"type": "read", "room": "general", "id": newest})).await;
    ada.ping_pong().await;
    let (_, resumed) = natter.resume(&token, newest).await;
    assert_eq!(resumed.get("unread"), None, "nothing is unread");
}

#[tokio::test]
async fn of_very_much_that_is_unread_the_newest_two_hundred_are_counted() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    ada.said("I wrote something, so I am remembered").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..205 {
        bo.said(&format!("@Ada {n}")).await;
    }
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["unread"]["general"], json!({"count": 200, "mentions": 200}));
}

#[tokio::test]
async fn what_is_unread_of_a_conversation_stands_beside_it() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let (mut bo, token) = natter.join_with_token("Bo").await;
    for text in ["one", "two"] {
        ada.send(json!({"type": "pm", "to": "Bo", "text": text})).await;
        bo.until("pm").await;
    }
    bo.send(json!({"type": "pm", "to": "Ada", "text": "my own"})).await;
    bo.until("pm_sent").await;
    let (_, resumed) = natter.resume(&token, 0).await;
    assert_eq!(resumed["conversations"][0]["unread"], 2);
}

#[tokio::test]
async fn who_goes_is_away_and_is_listed_so_and_who_leaves_is_not() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.join("den").await;
    bo.join("den").await;
    bo.said("I wrote something, so I am remembered").await;
    ada.until("message").await;

    bo.send(json!({"type": "leave", "room": "den"})).await;
    let left = ada.until("user_left").await;
    assert_eq!((&left["room"], left.get("away")), (&json!("den"), None), "not a member any more");

    drop(bo);
    let left = ada.until("user_left").await;
    assert_eq!((&left["room"], &left["user"], &left["away"]), (&json!("general"), &json!("Bo"), &json!(true)));
    for (room, away) in [("general", vec!["Bo"]), ("den", vec![])] {
        ada.send(json!({"type": "get_users", "room": room})).await;
        let list = ada.expect("user_list").await;
        assert_eq!((names(&list), &list["count"]), (vec!["Ada"], &json!(1)));
        let listed = list["away"].as_array().into_iter().flatten().map(|user| user["name"].as_str().unwrap());
        assert_eq!(listed.collect::<Vec<_>>(), away, "{room}");
    }
}

#[tokio::test]
async fn who_is_forgotten_when_they_go_is_not_away() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let bo = natter.join_as("Bo").await;
    drop(bo);
    assert_eq!(ada.until("user_left").await.get("away"), None);
    ada.send(json!({"type": "get_users", "room": "general"})).await;
    assert_eq!(ada.expect("user_list").await.get("away"), None);
}
