//! Private messages.

use crate::helpers::{Natter, texts};
use serde_json::{Value, json};

fn pm(to: &str, text: &str) -> Value {
    json!({"type": "pm", "to": to, "text": text})
}

#[tokio::test]
async fn a_private_message_reaches_every_connection_of_both_and_nobody_else() {
    let natter = Natter::start().await;
    let (mut ada, ada_token) = natter.join_with_token("Ada").await;
    let (mut bo, bo_token) = natter.join_with_token("Bo").await;
    let mut cy = natter.join_as("Cy").await;
    let (mut ada_too, _) = natter.resume(&ada_token, 0).await;
    let (mut bo_too, _) = natter.resume(&bo_token, 0).await;

    ada.until("user_joined").await;
    ada.send(json!({"type": "pm", "to": "bO", "text": "secret", "client_id": "c1"})).await;
    let sent = ada.until("pm_sent").await;
    assert_eq!(
        (&sent["to"], &sent["text"], &sent["prev"], &sent["client_id"]),
        (&json!("Bo"), &json!("secret"), &json!(0), &json!("c1"))
    );
    assert_eq!(ada_too.until("pm_sent").await, sent, "the sender's other connection has it too");
    let received = bo.until("pm").await;
    assert_eq!((&received["from"], &received["text"]), (&json!("Ada"), &json!("secret")));
    assert_eq!((&received["id"], &received["prev"], &received["ts"]), (&sent["id"], &sent["prev"], &sent["ts"]));
    assert_eq!(received.get("client_id"), None);
    assert_eq!(bo_too.until("pm").await, received);
    cy.expect_nothing().await;

    bo.send(pm("Ada", "answer")).await;
    assert_eq!(bo.until("pm_sent").await["prev"], sent["id"], "one conversation, one chain");
    assert_eq!(ada.until("pm").await["prev"], sent["id"]);
    cy.expect_nothing().await;
}

#[tokio::test]
async fn who_was_away_gets_it_on_the_return_also_after_a_restart_of_the_server() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let (mut bo, token) = natter.join_with_token("Bo").await;
    let seen = bo.said("I wrote something, so I am remembered").await["id"].as_u64().unwrap();
    ada.until("message").await;
    drop(bo);
    ada.expect("user_left").await;
    ada.send(pm("Bo", "while you were away")).await;
    ada.expect("pm_sent").await;
    let natter = natter.crash_and_restart().await;
    let (mut bo, resumed) = natter.resume(&token, seen).await;
    assert_eq!(texts(&resumed["missed_pms"]["Ada"]), ["while you were away"]);
    assert_eq!(resumed["missedMessages"], json!({}));
    let last = resumed["missed_pms"]["Ada"][0]["id"].as_u64().unwrap();
    bo.expect_nothing().await;
    let (_, resumed) = natter.resume(&token, last).await;
    assert_eq!(resumed["missed_pms"], json!({}), "once");
}

#[tokio::test]
async fn a_client_that_keeps_no_cursor_gets_it_too_once() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let (mut bo, token) = natter.join_with_token("Bo").await;
    ada.send(pm("Bo", "seen")).await;
    ada.until("pm_sent").await;
    bo.expect("pm").await;
    drop(bo);
    ada.until("user_left").await;
    for text in ["missed one", "missed two"] {
        ada.send(pm("Bo", text)).await;
        ada.expect("pm_sent").await;
    }
    let natter = natter.crash_and_restart().await;
    for expected in [&["missed one", "missed two"][..], &[]] {
        let mut bo = natter.connect(&format!("session={token}")).await;
        bo.expect("connected").await;
        bo.expect("joined").await;
        for text in expected {
            let told = bo.expect("pm").await;
            assert_eq!((&told["from"], &told["text"]), (&json!("Ada"), &json!(text)));
        }
        bo.expect_nothing().await;
        drop(bo);
    }
}

