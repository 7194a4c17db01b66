//! What the person says, commands, and the order in which it goes out.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use app::{
    protocol::{ClientFrame, RoomName, UserId, decode_server_frame},
    sync::{Client, Effect, Input, NOTICES_KEPT, PRIVATE_KEPT, Snapshot},
};

fn frame(client: &mut Client, now: u64, json: &str) -> Vec<Effect> {
    let frame = decode_server_frame(json).expect("a frame of the protocol");
    client.handle(now, Input::Frame(Box::new(frame)))
}

/// Ada in general, live.
fn ada() -> Client {
    let mut client = Client::new(Snapshot {
        user_id: UserId(1),
        name: "Ada".into(),
        room: RoomName::general(),
        entries: Vec::new(),
        users: Vec::new(),
        count: 0,
        epoch: "e1".into(),
        cursor: 0,
        private: Vec::new(),
    });
    connect(&mut client, 0);
    client
}

fn connect(client: &mut Client, now: u64) -> Vec<Effect> {
    client.handle(now, if now == 0 { Input::Start } else { Input::Woke });
    client.handle(now, Input::Opened);
    let resumed = r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],
        "missedMessages":{},"heads":{"general":0},"epoch":"e1"}"#;
    frame(client, now, resumed)
}

fn say(client: &mut Client, now: u64, text: &str) -> Vec<Effect> {
    client.handle(now, Input::Say { room: RoomName::general(), text: text.into(), client_id: text.into() })
}

fn sent(effects: &[Effect]) -> Vec<&ClientFrame> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Send(frame) => Some(frame),
        _ => None,
    });
    frames.collect()
}

fn texts(effects: &[Effect]) -> Vec<&str> {
    let texts = sent(effects).into_iter().filter_map(|frame| match frame {
        ClientFrame::Message { text, .. } => Some(&**text),
        _ => None,
    });
    texts.collect()
}

fn echo(client: &mut Client, now: u64, id: u64, mark: &str) -> Vec<Effect> {
    let json = format!(
        r#"{{"type":"message","room":"general","from":"Ada","text":"{mark}","ts":1,"id":{id},"prev":{},"client_id":"{mark}"}}"#,
        id - 1
    );
    frame(client, now, &json)
}

fn refused(client: &mut Client, now: u64, mark: &str, wait: u64) -> Vec<Effect> {
    let json = format!(
        r#"{{"type":"error","code":"rate_limited","message":"Wait.","client_id":"{mark}","retry_after_ms":{wait}}}"#
    );
    frame(client, now, &json)
}

fn notices(client: &Client) -> Vec<String> {
    client.notices().map(|notice| notice.text.to_string()).collect()
}

#[test]
fn what_was_too_fast_goes_out_again_one_by_one_in_its_order() {
    let mut ada = ada();
    for text in ["a", "b", "c"] {
        assert_eq!(texts(&say(&mut ada, 1, text)), [text]);
    }
    echo(&mut ada, 2, 1, "a");
    refused(&mut ada, 3, "b", 1_000);
    refused(&mut ada, 4, "c", 999);
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
    refused(&mut ada, 2, "b", 100);
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
fn many_that_wait_go_out_one_by_one_after_a_loss_and_a_few_at_once() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None });
    for n in 0..20 {
        say(&mut ada, 2, &n.to_string());
    }
    assert_eq!(texts(&connect(&mut ada, 3)).len(), 20);
    ada.handle(4, Input::Closed { jitter: 0.0, wait_ms: None });
    say(&mut ada, 5, "20");
    assert_eq!(texts(&connect(&mut ada, 1_000)), ["0"]);
    assert_eq!(texts(&echo(&mut ada, 1_001, 1, "0")), ["1"]);
}

#[test]
fn what_others_say_meanwhile_sends_nothing_twice() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    say(&mut ada, 1, "b");
    refused(&mut ada, 2, "a", 100);
    refused(&mut ada, 2, "b", 100);
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
    let effects = ada.handle(3_600_000, Input::Nudged);
    let wakes: Vec<_> =
        effects.iter().filter_map(|effect| if let Effect::WakeAt(at) = effect { Some(*at) } else { None }).collect();
    assert!(wakes.iter().all(|at| *at > 3_600_000), "{wakes:?}");
}

#[test]
fn each_command_is_its_frame_and_what_is_said_waits_like_a_message() {
    let mut ada = ada();
    let room = || "general".to_owned();
    for (text, expected) in [
        ("/rooms", ClientFrame::GetRooms),
        ("/users", ClientFrame::GetUsers { room: room() }),
        ("/join Café", ClientFrame::Join { room: "Café".to_owned() }),
        ("/leave", ClientFrame::Leave { room: room() }),
        ("/nick Zoë", ClientFrame::SetNick { name: "Zoë".to_owned() }),
    ] {
        assert_eq!(sent(&say(&mut ada, 1, text)), [&expected]);
        assert!(ada.outgoing().is_empty(), "{text}");
    }
    for text in ["/me waves", "/pm Bo hi"] {
        assert_eq!(texts(&say(&mut ada, 1, text)), [text]);
        assert!(ada.outgoing().iter().any(|item| &*item.text == text));
    }
    let private = r#"{"type":"pm_sent","to":"Bo","text":"hi","ts":1,"id":7,"prev":0,"client_id":"/pm Bo hi"}"#;
    frame(&mut ada, 2, private);
    assert_eq!(ada.outgoing().len(), 1, "the private echo clears its text");
}

