//! Arrivals and departures that the store takes late, or refuses at first.

use super::{ADA, BO, Doors, SETTINGS, Stage, frame, restored};
use crate::{
    chat::{Effect, Now},
    journal::{Change, Restored, StoredUser},
};
use app::protocol::{RoomName, Timestamp, UserId, UserName, limits::AWAY_AMONG};
use serde_json::{Value, json};

const GRACE: u64 = SETTINGS.grace_ms;

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, clock: Timestamp::default() }
}

/// Bo, connected by 2, and Ada, who is not; both have written an entry.
fn bo_alone() -> Stage {
    let mut restored = restored();
    restored.users.iter_mut().for_each(|user| (user.has_entries, user.has_written) = (true, true));
    let mut chat = Stage::new(restored, SETTINGS, at(0));
    chat.connect(at(0), 2, BO, None, None, None);
    chat.take_effects();
    chat
}

fn frames(chat: &mut Stage, to: u64) -> Vec<Value> {
    let effects = chat.take_effects();
    let frames = effects.iter().filter_map(|effect| effect.frame_to(to));
    frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap()).collect()
}

/// Returns the types of Bo's new frames.
fn told(chat: &mut Stage) -> Vec<String> {
    frames(chat, 2).into_iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
}

fn shown(chat: &Stage) -> Vec<UserId> {
    chat.users_in(&RoomName::general()).unwrap().into_iter().map(|user| user.id).collect()
}

#[test]
fn a_coming_that_is_refused_is_told_by_the_next_tick_and_shown_meanwhile() {
    let mut chat = bo_alone();
    chat.doors = Doors::Refused;
    chat.connect(at(0), 1, ADA, None, None, None);
    assert_eq!((told(&mut chat).len(), shown(&chat), chat.counts().users_online), (0, vec![ADA, BO], 1));
    chat.tick(at(1));
    chat.doors = Doors::Open;
    chat.tick(at(2));
    chat.tick(at(3));
    assert_eq!(told(&mut chat), ["user_joined"]);
    assert_eq!((shown(&chat), chat.counts().users_online), (vec![ADA, BO], 2));
}

#[test]
fn a_user_who_leaves_before_their_coming_is_a_fact_comes_and_goes_for_all_and_is_forgotten_in_time() {
    let mut chat = bo_alone();
    chat.doors = Doors::Refused;
    chat.connect(at(0), 1, ADA, None, None, None);
    chat.disconnect(at(1), 1);
    chat.doors = Doors::Open;
    chat.tick(at(2));
    assert_eq!(told(&mut chat), ["user_joined"]);
    chat.tick(at(GRACE + 1));
    assert_eq!(told(&mut chat), [""; 0]);
    chat.tick(at(GRACE + 2));
    assert_eq!((told(&mut chat), shown(&chat)), (vec!["user_left".to_owned()], vec![BO]));
    chat.tick(at(SETTINGS.forget_after_ms + 2));
    let is_forgotten =
        |effect: &Effect| matches!(effect, Effect::Submit { change: Change::Forget { user: ADA, .. }, .. });
    assert!(chat.take_effects().iter().any(is_forgotten));
}

#[test]
fn a_return_within_the_grace_that_is_refused_and_ends_again_leaves_no_ghost() {
    let mut chat = bo_alone();
    chat.connect(at(0), 1, ADA, None, None, None);
    chat.disconnect(at(0), 1);
    chat.doors = Doors::Refused;
    chat.connect(at(1), 1, ADA, None, None, None);
    chat.disconnect(at(1), 1);
    told(&mut chat);
    chat.doors = Doors::Open;
    chat.tick(at(2));
    chat.tick(at(GRACE + 2));
    assert_eq!((told(&mut chat), shown(&chat)), (vec!["user_left".to_owned()], vec![BO]));
}

