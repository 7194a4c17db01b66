//! Unread counts, mentions, absent members, and the page of a conversation.

use super::{ADA, BO, SETTINGS, START, Stage, chat_with, restored};
use crate::{
    chat::{Chat, Effect, Now, Settings},
    journal::{Change, StoredUser},
};
use app::protocol::{
    ClientFrame, Cursor, Entry, EntryKind, LogId, Pair, Place, RoomName, Snapshot, Timestamp, Unread, UserId, UserInfo,
    UserName,
    limits::{LISTED_AWAY, MENTIONS_LISTED, RESUMED_CONVERSATIONS},
};
use serde_json::{Value, json};

fn general() -> RoomName {
    RoomName::general()
}

fn entry(id: u64, author: UserId, text: &str) -> Entry {
    let kind = if text == "system" { EntryKind::System } else { EntryKind::Message };
    let (prev, ts) = (id - 1, Timestamp::default());
    let user_id = (kind != EntryKind::System).then_some(author);
    Entry {
        id,
        prev,
        ts,
        from: "Somebody".into(),
        user_id,
        text: text.into(),
        kind,
        client_id: None,
        amended: None,
        target: None,
    }
}

/// Ada and Bo in `general` with these entries, and Ada's read mark.
fn chat(said: &[(UserId, &str)], read: u64, settings: Settings) -> Stage {
    let mut restored = restored();
    let entries: Vec<_> = (1..).zip(said).map(|(id, (author, text))| entry(id, *author, text)).collect();
    restored.users[0].reads = vec![(LogId::Room(general()), read)];
    restored.users.iter_mut().for_each(|user| (user.has_entries, user.has_written) = (true, true));
    chat_with(restored, settings, vec![(LogId::Room(general()), entries)])
}

fn standing(chat: &Chat, user: UserId) -> (u64, u64, Unread) {
    let snapshot = chat.snapshot(user, &general().into()).unwrap();
    let standing = snapshot.rooms[0].standing.unwrap();
    (standing.head, standing.read, standing.unread)
}

/// Takes the frames to a connection.
fn sent(chat: &mut Stage, to: u64) -> Vec<Value> {
    let effects = chat.take_effects();
    let frames = effects.iter().filter_map(|effect| effect.frame_to(to));
    frames.map(|frame| serde_json::from_str(&frame).unwrap()).collect()
}

/// Stores the submitted changes.
fn answer(chat: &mut Stage) {
    let effects = chat.store_all(START);
    chat.effects = effects;
}

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, ..START }
}

#[test]
fn unread_is_what_others_said_behind_the_mark_and_a_mention_is_one_that_names_the_user() {
    let said = [
        (BO, "read already, @Ada"),
        (BO, "hello"),
        (ADA, "my own, @Ada"),
        (BO, "@Ada, are you there?"),
        (BO, "system"),
    ];
    let chat = chat(&said, 1, SETTINGS);
    assert_eq!(standing(&chat, ADA), (5, 1, Unread { count: 2, mentions: 1 }));
    assert_eq!(standing(&chat, BO), (5, 0, Unread { count: 1, mentions: 0 }));
}

#[test]
fn of_a_long_absence_as_much_is_counted_as_is_in_memory() {
    let said = [(BO, "@Ada"); 10];
    let chat = chat(&said, 1, Settings { recent_entries: 4, ..SETTINGS });
    assert_eq!(standing(&chat, ADA), (10, 1, Unread { count: 4, mentions: 4 }));
    assert_eq!(chat.mentions(ADA).len(), 4);
}

#[test]
fn what_is_unread_is_said_to_who_comes_back_with_a_cursor_and_without_one() {
    let said = [(BO, "read"), (BO, "@Ada!")];
    let mut chat = chat(&said, 1, SETTINGS);
    chat.connect(START, 1, ADA, None, Some(&Cursor { last_id: 2, epoch: "e".into() }), None);
    let resumed = sent(&mut chat, 1).remove(0);
    assert_eq!(resumed["unread"], json!({"general": {"count": 1, "mentions": 1}}));
    chat.connect(START, 2, ADA, None, None, None);
    let joined = sent(&mut chat, 2).remove(1);
    assert_eq!((&joined["read"], &joined["unread"]), (&json!(1), &json!({"count": 1, "mentions": 1})));
}

