//! The client's state machine, driven through its inputs.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use app::{
    protocol::{
        ClientFrame, CloseCode, Cursor, Entry, EntryKind, ListedRoom, Place, RoomName, Snapshot, Standing, Timestamp,
        UserId, decode_server_frame, limits::LISTED_ROOMS,
    },
    sync::{Client, Effect, Gap, Input, Loss, OutgoingState, Row, Status},
};

fn room() -> RoomName {
    RoomName::general()
}

fn entry(id: u64, prev: u64) -> Entry {
    Entry {
        id,
        prev,
        ts: Timestamp::from_millis(id),
        from: "Bo".into(),
        user_id: None,
        text: format!("entry {id}").into(),
        kind: EntryKind::Message,
        client_id: None,
        amended: None,
        target: None,
    }
}

fn by_bo(entry: Entry) -> Entry {
    Entry { user_id: Some(UserId(2)), ..entry }
}

fn new_client(entries: Vec<Entry>) -> Client {
    let cursor = entries.last().map_or(0, |entry| entry.id);
    Client::new(Snapshot {
        user_id: UserId(1),
        name: "Ada".into(),
        place: Place::Room(room()),
        entries,
        users: Vec::new(),
        away: Vec::new(),
        count: 0,
        epoch: "e1".into(),
        cursor,
        rooms: vec![ListedRoom {
            name: room(),
            users: 0,
            standing: Some(Standing { head: cursor, ..Standing::default() }),
        }],
        more_rooms: 0,
        conversations: Vec::new(),
    })
}

/// Passes a frame as JSON.
fn frame(client: &mut Client, now: u64, json: &str) -> Vec<Effect> {
    let frame = decode_server_frame(json).expect("a frame of the protocol");
    client.handle(now, Input::Frame(Box::new(frame)))
}

fn resumed(missed: &str, head: u64) -> String {
    format!(
        r#"{{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],
            "missedMessages":{{"general":[{missed}]}},"heads":{{"general":{head}}},"epoch":"e1"}}"#
    )
}

fn json(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("an entry is JSON")
}

fn live(client: &mut Client, now: u64) -> Vec<Effect> {
    client.handle(now, Input::Start);
    client.handle(now, Input::Opened);
    frame(client, now, &resumed("", 0))
}

fn say(client: &mut Client, now: u64, text: &str) -> Vec<Effect> {
    client.handle(
        now,
        Input::Say { place: Place::Room(room()), text: text.into(), client_id: format!("c-{text}").into(), at: now },
    )
}

fn sent(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(ClientFrame::Message { text, .. }) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

fn asked(effects: &[Effect]) -> Vec<(u64, u64)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(ClientFrame::GetHistory { after, before, .. }) => Some((after.unwrap(), before.unwrap())),
            _ => None,
        })
        .collect()
}

fn ids(client: &Client) -> Vec<u64> {
    client
        .rows()
        .iter()
        .map(|row| match row {
            Row::Entry(entry) => entry.id,
            Row::Gap(_) => 0,
        })
        .collect()
}

#[test]
fn a_page_goes_live_from_the_cursor_it_was_rendered_with() {
    let mut client = new_client(vec![entry(3, 0), entry(5, 3)]);
    assert_eq!(client.status(), Status::Connecting, "before the start it is on its way");
    let effects = client.handle(0, Input::Start);
    assert_eq!(effects[0], Effect::Connect(Cursor { last_id: 5, epoch: "e1".into() }));
    client.handle(1, Input::Opened);
    frame(&mut client, 2, &resumed(&json(&entry(9, 5)), 9));
    assert_eq!(client.status(), Status::Live);
    assert_eq!(ids(&client), [3, 5, 9]);
}

