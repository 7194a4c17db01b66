//! Presence and absence of users under a clock of the test's own, and the lifetime of sessions.

use super::{ADA, BO, SETTINGS, Stage, restored};
use crate::{
    chat::{Chat, Effect, Now, Outcome, Settings},
    journal::{Change, JournalError, StoredSession},
};
use app::protocol::{ClientFrame, RoomName, Timestamp, UserId};

use serde_json::Value;
use tungstenite::Utf8Bytes;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const LEASE_MS: u64 = 5 * 60 * 1_000;

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, clock: Timestamp::from_millis(1_700_000_000_000 + elapsed_ms) }
}

/// Takes the types of the frames to a connection.
fn heard(chat: &mut Stage, connection: u64) -> Vec<String> {
    let effects = chat.take_effects();
    let frames = effects.iter().filter_map(|effect| effect.frame_to(connection));
    let kind = |frame: Utf8Bytes| serde_json::from_str::<Value>(&frame).unwrap()["type"].as_str().unwrap().to_owned();
    frames.map(kind).collect()
}

fn present(chat: &Chat) -> Vec<UserId> {
    chat.users_in(&RoomName::general()).unwrap().into_iter().map(|user| user.id).collect()
}

/// Bo, connected by 2, and Ada, who has written an entry.
fn chat() -> Stage {
    let mut restored = restored();
    restored.users.iter_mut().for_each(|user| (user.has_entries, user.has_written) = (true, true));
    let mut settings = SETTINGS;
    settings.forget_after_ms = 1_000 * DAY_MS;
    let mut chat = Stage::new(restored, settings, at(0));
    chat.connect(at(0), 2, BO, None, None, None);
    chat.take_effects();
    chat
}

#[test]
fn who_loads_a_page_is_present_until_the_lease_ends_and_each_page_renews_it() {
    let mut chat = chat();
    chat.page_loaded(at(0), ADA);
    assert_eq!(heard(&mut chat, 2), ["user_joined"]);
    chat.page_loaded(at(LEASE_MS - 1), ADA);
    chat.tick(at(2 * LEASE_MS - 2));
    assert!(heard(&mut chat, 2).is_empty(), "it is renewed, and nobody hears of it");
    assert_eq!(present(&chat), [ADA, BO]);
    chat.tick(at(2 * LEASE_MS - 1));
    assert_eq!(heard(&mut chat, 2), ["user_left"]);
    assert_eq!(present(&chat), [BO]);
}

#[test]
fn others_hear_of_the_new_name_of_somebody_who_is_away() {
    let mut chat = chat();
    let ticket = |chat: &mut Stage| {
        chat.take_effects().iter().find_map(|effect| match effect {
            Effect::Submit { ticket, change: change @ Change::Rename { .. } } => Some((*ticket, change.clone())),
            _ => None,
        })
    };
    chat.connect(at(0), 1, ADA, None, None, None);
    chat.frame(at(0), 1, ClientFrame::SetNick { name: "Zoe".to_owned(), client_id: None });
    let (ticket, change) = ticket(&mut chat).unwrap();
    chat.disconnect(at(1), 1);
    chat.tick(at(LEASE_MS));
    assert_eq!(heard(&mut chat, 2), ["user_left"]);
    chat.store(at(LEASE_MS), ticket, change);
    assert_eq!(heard(&mut chat, 2), ["nick_changed", "system"]);
    assert_eq!(present(&chat), [BO]);
}

#[test]
fn a_connection_takes_the_place_of_the_lease_and_its_grace_follows() {
    let mut chat = chat();
    chat.page_loaded(at(0), ADA);
    assert_eq!(heard(&mut chat, 2), ["user_joined"]);
    chat.connect(at(1_000), 1, ADA, None, None, None);
    chat.tick(at(10 * LEASE_MS));
    assert!(heard(&mut chat, 2).is_empty(), "a connection is here for as long as it lasts");
    chat.page_loaded(at(10 * LEASE_MS), ADA);
    chat.disconnect(at(10 * LEASE_MS), 1);
    chat.tick(at(10 * LEASE_MS + SETTINGS.grace_ms - 1));
    assert!(heard(&mut chat, 2).is_empty());
    chat.tick(at(10 * LEASE_MS + SETTINGS.grace_ms));
    assert_eq!(heard(&mut chat, 2), ["user_left"]);
}

