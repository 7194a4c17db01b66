//! What the person says, commands, and the order in which it goes out.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use app::{
    protocol::{ClientFrame, RoomName, UserId, decode_server_frame},
    sync::{
        COMMANDS_MAX, Client, Effect, Input, ListedRoom, NOTICES_KEPT, OUTBOX_MAX, Outgoing, OutgoingState, Place,
        Refusal, Row, Snapshot, Standing, Status,
    },
};

fn frame(client: &mut Client, now: u64, json: &str) -> Vec<Effect> {
    let frame = decode_server_frame(json).expect("a frame of the protocol");
    client.handle(now, Input::Frame(Box::new(frame)))
}

fn general() -> Place {
    Place::Room(RoomName::general())
}

/// Ada in general, live.
fn ada() -> Client {
    let mut client = Client::new(Snapshot {
        user_id: UserId(1),
        name: "Ada".into(),
        place: general(),
        entries: Vec::new(),
        users: Vec::new(),
        away: Vec::new(),
        count: 0,
        epoch: "e1".into(),
        cursor: 0,
        rooms: vec![ListedRoom { name: RoomName::general(), users: 0, standing: Some(Standing::default()) }],
        more_rooms: 0,
        conversations: Vec::new(),
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
    client.handle(now, Input::Say { place: general(), text: text.into(), client_id: text.into(), at: now })
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

/// The reason and the suggestion of a refusal.
type Refused<'a> = (&'a str, Option<&'a str>);

/// The outcome of commands, by their marks.
fn answers(effects: &[Effect]) -> Vec<(&str, Option<Refused<'_>>)> {
    let answers = effects.iter().filter_map(|effect| match effect {
        Effect::Answered(answer) => Some(answer),
        _ => None,
    });
    answers.map(|answer| (&*answer.client_id, answer.refusal.as_ref().map(refused_with))).collect()
}

fn refused_with(refusal: &Refusal) -> Refused<'_> {
    (&refusal.reason, refusal.suggestion.as_deref())
}

fn notices(client: &Client) -> Vec<String> {
    client.notices().map(|notice| notice.text.to_string()).collect()
}

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
fn each_command_is_sent_at_once_under_its_mark_and_what_is_said_waits_like_a_message() {
    let mut ada = ada();
    for text in ["/rooms", "/users", "/join Café", "/leave", "/nick Zoë"] {
        let (room, client_id) = ("general".to_owned(), Some(text.to_owned()));
        let expected = ClientFrame::Message { room, text: text.to_owned(), client_id };
        assert_eq!(sent(&say(&mut ada, 1, text)), [&expected]);
        assert!(ada.outgoing().is_empty(), "{text}");
    }
    for text in ["/pm Bo hi", "/me waves"] {
        say(&mut ada, 1, text);
        assert!(ada.outgoing().iter().any(|item| &*item.text == text));
    }
    let private =
        r#"{"type":"pm_sent","to":"Bo","user_id":"2","text":"hi","ts":1,"id":7,"prev":0,"client_id":"/pm Bo hi"}"#;
    assert_eq!(texts(&frame(&mut ada, 2, private)), ["/me waves"], "the private echo clears its text");
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
    assert_eq!(notices(&ada), ["Rooms: general (2), help (0)"]);
    say(&mut ada, 4, "/help");
    assert!(notices(&ada)[0].starts_with("Available commands:") && notices(&ada).len() == 1, "in the other's place");
    say(&mut ada, 5, "/nick Bo");
    frame(&mut ada, 5, r#"{"type":"error","code":"name_taken","message":"The name Bo is taken."}"#);
    assert_eq!(notices(&ada)[1], "The name Bo is taken.");
    ada.handle(6, Input::Dismiss(1));
    assert_eq!(notices(&ada), ["The name Bo is taken."]);
}

#[test]
fn what_the_person_was_told_goes_once_what_they_do_next_has_worked() {
    let taken = r#"{"type":"error","code":"name_taken","message":"No."}"#;
    let successes = [
        (
            "hi",
            r#"{"type":"message","room":"general","from":"Ada","text":"hi","ts":1,"id":1,"prev":0,"client_id":"hi"}"#,
        ),
        ("/nick Zoe", r#"{"type":"done","client_id":"/nick Zoe"}"#),
        ("/leave", r#"{"type":"done","client_id":"/leave"}"#),
    ];
    for (text, success) in successes {
        let mut ada = ada();
        say(&mut ada, 1, "/nick Bo");
        frame(&mut ada, 2, taken);
        frame(&mut ada, 2, success);
        assert_eq!(notices(&ada), ["No."], "it was on its way before they could read that");
        say(&mut ada, 3, text);
        assert_eq!(notices(&ada), ["No."], "{text} may be refused too");
        frame(&mut ada, 4, success);
        assert!(notices(&ada).is_empty(), "{text}");
    }
    let mut ada = ada();
    say(&mut ada, 1, "/nick Bo");
    frame(&mut ada, 2, taken);
    say(&mut ada, 3, "hi");
    frame(&mut ada, 4, r#"{"type":"error","code":"too_long","message":"Too long.","client_id":"hi"}"#);
    ada.handle(5, Input::Discard("hi".into()));
    assert_eq!(notices(&ada), ["No."], "what was given up has not worked");
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
    // What the page says by itself meanwhile is refused too.
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

/// The server tells the person alone.
fn told(client: &mut Client, text: &str) {
    frame(client, 7, &format!(r#"{{"type":"system","room":"general","text":"{text}"}}"#));
}

#[test]
fn of_the_lines_for_the_person_alone_the_oldest_goes_when_one_more_comes_than_are_kept() {
    let mut ada = ada();
    let lines: Vec<_> = (0..=NOTICES_KEPT).map(|n| n.to_string()).collect();
    lines[..NOTICES_KEPT].iter().for_each(|line| told(&mut ada, line));
    assert_eq!(notices(&ada), lines[..NOTICES_KEPT]);
    told(&mut ada, &lines[NOTICES_KEPT]);
    assert_eq!(notices(&ada), lines[1..]);
}

#[test]
fn what_the_person_is_told_again_is_the_newest_line_and_not_one_more() {
    let mut ada = ada();
    ["one", "two", "one"].iter().for_each(|line| told(&mut ada, line));
    assert_eq!(notices(&ada), ["two", "one"]);
}

#[test]
fn what_the_person_was_told_goes_when_they_go_elsewhere() {
    let mut ada = ada();
    told(&mut ada, "an answer");
    say(&mut ada, 7, "/nick Bo");
    frame(&mut ada, 7, r#"{"type":"error","code":"name_taken","message":"a problem"}"#);
    assert_eq!(notices(&ada), ["an answer", "a problem"]);
    ada.handle(8, Input::Show(Place::Room(RoomName::parse("help").unwrap())));
    assert!(notices(&ada).is_empty());
}

#[test]
fn a_command_without_a_connection_says_so() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    let reason = "You're offline. Try again when you're back.";
    assert_eq!(ada.cannot_take("/join den").as_deref(), Some(reason), "so that who typed it keeps it");
    assert_eq!((ada.cannot_take("/help"), ada.cannot_take("/me waves"), ada.cannot_take("hi")), (None, None, None));
    say(&mut ada, 2, "/join den");
    assert_eq!(notices(&ada), [reason]);
}

#[test]
fn joining_leads_to_the_room_and_leaving_back_to_general() {
    let mut ada = ada();
    let joined = r#"{"type":"joined","room":"den","history":[],"users":[],"count":1}"#;
    let shown = |effects: Vec<Effect>| {
        let shown = effects.into_iter().filter_map(|effect| match effect {
            Effect::Shown(place, by_person) => Some((place, by_person)),
            _ => None,
        });
        shown.collect::<Vec<_>>()
    };
    let den = Place::Room(RoomName::parse("den").unwrap());
    assert_eq!(shown(frame(&mut ada, 1, joined)), [], "by another tab");
    say(&mut ada, 2, "/join Den");
    assert_eq!(shown(frame(&mut ada, 3, joined)), [(den.clone(), true)]);
    assert_eq!(ada.place(), &den);
    assert_eq!(shown(frame(&mut ada, 4, joined)), []);
    assert_eq!(shown(frame(&mut ada, 5, r#"{"type":"left","room":"help"}"#)), [], "another one was left");
    assert_eq!(shown(frame(&mut ada, 6, r#"{"type":"left","room":"den"}"#)), [(general(), false)]);
    assert_eq!(ada.place(), &general());
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

/// The private lines with Bo, whose number is 2, by number and author, and what Bo is called now.
fn private(ada: &Client) -> (Vec<(u64, u64)>, String) {
    let with_bo = Place::With(UserId(2));
    let line = |row: &Row| match row {
        Row::Entry(entry) => (entry.id, entry.user_id.map_or(0, |author| author.0)),
        Row::Hole(hole) => panic!("{hole:?}"),
    };
    (ada.rows_of(&with_bo).iter().map(line).collect(), ada.name_of(&with_bo).to_string())
}

#[test]
fn private_lines_are_there_once_in_order_under_todays_name_whichever_way_they_came() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"pm","from":"Bo","user_id":"2","text":"live","ts":1,"id":5,"prev":0}"#);
    assert_eq!(private(&ada), (vec![(5, 2)], "Bo".to_owned()));
    ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(3, Input::Woke);
    ada.handle(3, Input::Opened);
    let entry = |id: u64, prev: u64, user: u64| {
        format!(r#"{{"id":{id},"prev":{prev},"ts":1,"from":"Old","user_id":"{user}","text":"x","type":"message"}}"#)
    };
    let resumed = format!(
        r#"{{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],"missedMessages":{{}},"heads":{{}},
            "missed_pms":{{"Cy":[{},{}]}},"conversations":[{{"id":"2","name":"Cy","head":9,"read":5}}],"epoch":"e1"}}"#,
        entry(8, 5, 1),
        entry(9, 8, 2)
    );
    frame(&mut ada, 4, &resumed);
    assert_eq!(private(&ada), (vec![(5, 2), (8, 1), (9, 2)], "Cy".to_owned()));
    frame(&mut ada, 4, r#"{"type":"nick_changed","old_name":"Cy","new_name":"Di","room":"general","count":2}"#);
    assert_eq!(private(&ada).1, "Di");
    frame(&mut ada, 5, r#"{"type":"pm","from":"Di","user_id":"2","text":"x","ts":1,"id":10,"prev":9}"#);
    let effects = {
        ada.handle(6, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
        ada.handle(60_000, Input::Woke)
    };
    assert!(matches!(&effects[0], Effect::Connect(cursor) if cursor.last_id == 10), "what was told alone is seen");
}

#[test]
fn a_private_line_whose_predecessor_is_missing_is_asked_for() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"pm","from":"Bo","user_id":"2","text":"x","ts":1,"id":5,"prev":0}"#);
    let gap = r#"{"type":"pm","from":"Bo","user_id":"2","text":"x","ts":1,"id":9,"prev":7}"#;
    let effects = frame(&mut ada, 2, gap);
    let asked = ClientFrame::GetHistory { room: "@2-Bo".to_owned(), before: Some(9), after: Some(5), limit: Some(200) };
    assert!(sent(&effects).contains(&&asked), "{effects:?}");
    let page = r#"{"type":"history","room":"@2-Bo","more":false,"messages":
        [{"id":7,"prev":5,"ts":1,"from":"Bo","user_id":"2","text":"x","type":"message"}]}"#;
    frame(&mut ada, 3, page);
    assert_eq!(private(&ada).0.len(), 3);
}

/// The texts that are kept and let go of.
fn kept(effects: &[Effect]) -> Vec<String> {
    let kept = effects.iter().filter_map(|effect| match effect {
        Effect::Keep(item) => Some(format!("+{}", item.text)),
        Effect::LetGo(mark) => Some(format!("-{mark}")),
        _ => None,
    });
    kept.collect()
}

fn outgoing(text: &str, at: u64) -> Outgoing {
    let (client_id, address) = (text.into(), "general".into());
    Outgoing { client_id, at, address, with: None, text: text.into(), state: OutgoingState::Waiting }
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
    ada.handle(51, Input::Kept(vec![outgoing("b", 40)]));
    ada.handle(51, Input::Kept(vec![outgoing("a", 30)]));
    ada.handle(51, Input::Kept(vec![outgoing("b", 40)]));
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
    assert_eq!(kept(&ada.handle(2, Input::Kept(vec![outgoing("a", 1)]))), ["-a"]);
    assert!(ada.outgoing().is_empty());
}

#[test]
fn only_the_tab_that_may_send_does_and_one_that_the_person_writes_in_claims_that() {
    let mut ada = ada();
    ada.handle(1, Input::MaySend(false));
    let effects = say(&mut ada, 2, "a");
    assert!(texts(&effects).is_empty() && effects.contains(&Effect::ClaimSending), "{effects:?}");
    ada.handle(3, Input::Kept(vec![outgoing("earlier", 1)]));
    assert_eq!(texts(&ada.handle(4, Input::MaySend(true))), ["earlier"]);
    ada.handle(5, Input::MaySend(false));
    assert!(texts(&echo(&mut ada, 6, 1, "earlier")).is_empty(), "the other one sends it now");
    assert!(ada.handle(7, Input::Nudged).contains(&Effect::ClaimSending), "who looks here wants it sent");
    ada.handle(8, Input::LetGo("a".into()));
    assert!(ada.outgoing().is_empty(), "the other one has seen its entry");
    assert!(!ada.handle(9, Input::Nudged).contains(&Effect::ClaimSending));
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
    let effects = ada.handle(10_000, Input::Nudged);
    assert!(effects.contains(&Effect::Send(ClientFrame::Ping { ts: None })), "{effects:?}");
    assert!(ada.handle(12_000, Input::Nudged).iter().all(|effect| !matches!(effect, Effect::Send(_))));
    assert!(ada.handle(15_000, Input::Woke).contains(&Effect::Disconnect));
    let mut answered = self::ada();
    answered.handle(10_000, Input::Nudged);
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
fn what_is_read_is_told_now_and_then_and_never_goes_back() {
    let mut ada = ada();
    let told = |effects: Vec<Effect>| {
        sent(&effects).into_iter().find_map(|frame| match frame {
            ClientFrame::Read { room, id } => Some((room.clone(), *id)),
            _ => None,
        })
    };
    let general = |id| Some(("general".to_owned(), id));
    for id in 1..=10 {
        let said = r#""type":"message","room":"general","from":"Bo","user_id":"2","text":"x","ts":1"#;
        frame(&mut ada, 0, &format!("{{{said},\"id\":{id},\"prev\":{}}}", id - 1));
    }
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
fn a_crowd_is_not_asked_for_by_everybody_who_comes() {
    let asks = |effects: &[Effect]| sent(effects).iter().any(|frame| matches!(frame, ClientFrame::GetUsers { .. }));
    for (count, expected) in [(200, true), (201, false)] {
        let mut ada = ada();
        frame(&mut ada, 1, &format!(r#"{{"type":"user_joined","room":"general","user":"Bo","count":{count}}}"#));
        ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
        assert_eq!(asks(&connect(&mut ada, 3)), expected, "{count}");
    }
}

#[test]
fn what_becomes_of_a_command_is_heard_where_it_was_typed_and_nowhere_else() {
    let mut ada = ada();
    say(&mut ada, 1, "/nick Bo");
    say(&mut ada, 1, "/join den");
    let done = frame(&mut ada, 2, r#"{"type":"done","client_id":"/join den"}"#);
    assert_eq!(answers(&done), [("/join den", None)]);
    let taken = r#"{"type":"error","code":"name_taken","message":"Taken.","client_id":"/nick Bo","suggestion":"Bo_2"}"#;
    let refused = frame(&mut ada, 3, taken);
    assert_eq!(answers(&refused), [("/nick Bo", Some(("Taken.", Some("Bo_2"))))]);
    assert_eq!(notices(&ada), Vec::<String>::new());
    assert!(answers(&frame(&mut ada, 4, taken)).is_empty(), "each is answered once");
}

#[test]
fn a_command_without_an_answer_is_refused_when_the_connection_goes() {
    for loss in [Input::Closed { jitter: 0.0, wait_ms: None, code: None }, Input::NetworkLost, Input::Slept] {
        let mut ada = ada();
        say(&mut ada, 1, "/nick Zoe");
        let effects = ada.handle(2, loss.clone());
        let reason = "You went offline before this was done. Try again when you're back.";
        assert_eq!(answers(&effects), [("/nick Zoe", Some((reason, None)))], "{loss:?}");
    }
}

#[test]
fn so_many_commands_wait_for_their_answers_and_no_more() {
    let mut ada = ada();
    for number in 0..COMMANDS_MAX {
        let text = format!("/nick Zoe{number}");
        assert_eq!(ada.cannot_take(&text), None);
        say(&mut ada, 1, &text);
    }
    assert_eq!(ada.cannot_take("/nick Zoe").as_deref(), Some("Too much at once. Try again in a moment."));
    frame(&mut ada, 2, r#"{"type":"done","client_id":"/nick Zoe0"}"#);
    assert_eq!(ada.cannot_take("/nick Zoe"), None);
}

#[test]
fn a_refused_command_that_says_something_is_heard_of_and_kept() {
    let mut ada = ada();
    say(&mut ada, 1, "/pm Nobdy hi");
    let error = r#"{"type":"error","code":"no_such_user","message":"Nobody.","client_id":"/pm Nobdy hi","suggestion":"Nobody"}"#;
    let effects = frame(&mut ada, 2, error);
    assert_eq!(answers(&effects), [("/pm Nobdy hi", Some(("Nobody.", Some("Nobody"))))]);
    assert_eq!(ada.outgoing()[0].state, OutgoingState::Failed("Nobody.".into()), "until who typed it has it back");
}

#[test]
fn a_refused_text_is_shown_in_its_own_place_which_the_list_marks() {
    let mut ada = ada();
    let den: Place = RoomName::told("den").into();
    let with_bo = Place::With(UserId(2));
    let to_bo = Outgoing { address: "@Bo".into(), with: Some(UserId(2)), ..outgoing("b", 2) };
    ada.handle(1, Input::Kept(vec![Outgoing { address: "den".into(), ..outgoing("a", 1) }, to_bo]));
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
    ada.handle(1, Input::Kept(vec![Outgoing { address: "den".into(), state, ..outgoing("a", 1) }]));
    assert!(ada.rooms().iter().any(|room| room.name.as_str() == "den" && room.unsent == 1));
}

#[test]
fn a_greeting_may_take_as_long_as_any_silence() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(2, Input::Woke);
    ada.handle(10, Input::Opened);
    assert!(!ada.handle(35_009, Input::Woke).contains(&Effect::Disconnect));
    assert!(ada.handle(35_010, Input::Woke).contains(&Effect::Disconnect));
}

#[test]
fn a_private_text_goes_to_whom_it_was_written_though_another_has_the_name_by_now() {
    let mut ada = ada();
    let them = |id: u64, name: &str| Input::Talk(UserId(id), name.into());
    ada.handle(1, them(2, "Bo"));
    let lost = Input::Closed { jitter: 0.0, wait_ms: None, code: None };
    ada.handle(2, lost);
    let place = Place::With(UserId(2));
    ada.handle(3, Input::Say { place, text: "psst".into(), client_id: "c".into(), at: 3 });
    // Meanwhile Bo took another name, and somebody else took his.
    ada.handle(4, them(3, "Bo"));
    let effects = connect(&mut ada, 60_000);
    let pm =
        ClientFrame::Pm { to: "Bo".into(), user_id: Some(UserId(2)), text: "psst".into(), client_id: Some("c".into()) };
    assert!(sent(&effects).contains(&&pm), "{effects:?}");
}

#[test]
fn in_a_conversation_are_oneself_and_the_other_one_who_may_be_away() {
    let mut ada = ada();
    let list = |users: &str| format!(r#"{{"type":"user_list","room":"general","users":[{users}],"count":2}}"#);
    let (me, bo) = (r#"{"id":"1","name":"Ada"}"#, r#"{"id":"2","name":"Bo"}"#);
    frame(&mut ada, 1, &list(&format!("{me},{bo}")));
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    let seen = |ada: &Client| {
        let names =
            |users: &[app::protocol::UserInfo]| users.iter().map(|user| user.name.to_string()).collect::<Vec<_>>();
        (names(ada.users().0), names(ada.away()))
    };
    assert_eq!(seen(&ada), (vec!["Ada".to_owned(), "Bo".to_owned()], vec![]));
    let gone =
        r#"{"type":"user_left","room":"general","user":"Bo","users":[{"id":"1","name":"Ada"}],"count":1,"away":true}"#;
    frame(&mut ada, 3, gone);
    assert_eq!(seen(&ada), (vec!["Ada".to_owned()], vec!["Bo".to_owned()]));
    assert_eq!(ada.users().1, 1);
}

#[test]
fn who_writes_in_a_conversation_is_shown_there_and_nowhere_else() {
    let mut ada = ada();
    let typing = |ada: &Client| ada.typing().map(ToString::to_string).collect::<Vec<_>>();
    let told = |typing| format!(r#"{{"type":"typing","room":"@Bo","user":"Bo","user_id":"2","typing":{typing}}}"#);
    frame(&mut ada, 1, &told(true));
    assert!(typing(&ada).is_empty(), "elsewhere");
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    assert_eq!(typing(&ada), ["Bo"], "they began before the person looked");
    frame(&mut ada, 3, r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general","count":2}"#);
    assert_eq!(typing(&ada), ["Cy"], "whoever they are called now");
    ada.handle(4, Input::Talk(UserId(3), "Di".into()));
    assert!(typing(&ada).is_empty());
    ada.handle(5, Input::Show(Place::With(UserId(2))));
    frame(&mut ada, 6, &told(false));
    assert!(typing(&ada).is_empty());
    frame(&mut ada, 7, &told(true));
    ada.handle(8, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    connect(&mut ada, 60_000);
    assert!(typing(&ada).is_empty(), "nobody would say that they stopped");
}

#[test]
fn writing_in_a_conversation_is_told_to_the_one_it_is_with_whatever_they_are_called() {
    let mut ada = ada();
    ada.handle(1, Input::Talk(UserId(2), "Bo".into()));
    frame(&mut ada, 2, r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general","count":2}"#);
    let said = |typing| ClientFrame::Typing { room: "@2-Cy".into(), typing };
    assert!(sent(&ada.handle(3, Input::Typing(true))).contains(&&said(true)));
    assert!(sent(&ada.handle(4, Input::Show(general()))).contains(&&said(false)), "they went elsewhere");
}

#[test]
fn a_conversation_that_is_opened_without_a_connection_is_loaded_when_it_is_back() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    assert!(ada.is_unknown());
    let newest = ClientFrame::GetHistory { room: "@2-Bo".to_owned(), before: None, after: None, limit: None };
    assert!(sent(&connect(&mut ada, 60_000)).contains(&&newest));
    frame(&mut ada, 60_001, r#"{"type":"history","room":"@2-Bo","messages":[],"more":false}"#);
    assert!(!ada.is_unknown());
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
fn a_refused_word_about_typing_is_nothing_to_bother_a_person_with() {
    let mut ada = ada();
    ada.handle(1, Input::Typing(true));
    let refusal = r#"{"type":"error","message":"Too fast.","code":"rate_limited","retry_after_ms":500}"#;
    frame(&mut ada, 2, refusal);
    assert_eq!(notices(&ada), Vec::<String>::new());
    say(&mut ada, 3, "/rooms");
    assert!(answers(&frame(&mut ada, 4, refusal)).is_empty(), "nor is it the answer to a command");
    assert_eq!(notices(&ada), Vec::<String>::new());
}