#[test]
fn a_text_sent_while_offline_waits_and_goes_out_once_it_is_back() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    client.handle(20_000, Input::Closed { jitter: 0.5, wait_ms: None, code: None });
    assert_eq!(sent(&say(&mut client, 20_001, "one")), [""; 0]);
    say(&mut client, 20_002, "two");
    assert_eq!(client.outgoing().len(), 2);
    assert_eq!(sent(&live(&mut client, 21_000)), ["one"]);
    let echo =
        r#"{"type":"message","room":"general","from":"Ada","text":"one","ts":1,"id":1,"prev":0,"client_id":"c-one"}"#;
    assert_eq!(sent(&frame(&mut client, 21_001, echo)), ["two"], "each after the one before");
    let left: Vec<_> = client.outgoing().into_iter().map(|item| item.text.to_string()).collect();
    assert_eq!(left, ["two"], "the echo is the acknowledgement");
    assert_eq!(ids(&client), [1]);
}

#[test]
fn a_text_whose_echo_was_lost_is_cleared_by_catching_up() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    say(&mut client, 1, "one");
    client.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    client.handle(3, Input::Woke);
    client.handle(4, Input::Opened);
    let stored = Entry { client_id: Some("c-one".into()), ..entry(1, 0) };
    let effects = frame(&mut client, 5, &resumed(&json(&stored), 1));
    assert_eq!(sent(&effects), [""; 0], "what is known to be stored is not sent again");
    assert!(client.outgoing().is_empty());
    assert_eq!(ids(&client), [1]);
}

#[test]
fn a_refused_text_stays_with_its_reason_until_it_is_retried_or_discarded() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    say(&mut client, 1, "one");
    frame(&mut client, 2, r#"{"type":"error","code":"not_in_room","message":"No.","client_id":"c-one"}"#);
    assert_eq!(client.outgoing()[0].state, OutgoingState::Failed("No.".into()));
    assert_eq!(sent(&client.handle(3, Input::Retry("c-one".into()))), ["one"]);
    assert_eq!(client.outgoing()[0].state, OutgoingState::Waiting);
    client.handle(4, Input::Discard("c-one".into()));
    assert!(client.outgoing().is_empty());
}

#[test]
fn a_text_that_the_store_could_not_take_is_sent_again_when_the_server_says() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    say(&mut client, 1, "one");
    let effects = frame(
        &mut client,
        100,
        r#"{"type":"error","code":"unavailable","message":"Later.","client_id":"c-one","retry_after_ms":500}"#,
    );
    assert!(effects.contains(&Effect::WakeAt(600)), "{effects:?}");
    assert_eq!(client.outgoing()[0].state, OutgoingState::Waiting);
    assert_eq!(sent(&client.handle(599, Input::Woke)), [""; 0]);
    assert_eq!(sent(&client.handle(600, Input::Woke)), ["one"]);
}

