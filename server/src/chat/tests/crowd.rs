//! The cost of a crowd: bytes in proportion to the size of a room, not to its square.

use super::{SETTINGS, Stage};
use crate::{
    chat::{Effect, Now},
    journal::{Restored, StoredRoom, StoredSession, StoredUser},
};
use app::protocol::{ClientFrame, RoomName, Timestamp, UserId, UserName, limits::MERGE_MS};

/// Members of `general`, and the bytes that were sent to all of them.
struct Crowd {
    chat: Stage,
    now_ms: u64,
}

impl Crowd {
    fn of(size: u64) -> Self {
        let user = |id| StoredUser {
            id: UserId(id),
            name: UserName::stored(&format!("Somebody{id}")),
            rooms: vec![RoomName::general()],
            reads: Vec::new(),
            sessions: vec![StoredSession { hash: [1; 32], renewed_at: Timestamp::default() }],
            has_entries: true,
            has_written: true,
            by_form: false,
            seen_uptime_ms: 0,
            caught_up_to: 0,
        };
        let restored = Restored {
            epoch: "e".to_owned(),
            users: (1..=size).map(user).collect(),
            rooms: [(RoomName::general(), StoredRoom::default())].into(),
            ..Restored::default()
        };
        let start = Now { elapsed_ms: 0, clock: Timestamp::default() };
        Self { chat: Stage::new(restored, SETTINGS, start), now_ms: 0 }
    }

    fn now(&self) -> Now {
        Now { elapsed_ms: self.now_ms, clock: Timestamp::default() }
    }

    fn comes(&mut self, id: u64) {
        assert!(self.chat.connect(self.now(), id, UserId(id), None, None, None));
    }

    fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
        self.chat.tick(self.now());
    }

    /// Takes the number of frames and bytes.
    fn sent(&mut self) -> (usize, usize) {
        let frames = self.chat.take_effects().into_iter().filter_map(|effect| match effect {
            Effect::Broadcast { to, frame } => Some((to.len(), frame.len())),
            Effect::Send { to, .. } => Some((1, effect.frame_to(to)?.len())),
            _ => None,
        });
        frames.fold((0, 0), |(count, bytes), (receivers, frame)| (count + receivers, bytes + receivers * frame))
    }
}

/// Returns the bytes to everybody when one more user enters a room of `size`.
fn one_more(size: u64) -> usize {
    let mut crowd = Crowd::of(size + 1);
    for id in 1..=size {
        crowd.comes(id);
    }
    crowd.wait(2 * MERGE_MS);
    crowd.wait(2 * MERGE_MS);
    crowd.sent();
    crowd.comes(size + 1);
    crowd.wait(MERGE_MS);
    crowd.sent().1
}

/// Returns the bytes to everybody while `size` users arrive, a thousand per second.
fn storm(size: u64) -> usize {
    let mut crowd = Crowd::of(size);
    let mut bytes = 0;
    for id in 1..=size {
        crowd.comes(id);
        crowd.wait(1);
        bytes += crowd.sent().1;
    }
    crowd.wait(MERGE_MS);
    bytes + crowd.sent().1
}

#[test]
fn joining_a_room_of_five_thousand_costs_bytes_in_proportion_to_the_room() {
    let [half, whole] = [2_500, 5_000].map(one_more);
    println!("one more in a room of 2,500: {half} bytes to everybody together, of 5,000: {whole}");
    assert!(whole < half * 21 / 10, "twice the room, twice the bytes");
    assert!(whole < 5_000 * 150, "one short frame for each: {whole}");
}

#[test]
fn a_storm_of_five_thousand_joins_is_a_few_frames_for_each() {
    let bytes = storm(5_000);
    println!("5,000 people come within 5 s: {bytes} bytes to everybody together");
    // Without merging, each member would get 2,500 frames; with member lists, terabytes.
    assert!(bytes < 200_000_000, "{bytes}");
}

#[test]
fn everybody_who_came_and_went_in_a_moment_is_counted_in_its_frames() {
    let mut crowd = Crowd::of(300);
    for id in 1..=250 {
        crowd.comes(id);
    }
    crowd.wait(2 * MERGE_MS);
    crowd.wait(2 * MERGE_MS);
    crowd.sent();
    for id in 251..=260 {
        crowd.comes(id);
    }
    crowd.wait(MERGE_MS);
    let told: Vec<serde_json::Value> = crowd
        .chat
        .take_effects()
        .iter()
        .filter_map(|effect| Some(serde_json::from_str(&effect.frame_to(1)?).unwrap()))
        .collect();
    let counted: u64 = told.iter().map(|frame| 1 + frame["others"].as_u64().unwrap_or(0)).sum();
    assert_eq!((told.len(), counted), (2, 10), "the first at once, the other nine in one: {told:?}");
    assert_eq!(told[1]["count"], 260);
    assert_eq!(told[1].get("users"), None);
}

#[test]
fn two_hundred_who_come_back_from_a_restart_are_a_few_lists_for_each() {
    let bytes = storm(200);
    println!("200 people come within 0.2 s: {bytes} bytes to everybody together");
    // With a list for each arrival these would be fifty megabytes.
    assert!(bytes < 200 * 200 * 150, "{bytes}");
}

