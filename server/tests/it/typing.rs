//! Typing notifications: others see them, and they never get stuck.

use crate::helpers::{Client, Natter};
use serde_json::{Value, json};

async fn two(natter: &Natter) -> (Client, Client) {
    let (mut ada, bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    (ada, bo)
}

fn typing(room: &str, typing: bool) -> Value {
    json!({"type": "typing", "room": room, "typing": typing})
}

fn told(room: &str, typing: bool) -> Value {
    json!({"type": "typing", "room": room, "user": "Ada", "typing": typing})
}

#[tokio::test]
async fn others_see_who_is_writing_and_the_writer_does_not() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for _ in 0..3 {
        ada.send(typing("general", true)).await;
    }
    assert_eq!(bo.expect("typing").await, told("general", true));
    bo.send(json!({"type": "get_users", "room": "general"})).await;
    let users = bo.expect("user_list").await["users"].clone();
    assert_eq!((&users[0]["typing"], &users[1]["typing"]), (&json!(true), &json!(false)));
    ada.send(typing("general", false)).await;
    ada.send(typing("general", false)).await;
    assert_eq!(bo.expect("typing").await, told("general", false), "each change is told once");
    ada.expect_nothing().await;
    bo.expect_nothing().await;
}

#[tokio::test]
async fn it_ends_by_itself() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send(typing("general", true)).await;
    bo.expect("typing").await;
    assert_eq!(bo.expect("typing").await, told("general", false));
}

#[tokio::test]
async fn a_message_ends_it_in_its_own_room_alone() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.join("random").await;
    bo.join("random").await;
    ada.expect("user_joined").await;
    for room in ["general", "random"] {
        ada.send(typing(room, true)).await;
        assert_eq!(bo.expect("typing").await, told(room, true));
    }
    ada.said("done in general").await;
    assert_eq!(bo.expect("typing").await, told("general", false));
    bo.expect("message").await;
    bo.expect_nothing().await;
    bo.send(json!({"type": "get_users", "room": "random"})).await;
    assert_eq!(bo.expect("user_list").await["users"][0]["typing"], true);
}

#[tokio::test]
async fn leaving_going_and_a_new_name_end_it() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.join("random").await;
    bo.join("random").await;
    ada.expect("user_joined").await;
    ada.send(typing("random", true)).await;
    bo.expect("typing").await;
    ada.send(json!({"type": "leave", "room": "random"})).await;
    assert_eq!(bo.expect("typing").await, told("random", false));
    bo.expect("user_left").await;

    ada.send(typing("general", true)).await;
    bo.expect("typing").await;
    ada.send(json!({"type": "set_nick", "name": "Zoe"})).await;
    assert_eq!(bo.expect("typing").await, told("general", false), "under the old name");
    bo.expect("nick_changed").await;
    bo.expect("system").await;

    ada.send(typing("general", true)).await;
    assert_eq!(bo.expect("typing").await["user"], "Zoe");
    drop(ada);
    let ended = bo.expect("typing").await;
    assert_eq!((&ended["user"], &ended["typing"]), (&json!("Zoe"), &json!(false)));
    bo.expect_nothing().await;
}

#[tokio::test]
async fn it_needs_a_room_that_one_is_in() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for (room, code) in [("random", "not_in_room"), ("nowhere", "not_in_room"), ("x", "bad_room")] {
        ada.send(typing(room, true)).await;
        ada.expect_error(code).await;
    }
    for wrong in [json!(1), json!("true"), json!(null)] {
        ada.send(json!({"type": "typing", "room": "general", "typing": wrong})).await;
        ada.expect_error("bad_frame").await;
    }
    bo.expect_nothing().await;
}

fn typing_to(name: &str, typing: bool) -> Value {
    json!({"type": "typing", "room": format!("@{name}"), "typing": typing})
}

fn told_alone(writer: &str, id: &Value, typing: bool) -> Value {
    json!({"type": "typing", "room": format!("@{writer}"), "user": writer, "user_id": id, "typing": typing})
}

#[tokio::test]
async fn in_a_conversation_the_other_one_is_told_who_is_writing_and_nobody_else() {
    let natter = Natter::start().await;
    let mut ada = natter.connect_with_name("Ada").await;
    let id = ada.expect("connected").await["user_id"].clone();
    ada.expect("joined").await;
    let (mut bo, token) = natter.join_with_token("Bo").await;
    bo.send(json!({"type": "get_users", "room": "general"})).await;
    let bo_id = bo.expect("user_list").await["users"][1]["id"].as_str().unwrap().to_owned();
    let mut cy = natter.join_as("Cy").await;
    bo.expect("user_joined").await;
    ada.send(typing_to("Bo", true)).await;
    ada.send(typing_to("Bo", true)).await;
    assert_eq!(bo.expect("typing").await, told_alone("Ada", &id, true));
    ada.send(typing_to(&format!("{bo_id}-Somebody"), false)).await;
    assert_eq!(bo.expect("typing").await, told_alone("Ada", &id, false), "the number says who is meant");

    ada.send(json!({"type": "pm", "to": "Bo", "text": "hello"})).await;
    bo.expect("pm").await;
    ada.send(typing_to("Bo", true)).await;
    bo.expect("typing").await;
    let (mut other, _) = natter.resume(&token, 0).await;
    assert_eq!(other.expect("typing").await, told_alone("Ada", &id, true), "a page that is opened meanwhile");
    ada.send(json!({"type": "pm", "to": "Bo", "text": "said"})).await;
    for bo in [&mut bo, &mut other] {
        assert_eq!(bo.expect("typing").await, told_alone("Ada", &id, false), "with what was being written");
        bo.expect("pm").await;
    }
    cy.expect_nothing().await;
}

#[tokio::test]
async fn writing_in_a_conversation_ends_with_the_lease_a_new_name_and_the_last_connection() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.send(typing_to("Bo", true)).await;
    bo.expect("typing").await;
    assert_eq!(bo.expect("typing").await["typing"], false, "six seconds later");
    ada.send(typing_to("Bo", true)).await;
    bo.expect("typing").await;
    ada.send(json!({"type": "set_nick", "name": "Zoe"})).await;
    let ended = bo.expect("typing").await;
    assert_eq!((&ended["user"], &ended["typing"]), (&json!("Ada"), &json!(false)), "under the old name");
    bo.until("system").await;
    ada.send(typing_to("Bo", true)).await;
    bo.expect("typing").await;
    drop(ada);
    assert_eq!(bo.expect("typing").await["typing"], false);
}

#[tokio::test]
async fn nobody_writes_to_who_is_not_there_or_is_told_of_themselves() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.send(typing_to("Nobody", true)).await;
    ada.expect_error("no_such_user").await;
    ada.send(typing_to("Ada", true)).await;
    ada.expect_nothing().await;
}