#[test]
fn a_live_entry_whose_predecessor_is_missing_marks_a_gap_and_asks_for_it_once() {
    let mut client = new_client(vec![entry(3, 0)]);
    live(&mut client, 0);
    let line = |id, prev| {
        format!(r#"{{"type":"message","room":"general","from":"Bo","text":"x","ts":1,"id":{id},"prev":{prev}}}"#)
    };
    assert_eq!(asked(&frame(&mut client, 1, &line(9, 7))), [(3, 9)]);
    assert_eq!(ids(&client), [3, 0, 9]);
    assert_eq!(asked(&frame(&mut client, 2, &line(11, 9))), [], "the same gap is not asked for twice");
    let page = format!(r#"{{"type":"history","room":"general","messages":[{}],"more":true}}"#, json(&entry(7, 5)));
    assert_eq!(asked(&frame(&mut client, 3, &page)), [], "what is left of it waits until somebody looks");
    assert_eq!(ids(&client), [3, 0, 7, 9, 11]);
    assert_eq!(asked(&client.handle(3, Input::Fill(Gap { after: 3, before: 7 }))), [(3, 7)]);
    let page = format!(r#"{{"type":"history","room":"general","messages":[{}],"more":false}}"#, json(&entry(5, 3)));
    assert_eq!(asked(&frame(&mut client, 4, &page)), []);
    assert_eq!(ids(&client), [3, 5, 7, 9, 11]);
}

#[test]
fn an_answer_that_closes_nothing_is_not_asked_for_again() {
    let mut client = new_client(vec![entry(3, 0)]);
    client.handle(0, Input::Start);
    client.handle(0, Input::Opened);
    assert_eq!(asked(&frame(&mut client, 0, &resumed("", 9))), [(3, 10)], "the head tells of something unseen");
    let empty = r#"{"type":"history","room":"general","messages":[],"more":false}"#;
    assert_eq!(asked(&frame(&mut client, 1, empty)), []);
    assert_eq!(ids(&client), [3, 0], "and the gap stays in sight");
}

#[test]
fn older_history_waits_until_it_is_asked_for() {
    let mut client = new_client(vec![entry(9, 7)]);
    assert_eq!(asked(&live(&mut client, 0)), []);
    let top = Gap { after: 0, before: 9 };
    assert_eq!(client.rows()[0], Row::Gap(top));
    assert_eq!(asked(&client.handle(1, Input::Fill(top))), [(0, 9)]);
    assert_eq!(asked(&client.handle(2, Input::Fill(top))), []);
}

#[test]
fn silence_ends_a_connection_and_a_ping_prevents_it() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    let effects = frame(&mut client, 25_000, r#"{"type":"ping","ts":25.0}"#);
    assert!(effects.contains(&Effect::Send(ClientFrame::Pong)));
    assert!(effects.contains(&Effect::WakeAt(60_000)), "{effects:?}");
    assert!(!client.handle(59_999, Input::Woke).contains(&Effect::Disconnect));
    let effects = client.handle(60_000, Input::Woke);
    assert_eq!(effects[0], Effect::Disconnect);
    assert!(matches!(effects[1], Effect::Connect(_)), "and a new one is made at once");
    assert_eq!(client.status(), Status::Reconnecting);
}

#[test]
fn waiting_grows_with_each_failure_and_ends_at_a_nudge() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    client.handle(10_000, Input::Closed { jitter: 1.0, wait_ms: None, code: None });
    assert_eq!(client.status(), Status::Offline { retry_at: 10_500, loss: Loss::Lost });
    client.handle(10_500, Input::Woke);
    client.handle(10_501, Input::Closed { jitter: 1.0, wait_ms: None, code: None });
    assert_eq!(client.status(), Status::Offline { retry_at: 11_501, loss: Loss::Lost });
    let effects = client.handle(10_600, Input::RetryNow);
    assert!(matches!(effects[0], Effect::Connect(_)), "{effects:?}");
    client.handle(10_700, Input::Opened);
    frame(&mut client, 10_701, &resumed("", 0));
    client.handle(10_800, Input::Closed { jitter: 1.0, wait_ms: None, code: None });
    assert_eq!(
        client.status(),
        Status::Offline { retry_at: 12_800, loss: Loss::Lost },
        "a connection that did not hold does not count"
    );
}

#[test]
fn a_server_that_says_how_long_to_wait_is_taken_at_its_word() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    client.handle(100, Input::Closed { jitter: 1.0, wait_ms: Some(40), code: None });
    assert_eq!(client.status(), Status::Offline { retry_at: 140, loss: Loss::Lost });
    client.handle(140, Input::Woke);
    client.handle(141, Input::Closed { jitter: 1.0, wait_ms: Some(u64::MAX), code: None });
    assert_eq!(client.status(), Status::Offline { retry_at: 20_141, loss: Loss::Lost }, "within reason");
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let mut client = new_client(vec![]);
    client.handle(0, Input::Start);
    let effects = client.handle(10_000, Input::Woke);
    assert_eq!(effects[0], Effect::Disconnect);
    assert!(matches!(client.status(), Status::Offline { .. }));
}

#[test]
fn another_log_replaces_the_list_instead_of_joining_it() {
    let mut client = new_client(vec![entry(3, 0), entry(5, 3)]);
    client.handle(0, Input::Start);
    client.handle(0, Input::Opened);
    frame(&mut client, 1, r#"{"type":"connected","user_id":"1","name":"Ada","rooms":["general"],"epoch":"e2"}"#);
    let joined = format!(r#"{{"type":"joined","room":"general","history":[{}],"count":1}}"#, json(&entry(2, 0)));
    frame(&mut client, 2, &joined);
    assert_eq!(ids(&client), [2]);
    client.handle(3, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    let effects = client.handle(4, Input::Woke);
    assert_eq!(effects[0], Effect::Connect(Cursor { last_id: 2, epoch: "e2".into() }));
}

#[test]
fn a_fresh_start_that_is_cut_short_still_fills_the_shown_room() {
    let mut client = new_client(vec![entry(3, 0)]);
    client.handle(0, Input::Start);
    client.handle(0, Input::Opened);
    let connected = r#"{"type":"connected","user_id":"1","name":"Ada","rooms":["general"],"epoch":"e1"}"#;
    frame(&mut client, 1, connected);
    // The connection is cut after another room's `joined` and before the shown one's: the cursor is ahead of the shown
    // room.
    let joined = format!(r#"{{"type":"joined","room":"random","history":[{}],"count":1}}"#, json(&entry(9, 0)));
    frame(&mut client, 2, &joined);
    client.handle(3, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    client.handle(4, Input::Woke);
    client.handle(5, Input::Opened);
    let nothing_missed = resumed("", 7).replace(r#""general":[]"#, "");
    assert_eq!(asked(&frame(&mut client, 6, &nothing_missed)), [(0, 8)]);
}

#[test]
fn what_a_given_up_connection_still_says_is_not_heard() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    client.handle(1, Input::NetworkLost);
    let before = client.status();
    client.handle(2, Input::Opened);
    frame(&mut client, 3, &resumed(&json(&entry(1, 0)), 1));
    assert_eq!((client.status(), ids(&client)), (before, vec![]));
}

#[test]
fn a_lost_session_sends_nothing_in_a_strangers_name_and_keeps_the_text() {
    let mut client = new_client(vec![]);
    client.handle(0, Input::Start);
    say(&mut client, 1, "one");
    client.handle(2, Input::Opened);
    let effects = frame(
        &mut client,
        3,
        r#"{"type":"connected","user_id":"9","session_id":"t","name":"User1","rooms":[],"epoch":"e1"}"#,
    );
    assert_eq!(effects, [Effect::Disconnect]);
    assert_eq!(client.status(), Status::SignedOut);
    assert_eq!(client.outgoing().len(), 1);
}

#[test]
fn who_signed_out_elsewhere_is_told_so_and_does_not_come_back() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    client.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: Some(CloseCode::SignedOut) });
    assert_eq!(client.status(), Status::SignedOut);
    let effects: Vec<Effect> = [60_000, 600_000].map(|at| client.handle(at, Input::Woke)).concat();
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Connect(_))), "{effects:?}");
}

