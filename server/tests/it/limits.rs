//! How much anybody may ask for: each limit, and one past it.

use crate::helpers::{Browser, Client, Natter, cookies};
use serde_json::{Value, json};
use std::time::Duration;

/// The limits that hold when nothing else is said.
const DEFAULT: [&str; 8] = ["--message-rate", "10", "--typing-rate", "5", "--join-rate", "5", "--query-rate", "50"];

fn message(n: usize) -> Value {
    json!({"type": "message", "text": n.to_string(), "client_id": format!("m{n}")})
}

/// Sends all, and sends what is refused again after as long as it was told to wait, like a good client.
async fn send_all(client: &mut Client, count: usize) -> (Vec<String>, usize) {
    for n in 0..count {
        client.send(message(n)).await;
    }
    let (mut heard, mut refused) = (Vec::new(), 0);
    let mut waiting: Vec<usize> = Vec::new();
    let mut wait = 0;
    while heard.len() < count {
        let frame = client.next().await;
        if frame["type"] == "message" {
            heard.push(frame["text"].as_str().unwrap().to_owned());
        } else {
            assert_eq!(frame["code"], "rate_limited", "{frame}");
            refused += 1;
            let again: usize = frame["client_id"].as_str().unwrap()[1..].parse().unwrap();
            waiting.push(again);
            wait = frame["retry_after_ms"].as_u64().unwrap();
            assert!((1..=1_000).contains(&wait), "{frame}");
        }
        if heard.len() + waiting.len() == count {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            for again in waiting.drain(..) {
                client.send(message(again)).await;
            }
        }
    }
    (heard, refused)
}

#[tokio::test]
async fn thirty_messages_at_once_are_taken_and_one_more_is_told_when_to_come_again() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    for n in 0..31 {
        ada.send(message(n)).await;
    }
    let mut said = 0;
    let refused = loop {
        let frame = ada.next().await;
        if frame["type"] == "error" {
            break frame;
        }
        said += 1;
    };
    // What is refused is answered before what waits for the store.
    while said < 30 {
        ada.expect("message").await;
        said += 1;
    }
    assert_eq!((&refused["code"], &refused["client_id"]), (&json!("rate_limited"), &json!("m30")));
    assert!((1..=1_000).contains(&refused["retry_after_ms"].as_u64().unwrap()));
}

#[tokio::test]
async fn whoever_waits_as_told_gets_everything_said_once_and_in_order() {
    let natter = Natter::start_with(&["--message-rate", "50"]).await;
    let mut ada = natter.join_as("Ada").await;
    let (heard, refused) = send_all(&mut ada, 170).await;
    assert!(refused >= 20 - 5, "150 at once are taken: {refused}");
    assert_eq!(heard, (0..170).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_user_is_limited_over_all_connections_and_nobody_else_is() {
    let natter = Natter::start_with(&DEFAULT).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let (mut tab, _) = natter.resume(&token, 0).await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..30 {
        ada.send(message(n)).await;
    }
    for _ in 0..30 {
        ada.until("message").await;
        tab.until("message").await;
    }
    for _ in 0..20 {
        tab.send(json!({"type": "pm", "to": "Bo", "text": "one more"})).await;
    }
    assert_eq!(tab.until("error").await["code"], "rate_limited");
    bo.say("I have said nothing yet").await;
    while bo.until("message").await["from"] != "Bo" {}
}

#[tokio::test]
async fn joins_names_and_typing_have_limits_of_their_own() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    for _ in 0..16 {
        ada.send(json!({"type": "typing", "room": "general", "typing": true})).await;
    }
    assert_eq!(ada.expect("error").await["code"], "rate_limited");
    for n in 0..60 {
        let frame =
            if n % 2 == 0 { json!({"type": "set_nick", "name": "x"}) } else { json!({"type": "leave", "room": "den"}) };
        ada.send(frame).await;
    }
    let mut limited = 0;
    for _ in 0..60 {
        let frame = loop {
            let frame = ada.next().await;
            if frame["type"] != "system" {
                break frame;
            }
        };
        limited += usize::from(frame["code"] == "rate_limited");
    }
    assert!((1..=10).contains(&limited), "50 at once: {limited}");
}

#[tokio::test]
async fn pages_and_answers_are_counted_whether_they_find_something_or_not() {
    let natter = Natter::start_with(&DEFAULT).await;
    let ada = natter.browser("Ada").await;
    for path in ["/room/nowhere", "/api/nothing", "/mentions"] {
        let mut refused = None;
        for _ in 0..20 {
            // Faster than tokens come back.
            futures::future::join_all((0..300).map(|_| ada.get("/api/stats"))).await;
            let response = ada.get(path).await;
            if response.status() == 429 {
                refused = Some(response);
                break;
            }
        }
        let refused = refused.expect("it is refused in the end");
        assert_eq!(refused.headers()["retry-after"], "1", "{path}");
        assert!(refused.text().await.unwrap().contains("Too many requests."), "{path}");
    }
    assert_eq!(natter.browser("Bo").await.get("/room/general").await.status(), 200, "the others notice nothing");
}

#[tokio::test]
async fn a_fourth_name_in_a_row_is_refused_with_the_time_to_wait() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    for name in ["Ann", "Amy", "Ava"] {
        ada.send(json!({"type": "set_nick", "name": name})).await;
        assert_eq!(ada.until("nick_changed").await["new_name"], name);
    }
    ada.send(json!({"type": "set_nick", "name": "Abi"})).await;
    let refused = ada.until("error").await;
    assert_eq!(refused["code"], "rate_limited");
    assert!(refused["retry_after_ms"].as_u64().unwrap() > 1_000, "{refused}");
    assert!(refused["message"].as_str().unwrap().ends_with("seconds."), "{refused}");
    assert_eq!(ada.said("still").await["from"], "Ava");
}

