//! The person's texts, and their order.

use super::support::{ada, connect, echo, frame, general, notices, refused, say, texts};
use app::{
    protocol::{Place, RoomName, UserId},
    sync::{Client, Effect, Input, OUTBOX_MAX, Outgoing, OutgoingState},
};

#[test]
fn one_text_at_a_time_is_under_way_so_nothing_overtakes_anything() {
    let mut ada = ada();
    assert_eq!(texts(&say(&mut ada, 1, "a")), ["a"]);
    assert!(texts(&say(&mut ada, 1, "b")).is_empty());
    assert!(texts(&say(&mut ada, 2, "c")).is_empty());
    assert_eq!(texts(&echo(&mut ada, 2, 1, "a")), ["b"]);
    refused(&mut ada, 3, "b", 1_000);
    assert!(texts(&say(&mut ada, 5, "d")).is_empty(), "what is new waits behind it");
    assert!(texts(&ada.handle(1_002, Input::Woke)).is_empty());
    assert_eq!(texts(&ada.handle(1_003, Input::Woke)), ["b"]);
    assert_eq!(texts(&echo(&mut ada, 1_004, 2, "b")), ["c"]);
    refused(&mut ada, 1_005, "c", 500);
    assert_eq!(texts(&ada.handle(1_505, Input::Woke)), ["c"]);
    assert_eq!(texts(&echo(&mut ada, 1_506, 3, "c")), ["d"]);
    assert!(texts(&echo(&mut ada, 1_507, 4, "d")).is_empty());
    assert_eq!(texts(&say(&mut ada, 1_508, "e")), ["e"], "and then as ever");
}

#[test]
fn what_is_refused_for_good_does_not_hold_up_the_rest() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    say(&mut ada, 1, "b");
    refused(&mut ada, 2, "a", 100);
    assert_eq!(texts(&ada.handle(102, Input::Woke)), ["a"]);
    let no = r#"{"type":"error","code":"too_long","message":"No.","client_id":"a"}"#;
    assert_eq!(texts(&frame(&mut ada, 103, no)), ["b"]);
}

#[test]
fn what_was_discarded_while_it_waited_does_not_hold_up_the_rest_either() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    refused(&mut ada, 2, "a", 100);
    ada.handle(3, Input::Discard("a".into()));
    assert!(texts(&ada.handle(102, Input::Woke)).is_empty());
    assert_eq!(texts(&say(&mut ada, 103, "b")), ["b"]);
}

#[test]
fn what_others_say_meanwhile_sends_nothing_twice() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    say(&mut ada, 1, "b");
    refused(&mut ada, 2, "a", 100);
    assert_eq!(texts(&ada.handle(102, Input::Woke)), ["a"]);
    for id in 1..5 {
        let line = format!(
            r#"{{"type":"message","room":"general","from":"Bo","text":"x","ts":1,"id":{id},"prev":{}}}"#,
            id - 1
        );
        assert!(texts(&frame(&mut ada, 103, &line)).is_empty());
    }
    assert_eq!(texts(&echo(&mut ada, 104, 5, "a")), ["b"]);
    assert_eq!(texts(&say(&mut ada, 105, "c")), [""; 0]);
    assert_eq!(texts(&ada.handle(106, Input::Discard("b".into()))), ["c"], "what is given up holds nothing up");
}

