//! Edits and deletions: in the outbox, on the screen, in the counts.

use super::support::{ada, connect, echo, frame, general, notices, say, sent, texts};
use app::{
    protocol::{ClientFrame, EntryId, Place, UserId},
    sync::{Client, Effect, Input, OutgoingState, Row},
};

fn amend(client: &mut Client, now: u64, target: EntryId, text: &str) -> Vec<Effect> {
    let client_id = format!("{target}:{text}").into();
    let text = Some(text.into()).filter(|_| !text.is_empty());
    client.handle(now, Input::Amend { place: general(), target, text, client_id, at: now })
}

/// The frame of an amendment behind the entry before it.
fn amended(client: &mut Client, id: EntryId, author: u64, target: EntryId, text: &str) -> Vec<Effect> {
    let kind = if text.is_empty() { "delete" } else { "edit" };
    let frame = format!(
        r#"{{"type":"{kind}","room":"general","id":{id},"prev":{},"ts":1,"from":"Somebody","user_id":"{author}","text":"{text}","client_id":"{target}:{text}","target":{target}}}"#,
        id - 1
    );
    self::frame(client, 9, &frame)
}

fn bo_says(client: &mut Client, id: EntryId, text: &str) {
    let line = format!(
        r#"{{"type":"message","room":"general","from":"Bo","user_id":"2","text":"{text}","ts":1,"id":{id},"prev":{}}}"#,
        id - 1
    );
    frame(client, 9, &line);
}

fn shown(client: &Client) -> Vec<String> {
    let text = |row: Row| match row {
        Row::Entry(entry) if entry.is_deleted() => format!("{} deleted", entry.id),
        Row::Entry(entry) => entry.text.to_string(),
        Row::Gap(_) => "gap".to_owned(),
    };
    client.rows().into_iter().map(text).collect()
}

fn unread(client: &Client) -> (usize, usize) {
    let unread = client.unread(&general());
    (unread.count, unread.mentions)
}

#[test]
fn amendments_are_sent_in_their_turn_among_the_texts() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    assert!(sent(&amend(&mut ada, 2, 1, "b")).is_empty(), "the text is under way");
    assert!(sent(&amend(&mut ada, 3, 1, "")).is_empty());
    assert!(texts(&say(&mut ada, 4, "c")).is_empty());
    let effects = echo(&mut ada, 5, 1, "a");
    let (room, client_id) = ("general".to_owned(), Some("1:b".to_owned()));
    assert_eq!(sent(&effects), [&ClientFrame::Edit { room: room.clone(), target: 1, text: "b".into(), client_id }]);
    let effects = amended(&mut ada, 2, 1, 1, "b");
    let client_id = Some("1:".to_owned());
    assert_eq!(sent(&effects), [&ClientFrame::Delete { room, target: 1, client_id }]);
    assert_eq!(texts(&amended(&mut ada, 3, 1, 1, "")), ["c"]);
    assert_eq!(shown(&ada), ["1 deleted"]);
}

#[test]
fn what_waits_is_what_is_edited_next() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    echo(&mut ada, 2, 1, "a");
    bo_says(&mut ada, 2, "x");
    assert_eq!((ada.newest_own(), ada.words_of(1).as_deref(), ada.words_of(2)), (Some(1), Some("a"), None));
    amend(&mut ada, 3, 1, "b");
    assert_eq!((ada.words_of(1).as_deref(), &shown(&ada)[..]), (Some("b"), &["a".to_owned(), "x".to_owned()][..]));
    amend(&mut ada, 4, 1, "");
    assert_eq!((ada.newest_own(), ada.words_of(1)), (None, None));
}

#[test]
fn an_amendment_survives_the_connection_and_is_repeated() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    echo(&mut ada, 2, 1, "a");
    let first = amend(&mut ada, 3, 1, "b");
    ada.handle(4, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    let again = connect(&mut ada, 5_000);
    assert_eq!(sent(&again).iter().filter(|frame| sent(&first).contains(frame)).count(), 1, "{again:?}");
    assert!(amended(&mut ada, 2, 1, 1, "b").contains(&Effect::Remove("1:b".into())));
    assert_eq!(shown(&ada), ["b"]);
}

