//! Messages arrive in order and unchanged.

use crate::helpers::Natter;
use serde_json::{Value, json};

fn identified(text: &str, client_id: &str) -> Value {
    json!({"type": "message", "room": "general", "text": text, "client_id": client_id})
}

#[tokio::test]
async fn a_message_reaches_everybody_in_the_room_with_its_place_in_the_log() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.send(identified("one", "c1")).await;
    let first = ada.expect("message").await;
    assert_eq!(bo.expect("message").await, first);
    assert_eq!(
        (&first["room"], &first["from"], &first["text"], &first["client_id"], &first["prev"]),
        (&json!("general"), &json!("Ada"), &json!("one"), &json!("c1"), &json!(0))
    );
    assert!(first["ts"].as_f64().unwrap() > 1_700_000_000.0, "seconds");
    let second = ada.said("two").await;
    assert_eq!(second["prev"], first["id"]);
    assert!(second["id"].as_u64() > first["id"].as_u64());
    assert!(second.get("client_id").is_none());
}

#[tokio::test]
async fn each_room_is_a_chain_of_its_own_over_one_count() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.send(json!({"type": "join", "room": "random"})).await;
    ada.expect("joined").await;
    let mut last = [0, 0];
    let mut highest = 0;
    for n in 0..10 {
        let room = n % 2;
        ada.send(json!({"type": "message", "room": (["general", "random"][room]), "text": n.to_string()})).await;
        let entry = ada.expect("message").await;
        assert_eq!(entry["prev"], last[room]);
        last[room] = entry["id"].as_u64().unwrap();
        assert!(last[room] > highest);
        highest = last[room];
    }
}

#[tokio::test]
async fn any_text_arrives_byte_for_byte_but_for_white_space_at_its_end() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for text in [
        "<script>alert('x')</script> \"quotes\" & </leptos-island>",
        "\u{202e}reversed\u{202c} שלום",
        "\u{1f9d1}\u{200d}\u{1f680} e\u{301} é",
        "  two\nlines\r\n\tand a NUL \0.",
    ] {
        ada.said(text).await;
    }
    ada.say("trimmed \n\t ").await;
    assert_eq!(ada.expect("message").await["text"], "trimmed");
    ada.say(" \n ").await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_text_of_the_limit_is_taken_and_one_more_is_refused() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.said(&"\u{1f680}".repeat(4_000)).await;
    ada.send(identified(&"x".repeat(4_001), "long")).await;
    assert_eq!(ada.expect_error("too_long").await["client_id"], "long");
}

#[tokio::test]
async fn the_same_client_id_is_stored_once_whatever_happens_in_between() {
    let mut natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = ada.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    ada.expect("joined").await;
    let mut bo = natter.join_as("Bo").await;
    ada.expect("user_joined").await;
    ada.send(identified("once", "m")).await;
    let original = ada.expect("message").await;
    bo.expect("message").await;

    ada.send(identified("once", "m")).await;
    assert_eq!(ada.expect("message").await, original);
    bo.expect_nothing().await;
    bo.send(identified("another's", "m")).await;
    assert_eq!(bo.expect("message").await["prev"], original["id"]);

    natter = natter.crash_and_restart().await;
    let mut ada = natter.connect(&format!("session={token}")).await;
    ada.expect("connected").await;
    assert_eq!(ada.expect("joined").await["history"].as_array().unwrap().len(), 2);
    ada.send(identified("once", "m")).await;
    assert_eq!(ada.expect("message").await, original);
}

#[tokio::test]
async fn a_client_id_has_a_limit() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.send(identified("fits", &"m".repeat(64))).await;
    ada.expect("message").await;
    ada.send(identified("does not", &"m".repeat(65))).await;
    ada.expect_error("bad_frame").await;
    ada.send(identified("is none", "")).await;
    ada.expect_error("bad_frame").await;
}

#[tokio::test]
async fn who_is_not_in_a_room_cannot_speak_there() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    bo.send(json!({"type": "join", "room": "random"})).await;
    bo.expect("joined").await;
    ada.expect("user_joined").await;
    ada.send(json!({"type": "message", "room": "random", "text": "hi", "client_id": "c"})).await;
    assert_eq!(ada.expect_error("not_in_room").await["client_id"], "c");
    bo.expect_nothing().await;
}

