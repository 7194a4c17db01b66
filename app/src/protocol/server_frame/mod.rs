//! Frames from the server to clients.

mod lines;
mod people;
mod welcome;

pub use lines::{Amendment, History, Line, Mention, PrivateLine, ReadMark, SYSTEM};
pub use people::{NickChanged, Presence, RoomCounts, RoomInfo, Typing, UserInfo, UserList};
pub use welcome::{Connected, ConversationInfo, Joined, Preview, Resumed, Unread};

use super::{Entry, EntryKind, ErrorCode, FromJson, Json, RoomName, Timestamp, field, field_or_default, from_json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A frame from the server. [`decode_server_frame`] reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// First frame to a new user, or to a known one without a usable cursor; a `joined` follows for each room.
    Connected(Connected),
    /// First frame to a known user with a usable cursor.
    Resumed(Box<Resumed>),
    /// The user is a member of this room.
    Joined(Joined),
    /// The user is no longer a member of this room.
    Left {
        /// Name of the room.
        room: RoomName,
    },
    /// The state of a previewed room, whose frames follow.
    Preview(Preview),
    /// Another user became present in a room.
    UserJoined(Presence),
    /// Another user is no longer present in a room.
    UserLeft(Presence),
    /// Another user started or stopped typing.
    Typing(Typing),
    /// A private message to this user.
    Pm(PrivateLine),
    /// A private message of this user.
    PmSent(PrivateLine),
    /// This user, or another one in a common room, changed the name.
    NickChanged(NickChanged),
    /// This user's read mark moved, possibly from another connection.
    Read(ReadMark),
    /// A room was created.
    RoomCreated {
        /// Name of the room.
        room: RoomName,
        /// Name of the user whose join created the room.
        created_by: Arc<str>,
    },
    /// A room was removed: its last member left, and it had no entries.
    RoomDeleted {
        /// Name of the room.
        room: RoomName,
        /// Other rooms that were removed at the same moment.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rooms: Vec<RoomName>,
    },
    /// The user's own rooms and the fullest others, by name.
    RoomList {
        /// The listed rooms.
        rooms: Vec<RoomInfo>,
        /// Number of all rooms that are not archived.
        #[serde(default)]
        total: usize,
    },
    /// Changed numbers of present members, for connections that follow the list.
    RoomCounts(RoomCounts),
    /// The present members of a room, by name.
    UserList(UserList),
    /// The newest entries that mention the user.
    Mentions {
        /// Entries in the user's rooms, oldest first.
        mentions: Vec<Mention>,
    },
    /// A page of a log.
    History(History),
    /// A command was executed, on the connection that gave it a `client_id`. Its other frames are the same as without
    /// one.
    Done {
        /// Identifier of the command.
        client_id: Arc<str>,
        /// Room that the command joined, in its exact spelling.
        #[serde(skip_serializing_if = "Option::is_none")]
        joined: Option<RoomName>,
    },
    /// A frame was refused.
    Error(ErrorFrame),
    /// A sign of life, which asks for a `pong`.
    Ping(Ping),
    /// The answer to a client's `ping`.
    Pong {
        /// Number of the `ping`.
        #[serde(skip_serializing_if = "Option::is_none")]
        ts: Option<serde_json::Number>,
    },
    /// A frame that this client does not know, or does not need.
    #[serde(skip)]
    Unknown,
    /// An amendment of an entry. The `type` is its kind.
    #[serde(untagged)]
    Amendment(Amendment),
    /// An entry of a room, or a system line that is not stored. The `type` is the kind of the entry.
    #[serde(untagged)]
    Line(Line),
}

from_json! {
    /// A refusal.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct ErrorFrame {
        /// Sentence for a person.
        pub message: String,
        /// Code for programs.
        pub code: ErrorCode,
        /// Identifier of the refused frame, if it had one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub client_id: Option<Arc<str>>,
        /// Delay in milliseconds after which the frame can be repeated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub retry_after_ms: Option<u64>,
        /// Name that may have been meant instead of the refused one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub suggestion: Option<Arc<str>>,
    }

    /// A ping; see [`ServerFrame::Ping`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Ping {
        /// Time of the server's clock.
        pub ts: Timestamp,
    }
}

/// The frame is unreadable: not a JSON object with a `type`, or one with a missing field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The frame cannot be read.")]
pub struct UnreadableFrame;

/// Decodes a frame. One of an unknown `type` is [`ServerFrame::Unknown`], so that an open page survives the upgrade of
/// its server.
///
/// # Errors
/// Returns [`UnreadableFrame`] if a known frame does not fit.
pub fn decode_server_frame(json: &str) -> Result<ServerFrame, UnreadableFrame> {
    Json::read(json, frame).ok_or(UnreadableFrame)
}

