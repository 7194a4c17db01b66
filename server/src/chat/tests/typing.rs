//! The typing lease, under a clock of the test's own.

use super::{ADA, BO, SETTINGS, START, Stage, frame, restored};
use crate::chat::Now;
use app::protocol::limits::TYPING_LEASE_MS;
use serde_json::{Value, json};

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, ..START }
}

/// Ada by 1 and Bo by 2.
fn both() -> Stage {
    let mut chat = Stage::new(restored(), SETTINGS, START);
    chat.connect(START, 1, ADA, None, None, None);
    chat.connect(START, 2, BO, None, None, None);
    chat.take_effects();
    chat
}

fn types(chat: &mut Stage, now: Now) {
    chat.frame(now, 1, frame(json!({"type": "typing", "room": "general", "typing": true})));
}

/// Takes Bo's typing frames.
fn told(chat: &mut Stage) -> Vec<Value> {
    let effects = chat.take_effects();
    let frames = effects.iter().filter_map(|effect| effect.frame_to(2));
    let frames = frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap());
    frames.filter(|frame| frame["type"] == "typing").map(|frame| frame["typing"].clone()).collect()
}

#[test]
fn typing_ends_with_its_lease_which_each_further_word_of_it_renews_in_silence() {
    let mut chat = both();
    types(&mut chat, at(0));
    assert_eq!(told(&mut chat), [true]);
    types(&mut chat, at(TYPING_LEASE_MS - 1));
    chat.tick(at(2 * TYPING_LEASE_MS - 2));
    assert_eq!(told(&mut chat), [] as [bool; 0]);
    chat.tick(at(2 * TYPING_LEASE_MS - 1));
    assert_eq!(told(&mut chat), [false]);
    chat.tick(at(3 * TYPING_LEASE_MS));
    assert_eq!(told(&mut chat), [] as [bool; 0], "once");
}

#[test]
fn typing_ends_with_what_was_typed_and_with_the_last_connection() {
    let mut chat = both();
    types(&mut chat, at(0));
    chat.frame(at(1), 1, frame(json!({"type": "message", "text": "typed"})));
    assert_eq!(told(&mut chat), [true], "not before it is stored");
    chat.frame(at(1), 1, frame(json!({"type": "message", "text": "more"})));
    chat.effects = chat.store_all(at(2));
    assert_eq!(told(&mut chat), [false]);
    types(&mut chat, at(3));
    chat.disconnect(at(4), 1);
    assert_eq!(told(&mut chat), [true, false]);
}
