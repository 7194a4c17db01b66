//! Lists of rooms, the limits of creating them, and their archive.

use super::{ADA, BO, SETTINGS, START, Stage, frame, restored};
use crate::{
    chat::{Address, Chat, Effect, Now, Rates, Settings, rooms_in_a_day},
    journal::{Answer, JournalError, StoredRoom, StoredSession, StoredUser},
};
use app::protocol::{
    Place, RoomName, Timestamp, UserId, UserName,
    limits::{LISTED_ROOMS, ROOMS_TOLD},
};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn room(number: usize) -> RoomName {
    RoomName::told(&format!("room-{number:04}"))
}

/// `general` with Ada and Bo, and more rooms, whose last entry is of `active_at`.
fn chat(rooms: usize, active_at: u64, now: Now, settings: Settings) -> Stage {
    let mut restored = restored();
    let (active_at, created_at) = (Timestamp::from_millis(active_at), Timestamp::default());
    for number in 0..rooms {
        restored.rooms.insert(room(number), StoredRoom { created_at, head: 0, active_at });
    }
    Stage::new(restored, settings, now)
}

fn at(clock: u64) -> Now {
    Now { elapsed_ms: clock, clock: Timestamp::from_millis(clock) }
}

/// Takes the frames to a connection, over a store that works.
fn heard(chat: &mut Stage, connection: u64, now: Now) -> Vec<Value> {
    let effects = chat.store_all(now);
    let frames = effects.iter().filter_map(|effect| effect.frame_to(connection));
    frames.map(|frame| serde_json::from_str(&frame).unwrap()).collect()
}

fn join(chat: &mut Stage, connection: u64, room: &RoomName, now: Now) -> Vec<Value> {
    chat.frame(now, connection, frame(json!({"type": "join", "room": room})));
    heard(chat, connection, now)
}

#[test]
fn a_page_is_told_of_its_own_rooms_and_of_the_fullest_others_and_any_other_client_of_more() {
    let mut chat = chat(ROOMS_TOLD + 10, 0, START, SETTINGS);
    for (connection, user) in [(1, ADA), (2, BO)] {
        chat.connect(START, connection, user, None, None, None);
    }
    let connected = heard(&mut chat, 1, START);
    assert_eq!(connected[0]["rooms"].as_array().unwrap().len(), ROOMS_TOLD + 1, "general is everybody's own");
    chat.reads_lists(1);
    let last = room(ROOMS_TOLD + 9);
    join(&mut chat, 2, &last, START);
    let list = |chat: &mut Stage, connection| {
        heard(chat, connection, START);
        chat.frame(START, connection, frame(json!({"type": "get_rooms"})));
        heard(chat, connection, START).remove(0)
    };
    let of_page = list(&mut chat, 1);
    let names: Vec<_> = of_page["rooms"].as_array().unwrap().iter().map(|room| room["name"].clone()).collect();
    assert_eq!((names.len(), &of_page["total"]), (LISTED_ROOMS + 1, &json!(ROOMS_TOLD + 11)));
    assert!(names.is_sorted_by_key(|name| name.as_str()), "by name");
    assert!(names.contains(&json!(last)), "the only one in which somebody is");
    assert_eq!(list(&mut chat, 2)["rooms"].as_array().unwrap().len(), ROOMS_TOLD + 2);
    let snapshot = chat.snapshot(ADA, &Place::Room(RoomName::general())).unwrap();
    assert_eq!((snapshot.rooms.len(), snapshot.more_rooms), (LISTED_ROOMS + 1, ROOMS_TOLD + 10 - LISTED_ROOMS));
}

