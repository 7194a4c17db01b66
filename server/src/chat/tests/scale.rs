//! The cost of a call under the lock, however much strangers have stored. The tests count steps instead of time.

use super::{SETTINGS, START, Stage};
use crate::{
    chat::{Effect, Now, steps},
    journal::{Change, Restored, StoredRoom, StoredSession, StoredUser},
};
use app::protocol::{
    ClientFrame, Entry, EntryKind, LogId, Pair, Place, RoomName, Timestamp, UserId, UserName, decode_client_frame,
};
use serde_json::json;

const USERS: u64 = 100_000;
const ROOMS: usize = 50_000;
/// Number of users named Bob, Bob1, Bob2 and so on.
const BOBS: u64 = 40_000;
const ME: u64 = USERS;

fn now(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, ..START }
}

/// A server full of strangers, all of whom have written a private message to the last user.
fn full() -> Stage {
    let user = |id: u64| StoredUser {
        id: UserId(id),
        name: UserName::stored(&match id {
            ME => "Me".to_owned(),
            1 => "Bob".to_owned(),
            2..=BOBS => format!("Bob{}", id - 1),
            _ => format!("Somebody_{id}"),
        }),
        rooms: vec![RoomName::general()],
        reads: Vec::new(),
        sessions: vec![StoredSession { hash: session(id), renewed_at: Timestamp::default() }],
        has_entries: true,
        has_written: true,
        by_form: false,
        seen_uptime_ms: 0,
        caught_up_to: 0,
    };
    let entry = |id: u64| Entry {
        id,
        prev: 0,
        ts: Timestamp::default(),
        from: "Somebody".into(),
        user_id: Some(UserId(id)),
        text: "hi".into(),
        kind: EntryKind::Message,
        client_id: None,
        amended: None,
        target: None,
    };
    let room = |number| (RoomName::told(&format!("room-{number}")), StoredRoom::default());
    let restored = Restored {
        epoch: "e".to_owned(),
        last_id: USERS,
        position: USERS,
        users: (1..=USERS).map(user).collect(),
        rooms: (0..ROOMS).map(room).chain([(RoomName::general(), StoredRoom::default())]).collect(),
        conversations: (1..ME).map(|id| (Pair::new(UserId(id), UserId(ME)), id)).collect(),
        ..Restored::default()
    };
    let mut chat = Stage::new(restored, SETTINGS, START);
    (1..ME).for_each(|id| chat.fill(&LogId::Conversation(Pair::new(UserId(id), UserId(ME))), vec![entry(id)]));
    chat
}

fn session(id: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&id.to_le_bytes());
    hash
}

fn frame(json: &serde_json::Value) -> ClientFrame {
    decode_client_frame(&json.to_string()).unwrap()
}

#[test]
fn a_call_takes_few_steps_whatever_strangers_have_stored() {
    let mut chat = full();
    chat.connect(now(0), 1, UserId(ME), None, None, None);
    chat.take_effects();
    steps::taken();
    let mut measured = Vec::new();
    let mut measure = |what: &'static str, steps: usize| measured.push((what, steps));

    chat.sign_in(now(1), 7, None, "Bob", 0, [9; 32], false);
    let made = chat.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Submit { change: Change::CreateUser { name, .. }, .. } => Some(name),
        _ => None,
    });
    assert_eq!(made.unwrap().as_str(), format!("Bob{BOBS}"), "the smallest that is free");
    measure("a name that 40,000 have", steps::taken());
    assert_eq!(chat.suggested_name("Bob", 0).unwrap().as_str(), "Bob_2");
    measure("a suggestion", steps::taken());

    let snapshot = chat.snapshot(UserId(ME), &Place::Room(RoomName::general())).unwrap();
    assert_eq!((snapshot.rooms.len(), snapshot.more_rooms), (101, ROOMS - 100));
    assert_eq!((snapshot.conversations.len(), snapshot.conversations[0].head), (50, ME - 1));
    measure("a page", steps::taken());
    let cursor = app::protocol::Cursor { last_id: 0, epoch: "e".into() };
    chat.connect(now(2), 2, UserId(ME), None, Some(&cursor), None);
    measure("a resume", steps::taken());

    chat.frame(now(3), 1, frame(&json!({"type": "pm", "to": "Somebody_99998x", "text": "hi"})));
    let told = chat.take_effects().iter().filter_map(|effect| effect.frame_to(1)).next_back().unwrap();
    assert!(told.contains("Did you mean Somebody_9999"), "{told}");
    measure("a mistyped name", steps::taken());
    chat.frame(now(4), 1, frame(&json!({"type": "typing", "room": "x".repeat(60_000), "typing": true})));
    let told = chat.take_effects().iter().filter_map(|effect| effect.frame_to(1)).next_back().unwrap();
    assert!(told.contains("bad_room"), "{told}");

    chat.frame(now(5), 1, ClientFrame::GetRooms { follow: false });
    measure("a list of rooms", steps::taken());
    assert_eq!(chat.rooms_after(Some(&RoomName::told("room-4")), 500).0.len(), 500);
    measure("a page of all rooms", steps::taken());
    // All rooms of the strangers are archived, since they have no present members.
    let late = Now { elapsed_ms: 6, clock: Timestamp::from_millis(SETTINGS.archive_after_ms) };
    while chat.rooms_after(None, 2).0.len() > 1 {
        chat.tick(late);
    }
    chat.take_effects();
    steps::taken();
    assert_eq!(chat.rooms_after(None, 500).0.len(), 1);
    measure("a page of the few that are not archived", steps::taken());
    assert_eq!(chat.find_rooms("49", 500).len(), 500, "of 1,111");
    measure("a search", steps::taken());

    for (what, steps) in &measured {
        println!("{what}: {steps} steps");
        assert!(*steps < 1_200, "{what}: {steps} steps");
    }
}

#[test]
fn who_was_seen_is_stored_some_at_a_time_and_once_an_hour() {
    let mut chat = full();
    for id in 1..=1_000 {
        chat.connect(now(0), id, UserId(id), None, None, None);
    }
    chat.take_effects();
    let mut seen = |at| {
        chat.tick(now(at));
        let effects = chat.take_effects();
        let sizes = effects.iter().find_map(|effect| match effect {
            Effect::Submit { change: Change::Seen { users, .. }, .. } => Some(users.len()),
            _ => None,
        });
        sizes.unwrap_or(0)
    };
    let hour = 60 * 60 * 1_000;
    assert_eq!([1, 2, 3, 4, 5, 6].map(|n| seen(hour + n)), [256, 256, 256, 232, 0, 0]);
    assert_eq!([1, 2, 3, 4, 5, 6].map(|n| seen(2 * hour + n)), [256, 256, 256, 232, 0, 0], "who is connected, again");
}
