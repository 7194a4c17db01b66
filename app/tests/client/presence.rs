//! Typing, names, presence and read marks.

use super::support::{ada, connect, frame, general, say, sent};
use app::{
    protocol::{ClientFrame, EntryKind, Place, RoomName},
    sync::{Client, Effect, Gap, Input, Row},
};

#[test]
fn writing_is_told_now_and_then_and_its_end_once() {
    let mut ada = ada();
    let told = |effects: Vec<Effect>| match sent(&effects)[..] {
        [] => None,
        [ClientFrame::Typing { typing, .. }] => Some(*typing),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(told(ada.handle(1, Input::Typing(false))), None);
    assert_eq!(told(ada.handle(1, Input::Typing(true))), Some(true));
    assert_eq!(told(ada.handle(3_000, Input::Typing(true))), None);
    assert_eq!(told(ada.handle(3_001, Input::Typing(true))), Some(true), "within the lease of six seconds");
    assert_eq!(told(ada.handle(3_002, Input::Typing(false))), Some(false));
    assert_eq!(told(ada.handle(3_003, Input::Typing(false))), None);
    ada.handle(3_004, Input::Typing(true));
    say(&mut ada, 3_005, "said");
    assert_eq!(told(ada.handle(3_006, Input::Typing(true))), Some(true), "after a message it begins anew");
}

#[test]
fn who_writes_is_shown_until_they_stop_go_change_their_name_or_the_connection_goes() {
    let mut ada = ada();
    let typing = |ada: &Client| ada.typing().map(ToString::to_string).collect::<Vec<_>>();
    let begin = r#"{"type":"typing","room":"general","user":"Bo","typing":true}"#;
    for end in [
        r#"{"type":"typing","room":"general","user":"Bo","typing":false}"#,
        r#"{"type":"user_left","room":"general","user":"Bo","users":[],"count":1}"#,
        r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general","count":2}"#,
    ] {
        frame(&mut ada, 1, begin);
        assert_eq!(typing(&ada), ["Bo"]);
        frame(&mut ada, 2, end);
        assert!(typing(&ada).is_empty(), "{end}");
    }
    frame(&mut ada, 3, r#"{"type":"typing","room":"random","user":"Bo","typing":true}"#);
    assert!(typing(&ada).is_empty(), "elsewhere");
    frame(&mut ada, 3, begin);
    ada.handle(4, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    connect(&mut ada, 5);
    assert!(typing(&ada).is_empty());
    let list = r#"{"type":"user_list","room":"general","users":[{"id":"1","name":"Ada","typing":true},
        {"id":"2","name":"Bo","typing":true},{"id":"3","name":"Cy","typing":false}],"count":3}"#;
    frame(&mut ada, 6, list);
    assert_eq!(typing(&ada), ["Bo"], "the others, not oneself");
}

#[test]
fn a_new_name_is_ones_own_or_of_somebody_else() {
    let mut ada = ada();
    let list = r#"{"type":"user_list","room":"general","users":[{"id":"1","name":"Ada","typing":false}],"count":1}"#;
    frame(&mut ada, 1, list);
    frame(&mut ada, 2, r#"{"type":"nick_changed","old_name":"Ada","new_name":"Zoe"}"#);
    assert_eq!((&**ada.name(), &*ada.users().0[0].name), ("Zoe", "Zoe"));
    let other = r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general",
        "users":[{"id":"2","name":"Cy","typing":false},{"id":"1","name":"Zoe","typing":false}],"count":2}"#;
    frame(&mut ada, 3, other);
    assert_eq!((&**ada.name(), ada.users().1), ("Zoe", 2));
}

#[test]
fn a_crowd_is_not_asked_for_by_everybody_who_comes() {
    let asks = |effects: &[Effect]| sent(effects).iter().any(|frame| matches!(frame, ClientFrame::GetUsers { .. }));
    for (count, expected) in [(200, true), (201, false)] {
        let mut ada = ada();
        frame(&mut ada, 1, &format!(r#"{{"type":"user_joined","room":"general","user":"Bo","count":{count}}}"#));
        ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
        assert_eq!(asks(&connect(&mut ada, 3)), expected, "{count}");
    }
}

/// Returns the read mark that effects report.
fn told(effects: &[Effect]) -> Option<(&str, u64)> {
    sent(effects).into_iter().find_map(|frame| match frame {
        ClientFrame::Read { room, id } => Some((&**room, *id)),
        _ => None,
    })
}

/// Lets Bo say ten messages.
fn ten_are_said(ada: &mut Client) {
    for id in 1..=10 {
        let said = r#""type":"message","room":"general","from":"Bo","user_id":"2","text":"x","ts":1"#;
        frame(ada, 0, &format!("{{{said},\"id\":{id},\"prev\":{}}}", id - 1));
    }
}

/// Ada, who has read five of ten messages and has told so.
fn half_read() -> Client {
    let mut ada = ada();
    ten_are_said(&mut ada);
    assert_eq!(told(&ada.handle(1, Input::Seen(5))), Some(("general", 5)));
    ada
}

#[test]
fn a_refused_read_mark_is_told_again() {
    let mut ada = half_read();
    frame(&mut ada, 2, r#"{"type":"error","message":"x","code":"rate_limited","retry_after_ms":1000}"#);
    assert_eq!(told(&ada.handle(5_001, Input::Woke)), Some(("general", 5)));
    assert_eq!(told(&ada.handle(20_000, Input::Woke)), None);
}

#[test]
fn a_read_mark_that_was_lost_with_its_connection_is_told_again() {
    let mut ada = half_read();
    ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    assert_eq!(told(&connect(&mut ada, 20_000)), Some(("general", 5)));
    ada.handle(20_001, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(40_000, Input::Woke);
    ada.handle(40_000, Input::Opened);
    let resumed = r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],"missedMessages":{},
        "heads":{"general":10},"read":{"general":5},"epoch":"e1"}"#;
    assert_eq!(told(&frame(&mut ada, 40_000, resumed)), None, "the server has it");
}

#[test]
fn what_is_read_is_told_now_and_then_and_never_goes_back() {
    let mut ada = ada();
    let told = |effects: Vec<Effect>| told(&effects).map(|(room, id)| (room.to_owned(), id));
    let general = |id| Some(("general".to_owned(), id));
    ten_are_said(&mut ada);
    assert_eq!(told(ada.handle(1, Input::Seen(11))), None, "it was seen elsewhere, just before");
    assert_eq!(told(ada.handle(1, Input::Seen(5))), general(5));
    assert_eq!(told(ada.handle(2, Input::Seen(4))), None);
    assert_eq!(told(ada.handle(3, Input::Seen(6))), None, "the store has other work too");
    assert_eq!(told(ada.handle(4, Input::Seen(7))), None);
    assert_eq!(told(ada.handle(5_001, Input::Woke)), general(7));
    frame(&mut ada, 5_002, r#"{"type":"read","room":"general","id":9}"#);
    assert_eq!(told(ada.handle(20_000, Input::Seen(8))), None, "another tab is further");
    ada.handle(20_001, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    assert_eq!(told(ada.handle(20_001, Input::Seen(10))), None);
    assert_eq!(told(connect(&mut ada, 20_002)), general(10));
}

#[test]
fn one_frame_with_all_rooms_of_somebody_renames_them_in_the_shown_one() {
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Room(RoomName::told("den"))));
    let list = r#"{"type":"user_list","room":"den","users":[{"id":"1","name":"Ada"},{"id":"2","name":"Bo"},
        {"id":"3","name":"Cy"}],"count":3}"#;
    frame(&mut ada, 2, list);
    frame(&mut ada, 2, r#"{"type":"typing","room":"den","user":"Bo","typing":true}"#);
    let changed = r#"{"type":"nick_changed","old_name":"Bo","new_name":"dora","user_id":"2","room":"general",
        "users":[{"id":"2","name":"dora"}],"count":9,"rooms":["den","general"]}"#;
    frame(&mut ada, 3, changed);
    let names = |ada: &Client| ada.users().0.iter().map(|user| user.name.to_string()).collect::<Vec<_>>();
    assert_eq!((names(&ada), ada.users().1), (vec!["Ada".into(), "Cy".into(), "dora".into()], 3), "among the others");
    assert_eq!(ada.typing().count(), 0);
}

#[test]
fn who_is_away_is_listed_by_a_new_name_and_once_when_they_come_back() {
    let mut ada = ada();
    let list = r#"{"type":"user_list","room":"general","users":[{"id":"1","name":"Ada"}],"count":1,
        "away":[{"id":"2","name":"Bo"},{"id":"3","name":"Cy"}]}"#;
    frame(&mut ada, 2, list);
    let changed = r#"{"type":"nick_changed","old_name":"Bo","new_name":"dora","user_id":"2","room":"general",
        "users":[{"id":"1","name":"Ada"}],"count":1,"rooms":["general"]}"#;
    frame(&mut ada, 3, changed);
    let away = |ada: &Client| ada.away().iter().map(|user| user.name.to_string()).collect::<Vec<_>>();
    assert_eq!(away(&ada), ["Cy", "dora"]);
    let back = r#"{"type":"user_joined","room":"general","user":"dora","users":[{"id":"1","name":"Ada"},
        {"id":"2","name":"dora"}],"count":2}"#;
    frame(&mut ada, 4, back);
    assert_eq!(away(&ada), ["Cy"]);
}