#[tokio::test]
async fn a_conversation_is_paged_like_a_room_and_only_by_its_two_users() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    let mut eve = natter.join_as("Eve").await;
    let mut ids = Vec::new();
    for n in 0..250 {
        ada.send(pm("Bo", &n.to_string())).await;
        ids.push(ada.until("pm_sent").await["id"].as_u64().unwrap());
    }
    for _ in 0..250 {
        bo.until("pm").await;
    }
    for (client, peer) in [(&mut ada, "@Bo"), (&mut bo, "@ada")] {
        client.send(json!({"type": "get_history", "room": peer})).await;
        let page = client.until("history").await;
        assert_eq!(page["room"], peer);
        assert_eq!(texts(&page["messages"]), (150..250).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(page["more"], true);
        client.send(json!({"type": "get_history", "room": peer, "before": ids[150], "limit": 200})).await;
        let older = client.until("history").await;
        assert_eq!(texts(&older["messages"]), (0..150).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(older["more"], false);
    }
    for peer in ["@Ada", "@Bo"] {
        eve.send(json!({"type": "get_history", "room": peer})).await;
        assert_eq!(eve.until("history").await["messages"], json!([]), "her own conversation with them is empty");
    }
    for path in
        ["/api/room/@1:2/history", "/api/room/@Bo/history", "/api/room/%401%3A2/history", "/api/room/@1:2/users"]
    {
        assert_eq!(reqwest::get(natter.url(path)).await.unwrap().status(), 404, "{path}");
    }
    let rooms = natter.json("/api/rooms").await.to_string();
    assert!(!rooms.contains('@') && !rooms.contains("1:2"), "{rooms}");
    let mallory = natter.browser("Mallory").await;
    for path in ["/room/@1:2", "/room/@Bo"] {
        assert_eq!(mallory.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_private_message_is_stored_once_whatever_is_sent_again() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let frame = json!({"type": "pm", "to": "Bo", "text": "once", "client_id": "m"});
    ada.send(frame.clone()).await;
    let first = ada.until("pm_sent").await;
    bo.expect("pm").await;
    ada.send(frame.clone()).await;
    assert_eq!(ada.expect("pm_sent").await, first);
    let natter = natter.crash_and_restart().await;
    let (mut ada, _) = natter.resume(&token, first["id"].as_u64().unwrap()).await;
    ada.send(frame).await;
    assert_eq!(ada.expect("pm_sent").await, first);
}

#[tokio::test]
async fn what_cannot_be_sent_privately_is_refused_with_its_mark() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for (to, text, code) in
        [("Nobody", "hi", "no_such_user"), ("", "hi", "no_such_user"), ("Ada", &"x".repeat(4_001), "too_long")]
    {
        ada.send(json!({"type": "pm", "to": to, "text": text, "client_id": "c"})).await;
        assert_eq!(ada.expect_error(code).await["client_id"], "c");
    }
    ada.send(pm("Nobody", "  ")).await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_note_to_oneself_is_a_conversation_too() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.send(pm("Ada", "remember")).await;
    let both = [ada.next().await, ada.next().await];
    assert_eq!(both.each_ref().map(|frame| frame["type"].as_str().unwrap()), ["pm", "pm_sent"]);
    assert_eq!(both[0]["id"], both[1]["id"]);
}

#[tokio::test]
async fn a_page_shows_who_it_is_for_what_they_were_told_alone() {
    let natter = Natter::start().await;
    let (bo, eve) = (natter.browser("Bo").await, natter.browser("Eve").await);
    natter.join_as("Ada").await.send(pm("Bo", "for your eyes <only>")).await;
    let deadline = tokio::time::Instant::now() + crate::helpers::PATIENCE;
    while !bo.page("/pm/3-Ada").await.contains("for your eyes &lt;only&gt;") {
        assert!(tokio::time::Instant::now() < deadline, "it is shown some time");
    }
    for path in ["/pm/3-Ada", "/pm/1-Bo", "/room/general"] {
        assert!(!eve.page(path).await.contains("for your eyes"), "{path}");
    }
}

#[tokio::test]
async fn how_far_somebody_has_read_is_kept_and_told_to_each_connection() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let (mut bo, mut phone) = (natter.join_as("Bo").await, natter.resume(&token, 0).await.0);
    let first = bo.said("one").await["id"].as_u64().unwrap();
    let second = bo.said("two").await["id"].as_u64().unwrap();
    bo.send(pm("Ada", "psst")).await;
    let private = bo.expect("pm_sent").await["id"].as_u64().unwrap();
    ada.until("pm").await;
    phone.until("pm").await;

    ada.send(json!({"type": "read", "room": "general", "id": first})).await;
    let told = json!({"type": "read", "room": "general", "id": first, "unread": {"count": 1}});
    assert_eq!(phone.expect("read").await, told, "with what is unread behind it");
    assert_eq!(ada.expect("read").await, told, "which the page that said so may not have");
    ada.send(json!({"type": "read", "room": "general", "id": 0})).await;
    ada.send(json!({"type": "read", "room": "general", "id": 999_999})).await;
    assert_eq!(phone.expect("read").await["id"], second, "never back, and not beyond the end");
    assert_eq!(ada.expect("read").await["id"], second);
    phone.send(json!({"type": "read", "room": "@bo", "id": private})).await;
    assert_eq!(ada.expect("read").await["id"], private);
    assert_eq!(phone.expect("read").await["id"], private);
    ada.expect_nothing().await;
    bo.expect_nothing().await;
    for (room, code) in [("random", "not_in_room"), ("nowhere", "bad_room"), ("@Nobody", "no_such_user")] {
        ada.send(json!({"type": "read", "room": room, "id": 1})).await;
        ada.expect_error(code).await;
    }

    let natter = natter.crash_and_restart().await;
    let (_, resumed) = natter.resume(&token, private).await;
    assert_eq!(resumed["read"], json!({"general": second, "@Bo": private}));
    let mut anew = natter.connect(&format!("session={token}")).await;
    anew.expect("connected").await;
    assert_eq!(anew.expect("joined").await["read"], second);
}
