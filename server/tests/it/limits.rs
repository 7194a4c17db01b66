//! Rate limits over the wire: accepted requests, refusals, and their effect on others.
//!
//! `chat::rate_limit` and `chat::tests::counted` test the limits' dependence on time without a clock. Here the server's
//! clock runs, so no test expects anything within a time: it goes on until it is refused, and the number of accepted
//! requests is the burst and at most what was refilled meanwhile ([`Tokens`]).

use crate::helpers::{Browser, Client, Natter, cookies};
use futures::SinkExt;
use serde_json::{Value, json};
use std::time::Instant;

/// The default limits.
const DEFAULT: [&str; 8] = ["--message-rate", "10", "--typing-rate", "5", "--join-rate", "5", "--query-rate", "50"];

/// More requests than any machine sends while as many tokens are refilled.
const MANY: usize = 10_000;

fn message(n: usize) -> Value {
    json!({"type": "message", "text": n.to_string(), "client_id": format!("m{n}")})
}

/// The tokens of a rate limit since a point in time, and the number taken.
struct Tokens {
    burst: usize,
    per_second: usize,
    taken: usize,
    since: Instant,
}

impl Tokens {
    fn new(burst: usize, per_second: usize) -> Self {
        Self { burst, per_second, taken: 0, since: Instant::now() }
    }

    /// Counts one. There are no more than the burst and the refill so far, however slow the machine is.
    fn take(&mut self) {
        self.taken += 1;
        let most = self.burst + self.per_second * usize::try_from(self.since.elapsed().as_secs() + 1).unwrap();
        assert!(self.taken <= most, "{} of {most}", self.taken);
    }

    /// Checks at the first refusal that the burst was available.
    fn refused(&self) {
        assert!(self.taken >= self.burst, "{} of {}", self.taken, self.burst);
    }
}

/// Repeats a request and returns the first refusal. A hundred are sent together, since tokens are refilled while an
/// answer is awaited.
async fn until_refused(client: &mut Client, tokens: &mut Tokens, answer: &str, ask: impl Fn(usize) -> Value) -> Value {
    let mut asked = 0;
    let mut refused = None;
    loop {
        for _ in 0..100 {
            client.send(ask(asked)).await;
            asked += 1;
        }
        let mut answered = 0;
        while answered < 100 {
            let frame = client.next().await;
            if frame["type"] == "error" {
                assert_eq!(frame["code"], "rate_limited", "{frame}");
                refused.get_or_insert(frame);
            } else if frame["type"] == answer {
                tokens.take();
            } else {
                continue;
            }
            answered += 1;
        }
        if let Some(refused) = refused {
            tokens.refused();
            return refused;
        }
    }
}

#[tokio::test]
async fn thirty_messages_at_once_are_taken_and_one_more_is_told_when_to_come_again() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    let refused = until_refused(&mut ada, &mut Tokens::new(30, 10), "message", message).await;
    let number: usize = refused["client_id"].as_str().unwrap()[1..].parse().unwrap();
    assert!(number >= 30, "the first thirty are taken: {refused}");
    assert!((1..=1_000).contains(&refused["retry_after_ms"].as_u64().unwrap()), "{refused}");
}

#[tokio::test]
async fn a_user_is_limited_over_all_connections_and_nobody_else_is() {
    let natter = Natter::start_with(&DEFAULT).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let (mut tab, _) = natter.resume(&token, 0).await;
    let mut bo = natter.join_as("Bo").await;
    let mut tokens = Tokens::new(30, 10);
    for n in 0..30 {
        ada.send(message(n)).await;
    }
    for _ in 0..30 {
        ada.until("message").await;
        tokens.take();
    }
    let psst = |_| json!({"type": "pm", "to": "Bo", "text": "one more"});
    until_refused(&mut tab, &mut tokens, "pm_sent", psst).await;
    bo.say("I have said nothing yet").await;
    while bo.until("message").await["from"] != "Bo" {}
}

#[tokio::test]
async fn joins_names_and_typing_have_limits_of_their_own() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    // An accepted request is not answered, but a ping after it is.
    let mut answer = Value::Null;
    for _ in 0..MANY / 100 {
        for _ in 0..100 {
            ada.send(json!({"type": "typing", "room": "general", "typing": true})).await;
        }
        ada.send(json!({"type": "ping", "ts": 1})).await;
        answer = ada.next().await;
        if answer["type"] == "error" {
            break;
        }
    }
    assert_eq!(answer["code"], "rate_limited");
    while ada.next().await["type"] != "pong" {}

    let mut tokens = Tokens::new(50, 5);
    loop {
        let (frame, code) = match tokens.taken % 2 {
            0 => (json!({"type": "set_nick", "name": "x"}), "bad_name"),
            _ => (json!({"type": "leave", "room": "den"}), "not_in_room"),
        };
        ada.send(frame).await;
        let refused = ada.until("error").await;
        if refused["code"] == "rate_limited" {
            break;
        }
        assert_eq!(refused["code"], code);
        tokens.take();
    }
    tokens.refused();
    ada.said("messages are taken").await;
}

#[tokio::test]
async fn pages_and_answers_are_counted_whether_they_find_something_or_not() {
    let natter = Natter::start_with(&["--query-rate", "1"]).await;
    for (n, path) in ["/room/nowhere", "/api/nothing", "/mentions"].into_iter().enumerate() {
        let somebody = natter.browser(&format!("Guest{n}")).await;
        let mut tokens = Tokens::new(5, 1);
        let refused = loop {
            let response = somebody.get(path).await;
            if response.status() == 429 {
                break response;
            }
            tokens.take();
        };
        tokens.refused();
        assert_eq!(refused.headers()["retry-after"], "1", "{path}");
        assert!(refused.text().await.unwrap().contains("Too many requests."), "{path}");
    }
    assert_eq!(natter.browser("Bo").await.get("/room/general").await.status(), 200, "the others notice nothing");
}

#[tokio::test]
async fn who_goes_on_when_refused_is_closed_with_1008_and_the_others_notice_nothing() {
    let natter = Natter::start_with(&DEFAULT).await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    for n in 0..MANY {
        if ada.socket.send(message(n).to_string().into()).await.is_err() {
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
    for _ in 0..MANY {
        if ada.socket.send("nonsense".into()).await.is_err() {
            break;
        }
    }
    assert_eq!(ada.expect_close().await.0, 1008);
}

#[tokio::test]
async fn lists_and_pages_are_given_as_fast_as_a_person_can_want_them() {
    let natter = Natter::start_with(&DEFAULT).await;
    let mut ada = natter.join_as("Ada").await;
    until_refused(&mut ada, &mut Tokens::new(250, 50), "room_list", |_| json!({"type": "get_rooms"})).await;
}

#[tokio::test]
async fn one_address_cannot_fill_the_chat_with_people() {
    let natter = Natter::start_with(&["--join-rate", "1"]).await;
    // The tokens of ten users.
    let mut tokens = Tokens::new(100, 10);
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let mut held = Vec::new();
    let refused = loop {
        match natter.connect_with("name=Sock", &from("198.51.100.7")).await {
            Ok(client) => held.push(client),
            Err(status) => break status,
        }
        tokens.take();
    };
    assert_eq!(refused.as_u16(), 429);
    tokens.refused();
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
    let mut tokens = Tokens::new(30, 10);
    let refused = loop {
        let response = ada.post("/room/general", &[("text", "a lot to say")]).await;
        if response.status() != 303 {
            break response;
        }
        tokens.take();
    };
    tokens.refused();
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
