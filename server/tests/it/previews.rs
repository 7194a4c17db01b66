//! Previewed rooms.

use crate::helpers::{Client, Natter, names, texts};
use serde_json::{Value, json};

async fn look(client: &mut Client, room: &str) -> Value {
    client.send(json!({"type": "preview", "room": room})).await;
    client.until("preview").await
}

async fn say(client: &mut Client, room: &str, text: &str) {
    client.send(json!({"type": "message", "room": room, "text": text})).await;
    assert_eq!(client.until("message").await["text"], text);
}

/// Bo in a room, and Ada, who previews it.
async fn looked_at(natter: &Natter) -> (Client, Client) {
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.expect("user_joined").await;
    bo.join("den").await;
    ada.expect("room_created").await;
    say(&mut bo, "den", "before").await;
    let preview = look(&mut ada, "den").await;
    assert_eq!((names(&preview), &preview["count"]), (vec!["Bo"], &json!(1)));
    assert_eq!(texts(&preview["history"]), ["before"]);
    (ada, bo)
}

#[tokio::test]
async fn who_looks_at_a_room_is_told_what_those_in_it_are_told_and_is_not_seen_there() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = looked_at(&natter).await;
    bo.send(json!({"type": "get_users", "room": "den"})).await;
    assert_eq!(names(&bo.expect("user_list").await), ["Bo"], "nobody has come");
    bo.send(json!({"type": "typing", "room": "den", "typing": true})).await;
    assert_eq!(ada.expect("typing").await["user"], "Bo");
    say(&mut bo, "den", "live").await;
    assert_eq!(ada.expect("typing").await["typing"], false);
    let seen = ada.expect("message").await;
    assert_eq!((&seen["room"], &seen["text"]), (&json!("den"), &json!("live")));
    bo.send(json!({"type": "set_nick", "name": "Ben"})).await;
    for kind in ["nick_changed", "system"] {
        let frames = [ada.next().await, ada.next().await];
        assert!(frames.iter().all(|frame| frame["type"] == kind), "of general and of the room: {frames:?}");
    }
    bo.send(json!({"type": "leave", "room": "den"})).await;
    assert_eq!(ada.expect("user_left").await["count"], 0);
}

#[tokio::test]
async fn a_preview_ends_with_the_next_one_with_none_and_with_joining() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = looked_at(&natter).await;
    look(&mut ada, "random").await;
    say(&mut bo, "den", "one").await;
    ada.expect_nothing().await;
    look(&mut ada, "den").await;
    ada.send(json!({"type": "preview"})).await;
    ada.expect_nothing().await;
    say(&mut bo, "den", "two").await;
    ada.expect_nothing().await;

    look(&mut ada, "den").await;
    ada.join("den").await;
    say(&mut bo, "den", "three").await;
    assert_eq!(ada.expect("message").await["text"], "three");
    ada.expect_nothing().await;
    assert_eq!(look(&mut ada, "den").await["count"], 2, "a member may look too");
    say(&mut bo, "den", "four").await;
    assert_eq!(ada.expect("message").await["text"], "four");
    ada.expect_nothing().await;
    ada.send(json!({"type": "leave", "room": "den"})).await;
    ada.until("left").await;
    say(&mut bo, "den", "five").await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_text_right_behind_a_join_from_a_preview_is_stored() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = looked_at(&natter).await;
    ada.send(json!({"type": "join", "room": "den"})).await;
    ada.send(json!({"type": "message", "room": "den", "text": "here I am"})).await;
    ada.expect("joined").await;
    assert_eq!(ada.expect("message").await["text"], "here I am");
    bo.expect("user_joined").await;
    assert_eq!(bo.expect("message").await["text"], "here I am");
}

#[tokio::test]
async fn a_room_that_is_not_there_can_be_looked_at_and_is_seen_to_appear() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.expect("user_joined").await;
    let preview = look(&mut ada, "Attic").await;
    assert_eq!(
        preview,
        json!({"type": "preview", "room": "attic", "missing": true, "history": [], "users": [], "count": 0})
    );
    bo.send(json!({"type": "get_rooms"})).await;
    let rooms = bo.expect("room_list").await;
    assert!(!rooms.to_string().contains("attic"), "looking makes no room: {rooms}");
    bo.join("attic").await;
    ada.expect("room_created").await;
    assert_eq!(ada.expect("user_joined").await["user"], "Bo");
    ada.send(json!({"type": "preview", "room": "x"})).await;
    ada.expect_error("bad_room").await;
}

#[tokio::test]
async fn a_connection_that_goes_looks_at_nothing_any_more() {
    let natter = Natter::start().await;
    let mut bo = natter.join_as("Bo").await;
    bo.join("den").await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    look(&mut ada, "den").await;
    drop(ada);
    let (mut ada, _) = natter.resume(&token, 0).await;
    say(&mut bo, "den", "meanwhile").await;
    ada.expect_nothing().await;
    assert_eq!(texts(&look(&mut ada, "den").await["history"]), ["meanwhile"]);
}
