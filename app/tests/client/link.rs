//! A lost, silent or overloaded connection, and the requests that are repeated.

use super::support::{ada, connect, frame, general, notices, refused, say, sent, texts};
use app::{
    protocol::{ClientFrame, Place, RoomName, UserId},
    sync::{Effect, Input, Status},
};

#[test]
fn a_page_that_was_refused_is_asked_for_again() {
    let mut ada = ada();
    let asks = |effects: &[Effect]| {
        sent(effects).iter().filter(|frame| matches!(frame, ClientFrame::GetHistory { .. })).count()
    };
    let gap = r#"{"type":"message","room":"general","from":"Bo","text":"x","ts":1,"id":9,"prev":7}"#;
    frame(&mut ada, 1, r#"{"type":"message","room":"general","from":"Bo","text":"x","ts":1,"id":1,"prev":0}"#);
    assert_eq!(asks(&frame(&mut ada, 2, gap)), 1);
    let effects = frame(&mut ada, 3, r#"{"type":"error","code":"unavailable","message":"No.","retry_after_ms":500}"#);
    assert!(effects.contains(&Effect::WakeAt(503)) && notices(&ada).is_empty());
    assert_eq!(asks(&ada.handle(502, Input::Woke)), 0);
    assert_eq!(asks(&ada.handle(503, Input::Woke)), 1);
}

#[test]
fn a_laptop_that_wakes_up_does_not_wake_in_vain() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    refused(&mut ada, 2, "a", 1_000);
    let effects = ada.handle(3_600_000, Input::RetryNow);
    let wakes: Vec<_> =
        effects.iter().filter_map(|effect| if let Effect::WakeAt(at) = effect { Some(*at) } else { None }).collect();
    assert!(wakes.iter().all(|at| *at > 3_600_000), "{wakes:?}");
}

#[test]
fn a_connection_that_does_not_answer_a_text_is_given_up_after_eight_seconds() {
    let mut ada = ada();
    let ping = Effect::Send(ClientFrame::Ping { ts: None });
    say(&mut ada, 1_000, "a");
    assert!(!ada.handle(3_999, Input::Woke).contains(&ping));
    assert!(ada.handle(4_000, Input::Woke).contains(&ping), "after three seconds of silence it is asked");
    assert!(!ada.handle(8_999, Input::Woke).contains(&Effect::Disconnect));
    let effects = ada.handle(9_000, Input::Woke);
    assert!(matches!(effects[..], [Effect::Disconnect, Effect::Connect(_), ..]), "{effects:?}");
    assert_eq!(
        texts(&{
            ada.handle(9_001, Input::Opened);
            frame(
                &mut ada,
                9_002,
                r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],
            "missedMessages":{},"heads":{"general":0},"epoch":"e1"}"#,
            )
        }),
        ["a"]
    );
}

