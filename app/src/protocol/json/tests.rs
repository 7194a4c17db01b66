use super::*;
use crate::protocol::{
    Amended, Amendment, Connected, ConversationInfo, Entry, EntryKind, ErrorCode, ErrorFrame, History, Joined, Line,
    ListedRoom, NickChanged, Ping, Place, Presence, Preview, PrivateLine, ReadMark, Resumed, RoomCounts, RoomInfo,
    RoomName, ServerFrame, Snapshot, Standing, Stats, Timestamp, Typing, Unread, UserId, UserInfo, UserList,
    decode_server_frame,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{fmt::Debug, sync::Arc};

/// Checks that the two readers agree on a value as it is written, and with any field missing or wrong.
fn is_read_alike<T: FromJson + Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(read_json::<T>(&json.to_string()).as_ref(), Some(value), "{json}");
    let mut others = Vec::new();
    for name in json.as_object().unwrap().keys() {
        let mut without = json.clone();
        without.as_object_mut().unwrap().remove(name);
        others.push(without);
        for wrong in [json!(null), json!(true), json!(-1), json!(1.5), json!("x"), json!([]), json!({})] {
            let mut with = json.clone();
            with[name] = wrong;
            others.push(with);
        }
    }
    for json in others.iter().chain([&json]).map(Value::to_string) {
        assert_eq!(read_json::<T>(&json), serde_json::from_str(&json).ok(), "{json}");
    }
}

fn is_frame_read(frame: &ServerFrame) {
    let json = serde_json::to_string(frame).unwrap();
    assert_eq!(decode_server_frame(&json).as_ref(), Ok(frame), "{json}");
}

