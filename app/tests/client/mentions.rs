//! Mentions of the person, in any room.

use super::support::{among, frame};
use app::{
    protocol::{ClientFrame, ListedRoom, Place, RoomName, Standing, limits::MENTIONS_LISTED},
    sync::{Client, Effect, Input, Row},
};

/// Ada, live, in `general` and `random`.
fn ada() -> Client {
    let listed = |name: &str| ListedRoom { name: RoomName::told(name), users: 1, standing: Some(Standing::default()) };
    let mut client = among(vec![listed("general"), listed("random")]);
    client.handle(0, Input::Start);
    connect(&mut client, 0);
    client
}

fn connect(client: &mut Client, now: u64) -> Vec<Effect> {
    client.handle(now, Input::Opened);
    let resumed = r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general","random"],
        "missedMessages":{},"heads":{"general":0,"random":0},"epoch":"e1"}"#;
    frame(client, now, resumed)
}

fn asks(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Send(ClientFrame::GetMentions))
}

fn mentions(ids: impl Iterator<Item = u64>) -> String {
    let mention = |id: u64| {
        format!(
            r#"{{"room":"random","id":{id},"prev":1,"ts":1,"from":"Bo","user_id":"2","text":"@Ada","type":"message"}}"#
        )
    };
    format!(r#"{{"type":"mentions","mentions":[{}]}}"#, ids.map(mention).collect::<Vec<_>>().join(","))
}

fn said(room: &str, id: u64, text: &str) -> String {
    format!(
        r#"{{"type":"message","room":"{room}","from":"Bo","user_id":"2","text":"{text}","ts":1,"id":{id},"prev":0}}"#
    )
}

/// Returns the entries on the screen, 0 for a gap, with their rooms.
fn shown(client: &Client) -> Vec<(u64, String)> {
    let row = |row: Row| match row {
        Row::Entry(entry) => (entry.id, client.mentioned_in(entry.id).map(RoomName::to_string).unwrap_or_default()),
        Row::Gap(_) => (0, String::new()),
    };
    client.rows().into_iter().map(row).collect()
}

fn of(room: &str, id: u64) -> (u64, String) {
    (id, room.to_owned())
}

#[test]
fn mentions_are_asked_for_when_they_are_looked_at_and_what_is_said_from_then_on_is_added() {
    let mut ada = ada();
    assert!(asks(&ada.handle(1, Input::Show(Place::Mentions))));
    assert!(ada.is_unknown());
    frame(&mut ada, 2, &mentions([4, 7].into_iter()));
    assert_eq!(shown(&ada), [of("random", 4), of("random", 7)], "nothing is missing between them");
    frame(&mut ada, 3, &said("general", 9, "where is @ada?"));
    frame(&mut ada, 4, &said("general", 10, "nobody is meant"));
    assert_eq!(shown(&ada), [of("random", 4), of("random", 7), of("general", 9)]);
    assert_eq!(ada.unread(&Place::Room(RoomName::general())).mentions, 1, "to be listed is not to be read");
}

#[test]
fn a_connection_that_comes_back_asks_for_them_again_and_shows_what_it_is_told() {
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Mentions));
    frame(&mut ada, 2, &mentions([4, 7].into_iter()));
    let before = ada.revision();
    ada.handle(3, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(4, Input::RetryNow);
    assert!(asks(&connect(&mut ada, 5)));
    frame(&mut ada, 6, &mentions([5, 7].into_iter()));
    assert_eq!(shown(&ada), [of("random", 5), of("random", 7)]);
    assert_ne!(ada.revision(), before, "as many others are another list");
}

#[test]
fn no_more_are_kept_than_the_server_lists() {
    let most = u64::try_from(MENTIONS_LISTED).unwrap();
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Mentions));
    frame(&mut ada, 2, &mentions(1..=most));
    assert_eq!(shown(&ada).len(), MENTIONS_LISTED);
    frame(&mut ada, 3, &said("general", most + 1, "@Ada"));
    assert_eq!((shown(&ada).len(), shown(&ada)[0].clone()), (MENTIONS_LISTED, of("random", 2)));
    assert_eq!(ada.mentioned_in(1), None);
}

#[test]
fn what_is_seen_among_the_mentions_is_not_read_where_it_was_said() {
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Mentions));
    frame(&mut ada, 2, &mentions([4].into_iter()));
    let effects = ada.handle(3, Input::Seen(4));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send(ClientFrame::Read { .. }))));
    assert!(
        !ada.handle(9_000, Input::Woke).iter().any(|effect| matches!(effect, Effect::Send(ClientFrame::Read { .. })))
    );
}