#[test]
fn a_reload_while_the_going_is_on_its_way_is_told_to_nobody() {
    let mut chat = bo_alone();
    chat.connect(at(0), 1, ADA, None, None, None);
    told(&mut chat);
    chat.doors = Doors::Held;
    chat.disconnect(at(1), 1);
    chat.connect(at(1), 3, ADA, None, None, None);
    assert_eq!(chat.held.len(), 1, "one change at a time");
    chat.open_doors(at(2));
    chat.tick(at(GRACE + 2));
    assert_eq!((told(&mut chat), shown(&chat)), (vec![], vec![ADA, BO]));
    chat.disconnect(at(GRACE + 2), 3);
    chat.tick(at(2 * GRACE + 2));
    assert_eq!(told(&mut chat), ["user_left"]);
}

#[test]
fn what_is_said_alone_to_a_client_without_a_cursor_while_its_going_is_on_its_way_is_in_the_handshake() {
    let mut chat = bo_alone();
    chat.connect(at(0), 1, ADA, None, None, None);
    chat.doors = Doors::Held;
    chat.disconnect(at(1), 1);
    chat.frame(at(1), 2, frame(json!({"type": "pm", "to": "Ada", "text": "psst"})));
    chat.effects = chat.store_all(at(1));
    chat.take_effects();
    chat.connect(at(2), 3, ADA, None, None, None);
    let handshake = frames(&mut chat, 3);
    assert!(handshake.iter().any(|frame| frame["type"] == "pm" && frame["text"] == "psst"), "{handshake:?}");
}

#[test]
fn a_reader_without_a_script_whose_visit_is_refused_is_told_of_by_the_next_tick() {
    let mut chat = bo_alone();
    chat.doors = Doors::Refused;
    chat.page_loaded(at(0), ADA);
    chat.doors = Doors::Open;
    chat.tick(at(1));
    assert_eq!((told(&mut chat), chat.counts().users_online), (vec!["user_joined".to_owned()], 2));
}

#[test]
fn a_crowd_that_comes_at_once_leaves_the_journal_place_and_all_of_it_is_told_in_the_end() {
    let mut chat = Stage::new(with_crowd(1_000), SETTINGS, at(0));
    chat.doors = Doors::Held;
    for id in 10..1_010 {
        assert!(chat.connect(at(0), id, UserId(id), None, None, None));
    }
    assert_eq!(chat.held.len(), 512);
    chat.tick(at(1));
    assert_eq!(chat.held.len(), 512, "however often it is tried");
    chat.open_doors(at(2));
    assert_eq!(chat.counts().users_online, 1_000, "each that is told makes place for the next");
}

/// Returns the absent members of each list that Bo received.
fn lists(chat: &mut Stage) -> Vec<Value> {
    let lists = frames(chat, 2).into_iter().filter(|frame| frame["type"] == "user_list");
    lists.map(|list| list["away"].as_array().into_iter().flatten().map(|user| user["name"].clone()).collect()).collect()
}

/// Ada, Bo and others like Ada, with the numbers from 10 on.
fn with_crowd(others: u64) -> Restored {
    let mut restored = restored();
    let one = restored.users[0].clone();
    restored.users.extend((10..10 + others).map(|id| StoredUser {
        id: UserId(id),
        name: UserName::stored(&format!("Name{id}")),
        ..one.clone()
    }));
    restored
}

/// Ada and Bo, both connected by pages, who have written nothing yet.
fn newcomers(restored: Restored) -> Stage {
    let mut chat = Stage::new(restored, SETTINGS, at(0));
    for (connection, user) in [(1, ADA), (2, BO)] {
        chat.connect(at(0), connection, user, None, None, None);
        chat.reads_lists(connection);
    }
    chat.take_effects();
    chat
}

/// Another node changes something.
fn happens(chat: &mut Stage, change: Change) {
    for fact in chat.memory.write(&[(0, change)]).facts {
        chat.applied(at(GRACE + 2), fact).unwrap();
    }
}