#[test]
fn in_a_room_of_twenty_each_coming_is_told_of_and_in_a_larger_one_those_of_a_second_together() {
    let mut crowd = Crowd::of(40);
    let told = |crowd: &mut Crowd, ids: std::ops::RangeInclusive<u64>| -> Vec<(u64, usize)> {
        crowd.sent();
        ids.for_each(|id| crowd.comes(id));
        crowd.wait(MERGE_MS);
        let effects = crowd.chat.take_effects();
        let frames = effects.iter().filter_map(|effect| effect.frame_to(1));
        let frames = frames.map(|frame| serde_json::from_str::<serde_json::Value>(&frame).unwrap());
        let frames = frames.filter(|frame| frame["type"] == "user_joined");
        frames.map(|frame| (frame["others"].as_u64().unwrap_or(0), frame["users"].as_array().unwrap().len())).collect()
    };
    told(&mut crowd, 1..=17);
    assert_eq!(told(&mut crowd, 18..=20), [(0, 18), (0, 19), (0, 20)]);
    assert_eq!(told(&mut crowd, 21..=24), [(0, 21), (2, 24)], "the first at once, then three in one");
}

#[test]
fn who_goes_from_a_room_that_is_listed_is_told_of_behind_those_who_came() {
    let mut crowd = Crowd::of(40);
    for id in 1..=30 {
        crowd.comes(id);
    }
    crowd.wait(2 * MERGE_MS);
    crowd.wait(2 * MERGE_MS);
    crowd.chat.disconnect(crowd.now(), 30);
    crowd.wait(SETTINGS.grace_ms - 1);
    crowd.sent();
    for id in 31..=33 {
        crowd.comes(id);
    }
    crowd.wait(1);
    let effects = crowd.chat.take_effects();
    let told = effects.iter().filter_map(|effect| effect.frame_to(1));
    let told: Vec<serde_json::Value> = told.map(|frame| serde_json::from_str(&frame).unwrap()).collect();
    let told = told.iter().map(|frame| (frame["type"].as_str().unwrap(), frame["others"].as_u64().unwrap_or(0)));
    assert_eq!(told.collect::<Vec<_>>(), [("user_joined", 0), ("user_joined", 1), ("user_left", 0)]);
}

#[test]
fn in_a_room_of_two_hundred_everybody_is_listed() {
    let mut crowd = Crowd::of(201);
    for id in 1..=199 {
        crowd.comes(id);
    }
    crowd.wait(2 * MERGE_MS);
    crowd.sent();
    let mut heard = |id| -> serde_json::Value {
        crowd.comes(id);
        crowd.wait(2 * MERGE_MS);
        let effects = crowd.chat.take_effects();
        let frames = effects.iter().filter_map(|effect| effect.frame_to(1));
        serde_json::from_str(&frames.last().unwrap()).unwrap()
    };
    assert_eq!(heard(200)["users"].as_array().unwrap().len(), 200);
    let seen = heard(201);
    assert_eq!((seen.get("users"), &seen["count"]), (None, &serde_json::json!(201)));
}

#[test]
fn a_new_name_in_a_crowd_is_told_without_the_list() {
    let mut crowd = Crowd::of(201);
    for id in 1..=201 {
        crowd.comes(id);
    }
    crowd.sent();
    let now = crowd.now();
    crowd.chat.frame(now, 2, ClientFrame::SetNick { name: "Somebody_else".to_owned(), client_id: None });
    let told: Vec<String> =
        crowd.chat.store_all(now).iter().filter_map(|effect| Some(effect.frame_to(1)?.to_string())).collect();
    let changed: serde_json::Value = serde_json::from_str(&told[0]).unwrap();
    assert_eq!((&changed["type"], &changed["count"]), (&serde_json::json!("nick_changed"), &serde_json::json!(201)));
    assert_eq!(changed.get("users"), None);
}

#[test]
fn who_asks_is_still_told_everybody() {
    let mut crowd = Crowd::of(300);
    for id in 1..=300 {
        crowd.comes(id);
    }
    crowd.sent();
    let now = crowd.now();
    crowd.chat.frame(now, 1, ClientFrame::GetUsers { room: "general".to_owned() });
    let (frames, bytes) = crowd.sent();
    assert_eq!(frames, 1);
    assert!(bytes > 300 * 30);
}

#[test]
fn those_who_go_from_a_large_room_in_a_moment_are_told_of_in_two_frames() {
    let mut crowd = Crowd::of(260);
    for id in 1..=260 {
        crowd.comes(id);
    }
    crowd.wait(2 * MERGE_MS);
    crowd.wait(2 * MERGE_MS);
    for id in 251..=260 {
        crowd.chat.disconnect(crowd.now(), id);
    }
    crowd.sent();
    crowd.wait(SETTINGS.grace_ms);
    crowd.wait(MERGE_MS);
    let effects = crowd.chat.take_effects();
    let told = effects.iter().filter_map(|effect| effect.frame_to(1));
    let told: Vec<serde_json::Value> = told.map(|frame| serde_json::from_str(&frame).unwrap()).collect();
    let left: Vec<_> = told.iter().filter(|frame| frame["type"] == "user_left").collect();
    let others: Vec<_> = left.iter().map(|frame| frame["others"].as_u64().unwrap_or(0)).collect();
    assert_eq!((others, &left[1]["count"]), (vec![0, 8], &serde_json::json!(250)));
}