#[test]
fn a_page_within_the_grace_makes_the_stay_longer_and_never_shorter() {
    let mut chat = chat();
    chat.connect(at(0), 1, ADA, None, None, None);
    chat.disconnect(at(0), 1);
    chat.page_loaded(at(1), ADA);
    heard(&mut chat, 2);
    chat.tick(at(LEASE_MS));
    assert!(heard(&mut chat, 2).is_empty());
    chat.tick(at(LEASE_MS + 1));
    assert_eq!(heard(&mut chat, 2), ["user_left"]);
}

#[test]
fn only_who_has_written_something_is_away() {
    let away = |has_written| {
        let mut restored = restored();
        restored.users.iter_mut().for_each(|user| (user.has_entries, user.has_written) = (true, has_written));
        let mut settings = SETTINGS;
        settings.forget_after_ms = DAY_MS;
        let mut chat = Stage::new(restored, settings, at(0));
        chat.connect(at(0), 2, BO, None, None, None);
        let listed = chat.snapshot(BO, &RoomName::general().into()).unwrap().away.len();
        chat.connect(at(0), 1, ADA, None, None, None);
        chat.disconnect(at(0), 1);
        chat.take_effects();
        chat.tick(at(SETTINGS.grace_ms));
        let left = chat.take_effects().iter().find_map(|effect| effect.frame_to(2));
        let left = left.map(|frame| serde_json::from_str::<Value>(&frame).unwrap());
        (listed, left.unwrap()["away"].as_bool().unwrap_or(false))
    };
    assert_eq!(away(true), (1, true));
    assert_eq!(away(false), (0, false), "whom nobody ever heard");
}

#[test]
fn a_session_ends_at_once_and_is_back_where_that_could_not_be_stored() {
    let mut restored = restored();
    let hashes = [[7; 32], [8; 32]];
    restored.users[0].sessions = hashes.map(|hash| StoredSession { hash, renewed_at: at(0).clock }).to_vec();
    let mut chat = Stage::new(restored, SETTINGS, at(0));
    let sign_out = |chat: &mut Stage, hash, everywhere| {
        chat.sign_out(1, &hash, everywhere);
        chat.take_effects().into_iter().find_map(|effect| match effect {
            Effect::Submit { ticket, change: Change::EndSessions { user, sessions } } => {
                assert_eq!(user, ADA);
                Some((ticket, sessions))
            }
            _ => None,
        })
    };
    let known = |chat: &Chat| hashes.map(|hash| chat.session(&hash).is_some());
    let (ticket, ended) = sign_out(&mut chat, [7; 32], false).unwrap();
    assert_eq!((ended, known(&chat)), (vec![[7; 32]], [false, true]));
    chat.answered(at(0), ticket, Err(JournalError::Busy));
    assert_eq!(known(&chat), [true, true]);
    let (ticket, ended) = sign_out(&mut chat, [8; 32], true).unwrap();
    assert_eq!((ended.len(), known(&chat)), (2, [false, false]));
    chat.store(at(0), ticket, Change::EndSessions { user: ADA, sessions: ended });
    let reply = chat.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Reply { request: 1, reply } => Some(reply),
        _ => None,
    });
    assert!(matches!(reply, Some(Ok(Outcome::SignedOut(ended))) if ended.len() == 2));
    assert_eq!(sign_out(&mut chat, [7; 32], true), None, "nobody's");
}