#[test]
fn where_everything_is_read_nothing_is_said_of_it() {
    let said = [(BO, "@Ada"), (ADA, "own")];
    let mut chat = chat(&said, 1, SETTINGS);
    chat.connect(START, 1, ADA, None, Some(&Cursor { last_id: 2, epoch: "e".into() }), None);
    assert_eq!(sent(&mut chat, 1)[0].get("unread"), None);
    chat.connect(START, 2, ADA, None, None, None);
    assert_eq!(sent(&mut chat, 2)[1].get("unread"), None);
}

#[test]
fn what_was_said_before_somebody_came_is_read() {
    let said = [(BO, "@Cy, are you coming?"), (ADA, "hello")];
    let mut chat = chat(&said, 0, SETTINGS);
    chat.sign_in(START, 1, None, "Cy", 0, [9; 32], false);
    answer(&mut chat);
    assert_eq!(standing(&chat, UserId(3)), (2, 2, Unread::default()));

    chat.connect(START, 1, ADA, None, None, None);
    chat.connect(START, 2, BO, None, None, None);
    let frames = [
        (2, ClientFrame::Join { room: "den".into(), client_id: None }),
        (2, ClientFrame::Message { room: "den".into(), text: "@Ada".into(), client_id: None }),
        (1, ClientFrame::Join { room: "den".into(), client_id: None }),
    ];
    for (connection, frame) in frames {
        chat.take_effects();
        chat.frame(START, connection, frame);
        answer(&mut chat);
    }
    let joined = sent(&mut chat, 1).into_iter().find(|frame| frame["type"] == "joined").unwrap();
    let said = &joined["history"][0]["id"];
    assert_eq!((&joined["room"], &joined["read"], joined.get("unread")), (&json!("den"), said, None));
}

#[test]
fn mentions_are_the_newest_of_the_rooms_that_a_user_is_in() {
    let mut said = vec![(BO, "@Ada"); MENTIONS_LISTED + 5];
    said.extend([(ADA, "@Ada"), (BO, "system"), (BO, "no name")]);
    let mut restored = restored();
    let den = RoomName::parse("den").unwrap();
    let elsewhere = Entry { prev: 0, ..entry(1_000, BO, "@Ada in another room") };
    let entries = (1..).zip(&said).map(|(id, (author, text))| entry(id, *author, text)).collect();
    let said = vec![(LogId::Room(den.clone()), vec![elsewhere]), (LogId::Room(general()), entries)];
    let ids = |chat: &Chat| chat.mentions(ADA).into_iter().map(|mention| mention.entry.id).collect::<Vec<_>>();
    let newest = u64::try_from(MENTIONS_LISTED).unwrap() + 5;

    let outside = chat_with(restored.clone(), SETTINGS, said.clone());
    assert_eq!(ids(&outside), (6..=newest).collect::<Vec<_>>());

    restored.users[0].rooms.push(den.clone());
    let inside = chat_with(restored, SETTINGS, said);
    assert_eq!(ids(&inside)[MENTIONS_LISTED - 2..], [newest, 1_000]);
    assert_eq!(inside.mentions(ADA).last().map(|mention| mention.room.clone()), Some(den));
}

/// Returns the frame that tells Ada of Bo's departure.
fn left(chat: &mut Stage, now: Now) -> Value {
    chat.connect(START, 1, ADA, None, None, None);
    chat.connect(START, 2, BO, None, None, None);
    chat.disconnect(START, 2);
    chat.take_effects();
    chat.tick(now);
    chat.effects = chat.store_all(now);
    sent(chat, 1).into_iter().find(|frame| frame["type"] == "user_left").unwrap()
}

#[test]
fn who_went_and_may_come_back_is_away() {
    let mut chat = chat(&[], 0, SETTINGS);
    let frame = left(&mut chat, at(SETTINGS.grace_ms));
    assert_eq!((&frame["user"], &frame["away"]), (&json!("Bo"), &json!(true)));
}

