//! Previewed rooms.

use super::support::{among, frame, general};
use app::{
    protocol::{ClientFrame, ListedRoom, Place, RoomName, Standing, Unread},
    sync::{Client, Effect, Input, Notice, OutgoingState, Row},
};

const CONNECTED: &str = r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],
    "missedMessages":{},"heads":{"general":0},"epoch":"e1"}"#;

fn den() -> Place {
    Place::Room(RoomName::told("den"))
}

/// Ada, live, a member of `general` alone.
fn ada() -> Client {
    let mut client = among(vec![
        ListedRoom { name: RoomName::told("den"), users: 1, standing: None },
        ListedRoom { name: RoomName::general(), users: 1, standing: Some(Standing::default()) },
    ]);
    client.handle(0, Input::Start);
    connect(&mut client, 0);
    client
}

fn connect(client: &mut Client, now: u64) -> Vec<Effect> {
    client.handle(now, Input::Opened);
    frame(client, now, CONNECTED)
}

/// Returns the frames that concern rooms, in short.
fn sent(effects: &[Effect]) -> Vec<String> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Send(ClientFrame::Preview { room }) => Some(format!("preview {}", room.as_deref().unwrap_or("none"))),
        Effect::Send(ClientFrame::Join { room, .. }) => Some(format!("join {room}")),
        Effect::Send(ClientFrame::Leave { room, .. }) => Some(format!("leave {room}")),
        Effect::Send(ClientFrame::Message { room, text, .. }) => Some(format!("{text} in {room}")),
        Effect::Send(ClientFrame::Typing { room, .. }) => Some(format!("typing in {room}")),
        Effect::Send(ClientFrame::Read { room, .. }) => Some(format!("read {room}")),
        _ => None,
    });
    frames.collect()
}

fn say(client: &mut Client, now: u64, text: &str) -> Vec<Effect> {
    let place = client.place().clone();
    client.handle(now, Input::Say { place, text: text.into(), client_id: text.into(), at: now })
}

fn entry(id: u64, prev: u64) -> String {
    format!(r#"{{"id":{id},"prev":{prev},"ts":1,"from":"Bo","user_id":"2","text":"@Ada {id}","type":"message"}}"#)
}

fn preview(history: &str) -> String {
    format!(
        r#"{{"type":"preview","room":"den","history":[{history}],"users":[{{"id":"2","name":"Bo"}}],"count":1,
            "away":[{{"id":"3","name":"Cy"}}]}}"#
    )
}

fn said(id: u64, prev: u64) -> String {
    format!(
        r#"{{"type":"message","room":"den","from":"Bo","user_id":"2","text":"@Ada {id}","ts":1,"id":{id},"prev":{prev}}}"#
    )
}

const JOINED: &str = r#"{"type":"joined","room":"den","history":[],"users":[],"count":2}"#;

/// Ada, previewing the room `den`.
fn looking() -> Client {
    let mut ada = ada();
    ada.handle(1, Input::Show(den()));
    frame(&mut ada, 2, &preview(&entry(7, 0)));
    ada
}

fn ids(client: &Client) -> Vec<u64> {
    let id = |row: Row| if let Row::Entry(entry) = row { entry.id } else { 0 };
    client.rows().into_iter().map(id).collect()
}

#[test]
fn a_room_of_others_is_looked_at_and_what_happens_there_is_shown() {
    let mut ada = ada();
    assert_eq!(sent(&ada.handle(1, Input::Show(den()))), ["preview den"]);
    assert!(ada.is_unknown());
    frame(&mut ada, 2, &preview(&entry(7, 0)));
    let names = |users: &[app::protocol::UserInfo]| users.iter().map(|user| user.name.to_string()).collect::<Vec<_>>();
    assert_eq!((names(ada.users().0), names(ada.away())), (vec!["Bo".to_owned()], vec!["Cy".to_owned()]));
    frame(&mut ada, 3, &said(9, 7));
    assert_eq!(ids(&ada), [7, 9]);
    assert_eq!(sent(&ada.handle(4, Input::Show(general()))), ["preview none"]);
    assert_eq!(sent(&ada.handle(5, Input::Show(den()))), ["preview den"]);
    frame(&mut ada, 6, &preview(&entry(15, 12)));
    assert_eq!(ids(&ada), [7, 9, 0, 15], "what was missed meanwhile is a gap in sight");
}