#[test]
fn a_refused_edit_is_kept_and_a_superfluous_deletion_is_not() {
    let refusal = |client_id: &str, code: &str| {
        format!(r#"{{"type":"error","code":"{code}","message":"No.","client_id":"{client_id}"}}"#)
    };
    let mut ada = ada();
    say(&mut ada, 1, "a");
    echo(&mut ada, 2, 1, "a");
    amend(&mut ada, 3, 1, "/b");
    frame(&mut ada, 4, &refusal("1:/b", "no_such_entry"));
    let kept = ada.outgoing();
    assert_eq!((kept.len(), &kept[0].state), (1, &OutgoingState::Failed("No.".into())));
    assert!(notices(&ada).is_empty());
    ada.handle(5, Input::Discard("1:/b".into()));

    amend(&mut ada, 6, 1, "");
    frame(&mut ada, 7, &refusal("1:", "no_such_entry"));
    assert!(ada.outgoing().is_empty(), "the entry is gone already");
    amend(&mut ada, 8, 1, "");
    frame(&mut ada, 9, &refusal("1:", "not_in_room"));
    assert_eq!(ada.outgoing().len(), 1);
}

#[test]
fn a_deletion_by_another_tab_makes_ones_own_superfluous() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    echo(&mut ada, 2, 1, "a");
    say(&mut ada, 3, "b");
    amend(&mut ada, 4, 1, "");
    amend(&mut ada, 4, 1, "c");
    let other = r#"{"type":"delete","room":"general","id":2,"prev":1,"ts":1,"from":"Ada","user_id":"1","text":"","client_id":"other","target":1}"#;
    let effects = frame(&mut ada, 5, other);
    assert!(effects.contains(&Effect::Remove("1:".into())), "{effects:?}");
    let waiting: Vec<_> = ada.outbox().map(|item| item.text.to_string()).collect();
    assert_eq!(waiting, ["b", "c"], "what was typed is not lost");
}

#[test]
fn what_is_unread_follows_its_amendments() {
    let mut ada = ada();
    ada.handle(1, Input::Watched(false));
    bo_says(&mut ada, 1, "@Ada?");
    bo_says(&mut ada, 2, "x");
    assert_eq!(unread(&ada), (2, 1));
    amended(&mut ada, 3, 2, 1, "Cy?");
    assert_eq!(unread(&ada), (2, 0), "an edit is nothing new, and mentions nobody any more");
    amended(&mut ada, 4, 2, 2, "@Ada!");
    assert_eq!(unread(&ada), (2, 1));
    amended(&mut ada, 5, 2, 2, "");
    assert_eq!(unread(&ada), (1, 0));
    assert!(ada.said_after(0).all(|entry| entry.id < 3), "nobody is told of amendments as of messages");
}