#[test]
fn pages_by_name_have_each_room_once() {
    let chat = chat(25, 0, START, SETTINGS);
    let (mut after, mut all, mut pages) = (None, Vec::new(), 0);
    loop {
        let (page, is_more) = chat.rooms_after(after.as_ref(), 13);
        all.extend(page.into_iter().map(|room| room.name));
        pages += 1;
        if !is_more {
            break;
        }
        after = all.last().cloned();
    }
    let expected: Vec<_> = [RoomName::general()].into_iter().chain((0..25).map(room)).collect();
    assert_eq!((all, pages), (expected, 2), "26 are two pages, and no empty third");
    assert_eq!(chat.find_rooms("0007", 9).into_iter().map(|room| room.name).collect::<Vec<_>>(), [room(7)]);
    assert_eq!(chat.find_rooms("ROOM 00", 9).len(), 0, "a space is no part of a name");
    assert_eq!(chat.find_rooms("Room-00", 9).len(), 9);
    assert_eq!(chat.find_rooms("g", 9).len(), 1);
}

#[test]
fn a_room_without_members_is_archived_when_nothing_was_said_for_long_and_back_with_its_first_member() {
    let said_at = 5 * DAY_MS;
    let mut chat = chat(3, said_at, at(said_at), SETTINGS);
    chat.connect(at(said_at), 1, ADA, None, None, None);
    chat.frame(at(said_at), 1, frame(json!({"type": "get_rooms", "follow": true})));
    join(&mut chat, 1, &room(0), at(said_at));
    let due = said_at + SETTINGS.archive_after_ms;
    let listed = |chat: &Chat| chat.rooms_after(None, 9).0.len();
    chat.tick(at(due - 1));
    assert_eq!(listed(&chat), 4);
    heard(&mut chat, 1, at(due));
    chat.tick(at(due));
    assert_eq!(listed(&chat), 2, "Ada's and general stay");
    chat.tick(at(due + 1_000));
    let told = heard(&mut chat, 1, at(due + 1_000));
    let counts = told.iter().find(|frame| frame["type"] == "room_counts").unwrap();
    assert_eq!((&counts["total"], &counts["archived"]), (&json!(2), &json!([room(1), room(2)])));
    assert!(chat.has_room(&room(1)) && chat.find_rooms("room-0001", 9).len() == 1, "it is there, and found");
    assert!(!chat.snapshot(ADA, &Place::Room(room(0))).unwrap().rooms.iter().any(|listed| listed.name == room(1)));

    join(&mut chat, 1, &room(1), at(due + 2_000));
    assert_eq!(listed(&chat), 3);
    chat.tick(at(due + 90 * DAY_MS));
    assert_eq!(listed(&chat), 3, "a room with members stays, however silent it is");
}

#[test]
fn a_start_finds_the_rooms_archived_and_tells_nobody_of_it() {
    let now = at(31 * DAY_MS);
    let mut archived = chat(1_000, DAY_MS, now, SETTINGS);
    assert_eq!(archived.rooms_after(None, 2_000).0.len(), 1);
    archived.connect(now, 1, ADA, None, None, None);
    archived.frame(now, 1, frame(json!({"type": "get_rooms", "follow": true})));
    heard(&mut archived, 1, now);
    archived.tick(at(31 * DAY_MS + 5_000));
    assert!(heard(&mut archived, 1, now).is_empty());
    assert_eq!(chat(1_000, DAY_MS + 1, now, SETTINGS).rooms_after(None, 2_000).0.len(), 1_001, "a millisecond before");
}

#[test]
fn a_user_and_an_address_make_so_many_rooms_in_a_day_and_join_as_many_as_before() {
    let rates = Rates { room: rooms_in_a_day(2), ..SETTINGS.rates };
    let mut chat = chat(3, 0, START, Settings { rates, ..SETTINGS });
    let address = Address::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    chat.connect(START, 1, ADA, Some(address), None, None);
    heard(&mut chat, 1, START);
    let mut make = |number, now| {
        let name = RoomName::told(&format!("new-{number}"));
        join(&mut chat, 1, &name, now).into_iter().find(|frame| frame["type"] == "joined" || frame["type"] == "error")
    };
    let refused = |answer: Option<Value>| answer.unwrap()["code"].as_str().map(ToOwned::to_owned);
    assert_eq!([refused(make(1, START)), refused(make(2, START))], [None, None]);
    let answer = make(3, START).unwrap();
    assert_eq!(answer["code"], "too_many_rooms");
    assert_eq!(answer["message"], "You made as many rooms as you can in a day. Try again in 12 hours.");
    assert_eq!(answer["retry_after_ms"], Value::Null, "nobody waits for that with a text in hand");
    assert_eq!(refused(make(3, at(DAY_MS / 2 - 1))).as_deref(), Some("too_many_rooms"));
    assert_eq!(refused(make(3, at(DAY_MS / 2))), None);
    assert_eq!(refused(make(2, at(DAY_MS / 2))), None, "one that is there is not made");
}