#[test]
fn who_is_forgotten_when_they_go_is_not_away() {
    let mut chat = Stage::new(restored(), SETTINGS, START);
    assert_eq!(left(&mut chat, at(SETTINGS.grace_ms)).get("away"), None);
}

#[test]
fn who_leaves_a_room_is_not_away_from_it() {
    let mut chat = chat(&[], 0, SETTINGS);
    let den = || "den".to_owned();
    chat.connect(START, 1, ADA, None, None, None);
    chat.connect(START, 2, BO, None, None, None);
    for frame in
        [ClientFrame::Join { room: den(), client_id: None }, ClientFrame::Leave { room: den(), client_id: None }]
    {
        let leaves = matches!(frame, ClientFrame::Leave { .. });
        for user in if leaves { &[2][..] } else { &[1, 2] } {
            chat.frame(START, *user, frame.clone());
        }
        if leaves {
            chat.disconnect(START, 2); // members of the room would be away now
        }
        answer(&mut chat);
    }
    let frame = sent(&mut chat, 1).into_iter().find(|frame| frame["type"] == "user_left").unwrap();
    assert_eq!((&frame["user"], frame.get("away")), (&json!("Bo"), None));
    assert_eq!(away(&mut chat, "den"), [""; 0]);
}

/// Returns the absent members in the answer to Ada's `get_users`.
fn away(chat: &mut Stage, room: &str) -> Vec<String> {
    chat.take_effects();
    chat.frame(START, 1, ClientFrame::GetUsers { room: room.to_owned() });
    let list = sent(chat, 1).remove(0);
    let names = list["away"].as_array().into_iter().flatten();
    names.map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

/// Ada, who is present, and absent others.
fn deserted(others: u64) -> Stage {
    let mut restored = restored();
    restored.users.truncate(1);
    let one = restored.users[0].clone();
    restored.users.extend((1..=others).map(|n| StoredUser {
        id: UserId(n + 10),
        name: UserName::stored(&format!("Name{n:05}")),
        has_entries: true,
        has_written: true,
        ..one.clone()
    }));
    let mut chat = Stage::new(restored, SETTINGS, START);
    chat.connect(START, 1, ADA, None, None, None);
    chat
}

#[test]
fn a_list_of_users_names_the_first_members_who_are_away_unless_they_are_very_many() {
    let mut chat = deserted(2);
    assert_eq!(away(&mut chat, "general"), ["Name00001", "Name00002"]);
    let snapshot = chat.snapshot(ADA, &general().into()).unwrap();
    assert_eq!(snapshot.away.iter().map(|user| &*user.name).collect::<Vec<_>>(), ["Name00001", "Name00002"]);
    let many = away(&mut deserted(900), "general");
    assert_eq!((many.len(), &*many[0]), (LISTED_AWAY, "Name00001"));
    assert!(away(&mut deserted(1_000), "general").is_empty());
}

#[test]
fn who_is_being_forgotten_is_neither_away_nor_talked_with() {
    let mut restored = restored();
    // Bo is an author, and yet kept for the grace period alone.
    restored.users.iter_mut().for_each(|user| user.has_written = true);
    let mut chat = Stage::new(restored, SETTINGS, START);
    chat.connect(START, 1, ADA, None, None, None);
    assert_eq!(away(&mut chat, "general"), ["Bo"]);
    assert_eq!(chat.peer("bO").map(|(id, name)| (id, name.to_string())), Some((BO, "Bo".to_owned())));
    assert!(chat.snapshot(ADA, &Place::With(BO)).is_some());
    chat.tick(at(SETTINGS.grace_ms));
    let asked = chat
        .take_effects()
        .into_iter()
        .any(|effect| matches!(effect, Effect::Submit { change: Change::Forget { user: BO, .. }, .. }));
    assert!(asked);
    assert!(away(&mut chat, "general").is_empty());
    assert_eq!((chat.peer("Bo"), chat.snapshot(ADA, &Place::With(BO))), (None, None));
}

fn present(snapshot: &Snapshot) -> (Vec<u64>, Vec<u64>, usize) {
    let ids = |users: &[UserInfo]| users.iter().map(|user| user.id.0).collect();
    (ids(&snapshot.users), ids(&snapshot.away), snapshot.count)
}

#[test]
fn a_conversation_is_there_before_anything_is_said_in_it() {
    let mut chat = Stage::new(restored(), SETTINGS, START);
    chat.connect(START, 1, ADA, None, None, None);
    let snapshot = chat.snapshot(ADA, &Place::With(BO)).unwrap();
    assert_eq!(present(&snapshot), (vec![1], vec![2], 1));
    let [conversation] = &snapshot.conversations[..] else { panic!("{:?}", snapshot.conversations) };
    assert_eq!((conversation.id, &*conversation.name, conversation.head, conversation.unread), (BO, "Bo", 0, 0));
    assert!(chat.snapshot(ADA, &general().into()).unwrap().conversations.is_empty(), "only where it is shown");
    chat.connect(START, 2, BO, None, None, None);
    assert_eq!(present(&chat.snapshot(ADA, &Place::With(BO)).unwrap()), (vec![1, 2], vec![], 2));
    assert_eq!(chat.snapshot(ADA, &Place::With(UserId(99))), None);
    assert_eq!(present(&chat.snapshot(ADA, &Place::With(ADA)).unwrap()), (vec![1], vec![], 1));
}

#[test]
fn a_conversation_shows_what_the_two_said_and_how_much_of_it_is_unread() {
    let said = vec![entry(1, BO, "one"), entry(2, ADA, "two"), entry(3, BO, "three")];
    let chat = chat_with(restored(), SETTINGS, vec![(LogId::Conversation(Pair::new(ADA, BO)), said)]);
    let snapshot = chat.snapshot(ADA, &Place::With(BO)).unwrap();
    assert_eq!(snapshot.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((snapshot.conversations[0].head, snapshot.conversations[0].unread), (3, 2));
    assert_eq!(chat.snapshot(BO, &general().into()).unwrap().conversations[0].unread, 1);
}

#[test]
fn a_page_of_another_store_is_told_of_its_conversations_and_a_client_without_a_cursor_hears_what_it_missed() {
    let said = vec![entry(1, BO, "one"), entry(2, BO, "two")];
    let mut chat = chat_with(restored(), SETTINGS, vec![(LogId::Conversation(Pair::new(ADA, BO)), said)]);
    let stale = Cursor { epoch: "another".into(), last_id: 1 };
    chat.connect(START, 1, ADA, None, Some(&stale), None);
    let frames = sent(&mut chat, 1);
    assert_eq!(frames[0]["conversations"], json!([{"id": "2", "name": "Bo", "head": 2, "unread": 2, "read": 0}]));
    assert!(!frames.iter().any(|frame| frame["type"] == "pm"), "it is counted already: {frames:?}");
    chat.disconnect(START, 1);
    chat.connect(START, 2, BO, None, Some(&stale), None);
    assert_eq!(sent(&mut chat, 2)[0]["conversations"][0]["unread"], Value::Null, "nothing of the other's is unread");
}

#[test]
fn a_page_lists_the_newest_conversations_and_the_shown_one() {
    let mut restored = restored();
    let one = restored.users[1].clone();
    let most = u64::try_from(RESUMED_CONVERSATIONS).unwrap();
    for n in 10..=10 + most {
        let name = UserName::stored(&format!("Name{n}"));
        restored.users.push(StoredUser { id: UserId(n), name, ..one.clone() });
        restored.conversations.insert(Pair::new(ADA, UserId(n)), n);
    }
    let chat = Stage::new(restored, SETTINGS, START);
    let listed = |place: &Place| -> Vec<u64> {
        chat.snapshot(ADA, place).unwrap().conversations.iter().map(|conversation| conversation.id.0).collect()
    };
    let newest: Vec<_> = (11..=10 + most).rev().collect();
    assert_eq!(listed(&general().into()), newest);
    assert_eq!(listed(&Place::With(UserId(10))), [&newest[..], &[10]].concat());
}