#[test]
fn a_first_frame_without_entries_says_where_its_room_ends() {
    let mut ada = ada();
    let effects =
        frame(&mut ada, 1, r#"{"type":"joined","room":"general","history":[],"head":9,"users":[],"count":1,"read":0}"#);
    let missing = Gap { after: 0, before: 10 };
    assert_eq!(ada.rows(), [Row::Gap(missing)]);
    let is_asked = |effect: &Effect| matches!(effect, Effect::Send(ClientFrame::GetHistory { before: Some(10), .. }));
    assert!(effects.iter().any(is_asked), "{effects:?}");
}

/// Returns the entries of `general` by identifier, kind and text; a gap fails.
fn whole(ada: &Client) -> Vec<(u64, EntryKind, String)> {
    let entry = |row: &Row| match row {
        Row::Entry(entry) => (entry.id, entry.kind, entry.text.to_string()),
        Row::Gap(gap) => panic!("{gap:?}"),
    };
    ada.rows_of(&general()).iter().map(entry).collect()
}

#[test]
fn an_entry_of_an_unknown_kind_keeps_its_place_whichever_way_it_comes() {
    let mut ada = ada();
    let text = |kind: &str, id: u64| {
        format!(
            r#"{{"type":"{kind}","room":"general","from":"Bo","user_id":"2","text":"{kind} {id}","ts":1,"id":{id},"prev":{}}}"#,
            id - 1
        )
    };
    frame(&mut ada, 1, &text("message", 1));
    frame(&mut ada, 1, &text("poll", 2));
    frame(&mut ada, 1, &text("message", 3));
    assert_eq!(ada.unread(&general()).count, 3);
    ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(3, Input::Woke);
    ada.handle(3, Input::Opened);
    let missed = format!("{},{}", text("poll", 4), text("message", 5));
    let resumed = format!(
        r#"{{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],"missedMessages":{{"general":[{missed}]}},
            "heads":{{"general":5}},"epoch":"e1"}}"#
    );
    let effects = frame(&mut ada, 4, &resumed);
    assert!(!effects.contains(&Effect::Disconnect) && ada.status() == app::sync::Status::Live);
    let (message, unknown) = (EntryKind::Message, EntryKind::Unknown);
    let kinds = [(1, message), (2, unknown), (3, message), (4, unknown), (5, message)];
    let expected =
        kinds.map(|(id, kind)| (id, kind, format!("{} {id}", if kind == unknown { "poll" } else { "message" })));
    assert_eq!(whole(&ada), expected);
    // A line without a place in a log is ignored.
    frame(&mut ada, 5, r#"{"type":"reaction","room":"general","text":"x","id":7}"#);
    assert_eq!(whole(&ada).len(), 5);
}