/// Ada asks for something and goes, and another node finds her gone before the store takes what she asked for.
fn asks_and_goes(chat: &mut Stage, request: Value) {
    chat.frame(at(1), 1, frame(request));
    let asked = chat.take_effects();
    chat.disconnect(at(1), 1);
    happens(chat, Change::Gone { user: ADA });
    assert_eq!((told(chat).contains(&"user_left".to_owned()), shown(chat)), (true, vec![BO]));
    store(chat, at(GRACE + 3), asked);
}

/// The store takes the changes among these effects.
fn store(chat: &mut Stage, now: Now, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Submit { ticket, change } = effect {
            chat.store(now, ticket, change);
        }
    }
}

#[test]
fn the_others_see_away_who_first_writes_in_a_text_that_comes_after_the_going() {
    let mut chat = newcomers(restored());
    asks_and_goes(&mut chat, json!({"type": "message", "room": "general", "text": "bye"}));
    assert_eq!(lists(&mut chat), [json!(["Ada"])]);
    chat.connect(at(GRACE + 4), 3, ADA, None, None, None);
    chat.disconnect(at(GRACE + 4), 3);
    chat.tick(at(2 * GRACE + 5));
    assert_eq!(lists(&mut chat), [Value::Null; 0], "the going tells it");
}

#[test]
fn the_others_see_away_who_joins_a_room_and_no_more_who_leaves_it_after_the_going() {
    let mut chat = newcomers(restored());
    for connection in [1, 2] {
        chat.frame(at(0), connection, frame(json!({"type": "message", "room": "general", "text": "hello"})));
    }
    chat.frame(at(0), 2, frame(json!({"type": "join", "room": "den"})));
    chat.store_all(at(0));
    asks_and_goes(&mut chat, json!({"type": "join", "room": "den"}));
    assert_eq!(lists(&mut chat), [json!(["Ada"])]);
    chat.connect(at(GRACE + 3), 1, ADA, None, None, None);
    chat.take_effects();
    chat.frame(at(GRACE + 3), 1, frame(json!({"type": "leave", "room": "den"})));
    let asked = chat.take_effects();
    chat.disconnect(at(GRACE + 3), 1);
    chat.tick(at(2 * GRACE + 4));
    lists(&mut chat);
    store(&mut chat, at(2 * GRACE + 5), asked);
    assert_eq!(lists(&mut chat), [json!([])]);
}

#[test]
fn an_absent_author_who_ends_the_last_session_or_is_forgotten_leaves_the_lists() {
    let signs_out = Change::EndSessions { user: ADA, sessions: vec![restored().users[0].sessions[0].hash] };
    let forgotten = Change::Forget { user: ADA, if_no_entries: false, uptime_ms: 0 };
    for change in [signs_out, forgotten] {
        let mut chat = bo_alone();
        chat.reads_lists(2);
        happens(&mut chat, change);
        assert_eq!(lists(&mut chat), [json!([])]);
    }
}

#[test]
fn an_author_without_a_session_goes_and_is_not_away() {
    let mut chat = bo_alone();
    chat.connect(at(0), 1, ADA, None, None, None);
    happens(&mut chat, Change::EndSessions { user: ADA, sessions: vec![restored().users[0].sessions[0].hash] });
    chat.disconnect(at(1), 1);
    chat.take_effects();
    chat.tick(at(GRACE + 1));
    let left = frames(&mut chat, 2);
    assert_eq!((&left[0]["type"], &left[0]["away"]), (&json!("user_left"), &Value::Null));
}

#[test]
fn a_room_of_so_many_members_lists_nobody_as_away_and_sends_no_list() {
    for (members, lists_sent) in [(AWAY_AMONG, 1), (AWAY_AMONG + 1, 0)] {
        let mut chat = newcomers(with_crowd(members as u64 - 2));
        asks_and_goes(&mut chat, json!({"type": "message", "room": "general", "text": "bye"}));
        assert_eq!(lists(&mut chat).len(), lists_sent, "{members}");
    }
}