#[test]
fn what_a_server_writes_is_read_alike_in_the_browser_and_elsewhere() {
    let (general, ada, bo): (_, Arc<str>, Arc<str>) = (RoomName::general(), "Ada".into(), "Bo".into());
    let (id, ts) = (UserId(7), Timestamp::from_millis(1_732_312_345_678));
    let entry = |kind, client_id: Option<&str>| Entry {
        id: (1 << 53) - 1,
        prev: 0,
        ts,
        from: Arc::clone(&ada),
        user_id: client_id.map(|_| id),
        text: "a \"b\" \\ \u{1} \u{2028} 🧑".into(),
        kind,
        client_id: client_id.map(Into::into),
        amended: None,
        target: None,
    };
    let entries = vec![entry(EntryKind::Message, Some("c")), entry(EntryKind::Action, None)];
    let users = vec![UserInfo { id, name: Arc::clone(&ada), typing: true }];
    let unread = Unread { count: 3, mentions: 1 };
    let conversation = ConversationInfo { id, name: Arc::clone(&bo), head: 9, read: 0, unread: 2, gone: false };
    let gone = ConversationInfo { gone: true, ..conversation.clone() };
    let standing = Standing { head: 9, read: 4, unread };
    entries.iter().for_each(is_read_alike);
    is_read_alike(&entry(EntryKind::System, None));
    is_read_alike(&entry(EntryKind::Unknown, None));
    is_read_alike(&conversation);
    is_read_alike(&gone);

    for is_full in [true, false] {
        let name = |name: &Arc<str>| is_full.then(|| Arc::clone(name));
        let (unread, users) = (if is_full { unread } else { Unread::default() }, is_full.then(|| users.clone()));
        let listed = users.clone().unwrap_or_default();

        let connected = Connected {
            user_id: id,
            session_id: name(&bo),
            name: Arc::clone(&ada),
            rooms: vec![general.clone()],
            epoch: "e".into(),
            conversations: is_full.then(|| conversation.clone()).into_iter().collect(),
        };
        is_read_alike(&connected);
        is_frame_read(&ServerFrame::Connected(connected));

        // The fields of an object come in the order of their names.
        let rooms = || [RoomName::told("42"), general.clone()].into_iter().take(if is_full { 2 } else { 0 });
        let names = || ["@Bo", "general"].map(Arc::from).into_iter().take(if is_full { 2 } else { 0 });
        let resumed = Resumed {
            user_id: id,
            session_id: name(&bo),
            name: Arc::clone(&ada),
            rooms: vec![general.clone()],
            missed_messages: rooms().map(|room| (room, entries.clone())).collect(),
            heads: rooms().map(|room| (room, 9)).collect(),
            missed_pms: names().map(|name| (name, entries.clone())).collect(),
            conversations: rooms().map(|_| conversation.clone()).collect(),
            more_pms: is_full,
            read: names().map(|name| (name, 9)).collect(),
            unread: rooms().map(|room| (room, unread)).collect(),
            epoch: "e".into(),
        };
        is_read_alike(&resumed);
        is_frame_read(&ServerFrame::Resumed(Box::new(resumed)));

        let (room, history) = (general.clone(), entries.clone());
        let joined = Joined { room, history, head: 9, users: users.clone(), count: 1, read: 4, unread };
        is_read_alike(&joined);
        is_frame_read(&ServerFrame::Joined(joined));

        let line = |kind| Line {
            kind,
            room: general.clone(),
            from: name(&ada),
            user_id: is_full.then_some(id),
            text: "x".into(),
            ts: is_full.then_some(ts),
            id: is_full.then_some(9),
            prev: is_full.then_some(4),
            client_id: name(&bo),
            amended: None,
        };
        let [edit, delete] = [EntryKind::Edit, EntryKind::Delete].map(|kind| Entry {
            target: Some(7),
            amended: is_full.then_some(Amended { rev: 9, ts, deleted: is_full }),
            ..entry(kind, Some("c"))
        });
        for entry in [edit, delete] {
            is_read_alike(&entry);
            let mut amendment = Amendment::announcing(general.shared(), is_full.then_some(id), entry);
            amendment.client_id = name(&bo);
            is_read_alike(&amendment);
            is_frame_read(&ServerFrame::Amendment(amendment));
        }
        let shown = EntryKind::KNOWN.into_iter().filter(|kind| !kind.is_amendment());
        for kind in shown.chain(is_full.then_some(EntryKind::Unknown)) {
            is_read_alike(&line(kind));
            is_frame_read(&ServerFrame::Line(line(kind)));
        }

        let presence = Presence {
            room: general.clone(),
            user: Arc::clone(&ada),
            users: users.clone(),
            count: 1,
            others: usize::from(is_full),
            away: is_full,
        };
        is_read_alike(&presence);
        is_frame_read(&ServerFrame::UserJoined(presence.clone()));
        is_frame_read(&ServerFrame::UserLeft(presence));

        let room = if is_full { "@Ada".into() } else { general.shared() };
        let typing = Typing { room, user: Arc::clone(&ada), user_id: is_full.then_some(id), typing: is_full };
        is_read_alike(&typing);
        is_frame_read(&ServerFrame::Typing(typing));

        let private = PrivateLine {
            from: name(&ada),
            to: name(&bo),
            user_id: is_full.then_some(id),
            text: "x".into(),
            ts,
            id: 9,
            prev: 4,
            client_id: name(&bo),
            amended: None,
        };
        is_read_alike(&private);
        is_frame_read(&ServerFrame::Pm(private.clone()));
        is_frame_read(&ServerFrame::PmSent(private));

        let changed = NickChanged {
            old_name: Arc::clone(&ada),
            new_name: Arc::clone(&bo),
            user_id: is_full.then_some(id),
            room: is_full.then(RoomName::general),
            users: users.clone(),
            count: is_full.then_some(1),
            rooms: is_full.then(RoomName::general).into_iter().collect(),
        };
        is_read_alike(&changed);
        is_frame_read(&ServerFrame::NickChanged(changed));

        let list = UserList { room: general.clone(), users: listed.clone(), count: 1, away: listed.clone() };
        is_read_alike(&list);
        is_frame_read(&ServerFrame::UserList(list));

        let preview = Preview {
            room: general.clone(),
            missing: is_full,
            history: entries.clone(),
            users: users.clone(),
            count: 1,
            away: listed.clone(),
        };
        is_read_alike(&preview);
        is_frame_read(&ServerFrame::Preview(preview));

        let history = History { room: Arc::clone(&bo), messages: entries.clone(), more: is_full };
        is_read_alike(&history);
        is_frame_read(&ServerFrame::History(history));

        let mentions =
            entries.iter().map(|entry| crate::protocol::Mention { room: general.clone(), entry: entry.clone() });
        let mentions: Vec<_> = mentions.collect();
        mentions.iter().for_each(is_read_alike);
        is_frame_read(&ServerFrame::Mentions { mentions });

        let error = ErrorFrame {
            message: "No.".into(),
            code: ErrorCode::RateLimited,
            client_id: name(&bo),
            retry_after_ms: is_full.then_some(5),
            suggestion: name(&ada),
        };
        is_read_alike(&error);
        is_frame_read(&ServerFrame::Error(error));
        is_frame_read(&ServerFrame::Done { client_id: Arc::clone(&bo), joined: is_full.then(|| general.clone()) });

        let standing = is_full.then_some(standing);
        is_read_alike(&ListedRoom { name: general.clone(), users: 1, standing });
        is_read_alike(&Snapshot {
            user_id: id,
            name: Arc::clone(&ada),
            place: if is_full { Place::With(id) } else { Place::Room(RoomName::general()) },
            entries: entries.clone(),
            users: listed.clone(),
            away: listed,
            count: 1,
            epoch: "e".into(),
            cursor: 9,
            rooms: vec![ListedRoom { name: general.clone(), users: 1, standing }],
            more_rooms: 3,
            conversations: vec![conversation.clone()],
        });
    }

    is_read_alike(&Standing { head: 0, read: 0, unread: Unread::default() });
    is_read_alike(&unread);
    is_read_alike(&users[0]);
    is_read_alike(&Stats { uptime: 1, users_online: 2, rooms_count: 3, messages_total: 4, sse_subscribers: 5 });
    let ping = Ping { ts };
    for unread in [unread, Unread::default()] {
        let mark = ReadMark { room: Arc::clone(&bo), id: 9, unread };
        is_read_alike(&mark);
        is_frame_read(&ServerFrame::Read(mark));
    }
    is_read_alike(&ping);
    is_frame_read(&ServerFrame::Ping(ping));
    is_frame_read(&ServerFrame::Left { room: general.clone() });
    let rooms = vec![RoomInfo { name: general.clone(), users: 1 }];
    let counts = RoomCounts { rooms: rooms.clone(), total: 3, archived: vec![general.clone()] };
    is_read_alike(&counts);
    is_frame_read(&ServerFrame::RoomCounts(counts));
    is_frame_read(&ServerFrame::RoomList { rooms, total: 3 });
}

#[test]
fn what_is_no_object_is_nothing() {
    for wrong in ["", "[]", "{}", "1", "null", "\"x\"", "{", "{} {}"] {
        assert_eq!(read_json::<Entry>(wrong), None, "{wrong}");
    }
}

#[test]
fn a_code_of_a_newer_server_is_an_unknown_one() {
    let frame: ErrorFrame = read_json(r#"{"message":"No.","code":"too_blue"}"#).unwrap();
    assert_eq!(frame.code, ErrorCode::Unknown);
}