fn frame(json: &Json<'_>) -> Option<ServerFrame> {
    let kind: String = field(json, "type")?;
    Some(match &*kind {
        "connected" => ServerFrame::Connected(FromJson::from_json(json)?),
        "resumed" => ServerFrame::Resumed(Box::new(FromJson::from_json(json)?)),
        "joined" => ServerFrame::Joined(FromJson::from_json(json)?),
        "left" => ServerFrame::Left { room: field(json, "room")? },
        "preview" => ServerFrame::Preview(FromJson::from_json(json)?),
        "user_joined" => ServerFrame::UserJoined(FromJson::from_json(json)?),
        "user_left" => ServerFrame::UserLeft(FromJson::from_json(json)?),
        "typing" => ServerFrame::Typing(FromJson::from_json(json)?),
        "pm" => ServerFrame::Pm(FromJson::from_json(json)?),
        "pm_sent" => ServerFrame::PmSent(FromJson::from_json(json)?),
        "nick_changed" => ServerFrame::NickChanged(FromJson::from_json(json)?),
        "read" => ServerFrame::Read(FromJson::from_json(json)?),
        "room_created" => {
            ServerFrame::RoomCreated { room: field(json, "room")?, created_by: field(json, "created_by")? }
        }
        "room_deleted" => {
            ServerFrame::RoomDeleted { room: field(json, "room")?, rooms: field_or_default(json, "rooms")? }
        }
        "room_list" => ServerFrame::RoomList { rooms: field(json, "rooms")?, total: field_or_default(json, "total")? },
        "room_counts" => ServerFrame::RoomCounts(FromJson::from_json(json)?),
        "user_list" => ServerFrame::UserList(FromJson::from_json(json)?),
        "mentions" => ServerFrame::Mentions { mentions: field(json, "mentions")? },
        "history" => ServerFrame::History(FromJson::from_json(json)?),
        "done" => ServerFrame::Done { client_id: field(json, "client_id")?, joined: field(json, "joined")? },
        "error" => ServerFrame::Error(FromJson::from_json(json)?),
        "ping" => ServerFrame::Ping(FromJson::from_json(json)?),
        name if EntryKind::parse(name).is_amendment() => ServerFrame::Amendment(FromJson::from_json(json)?),
        name if EntryKind::parse(name) != EntryKind::Unknown => ServerFrame::Line(FromJson::from_json(json)?),
        // An entry keeps its place in the log, whatever its kind.
        _ => Line::from_json(json).filter(Line::is_entry).map_or(ServerFrame::Unknown, ServerFrame::Line),
    })
}

impl ServerFrame {
    /// Returns the frame of a line of the chat itself that is not stored.
    #[must_use]
    pub fn notice(room: RoomName, text: String) -> Self {
        let (kind, text) = (EntryKind::System, text.into());
        Self::Line(Line {
            kind,
            room,
            from: None,
            user_id: None,
            text,
            ts: None,
            id: None,
            prev: None,
            client_id: None,
            amended: None,
        })
    }

    /// Returns the frame that announces a stored entry of a room.
    #[must_use]
    pub fn announcing(room: RoomName, entry: &Entry) -> Self {
        if !entry.is_shown() {
            return Self::Amendment(Amendment::announcing(room.shared(), None, entry.clone()));
        }
        Self::Line(Line {
            kind: entry.kind,
            room,
            from: (entry.kind != EntryKind::System).then(|| Arc::clone(&entry.from)),
            user_id: entry.user_id,
            text: Arc::clone(&entry.text),
            ts: Some(entry.ts),
            id: Some(entry.id),
            prev: Some(entry.prev),
            client_id: entry.client_id.clone(),
            amended: entry.amended,
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Place, UserId};

    fn entry(kind: EntryKind) -> Entry {
        Entry {
            id: 7,
            prev: 5,
            ts: Timestamp::from_millis(1_500),
            from: if kind == EntryKind::System { "system" } else { "Ada" }.into(),
            user_id: (kind != EntryKind::System).then_some(UserId(1)),
            text: "hi".into(),
            kind,
            client_id: Some("c1".into()),
            target: None,
            amended: None,
        }
    }

    #[test]
    fn an_announced_entry_arrives_as_it_was_stored() {
        for kind in [EntryKind::Message, EntryKind::Action, EntryKind::System, EntryKind::Unknown] {
            let room = RoomName::parse("general").unwrap();
            let json = serde_json::to_string(&ServerFrame::announcing(room.clone(), &entry(kind))).unwrap();
            let ServerFrame::Line(line) = decode_server_frame(&json).unwrap() else { panic!("{json}") };
            assert_eq!(line.into_entry(), Some((room, entry(kind))));
        }
        for kind in [EntryKind::Edit, EntryKind::Delete] {
            let entry = Entry { target: Some(4), ..entry(kind) };
            let json = serde_json::to_string(&ServerFrame::announcing(RoomName::general(), &entry)).unwrap();
            assert!(json.starts_with(r#"{"type":""#), "{json}");
            let Ok(ServerFrame::Amendment(amendment)) = decode_server_frame(&json) else { panic!("{json}") };
            assert_eq!(amendment.into_entry(), (Place::Room(RoomName::general()), entry));
        }
    }

    #[test]
    fn a_message_is_the_protocols_json_with_its_type_first() {
        let room = RoomName::parse("general").unwrap();
        assert_eq!(
            serde_json::to_string(&ServerFrame::announcing(room, &entry(EntryKind::Message))).unwrap(),
            r#"{"type":"message","room":"general","from":"Ada","user_id":"1","text":"hi","ts":1.5,"id":7,"prev":5,"client_id":"c1"}"#
        );
    }

    #[test]
    fn an_older_page_survives_a_newer_server() {
        let frame = decode_server_frame(r#"{"type":"reaction","room":"general","id":7}"#).unwrap();
        assert_eq!(frame, ServerFrame::Unknown);
        assert!(decode_server_frame(r#"{"room":"general"}"#).is_err());
        let error: ErrorFrame = serde_json::from_str(r#"{"message":"Hm.","code":"brand_new"}"#).unwrap();
        assert_eq!(error.code, ErrorCode::Unknown);
    }
}
