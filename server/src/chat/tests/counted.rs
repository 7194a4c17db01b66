//! Everything that a client can send is charged, valid or not.

use super::{BO, SETTINGS, START, Stage, restored};
use crate::{
    chat::{Address, Now, Rate, Rates, Settings, steps},
    journal::{StoredSession, StoredUser},
};
use app::protocol::{UserId, UserName, decode_client_frame, limits::LISTED_MEMBERS};
use serde_json::{Value, json};
use std::net::IpAddr;

/// A burst of three of each kind.
const FEW: Rate = Rate { per_second: 1, burst: 3 };

fn chat() -> Stage {
    let rates = Rates { message: FEW, typing: FEW, join: FEW, rename: FEW, query: FEW, room: FEW };
    let mut chat = Stage::new(restored(), Settings { rates, ..SETTINGS }, START);
    chat.connect(START, 2, BO, None, None, None);
    chat.take_effects();
    chat
}

#[test]
fn whatever_is_sent_again_and_again_is_refused_in_the_end() {
    for sent in [
        json!({"type": "ping"}),
        json!({"type": "pong"}),
        json!({"type": "typing", "room": "general", "typing": false}),
        json!({"type": "typing", "room": "general", "typing": true}),
        json!({"type": "typing", "room": "nowhere", "typing": true}),
        json!({"type": "message", "text": ""}),
        json!({"type": "message", "text": "x".repeat(4_001)}),
        json!({"type": "message", "text": "x", "client_id": ""}),
        json!({"type": "message", "text": "/nothing"}),
        json!({"type": "message", "room": "nowhere", "text": "x"}),
        json!({"type": "pm", "to": "Nobody", "text": "x"}),
        json!({"type": "pm", "to": "Nobody", "text": ""}),
        json!({"type": "join", "room": "x"}),
        json!({"type": "leave", "room": "nowhere"}),
        json!({"type": "preview", "room": "x"}),
        json!({"type": "set_nick", "name": "x"}),
        json!({"type": "read", "room": "nowhere", "id": 1}),
        json!({"type": "get_rooms"}),
        json!({"type": "get_users", "room": "nowhere"}),
        json!({"type": "get_mentions"}),
        json!({"type": "get_history", "room": "nowhere"}),
    ] {
        let mut chat = chat();
        for _ in 0..4 {
            chat.frame(START, 2, decode_client_frame(&sent.to_string()).unwrap());
        }
        let last = chat.take_effects().iter().filter_map(|effect| effect.frame_to(2)).next_back();
        let last: Value = last.map(|frame| serde_json::from_str(&frame).unwrap()).unwrap_or_default();
        assert_eq!(last["code"], "rate_limited", "{sent}: {last}");
    }
}

#[test]
fn what_is_no_frame_takes_from_what_may_be_asked_for() {
    let mut chat = chat();
    for _ in 0..3 {
        chat.bad_frame(START, 2, "It is none.".to_owned());
    }
    chat.frame(START, 2, decode_client_frame(r#"{"type":"get_rooms"}"#).unwrap());
    let codes = |chat: &mut Stage| -> Vec<Value> {
        let effects = chat.take_effects();
        let frames = effects.iter().filter_map(|effect| effect.frame_to(2));
        frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap()["code"].clone()).collect()
    };
    assert_eq!(codes(&mut chat), ["bad_frame", "bad_frame", "bad_frame", "rate_limited"]);
}

#[test]
fn all_connections_of_a_user_share_what_they_may_ask_for() {
    let mut chat = chat();
    chat.connect(START, 3, BO, None, None, None);
    chat.take_effects();
    for connection in [2, 3, 2, 3] {
        chat.frame(START, connection, decode_client_frame(r#"{"type":"ping"}"#).unwrap());
    }
    let effects = chat.take_effects();
    let answers = [2, 3].map(|connection| {
        let frames = effects.iter().filter_map(|effect| effect.frame_to(connection));
        frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap()["type"].clone()).collect::<Vec<_>>()
    });
    assert_eq!(answers, [vec!["pong", "pong"], vec!["pong", "error"]]);
}

#[test]
fn addresses_are_forgotten_some_at_a_time_once_they_may_ask_for_everything_again() {
    let mut chat = chat();
    let address = |number: u32| Address::from(IpAddr::from(number.to_be_bytes()));
    for number in 0..1_000 {
        assert!(chat.count_request(START, None, Some(address(number)), 1).is_ok());
    }
    let tick = |chat: &mut Stage, elapsed_ms| {
        steps::taken();
        chat.tick(Now { elapsed_ms, ..START });
        steps::taken()
    };
    assert_eq!([1, 2, 3, 4].map(|now| tick(&mut chat, now)), [256, 256, 256, 232], "none is full");
    let later = 60_000;
    assert_eq!([1, 2, 3, 4, 5].map(|now| tick(&mut chat, later + now)), [256, 256, 256, 232, 0], "all are");
}

#[test]
fn a_list_of_many_counts_as_many_requests() {
    let mut restored = restored();
    let one = restored.users[0].clone();
    for id in 10..10 + 3 * LISTED_MEMBERS as u64 {
        let name = UserName::stored(&format!("Name{id}"));
        let session = StoredSession { hash: session_of(id), ..one.sessions[0] };
        restored.users.push(StoredUser { id: UserId(id), name, sessions: vec![session], ..one.clone() });
    }
    let few = Rate { per_second: 1, burst: 4 };
    let mut chat = Stage::new(restored, Settings { rates: Rates { query: few, ..SETTINGS.rates }, ..SETTINGS }, START);
    for id in [2].into_iter().chain(10..10 + 3 * LISTED_MEMBERS as u64) {
        chat.connect(START, id, UserId(id), None, None, None);
    }
    let list = decode_client_frame(r#"{"type":"get_users","room":"general"}"#).unwrap();
    let mut ask = |elapsed_ms| {
        chat.take_effects();
        chat.frame(Now { elapsed_ms, ..START }, 2, list.clone());
        let last = chat.take_effects().iter().filter_map(|effect| effect.frame_to(2)).next_back().unwrap();
        serde_json::from_str::<Value>(&last).unwrap()["type"].as_str().unwrap().to_owned()
    };
    assert_eq!([ask(0), ask(0)], ["user_list", "error"], "600 and more cost all four");
    assert_eq!([ask(999), ask(1_000), ask(2_000)], ["error", "user_list", "error"], "it is paid for afterwards");
}

fn session_of(id: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&id.to_le_bytes());
    hash
}