#[test]
fn a_preview_that_comes_when_the_person_has_moved_on_changes_nothing() {
    let mut ada = ada();
    ada.handle(1, Input::Show(den()));
    ada.handle(2, Input::Show(general()));
    frame(&mut ada, 3, &preview(&entry(7, 0)));
    assert!(ada.rows_of(&den()).is_empty() && ada.users().0.is_empty());
}

#[test]
fn a_connection_that_comes_back_looks_at_the_room_again() {
    let mut ada = looking();
    ada.handle(3, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(4, Input::RetryNow);
    assert_eq!(sent(&connect(&mut ada, 5)), ["preview den"]);
}

#[test]
fn a_preview_that_was_refused_for_now_is_asked_for_again() {
    let mut ada = ada();
    ada.handle(1, Input::Show(den()));
    let refused = r#"{"type":"error","code":"rate_limited","message":"Later.","retry_after_ms":500}"#;
    frame(&mut ada, 2, refused);
    assert_eq!(ada.notices().next(), None, "the page does it by itself");
    assert_eq!(sent(&ada.handle(501, Input::Woke)), [""; 0]);
    assert_eq!(sent(&ada.handle(502, Input::Woke)), ["preview den"]);
    frame(&mut ada, 503, &preview(""));
    assert_eq!(sent(&ada.handle(1_004, Input::Woke)), [""; 0], "it came, and nothing was refused since");
}

#[test]
fn the_answer_to_an_earlier_question_does_not_hide_that_the_later_one_was_refused() {
    let mut ada = ada();
    for (at, place) in [(1, den()), (2, general()), (3, den())] {
        ada.handle(at, Input::Show(place));
    }
    frame(&mut ada, 4, &preview(&entry(7, 0)));
    frame(&mut ada, 5, r#"{"type":"error","code":"rate_limited","message":"Later.","retry_after_ms":500}"#);
    assert_eq!(sent(&ada.handle(505, Input::Woke)), ["preview den"], "the server tells nothing of it until then");
}

#[test]
fn nothing_waits_in_a_room_that_is_only_looked_at() {
    let mut ada = looking();
    let effects = frame(&mut ada, 3, &said(9, 7));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Alert(_))));
    assert_eq!(sent(&ada.handle(4, Input::Seen(9))), [""; 0], "there is no read mark to move");
    assert_eq!(sent(&ada.handle(5, Input::Typing(true))), [""; 0]);
    ada.handle(6, Input::Show(general()));
    frame(&mut ada, 7, &said(11, 9));
    assert_eq!(ada.unread(&den()), Unread::default());
    let wakes_at = ada.handle(10_000, Input::Woke).into_iter().find_map(|effect| match effect {
        Effect::WakeAt(at) => Some(at),
        _ => None,
    });
    assert!(wakes_at.is_some_and(|at| at > 10_000));
}

#[test]
fn whoever_writes_in_a_room_joins_it_by_that_and_once() {
    let mut ada = looking();
    assert_eq!(sent(&say(&mut ada, 3, "hello")), ["join den", "hello in den"]);
    assert_eq!(sent(&frame(&mut ada, 4, JOINED)), [""; 0], "the server ends the preview by itself");
    let echo = r#"{"type":"message","room":"den","from":"Ada","user_id":"1","text":"hello","ts":1,"id":9,"prev":7,"client_id":"hello"}"#;
    frame(&mut ada, 5, echo);
    assert_eq!(sent(&say(&mut ada, 6, "/me waves")), ["/me waves in den"]);
    assert_eq!(sent(&ada.handle(7, Input::Show(general()))), [""; 0]);
}

#[test]
fn a_private_text_that_was_typed_in_a_room_joins_nothing() {
    let mut ada = looking();
    assert_eq!(sent(&say(&mut ada, 3, "/pm Bo hello")), ["/pm Bo hello in den"]);
}