#[test]
fn a_session_is_renewed_when_a_day_has_passed_and_the_store_is_told_once() {
    let mut restored = restored();
    let hash = [7; 32];
    restored.users[0].sessions = vec![StoredSession { hash, renewed_at: at(0).clock }];
    let mut chat = Stage::new(restored, SETTINGS, at(0));
    let mut renewed = |elapsed_ms| {
        let is_due = chat.renew_session(at(elapsed_ms), &hash);
        let changes = chat.take_effects().into_iter().filter(|effect| {
            matches!(effect, Effect::Submit { change: Change::RenewSession { session, at: stored }, .. }
                if *session == hash && *stored == at(elapsed_ms).clock)
        });
        (is_due, changes.count())
    };
    assert_eq!(renewed(DAY_MS - 1), (Some(false), 0));
    assert_eq!(renewed(DAY_MS), (Some(true), 1));
    assert_eq!(renewed(DAY_MS + 1), (Some(false), 0));
    assert_eq!(renewed(364 * DAY_MS), (Some(true), 1), "and so it never ends while it is used");
    assert_eq!(renewed(300 * DAY_MS), (Some(true), 1), "a clock that was wrong keeps nobody out");
    assert_eq!(chat.renew_session(at(0), &[8; 32]), None, "a session that is nobody's");
}

#[test]
fn a_reader_without_a_connection_who_is_forgotten_is_present_nowhere() {
    let mut restored = restored();
    restored.users.iter_mut().for_each(|user| (user.has_entries, user.has_written) = (true, true));
    let mut chat = Stage::new(restored, Settings { forget_after_ms: 0, grace_ms: 0, ..SETTINGS }, at(0));
    chat.connect(at(0), 2, BO, None, None, None);
    chat.page_loaded(at(0), ADA);
    chat.touch(at(0), ADA);
    assert_eq!((present(&chat), chat.counts().users_online), (vec![ADA, BO], 2));
    heard(&mut chat, 2);
    // The lease of the page would last for minutes.
    chat.tick(at(11_000));
    let forget = chat.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Submit { ticket, change: change @ Change::Forget { user: ADA, .. } } => Some((ticket, change)),
        _ => None,
    });
    let (ticket, change) = forget.unwrap();
    chat.store(at(11_000), ticket, change);
    assert_eq!((present(&chat), chat.counts().users_online), (vec![BO], 1));
    assert_eq!(heard(&mut chat, 2), ["user_left"]);
    chat.tick(at(LEASE_MS + 11_000));
    assert_eq!(chat.counts().users_online, 1, "once");
}

/// Returns the day on which Ada is forgotten, who was last connected at an uptime of 10 days, by a server that starts
/// at an uptime of `start` days with a calendar that is `off` days off.
fn forgotten_after(start: u64, off: u64, forget_after: u64) -> u64 {
    let mut restored = restored();
    restored.uptime_ms = start * DAY_MS;
    restored.users.retain(|user| user.id == ADA);
    for user in &mut restored.users {
        (user.has_entries, user.has_written, user.seen_uptime_ms) = (true, true, 10 * DAY_MS);
    }
    let day = |day| Now { elapsed_ms: day * DAY_MS, clock: Timestamp::from_millis((off + day) * DAY_MS) };
    let mut chat = Stage::new(restored, Settings { forget_after_ms: forget_after * DAY_MS, ..SETTINGS }, day(0));
    let is_forgotten = |day_: u64| {
        chat.tick(day(day_));
        chat.take_effects().iter().any(|effect| matches!(effect, Effect::Submit { change: Change::Forget { .. }, .. }))
    };
    (0..1_000)
        .find({
            let mut is_forgotten = is_forgotten;
            move |day| is_forgotten(*day)
        })
        .unwrap()
}

#[test]
fn absence_is_counted_in_the_servers_own_uptime() {
    for off in [0, 31, 365, 30_000] {
        assert_eq!(forgotten_after(10, off, 30), 30, "neither a jump of the clock nor a time without a server counts");
        assert_eq!(forgotten_after(25, off, 30), 15);
    }
    assert_eq!(forgotten_after(500, 0, 30), 1, "nobody is forgotten within a day of a start");
    assert_eq!(forgotten_after(39, 0, 30), 1);
}