#[test]
fn texts_that_are_held_back_are_slow_until_all_are_stored_and_nothing_to_be_told_of() {
    use app::protocol::ErrorCode::{RateLimited, Unavailable};
    let mut ada = ada();
    say(&mut ada, 0, "/rooms");
    frame(&mut ada, 0, r#"{"type":"room_list","rooms":[]}"#);
    let before = notices(&ada);
    for text in ["a", "b"] {
        say(&mut ada, 1, text);
    }
    assert_eq!(ada.held_back(), None);
    refused(&mut ada, 2, "a", 500);
    ada.handle(502, Input::Woke);
    assert_eq!(ada.held_back(), Some(RateLimited), "also while it is sent again");
    echo(&mut ada, 503, 1, "a");
    assert_eq!(ada.held_back(), Some(RateLimited), "another one waits");
    // A request of the page itself is refused meanwhile, too.
    frame(&mut ada, 503, r#"{"type":"error","code":"rate_limited","message":"Too fast.","retry_after_ms":500}"#);
    echo(&mut ada, 504, 2, "b");
    assert_eq!(ada.held_back(), None);
    assert!(notices(&ada).is_empty() && !before.is_empty());
    say(&mut ada, 600, "c");
    frame(&mut ada, 601, r#"{"type":"error","code":"unavailable","message":"Later.","client_id":"c"}"#);
    assert_eq!(ada.held_back(), Some(Unavailable));
    ada.handle(602, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(603, Input::Woke);
    assert_eq!(ada.held_back(), None, "another connection may be better");
}

/// Returns the texts that are stored and removed.
fn kept(effects: &[Effect]) -> Vec<String> {
    let kept = effects.iter().filter_map(|effect| match effect {
        Effect::Persist(item) => Some(format!("+{}", item.text)),
        Effect::Remove(client_id) => Some(format!("-{client_id}")),
        _ => None,
    });
    kept.collect()
}

fn outgoing(text: &str, at: u64) -> Outgoing {
    let (client_id, name) = (text.into(), "general".into());
    let place = Place::Room(RoomName::general());
    Outgoing { client_id, at, place, name, text: text.into(), target: None, state: OutgoingState::Waiting }
}

#[test]
fn a_text_is_kept_from_when_it_was_typed_until_its_entry_is_seen_or_it_is_given_up() {
    let mut ada = ada();
    assert_eq!(kept(&say(&mut ada, 1, "a")), ["+a"]);
    assert_eq!(kept(&say(&mut ada, 1, "b")), ["+b"]);
    assert_eq!(kept(&echo(&mut ada, 2, 1, "a")), ["-a"]);
    assert_eq!(kept(&echo(&mut ada, 2, 1, "a")), [""; 0]);
    let no = r#"{"type":"error","code":"too_long","message":"No.","client_id":"b"}"#;
    assert_eq!(kept(&frame(&mut ada, 3, no)), ["+b"], "with its reason");
    assert_eq!(kept(&ada.handle(4, Input::Discard("b".into()))), ["-b"]);
}

#[test]
fn what_an_earlier_page_had_on_its_way_goes_out_first_and_in_its_order() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    say(&mut ada, 50, "c");
    ada.handle(51, Input::Restored(vec![outgoing("b", 40)]));
    ada.handle(51, Input::Restored(vec![outgoing("a", 30)]));
    ada.handle(51, Input::Restored(vec![outgoing("b", 40)]));
    say(&mut ada, 20, "d"); // by a clock that was set back
    let order: Vec<_> = ada.outbox().map(|item| item.text.to_string()).collect();
    assert_eq!(order, ["a", "b", "c", "d"]);
    assert_eq!(texts(&connect(&mut ada, 1_000)), ["a"]);
    assert_eq!(texts(&echo(&mut ada, 1_001, 1, "a")), ["b"]);
}

#[test]
fn what_is_kept_and_has_arrived_long_since_is_let_go_of() {
    let mut ada = ada();
    echo(&mut ada, 1, 1, "a");
    assert_eq!(kept(&ada.handle(2, Input::Restored(vec![outgoing("a", 1)]))), ["-a"]);
    assert!(ada.outgoing().is_empty());
}

#[test]
fn only_the_tab_that_may_send_does_and_one_that_the_person_writes_in_claims_that() {
    let mut ada = ada();
    ada.handle(1, Input::MaySend(false));
    let effects = say(&mut ada, 2, "a");
    assert!(texts(&effects).is_empty() && effects.contains(&Effect::ClaimSending), "{effects:?}");
    ada.handle(3, Input::Restored(vec![outgoing("earlier", 1)]));
    assert_eq!(texts(&ada.handle(4, Input::MaySend(true))), ["earlier"]);
    ada.handle(5, Input::MaySend(false));
    assert!(texts(&echo(&mut ada, 6, 1, "earlier")).is_empty(), "the other one sends it now");
    assert!(ada.handle(7, Input::RetryNow).contains(&Effect::ClaimSending), "who looks here wants it sent");
    ada.handle(8, Input::Removed("a".into()));
    assert!(ada.outgoing().is_empty(), "the other one has seen its entry");
    assert!(!ada.handle(9, Input::RetryNow).contains(&Effect::ClaimSending));
}

#[test]
fn an_outbox_that_is_full_says_so_and_who_typed_it_keeps_it() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    for n in 0..OUTBOX_MAX {
        assert_eq!(ada.cannot_take("x"), None);
        say(&mut ada, 2, &n.to_string());
    }
    assert!(ada.cannot_take("x").is_some_and(|reason| reason.contains("500 messages are waiting")));
    say(&mut ada, 3, "one more");
    assert_eq!(ada.outbox().count(), OUTBOX_MAX);
}

#[test]
fn a_refused_text_is_shown_in_its_own_place_which_the_list_marks() {
    let mut ada = ada();
    let den: Place = RoomName::told("den").into();
    let with_bo = Place::With(UserId(2));
    let to_bo = Outgoing { name: "Bo".into(), place: with_bo.clone(), ..outgoing("b", 2) };
    ada.handle(
        1,
        Input::Restored(vec![Outgoing { name: "den".into(), place: den.clone(), ..outgoing("a", 1) }, to_bo]),
    );
    let unsent = |ada: &Client| {
        let rooms = ada.rooms().into_iter().filter(|room| room.unsent > 0).map(|room| room.name.to_string());
        let people = ada.conversations().into_iter().filter(|line| line.unsent > 0).map(|line| line.name.to_string());
        rooms.chain(people).collect::<Vec<_>>()
    };
    assert!(unsent(&ada).is_empty(), "they are on their way");
    frame(&mut ada, 2, r#"{"type":"error","code":"not_in_room","message":"No.","client_id":"a"}"#);
    frame(&mut ada, 3, r#"{"type":"error","code":"no_such_user","message":"Gone.","client_id":"b"}"#);
    assert!(ada.outgoing().is_empty(), "here nothing was refused");
    assert_eq!(notices(&ada), ["Your message to #den was not sent. No.", "Your message to @Bo was not sent. Gone."]);
    assert_eq!(unsent(&ada), ["den", "Bo"]);
    frame(&mut ada, 4, r#"{"type":"room_list","rooms":[{"name":"general","users":1}]}"#);
    frame(&mut ada, 5, r#"{"type":"room_deleted","room":"den"}"#);
    assert_eq!(unsent(&ada), ["den", "Bo"], "also when the room is gone");
    for (place, text) in [(&den, "a"), (&with_bo, "b")] {
        ada.handle(6, Input::Show(place.clone()));
        let shown: Vec<_> = ada.outgoing().into_iter().map(|item| item.text.to_string()).collect();
        assert_eq!(shown, [text]);
    }
    ada.handle(7, Input::Discard("a".into()));
    frame(&mut ada, 8, r#"{"type":"room_list","rooms":[{"name":"general","users":1}]}"#);
    assert!(ada.rooms().iter().all(|room| room.name.as_str() != "den"), "nothing leads to it any more");
}

#[test]
fn a_text_that_an_earlier_page_left_refused_is_found_by_the_next_one() {
    let mut ada = ada();
    let state = OutgoingState::Failed("No.".into());
    ada.handle(
        1,
        Input::Restored(vec![Outgoing {
            name: "den".into(),
            place: RoomName::told("den").into(),
            state,
            ..outgoing("a", 1)
        }]),
    );
    assert!(ada.rooms().iter().any(|room| room.name.as_str() == "den" && room.unsent == 1));
}

#[test]
fn a_text_whose_client_id_another_one_has_is_sent_under_another() {
    let used = |client_id: &str| {
        format!(r#"{{"type":"error","code":"client_id_used","message":"Used.","client_id":"{client_id}"}}"#)
    };
    let mut ada = ada();
    say(&mut ada, 1, "a");
    say(&mut ada, 1, "b");
    let effects = frame(&mut ada, 2, &used("a"));
    assert_eq!(texts(&effects), ["a"], "before what was typed after it");
    assert_eq!(kept(&effects), ["+a", "-a"], "so that it is never nowhere");
    assert_eq!(ada.outgoing().iter().map(|item| &*item.client_id).collect::<Vec<_>>(), ["a+", "b"]);

    for (length, state) in [(63, true), (64, false)] {
        let client_id = "x".repeat(length);
        let say = Input::Say { place: general(), text: "c".into(), client_id: client_id.as_str().into(), at: 3 };
        let mut ada = super::support::ada();
        ada.handle(3, say);
        frame(&mut ada, 4, &used(&client_id));
        let is_waiting = ada.outgoing().iter().all(|item| item.state == OutgoingState::Waiting);
        assert_eq!(is_waiting, state, "a client_id has 64 bytes at the most");
    }
}