#[tokio::test]
async fn what_was_stored_is_answered_with_its_entry_whatever_has_changed_since() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.join("den").await;
    let in_den = |client_id: &str| json!({"type": "message", "room": "den", "text": "once", "client_id": client_id});
    let to_bo = |client_id: &str| json!({"type": "pm", "to": "Bo", "text": "once", "client_id": client_id});
    ada.send(in_den("m1")).await;
    let said = ada.expect("message").await;
    ada.send(to_bo("m2")).await;
    let whispered = ada.expect("pm_sent").await;
    ada.send(json!({"type": "leave", "room": "den"})).await;
    ada.expect("left").await;
    bo.send(json!({"type": "set_nick", "name": "Boris"})).await;
    ada.until("system").await;

    ada.send(in_den("m1")).await;
    assert_eq!(ada.expect("message").await, said);
    ada.send(to_bo("m2")).await;
    let again = ada.expect("pm_sent").await;
    assert_eq!((&again["id"], &again["text"], &again["to"]), (&whispered["id"], &whispered["text"], &json!("Boris")));
    // Another text under the same `client_id` is neither stored nor taken for the stored one.
    ada.send(json!({"type": "message", "room": "den", "text": "twice", "client_id": "m1"})).await;
    assert_eq!(ada.expect_error("not_in_room").await["client_id"], "m1");
    ada.send(in_den("m3")).await;
    assert_eq!(ada.expect_error("not_in_room").await["client_id"], "m3");
    ada.send(to_bo("m4")).await;
    assert_eq!(ada.expect_error("no_such_user").await["client_id"], "m4");
}

#[tokio::test]
async fn another_text_under_a_used_client_id_is_refused_and_not_taken_for_the_first() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.join("den").await;
    ada.send(identified("once", "m")).await;
    let said = ada.expect("message").await;
    for other in [
        json!({"type": "message", "room": "general", "text": "twice", "client_id": "m"}),
        json!({"type": "message", "room": "den", "text": "once", "client_id": "m"}),
        json!({"type": "message", "room": "general", "text": "/me once", "client_id": "m"}),
        json!({"type": "pm", "to": "Bo", "text": "once", "client_id": "m"}),
    ] {
        ada.send(other).await;
        assert_eq!(ada.expect_error("client_id_used").await["client_id"], "m");
    }
    ada.send(identified("once", "m")).await;
    assert_eq!(ada.expect("message").await, said, "the same text is a repeat");
    // A `client_id` is unique per author.
    bo.send(identified("twice", "m")).await;
    assert_eq!(ada.expect("message").await["text"], "twice");
    assert_eq!(natter.json("/api/room/general/history").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_private_text_that_is_sent_again_under_a_name_that_changed_hands_stays_where_it_is() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let (mut bo, mut cy) = (natter.join_as("Bo").await, natter.join_as("Cy").await);
    let frame = json!({"type": "message", "text": "/pm Bo for you", "client_id": "m"});
    ada.send(frame.clone()).await;
    let sent = ada.until("pm_sent").await;
    bo.send(json!({"type": "set_nick", "name": "Al"})).await;
    bo.until("nick_changed").await;
    cy.send(json!({"type": "set_nick", "name": "Bo"})).await;
    cy.until("nick_changed").await;
    ada.send(frame).await;
    let again = ada.until("pm_sent").await;
    assert_eq!((&again["id"], &again["to"]), (&sent["id"], &json!("Al")));
    cy.send(json!({"type": "get_history", "room": "@Ada"})).await;
    assert_eq!(cy.until("history").await["messages"], json!([]));
}

#[tokio::test]
async fn a_pings_number_comes_back_as_it_went() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for number in ["1732312345678", "1.5", "0", "-3", "18446744073709551615"] {
        ada.send_raw(&format!("{{\"type\":\"ping\",\"ts\":{number}}}")).await;
        assert_eq!(ada.next_text().await, format!("{{\"type\":\"pong\",\"ts\":{number}}}"));
    }
}