#[test]
fn a_connection_that_speaks_but_never_answers_a_text_is_given_up_too() {
    let mut ada = ada();
    say(&mut ada, 1_000, "a");
    for second in 2..36 {
        let effects = frame(&mut ada, second * 1_000, r#"{"type":"ping","ts":1}"#);
        assert!(!effects.contains(&Effect::Disconnect));
        assert!(!ada.handle(second * 1_000, Input::Woke).contains(&Effect::Disconnect));
    }
    assert!(ada.handle(36_000, Input::Woke).contains(&Effect::Disconnect));
}

#[test]
fn who_comes_back_to_the_page_hears_within_five_seconds_whether_it_is_live() {
    let mut ada = ada();
    let effects = ada.handle(10_000, Input::RetryNow);
    assert!(effects.contains(&Effect::Send(ClientFrame::Ping { ts: None })), "{effects:?}");
    assert!(ada.handle(12_000, Input::RetryNow).iter().all(|effect| !matches!(effect, Effect::Send(_))));
    assert!(ada.handle(15_000, Input::Woke).contains(&Effect::Disconnect));
    let mut answered = self::ada();
    answered.handle(10_000, Input::RetryNow);
    frame(&mut answered, 10_050, r#"{"type":"pong"}"#);
    assert!(!answered.handle(15_000, Input::Woke).contains(&Effect::Disconnect));
}

#[test]
fn a_machine_that_was_asleep_makes_a_new_connection_at_once() {
    let mut ada = ada();
    let effects = ada.handle(100, Input::Slept);
    assert!(matches!(effects[..], [Effect::Disconnect, Effect::Connect(_), ..]), "{effects:?}");
    assert_eq!(ada.status(), Status::Reconnecting);
    ada.handle(101, Input::Closed { jitter: 1.0, wait_ms: None, code: None });
    assert!(matches!(ada.handle(102, Input::Slept)[..], [Effect::Connect(_), ..]), "without waiting");
}

#[test]
fn a_handshake_may_take_as_long_as_any_silence() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(2, Input::Woke);
    ada.handle(10, Input::Opened);
    assert!(!ada.handle(35_009, Input::Woke).contains(&Effect::Disconnect));
    assert!(ada.handle(35_010, Input::Woke).contains(&Effect::Disconnect));
}

#[test]
fn lists_that_were_refused_for_now_are_asked_for_again_until_they_come() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    let lists = |effects: Vec<Effect>| {
        let is_list =
            |frame: &&ClientFrame| matches!(frame, ClientFrame::GetRooms { .. } | ClientFrame::GetUsers { .. });
        sent(&effects).into_iter().filter(is_list).count()
    };
    assert_eq!(lists(connect(&mut ada, 60_000)), 2);
    let refused = r#"{"type":"error","message":"Too fast.","code":"rate_limited","retry_after_ms":500}"#;
    frame(&mut ada, 60_001, refused);
    assert_eq!(lists(ada.handle(60_500, Input::Woke)), 0);
    assert_eq!(lists(ada.handle(60_501, Input::Woke)), 2);
    frame(&mut ada, 60_502, r#"{"type":"room_list","rooms":[]}"#);
    frame(&mut ada, 60_503, refused);
    assert_eq!(lists(ada.handle(61_003, Input::Woke)), 1, "the one that has not come");
    frame(&mut ada, 61_004, r#"{"type":"user_list","room":"general","users":[],"count":1}"#);
    frame(&mut ada, 61_005, refused);
    assert_eq!(lists(ada.handle(61_505, Input::Woke)), 0);
}

#[test]
fn a_conversation_or_the_mentions_that_were_refused_for_now_are_asked_for_again() {
    let refused = r#"{"type":"error","message":"Too fast.","code":"rate_limited","retry_after_ms":500}"#;
    let logs = |effects: Vec<Effect>| {
        let is_log = |frame: &&ClientFrame| matches!(frame, ClientFrame::GetHistory { .. } | ClientFrame::GetMentions);
        sent(&effects).into_iter().filter(is_log).count()
    };
    for (place, answer) in [
        (Place::With(UserId(2)), r#"{"type":"history","room":"@2-Bo","messages":[],"more":false}"#),
        (Place::Mentions, r#"{"type":"mentions","mentions":[]}"#),
    ] {
        let mut ada = ada();
        ada.handle(1, Input::Talk(UserId(2), "Bo".into()));
        ada.handle(1, Input::Show(Place::Room(RoomName::general())));
        ada.handle(1, Input::Show(place));
        frame(&mut ada, 2, refused);
        assert_eq!(logs(ada.handle(502, Input::Woke)), 1);
        frame(&mut ada, 503, answer);
        frame(&mut ada, 504, refused);
        assert_eq!(logs(ada.handle(1_004, Input::Woke)), 0);
    }
}

#[test]
fn nothing_of_a_connection_that_was_lost_counts_any_more() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"typing","room":"general","user":"Bo","typing":true}"#);
    ada.handle(1, Input::Show(Place::Room(RoomName::told("den"))));
    ada.handle(1, Input::Show(general()));
    frame(&mut ada, 1, r#"{"type":"typing","room":"general","user":"Bo","typing":true}"#);
    say(&mut ada, 1, "hi");
    refused(&mut ada, 2, "hi", 60_000);
    assert!(ada.held_back().is_some() && ada.typing().count() == 1);
    let effects = ada.handle(3, Input::Closed { jitter: 0.0, wait_ms: Some(500), code: None });
    assert!(ada.held_back().is_none() && ada.typing().count() == 0);
    assert_eq!(effects, [Effect::WakeAt(503)], "nothing but the next attempt is waited for");
    assert_eq!(texts(&connect(&mut ada, 503)), ["hi"], "what waited goes out at once");
}
