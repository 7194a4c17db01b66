//! A client of Ada's, and frames for it.

use app::{
    protocol::{ClientFrame, ListedRoom, Place, RoomName, Snapshot, Standing, UserId, decode_server_frame},
    sync::{Client, Effect, Input, Refusal},
};

pub(super) fn frame(client: &mut Client, now: u64, json: &str) -> Vec<Effect> {
    let frame = decode_server_frame(json).expect("a frame of the protocol");
    client.handle(now, Input::Frame(Box::new(frame)))
}

pub(super) fn general() -> Place {
    Place::Room(RoomName::general())
}

/// Ada in `general`, live.
pub(super) fn ada() -> Client {
    let general = ListedRoom { name: RoomName::general(), users: 0, standing: Some(Standing::default()) };
    let mut client = among(vec![general]);
    connect(&mut client, 0);
    client
}

/// Ada in `general`, not connected yet, with these rooms in her list.
pub(super) fn among(rooms: Vec<ListedRoom>) -> Client {
    Client::new(Snapshot {
        user_id: UserId(1),
        name: "Ada".into(),
        place: general(),
        entries: Vec::new(),
        users: Vec::new(),
        away: Vec::new(),
        count: 0,
        epoch: "e1".into(),
        cursor: 0,
        rooms,
        more_rooms: 0,
        conversations: Vec::new(),
    })
}

pub(super) fn connect(client: &mut Client, now: u64) -> Vec<Effect> {
    client.handle(now, if now == 0 { Input::Start } else { Input::Woke });
    client.handle(now, Input::Opened);
    let resumed = r#"{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],
        "missedMessages":{},"heads":{"general":0},"epoch":"e1"}"#;
    frame(client, now, resumed)
}

pub(super) fn say(client: &mut Client, now: u64, text: &str) -> Vec<Effect> {
    client.handle(now, Input::Say { place: general(), text: text.into(), client_id: text.into(), at: now })
}

pub(super) fn sent(effects: &[Effect]) -> Vec<&ClientFrame> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Send(frame) => Some(frame),
        _ => None,
    });
    frames.collect()
}

pub(super) fn texts(effects: &[Effect]) -> Vec<&str> {
    let texts = sent(effects).into_iter().filter_map(|frame| match frame {
        ClientFrame::Message { text, .. } => Some(&**text),
        _ => None,
    });
    texts.collect()
}

pub(super) fn echo(client: &mut Client, now: u64, id: u64, client_id: &str) -> Vec<Effect> {
    let json = format!(
        r#"{{"type":"message","room":"general","from":"Ada","text":"{client_id}","ts":1,"id":{id},"prev":{},"client_id":"{client_id}"}}"#,
        id - 1
    );
    frame(client, now, &json)
}

pub(super) fn refused(client: &mut Client, now: u64, client_id: &str, wait: u64) -> Vec<Effect> {
    let json = format!(
        r#"{{"type":"error","code":"rate_limited","message":"Wait.","client_id":"{client_id}","retry_after_ms":{wait}}}"#
    );
    frame(client, now, &json)
}

/// Reason and suggestion of a refusal.
pub(super) type Refused<'a> = (&'a str, Option<&'a str>);

/// Returns the outcomes of commands, by their `client_id`.
pub(super) fn answers(effects: &[Effect]) -> Vec<(&str, Option<Refused<'_>>)> {
    let answers = effects.iter().filter_map(|effect| match effect {
        Effect::Answered(answer) => Some(answer),
        _ => None,
    });
    answers.map(|answer| (&*answer.client_id, answer.refusal.as_ref().map(refused_with))).collect()
}

pub(super) fn refused_with(refusal: &Refusal) -> Refused<'_> {
    (&refusal.reason, refusal.suggestion.as_deref())
}

pub(super) fn notices(client: &Client) -> Vec<String> {
    client.notices().map(|notice| notice.text.to_string()).collect()
}