#[test]
fn a_room_that_was_not_made_is_not_counted() {
    let rates = Rates { room: rooms_in_a_day(1), ..SETTINGS.rates };
    let mut chat = chat(1, 0, START, Settings { rates, ..SETTINGS });
    chat.connect(START, 1, ADA, Some(Address::from(IpAddr::V4(Ipv4Addr::LOCALHOST))), None, None);
    for answer in [Err(JournalError::Busy), Ok(Answer::Joined { is_new: false })] {
        chat.take_effects();
        chat.frame(START, 1, frame(json!({"type": "join", "room": "attic"})));
        let asked = chat.take_effects().into_iter().find_map(|effect| match effect {
            Effect::Submit { ticket, .. } => Some(ticket),
            _ => None,
        });
        chat.answered(START, asked.expect("there is a token"), answer);
    }
    assert!(join(&mut chat, 1, &RoomName::told("cellar"), START).iter().any(|frame| frame["type"] == "joined"));
    let told = join(&mut chat, 1, &RoomName::told("loft"), START);
    assert!(told.iter().any(|frame| frame["code"] == "too_many_rooms"), "{told:?}");
}

#[test]
fn the_users_of_an_address_make_ten_times_as_many_rooms_as_one() {
    let rates = Rates { room: rooms_in_a_day(1), ..SETTINGS.rates };
    let mut restored = restored();
    let one = restored.users[0].clone();
    for id in 3..=12 {
        let name = UserName::stored(&format!("Name{id}"));
        let hash = [u8::try_from(id).unwrap(); 32];
        let sessions = vec![StoredSession { hash, ..one.sessions[0] }];
        restored.users.push(StoredUser { id: UserId(id), name, sessions, ..one.clone() });
    }
    let mut chat = Stage::new(restored, Settings { rates, ..SETTINGS }, START);
    let here = Address::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let elsewhere = Address::from(IpAddr::V4(Ipv4Addr::BROADCAST));
    let mut make = |user: u64, address| {
        chat.connect(START, user, UserId(user), Some(address), None, None);
        heard(&mut chat, user, START);
        let told = join(&mut chat, user, &RoomName::told(&format!("new-{user}")), START);
        told.iter().any(|frame| frame["code"] == "too_many_rooms")
    };
    assert!((1..=10).all(|user| !make(user, here)));
    assert!(make(11, here));
    assert!(!make(12, elsewhere), "another address is not concerned");
}

#[test]
fn a_room_whose_last_member_is_forgotten_is_archived_in_time() {
    let mut chat = chat(1, 0, START, Settings { forget_after_ms: 0, grace_ms: 0, ..SETTINGS });
    chat.connect(START, 1, ADA, None, None, None);
    join(&mut chat, 1, &room(0), START);
    chat.frame(START, 1, frame(json!({"type": "message", "room": room(0), "text": "stays"})));
    chat.store_all(START);
    chat.disconnect(START, 1);
    let mut now = at(1_000);
    for _ in 0..2 {
        chat.tick(now);
        chat.store_all(now);
        now = at(now.elapsed_ms + 20_000);
    }
    assert!(chat.name(ADA).is_none(), "she is forgotten");
    assert_eq!(chat.rooms_after(None, 9).0.len(), 2);
    chat.tick(at(SETTINGS.archive_after_ms + 30_000));
    assert_eq!(chat.rooms_after(None, 9).0.len(), 1);
}