#[test]
fn who_cannot_count_after_an_amendment_asks() {
    let mut ada = ada();
    ada.handle(1, Input::Watched(false));
    let joined = r#"{"type":"joined","room":"general","history":[],"head":5,"count":1,"read":2,"unread":{"count":3}}"#;
    frame(&mut ada, 2, joined);
    assert_eq!(unread(&ada), (3, 0));
    let effects = amended(&mut ada, 6, 2, 4, "");
    let asks = sent(&effects).into_iter().filter(|frame| matches!(frame, ClientFrame::Read { .. }));
    assert_eq!(asks.collect::<Vec<_>>(), [&ClientFrame::Read { room: "general".into(), id: 2 }]);
    frame(&mut ada, 9, r#"{"type":"read","room":"general","id":2,"unread":{"count":2}}"#);
    assert_eq!(unread(&ada), (2, 0));
    let reads = |effects: &[Effect]| sent(effects).iter().any(|frame| matches!(frame, ClientFrame::Read { .. }));
    assert!(!reads(&amended(&mut ada, 7, 2, 1, "read long ago")));
}

#[test]
fn a_mention_that_is_no_longer_one_leaves_the_list() {
    let mut ada = ada();
    let line = |id: u64| {
        format!(
            r#"{{"room":"general","id":{id},"prev":{},"ts":1,"from":"Bo","user_id":"2","text":"@Ada","type":"message"}}"#,
            id - 1
        )
    };
    ada.handle(1, Input::Show(Place::Mentions));
    frame(&mut ada, 2, &format!(r#"{{"type":"mentions","mentions":[{},{},{}]}}"#, line(1), line(2), line(3)));
    amended(&mut ada, 4, 2, 1, "");
    amended(&mut ada, 5, 2, 2, "nobody");
    amended(&mut ada, 6, 2, 3, "@Ada again");
    assert_eq!(shown(&ada), ["@Ada again"]);
    assert_eq!(ada.newest_own(), None);
}

#[test]
fn a_private_entry_is_amended_in_its_conversation() {
    let mut ada = ada();
    let bo = Place::With(UserId(2));
    ada.handle(1, Input::Talk(UserId(2), "Bo".into()));
    let sent_line = r#"{"type":"pm_sent","to":"Bo","user_id":"2","text":"a","ts":1,"id":1,"prev":0}"#;
    frame(&mut ada, 2, sent_line);
    let text = Some("b".into());
    let effects = ada.handle(3, Input::Amend { place: bo, target: 1, text, client_id: "e".into(), at: 3 });
    let (room, client_id) = ("@2-Bo".to_owned(), Some("e".to_owned()));
    assert_eq!(sent(&effects), [&ClientFrame::Edit { room, target: 1, text: "b".into(), client_id }]);
    let edit = r#"{"type":"edit","room":"@Bo","peer":"2","id":2,"prev":1,"ts":1,"from":"Ada","user_id":"1","text":"b","client_id":"e","target":1}"#;
    frame(&mut ada, 4, edit);
    assert_eq!((shown(&ada), ada.outgoing().len()), (vec!["b".to_owned()], 0));
}

#[test]
fn an_edit_that_calls_the_person_enters_the_open_list() {
    let mut ada = ada();
    ada.handle(1, Input::Watched(false));
    bo_says(&mut ada, 1, "Cy?");
    ada.handle(1, Input::Show(Place::Mentions));
    frame(&mut ada, 2, r#"{"type":"mentions","mentions":[]}"#);
    let alerts = amended(&mut ada, 2, 2, 1, "@Ada?");
    assert_eq!(shown(&ada), ["@Ada?"]);
    assert!(!alerts.iter().any(|effect| matches!(effect, Effect::Alert(_))), "it is nothing new");
}

#[test]
fn a_read_mark_covers_the_amendments_that_have_no_rows() {
    let marks = |effects: &[Effect]| -> Vec<u64> {
        let mark = |frame: &&ClientFrame| if let ClientFrame::Read { id, .. } = frame { Some(*id) } else { None };
        sent(effects).iter().filter_map(mark).collect()
    };
    let mut ada = ada();
    bo_says(&mut ada, 1, "x");
    amended(&mut ada, 2, 2, 1, "y");
    amended(&mut ada, 3, 2, 1, "z");
    assert_eq!(marks(&ada.handle(10, Input::Seen(1))), [3]);
    assert!(marks(&amended(&mut ada, 4, 2, 1, "zz")).is_empty(), "no more often than any other mark");
    assert_eq!(marks(&ada.handle(10_000, Input::Woke)), [4]);
}

#[test]
fn what_waits_for_another_store_is_refused() {
    let mut ada = ada();
    say(&mut ada, 1, "a");
    echo(&mut ada, 2, 1, "a");
    ada.handle(3, Input::NetworkLost);
    amend(&mut ada, 4, 1, "b");
    say(&mut ada, 5, "c");
    assert_eq!(ada.newest_own(), None, "the newest is still on its way");
    ada.handle(6, Input::RetryNow);
    ada.handle(6, Input::Opened);
    let other = r#"{"type":"connected","user_id":"1","name":"Ada","rooms":["general"],"epoch":"e2"}"#;
    let effects = frame(&mut ada, 7, other);
    assert!(sent(&effects).iter().all(|frame| !matches!(frame, ClientFrame::Edit { .. })), "{effects:?}");
    let failed = ada.outbox().filter(|item| item.state != OutgoingState::Waiting);
    assert_eq!(failed.map(|item| &*item.text).collect::<Vec<_>>(), ["b"]);
}