#[test]
fn unread_is_counted_behind_the_mark_that_the_page_has_when_the_server_does_not_know_it_yet() {
    let mut client = new_client(vec![entry(1, 0), entry(2, 1)].into_iter().map(by_bo).collect());
    client.handle(0, Input::Start);
    client.handle(1, Input::Seen(2));
    client.handle(2, Input::Opened);
    let missed = json(&by_bo(entry(3, 2)));
    let resumed = resumed(&missed, 3).replace(r#""epoch""#, r#""unread":{"general":{"count":3}},"epoch""#);
    frame(&mut client, 3, &resumed);
    assert_eq!(client.unread(&Place::Room(room())).count, 1, "the third, which was said meanwhile");
}

#[test]
fn the_same_holds_for_a_conversation() {
    let mut client = new_client(vec![]);
    let bo = UserId(2);
    let with_bo = Place::With(bo);
    client.handle(0, Input::Talk(bo, "Bo".into()));
    live(&mut client, 0);
    frame(&mut client, 1, r#"{"type":"pm","from":"Bo","user_id":"2","text":"x","ts":1,"id":1,"prev":0}"#);
    client.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    client.handle(3, Input::Seen(1));
    client.handle(1_000, Input::Woke);
    client.handle(1_000, Input::Opened);
    let missed = json(&by_bo(entry(2, 1)));
    let resumed = resumed("", 0).replace(
        r#""epoch""#,
        &format!(
            r#""missed_pms":{{"Bo":[{missed}]}},
            "conversations":[{{"id":"2","name":"Bo","head":2,"read":0,"unread":2}}],"epoch""#
        ),
    );
    frame(&mut client, 1_001, &resumed);
    assert_eq!((client.read_up_to(&with_bo), client.unread(&with_bo).count), (1, 1));
}

#[test]
fn a_room_that_somebody_makes_is_listed_at_once_until_it_is_gone() {
    let mut client = new_client(vec![entry(1, 0)]);
    live(&mut client, 0);
    let names = |client: &Client| client.rooms().iter().map(|room| room.name.to_string()).collect::<Vec<_>>();
    let before = names(&client);
    frame(&mut client, 1, r#"{"type":"room_created","room":"attic","created_by":"Bo"}"#);
    let made = client.rooms().into_iter().find(|room| room.name.as_str() == "attic").unwrap();
    assert_eq!((made.users, made.is_member), (1, false));
    frame(&mut client, 2, r#"{"type":"room_deleted","room":"attic"}"#);
    assert_eq!(names(&client), before);
}

#[test]
fn how_many_are_in_a_room_and_how_many_rooms_there_are_is_said_as_it_changes() {
    let mut client = new_client(vec![entry(1, 0)]);
    let follows = ClientFrame::GetRooms { follow: true };
    assert!(live(&mut client, 0).contains(&Effect::Send(follows)), "also on the first connection");
    frame(
        &mut client,
        1,
        r#"{"type":"room_list","rooms":[{"name":"den","users":1},{"name":"general","users":2}],"total":2}"#,
    );
    let counts = |client: &Client| {
        let rooms = client.rooms().into_iter().map(|room| (room.name.to_string(), room.users)).collect::<Vec<_>>();
        (rooms, client.more_rooms())
    };
    frame(&mut client, 2, r#"{"type":"left","room":"den"}"#);
    frame(
        &mut client,
        3,
        r#"{"type":"room_counts","rooms":[{"name":"attic","users":7},{"name":"den","users":0}],"total":5}"#,
    );
    assert_eq!(counts(&client), (vec![("den".to_owned(), 0), ("general".to_owned(), 2)], 3));
    frame(&mut client, 4, r#"{"type":"user_joined","room":"general","user":"Bo","count":3}"#);
    assert_eq!((counts(&client).0[1].1, client.users().1), (3, 3), "one number, wherever it is shown");
}

#[test]
fn who_comes_back_is_not_away_any_more_whether_the_frame_names_them_or_lists_them() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    let user = |id: u64, name: &str| format!(r#"{{"id":"{id}","name":"{name}","typing":false}}"#);
    let all = [user(2, "Bo"), user(3, "Cy"), user(4, "Di")];
    let list = format!(r#"{{"type":"user_list","room":"general","users":[],"count":0,"away":[{}]}}"#, all.join(","));
    frame(&mut client, 1, &list);
    assert_eq!(client.away().len(), 3);
    let here = all[..2].join(",");
    let came =
        format!(r#"{{"type":"user_joined","room":"general","user":"Bo","users":[{here}],"count":2,"others":1}}"#);
    frame(&mut client, 2, &came);
    assert_eq!(client.away().iter().map(|user| user.id).collect::<Vec<_>>(), [UserId(4)]);
}

#[test]
fn an_estimate_of_what_is_unread_gives_way_to_the_count_once_all_of_it_is_here() {
    // A page of older entries: entries after 1 are known to exist, but not their authors.
    let mut client = new_client(vec![by_bo(entry(1, 0))]);
    client.handle(0, Input::Start);
    client.handle(0, Input::Opened);
    let by_me = |entry: Entry| Entry { user_id: Some(UserId(1)), ..entry };
    let unread = r#""unread":{"general":{"count":2}},"epoch""#;
    frame(&mut client, 0, &resumed("", 3).replace(r#""epoch""#, unread));
    let count = |client: &Client| client.unread(&Place::Room(room())).count;
    client.handle(1, Input::Seen(1));
    assert_eq!(count(&client), 1, "what was passed is unread no longer");
    let page = |entries: &[Entry]| {
        let entries: Vec<_> = entries.iter().map(json).collect();
        format!(r#"{{"type":"history","room":"general","messages":[{}],"more":false}}"#, entries.join(","))
    };
    frame(&mut client, 2, &page(&[by_me(entry(3, 2))]));
    assert_eq!(count(&client), 1, "one is still missing");
    frame(&mut client, 3, &page(&[by_me(entry(2, 1))]));
    assert_eq!(count(&client), 0, "the rest is the person's own");
    let line = r#"{"type":"message","room":"general","from":"Bo","user_id":"2","text":"x","ts":1,"id":4,"prev":3}"#;
    frame(&mut client, 4, line);
    assert_eq!(count(&client), 1);
}

#[test]
fn a_mark_that_was_set_elsewhere_comes_with_what_is_unread_behind_it() {
    let mut client = new_client(vec![]);
    live(&mut client, 0);
    let random = Place::Room(RoomName::told("random"));
    let newest = json(&by_bo(entry(9, 8)));
    let joined = r#"{"type":"joined","room":"random","history":[$],"users":[],"count":1,"unread":{"count":9}}"#;
    frame(&mut client, 1, &joined.replace('$', &newest));
    frame(&mut client, 2, r#"{"type":"read","room":"random","id":5,"unread":{"count":4,"mentions":1}}"#);
    let unread = client.unread(&random);
    assert_eq!((unread.count, unread.mentions), (4, 1));
    frame(&mut client, 3, r#"{"type":"left","room":"random"}"#);
    assert!(client.unread(&random).is_nothing(), "nothing waits in a room that one is not in");
}

/// Returns if the divider has been seen for long enough, or `None` without a divider.
fn divider(client: &Client) -> Option<bool> {
    client.divider().map(|_| client.is_divider_seen())
}

#[test]
fn the_line_before_what_is_new_goes_once_all_below_it_was_seen_for_some_moments() {
    let bos = |id| {
        format!(
            r#"{{"type":"message","room":"general","from":"Bo","user_id":"2","text":"x","ts":1,"id":{id},"prev":{}}}"#,
            id - 1
        )
    };
    let mut client = new_client(vec![entry(1, 0)]);
    live(&mut client, 0);
    client.handle(1, Input::Seen(1));
    client.handle(2, Input::Watched(false));
    frame(&mut client, 3, &bos(2));
    frame(&mut client, 3, &bos(3));
    client.handle(1_000, Input::Watched(true));
    let looked = |is_at_end, is_divider_in_view| Input::Looked { is_at_end, is_divider_in_view };
    client.handle(1_000, looked(true, false));
    client.handle(1_001, Input::Seen(3));
    client.handle(10_000, Input::Woke);
    assert_eq!(divider(&client), Some(false), "the line was not in view");
    client.handle(10_001, looked(false, true));
    client.handle(30_000, Input::Woke);
    assert_eq!(divider(&client), Some(false), "the person still reads what is below it");
    let effects = client.handle(30_001, looked(true, false));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::WakeAt(at) if *at <= 35_001)), "{effects:?}");
    client.handle(35_000, Input::Woke);
    assert_eq!(divider(&client), Some(false));
    client.handle(35_001, Input::Woke);
    assert_eq!(divider(&client), Some(true), "it keeps its place, so that nothing moves");
    frame(&mut client, 35_002, &bos(4));
    assert_eq!(divider(&client), None, "until the list moves anyway");
    client.handle(35_003, Input::Seen(4));
    client.handle(35_004, Input::Watched(false));
    frame(&mut client, 35_005, &bos(5));
    assert_eq!(divider(&client), Some(false), "what comes next is new again");
}

#[test]
fn the_line_before_what_is_new_is_gone_for_who_comes_back_to_the_room() {
    let mut client = new_client(vec![by_bo(entry(1, 0)), by_bo(entry(2, 1))]);
    live(&mut client, 0);
    frame(&mut client, 1, r#"{"type":"read","room":"general","id":1,"unread":{"count":1}}"#);
    let help = Place::Room(RoomName::told("help"));
    client.handle(2, Input::Show(help.clone()));
    client.handle(3, Input::Show(Place::Room(room())));
    assert_eq!(divider(&client), Some(false));
    client.handle(4, Input::Seen(2));
    client.handle(5, Input::Show(help));
    client.handle(6, Input::Show(Place::Room(room())));
    assert_eq!(divider(&client), None);
}

/// A page of history of a log whose identifiers have no gaps.
fn history(ids: std::ops::RangeInclusive<u64>) -> String {
    let entries: Vec<_> = ids.map(|id| json(&entry(id, id - 1))).collect();
    format!(r#"{{"type":"history","room":"general","messages":[{}],"more":true}}"#, entries.join(","))
}

#[test]
fn a_room_that_was_read_back_and_left_twice_can_be_read_back_again() {
    let mut client = new_client((2_401..=2_450).map(|id| entry(id, id - 1)).collect());
    live(&mut client, 0);
    let random = Place::Room(RoomName::parse("random").unwrap());
    for _ in 0..3 {
        // Ten pages of a room that is not shown are kept, so the same entries are missing each time.
        while let Some(Row::Gap(gap)) = client.rows().first().cloned() {
            let effects = client.handle(1, Input::Fill(gap));
            assert_eq!(asked(&effects), [(0, gap.before)]);
            let first = gap.before.saturating_sub(200).max(1);
            frame(&mut client, 2, &history(first..=gap.before - 1));
            assert_eq!(client.asked(), [], "what was answered is asked for no longer");
        }
        assert_eq!(client.rows().len(), 2_450);
        client.handle(3, Input::Show(random.clone()));
        client.handle(4, Input::Show(Place::Room(room())));
        assert_eq!(client.rows().len(), 2_001);
    }
}

#[test]
fn rooms_past_those_that_are_listed_are_counted_and_listed_once_there_is_a_reason() {
    let mut client = new_client(vec![entry(1, 0)]);
    live(&mut client, 0);
    let shape = |client: &Client| (client.rooms().len(), client.more_rooms());
    let all: Vec<_> = (0..LISTED_ROOMS).map(|n| format!(r#"{{"name":"r{n:03}","users":0}}"#)).collect();
    let (all, total) = (all.join(","), LISTED_ROOMS + 3);
    let list = format!(r#"{{"type":"room_list","rooms":[{{"name":"general","users":0}},{all}],"total":{total}}}"#);
    frame(&mut client, 1, &list);
    assert_eq!(shape(&client), (LISTED_ROOMS + 1, 2), "general is the person's own");
    frame(&mut client, 2, r#"{"type":"room_created","room":"attic","created_by":"Bo"}"#);
    assert_eq!(shape(&client), (LISTED_ROOMS + 1, 3));
    frame(&mut client, 3, r#"{"type":"room_deleted","room":"attic"}"#);
    assert_eq!(shape(&client), (LISTED_ROOMS + 1, 2));
    client.handle(4, Input::Show(Place::Room(RoomName::told("r101"))));
    frame(&mut client, 4, r#"{"type":"preview","room":"r101","history":[],"users":[],"count":0}"#);
    assert_eq!(shape(&client), (LISTED_ROOMS + 2, 1), "what is shown is listed");
    frame(&mut client, 5, &list);
    assert_eq!(shape(&client), (LISTED_ROOMS + 2, 1));
    frame(&mut client, 6, r#"{"type":"room_deleted","room":"r000"}"#);
    frame(&mut client, 7, r#"{"type":"room_created","room":"attic","created_by":"Bo"}"#);
    assert_eq!(shape(&client), (LISTED_ROOMS + 1, 2), "the shown one takes a place until the next list");
    let archived = r#"{"type":"room_counts","rooms":[],"total":101,"archived":["r001","r101","r102"]}"#;
    frame(&mut client, 8, archived);
    assert_eq!(shape(&client), (LISTED_ROOMS, 1), "the shown one stays");
}
