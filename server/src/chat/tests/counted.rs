//! Everything that a client can send takes a token, whether it is right or not.

use super::{BO, SETTINGS, START, restored};
use crate::chat::{Chat, Rate, Rates, Settings};
use app::protocol::decode_client_frame;
use serde_json::{Value, json};

/// Three of each kind, and none for long.
const FEW: Rate = Rate { per_second: 1, burst: 3 };

fn chat() -> Chat {
    let rates = Rates { message: FEW, typing: FEW, join: FEW, rename: FEW, query: FEW, room: FEW };
    let mut chat = Chat::new(restored(), Settings { rates, ..SETTINGS }, START);
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
    let codes = |chat: &mut Chat| -> Vec<Value> {
        let effects = chat.take_effects();
        let frames = effects.iter().filter_map(|effect| effect.frame_to(2));
        frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap()["code"].clone()).collect()
    };
    assert_eq!(codes(&mut chat), ["bad_frame", "bad_frame", "bad_frame", "rate_limited"]);
}