#[tokio::test]
async fn who_goes_on_when_refused_is_closed_with_1008_and_the_others_notice_nothing() {
    let natter = Natter::start_with(&DEFAULT).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..600 {
        if futures::SinkExt::send(&mut ada.socket, message(n).to_string().into()).await.is_err() {
            break;
        }
    }
    assert_eq!(ada.expect_close().await.0, 1008);
    let mut heard = 0;
    while heard < 30 {
        assert_eq!(bo.expect("message").await["text"], heard.to_string());
        heard += 1;
    }
    bo.say("untouched").await;
    while bo.until("message").await["text"] != "untouched" {}
    natter.resume(&token, 0).await;
}

#[tokio::test]
async fn who_goes_on_sending_nonsense_is_closed_with_1008() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for _ in 0..500 {
        ada.send_raw("nonsense").await;
    }
    for _ in 0..500 {
        ada.expect_error("bad_frame").await;
    }
    for _ in 0..100 {
        if futures::SinkExt::send(&mut ada.socket, "nonsense".into()).await.is_err() {
            break;
        }
    }
    assert_eq!(ada.expect_close().await.0, 1008);
}

#[tokio::test]
async fn lists_and_pages_are_given_as_fast_as_a_person_can_want_them() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    for _ in 0..400 {
        ada.send(json!({"type": "get_rooms"})).await;
    }
    let mut given = 0;
    for _ in 0..400 {
        given += usize::from(ada.next().await["type"] == "room_list");
    }
    assert!((250..400).contains(&given), "250 at once: {given}");
}

#[tokio::test]
async fn one_address_cannot_fill_the_chat_with_people() {
    // At a pace that a busy machine, too, is faster than.
    let natter = Natter::start_with(&["--join-rate", "1"]).await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let mut held = Vec::new();
    let refused = loop {
        match natter.connect_with("name=Sock", &from("198.51.100.7")).await {
            Ok(client) => held.push(client),
            Err(status) => break status,
        }
        assert!(held.len() < 2_000, "it ends some time");
    };
    assert_eq!(refused.as_u16(), 429);
    assert!(held.len() >= 100, "ten people's worth of ten seconds may come at once: {}", held.len());
    assert!(natter.connect_with("name=Other", &from("203.0.113.5")).await.is_ok(), "elsewhere nobody notices");
    assert!(
        natter.connect_with("name=Forger", &from("203.0.113.9, 198.51.100.7")).await.is_err(),
        "nor helps a made-up address"
    );
}

#[tokio::test]
async fn the_form_keeps_what_was_typed_too_fast() {
    let natter = Natter::start_with(&DEFAULT).await;
    let ada = natter.browser("Ada").await;
    let refused = loop {
        let response = ada.post("/room/general", &[("text", "a lot to say")]).await;
        if response.status() != 303 {
            break response;
        }
    };
    assert_eq!(refused.status(), 429);
    let page = refused.text().await.unwrap();
    assert!(page.contains(">a lot to say</textarea>") && page.contains("Wait a moment"));
}

#[tokio::test]
async fn a_user_is_in_as_many_rooms_as_are_set() {
    let natter = Natter::start_with(&["--rooms-per-user", "3"]).await;
    let mut ada = natter.join_as("Ada").await;
    for room in ["one", "two"] {
        ada.join(room).await;
    }
    ada.send(json!({"type": "join", "room": "three"})).await;
    ada.expect_error("too_many_rooms").await;
    ada.send(json!({"type": "leave", "room": "one"})).await;
    ada.expect("left").await;
    assert_eq!(ada.join("three").await["room"], "three");
}

#[tokio::test]
async fn pages_of_history_that_one_connection_waits_for_are_bounded() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for n in 0..250 {
        ada.send(message(n)).await;
    }
    for _ in 0..250 {
        ada.expect("message").await;
    }
    // Below what is in memory, so each is read from the store.
    for _ in 0..500 {
        ada.send(json!({"type": "get_history", "room": "general", "before": 20})).await;
    }
    let (mut pages, mut refused) = (0, 0);
    while pages + refused < 500 {
        match ada.next().await {
            frame if frame["type"] == "history" => pages += 1,
            frame => {
                assert_eq!(frame["code"], "rate_limited", "{frame}");
                refused += 1;
            }
        }
    }
    assert!(pages >= 16, "{pages} pages, {refused} refused");
}

#[tokio::test]
async fn a_browser_that_comes_from_a_crowded_address_is_told_so_on_its_page() {
    let natter = Natter::start_with(&["--join-rate", "1"]).await;
    let mut held = Vec::new();
    while let Ok(client) = natter.connect_with("name=Sock", &[("x-forwarded-for", "198.51.100.7")]).await {
        held.push(client);
    }
    let door = Browser::new(&natter).get("/").await;
    let probe = cookies(&door)[0].split(';').next().unwrap().to_owned();
    let form = reqwest::Client::new().post(natter.url("/")).form(&[("name", "Late")]);
    let form = form.header("origin", natter.url("")).header("cookie", probe);
    let response = form.header("x-forwarded-for", "198.51.100.7").send().await.unwrap();
    assert_eq!(response.status(), 429);
    let page = response.text().await.unwrap();
    assert!(page.contains("Try again in a moment") && page.contains("value=\"Late\""), "{page}");
}