#[test]
fn what_a_command_answers_is_shown_once_to_who_asked() {
    let mut ada = ada();
    let rooms = r#"{"type":"room_list","rooms":[{"name":"general","users":2},{"name":"help","users":0}]}"#;
    frame(&mut ada, 1, rooms);
    assert!(notices(&ada).is_empty(), "nobody asked");
    say(&mut ada, 2, "/rooms");
    frame(&mut ada, 3, rooms);
    frame(&mut ada, 3, rooms);
    say(&mut ada, 4, "/help");
    let shown = notices(&ada);
    assert_eq!(shown[0], "Rooms: general (2), help (0)");
    assert!(shown[1].starts_with("Available commands:") && shown.len() == 2);
    frame(&mut ada, 5, r#"{"type":"error","code":"name_taken","message":"The name Bo is taken."}"#);
    assert_eq!(notices(&ada)[2], "The name Bo is taken.");
    ada.handle(6, Input::Dismiss(1));
    assert_eq!(notices(&ada).len(), 2);
    for n in 0..NOTICES_KEPT {
        frame(&mut ada, 7, &format!(r#"{{"type":"system","room":"general","text":"{n}"}}"#));
    }
    assert_eq!((notices(&ada).len(), &*notices(&ada)[0]), (NOTICES_KEPT, "0"));
}

#[test]
fn a_command_without_a_connection_says_so() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None });
    say(&mut ada, 2, "/join den");
    assert_eq!(notices(&ada), ["There is no connection right now; nothing was done."]);
}

#[test]
fn joining_leads_to_the_room_and_leaving_back_to_general() {
    let mut ada = ada();
    let joined = r#"{"type":"joined","room":"den","history":[],"users":[],"count":1}"#;
    assert!(!frame(&mut ada, 1, joined).iter().any(|effect| matches!(effect, Effect::Show(_))), "by another tab");
    say(&mut ada, 2, "/join Den");
    let den = Effect::Show(RoomName::parse("den").unwrap());
    assert!(frame(&mut ada, 3, joined).contains(&den));
    assert!(!frame(&mut ada, 4, joined).contains(&den));
    assert!(frame(&mut ada, 5, r#"{"type":"left","room":"general"}"#).contains(&Effect::Show(RoomName::general())));
    assert!(!frame(&mut ada, 6, r#"{"type":"left","room":"den"}"#).contains(&Effect::Show(RoomName::general())));
}

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
    ada.handle(4, Input::Closed { jitter: 0.0, wait_ms: None });
    connect(&mut ada, 5);
    assert!(typing(&ada).is_empty());
    let list = r#"{"type":"user_list","room":"general","users":[{"id":"1","name":"Ada","typing":true},
        {"id":"2","name":"Bo","typing":true},{"id":"3","name":"Cy","typing":false}],"count":3}"#;
    frame(&mut ada, 6, list);
    assert_eq!(typing(&ada), ["Bo"], "the others, not oneself");
}

#[test]
fn a_new_name_is_ones_own_or_anothers() {
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
fn private_lines_are_there_once_in_order_whichever_way_they_came() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"pm","from":"Bo","text":"live","ts":1,"id":5,"prev":3}"#);
    ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None });
    ada.handle(3, Input::Woke);
    ada.handle(3, Input::Opened);
    let entry = |id: u64, user: u64, text: &str| {
        format!(r#"{{"id":{id},"prev":0,"ts":1,"from":"Old","user_id":"{user}","text":"{text}","type":"message"}}"#)
    };
    let resumed = format!(
        r#"{{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],"missedMessages":{{}},"heads":{{}},
            "missed_pms":{{"Bo":[{},{},{}]}},"epoch":"e1"}}"#,
        entry(5, 2, "live"),
        entry(8, 1, "mine"),
        entry(9, 2, "theirs")
    );
    frame(&mut ada, 4, &resumed);
    let lines: Vec<_> =
        ada.private().map(|line| (line.id, line.from.as_deref().map(str::to_owned), line.to.as_deref())).collect();
    let old = Some("Old".to_owned());
    assert_eq!(lines, [(5, old.clone(), None), (8, None, Some("Bo")), (9, old, None)]);
    for id in 10..10 + PRIVATE_KEPT as u64 {
        frame(&mut ada, 5, &format!(r#"{{"type":"pm","from":"Bo","text":"x","ts":1,"id":{id},"prev":0}}"#));
    }
    assert_eq!(ada.private().map(|line| line.id).min(), Some(10));
    let effects = {
        ada.handle(6, Input::Closed { jitter: 0.0, wait_ms: None });
        ada.handle(60_000, Input::Woke)
    };
    let last = 9 + PRIVATE_KEPT as u64;
    assert!(matches!(&effects[0], Effect::Connect(cursor) if cursor.last_id == last), "what was told alone is seen");
}

#[test]
fn a_crowd_is_not_asked_for_by_everybody_who_comes() {
    let asks = |effects: &[Effect]| sent(effects).iter().any(|frame| matches!(frame, ClientFrame::GetUsers { .. }));
    for (count, expected) in [(200, true), (201, false)] {
        let mut ada = ada();
        frame(&mut ada, 1, &format!(r#"{{"type":"user_joined","room":"general","user":"Bo","count":{count}}}"#));
        ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None });
        assert_eq!(asks(&connect(&mut ada, 3)), expected, "{count}");
    }
}