#[test]
fn a_text_for_a_room_that_cannot_be_joined_is_shown_as_unsent() {
    let mut ada = looking();
    say(&mut ada, 3, "hello");
    frame(&mut ada, 4, r#"{"type":"error","code":"too_many_rooms","message":"You are in 50 rooms."}"#);
    frame(&mut ada, 5, r#"{"type":"error","code":"not_in_room","message":"Join it first.","client_id":"hello"}"#);
    assert_eq!(ada.outgoing()[0].state, OutgoingState::Failed("Join it first.".into()));
    frame(&mut ada, 6, &said(9, 7));
    assert_eq!(ids(&ada), [7, 9], "and the room is looked at still");
}

#[test]
fn a_room_that_is_not_there_is_looked_at_and_not_listed() {
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Room(RoomName::told("attic"))));
    frame(&mut ada, 2, r#"{"type":"preview","room":"attic","missing":true,"history":[],"users":[],"count":0}"#);
    assert!(!ada.is_unknown());
    assert!(ada.rooms().iter().all(|room| room.name.as_str() != "attic"));
}

#[test]
fn nobody_is_in_a_room_that_is_gone_and_listed_for_its_unsent_texts() {
    let mut ada = looking();
    frame(&mut ada, 3, r#"{"type":"preview","room":"den","history":[],"users":[{"id":"2","name":"Bo"}],"count":1}"#);
    let here = |ada: &Client| ada.rooms().into_iter().find(|room| room.name.as_str() == "den").map(|room| room.users);
    assert_eq!(here(&ada), Some(1));
    frame(&mut ada, 4, r#"{"type":"preview","room":"den","missing":true,"history":[],"users":[],"count":0}"#);
    assert_eq!(here(&ada), Some(0));

    frame(&mut ada, 5, r#"{"type":"preview","room":"den","history":[],"users":[{"id":"2","name":"Bo"}],"count":1}"#);
    frame(&mut ada, 6, r#"{"type":"room_list","rooms":[{"name":"general","users":2}],"total":9}"#);
    assert_eq!(here(&ada), Some(1), "the list has not all rooms");
    frame(&mut ada, 7, r#"{"type":"room_list","rooms":[{"name":"general","users":2}],"total":1}"#);
    assert_eq!(here(&ada), Some(0));
}

#[test]
fn the_room_that_was_left_can_be_joined_again_from_the_page_that_left_it() {
    let left = r#"{"type":"left","room":"den"}"#;
    let offered = |ada: &Client| ada.notices().filter_map(|notice: &Notice| notice.left.clone()).collect::<Vec<_>>();
    let mut other = ada();
    frame(&mut other, 1, JOINED);
    frame(&mut other, 2, left);
    assert_eq!(offered(&other), [], "it was left elsewhere");

    let mut ada = looking();
    frame(&mut ada, 3, JOINED);
    assert_eq!(sent(&say(&mut ada, 4, "/leave")), ["/leave in den"]);
    frame(&mut ada, 5, left);
    assert_eq!(ada.place(), &general());
    assert_eq!(offered(&ada), [RoomName::told("den")]);
    assert_eq!(ada.notices().last().map(|notice| notice.text.to_string()).as_deref(), Some("You left #den."));
}

#[test]
fn a_text_waits_when_its_room_cannot_be_joined_for_now() {
    for (code, is_later) in [("rate_limited", true), ("unavailable", true), ("too_many_rooms", false)] {
        let mut ada = looking();
        say(&mut ada, 3, "hello");
        frame(&mut ada, 4, &format!(r#"{{"type":"error","code":"{code}","message":"Wait.","retry_after_ms":700}}"#));
        frame(&mut ada, 5, r#"{"type":"error","code":"not_in_room","message":"Join it first.","client_id":"hello"}"#);
        assert_eq!(ada.outgoing()[0].state == OutgoingState::Waiting, is_later, "{code}");
        assert!(sent(&ada.handle(703, Input::Woke)).iter().all(|frame| !frame.starts_with("join")), "{code}");
        let again: &[&str] = if is_later { &["join den", "hello in den"] } else { &[] };
        let later = sent(&ada.handle(704, Input::Woke));
        assert_eq!(
            later.iter().filter(|frame| !frame.starts_with("preview")).collect::<Vec<_>>(),
            again.iter().collect::<Vec<_>>(),
            "{code}"
        );
    }
}

#[test]
fn whoever_is_in_a_room_is_not_away_and_a_list_of_those_who_are_is_asked_for_until_it_comes() {
    let asks = |effects: &[Effect]| {
        effects.iter().any(|effect| matches!(effect, Effect::Send(ClientFrame::GetUsers { room }) if room == "den"))
    };
    let mut ada = looking();
    let with_bo = r#"{"type":"preview","room":"den","history":[],"users":[],"count":0,"away":[{"id":"2","name":"Bo","typing":false}]}"#;
    frame(&mut ada, 3, with_bo);
    assert_eq!(ada.away().len(), 1);
    let joined =
        r#"{"type":"joined","room":"den","history":[],"users":[{"id":"2","name":"Bo","typing":false}],"count":2}"#;
    assert!(asks(&frame(&mut ada, 4, joined)));
    assert!(ada.away().is_empty());
    frame(&mut ada, 5, r#"{"type":"error","code":"rate_limited","message":"Wait.","retry_after_ms":700}"#);
    assert!(asks(&ada.handle(705, Input::Woke)));
}
