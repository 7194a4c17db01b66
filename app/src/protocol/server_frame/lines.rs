//! Frames of entries, pages of logs and read marks.

use super::{Unread, from_json};
use crate::protocol::{Amended, Entry, EntryId, EntryKind, Fields, FromJson, Json, Place, RoomName, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The `from` of system lines where an entry must have one.
pub const SYSTEM: &str = "system";

from_json! {
    /// An entry as a live frame, with its room.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Line {
        /// Kind of the entry, which is the `type` of the frame.
        #[serde(rename = "type")]
        pub kind: EntryKind,
        /// Room of the entry.
        pub room: RoomName,
        /// Name of the author; `None` for a system line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Arc<str>>,
        /// Public number of the author; `None` for a system line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Text of the entry.
        pub text: Arc<str>,
        /// Time of storing. A line without `ts`, `id` and `prev` is not stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ts: Option<Timestamp>,
        /// Identifier of the entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<EntryId>,
        /// Identifier of the previous entry in the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub prev: Option<EntryId>,
        /// Client's identifier of the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub client_id: Option<Arc<str>>,
        /// State of an amended entry, in the answer to a repeated message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amended: Option<Amended>,
    }

    /// An amendment of an entry of a room or a conversation.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Amendment {
        /// Kind of the amendment, which is the `type` of the frame.
        #[serde(rename = "type")]
        pub kind: EntryKind,
        /// Name of the room, or `@name` for the conversation with that user.
        pub room: Arc<str>,
        /// Public number of the peer, in a conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub peer: Option<UserId>,
        /// Identifier of the amendment.
        pub id: EntryId,
        /// Identifier of the previous entry in the room or conversation.
        pub prev: EntryId,
        /// Time of storing.
        pub ts: Timestamp,
        /// Name of the author, as the amended entry has it.
        pub from: Arc<str>,
        /// Public number of the author.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// New text of the amended entry, empty if that is deleted.
        pub text: Arc<str>,
        /// Client's identifier of the amendment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub client_id: Option<Arc<str>>,
        /// Amended entry.
        pub target: EntryId,
    }

    /// An entry of a conversation. A `pm` is `from` the peer, a `pm_sent` went `to` the peer.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct PrivateLine {
        /// Name of the peer who wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Arc<str>>,
        /// Name of the peer to whom this user wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Arc<str>>,
        /// Public number of the peer, which survives a change of name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Text of the entry.
        pub text: Arc<str>,
        /// Time of storing.
        pub ts: Timestamp,
        /// Identifier of the entry.
        pub id: EntryId,
        /// Identifier of the previous entry in the conversation.
        pub prev: EntryId,
        /// Client's identifier of the message, in a `pm_sent`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub client_id: Option<Arc<str>>,
        /// State of an amended entry, in the answer to a repeated message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amended: Option<Amended>,
    }

    /// A page of a log.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct History {
        /// Name of the room, or `@name` for the conversation with that user.
        pub room: Arc<str>,
        /// The newest entries within the requested bounds, oldest first, with the amendments among them.
        pub messages: Vec<Entry>,
        /// `true` if the bounds contain older entries.
        pub more: bool,
    }

    /// A read mark; see [`ServerFrame::Read`](crate::protocol::ServerFrame::Read).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct ReadMark {
        /// Name of the room, or `@name` for the conversation with that user.
        pub room: Arc<str>,
        /// Newest entry read.
        pub id: EntryId,
        /// Unread counts after the mark.
        #[serde(default, skip_serializing_if = "Unread::is_nothing")]
        pub unread: Unread,
    }
}

/// An entry that mentions the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Room of the entry.
    pub room: RoomName,
    /// The entry, whose fields stand beside `room` on the wire.
    #[serde(flatten)]
    pub entry: Entry,
}

impl FromJson for Mention {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        let mut fields = Fields::of(value);
        let made = Self { room: fields.take("room"), entry: Entry::from_json(value)? };
        fields.checked(made)
    }

    fn blank() -> Self {
        Self { room: RoomName::blank(), entry: Entry::blank() }
    }
}

impl Amendment {
    /// Returns the frame of an amendment in a room, or in the conversation with a peer.
    #[must_use]
    pub fn announcing(room: Arc<str>, peer: Option<UserId>, entry: Entry) -> Self {
        let Entry { id, prev, ts, from, user_id, text, kind, client_id, target, .. } = entry;
        Self { kind, room, peer, id, prev, ts, from, user_id, text, client_id, target: target.unwrap_or_default() }
    }

    /// Returns the place of the amendment, and the amendment itself.
    #[must_use]
    pub fn into_entry(self) -> (Place, Entry) {
        let Self { kind, room, peer, id, prev, ts, from, user_id, text, client_id, target } = self;
        let place = peer.map_or_else(|| Place::Room(RoomName::told(&room)), Place::With);
        (place, Entry { id, prev, ts, from, user_id, text, kind, client_id, target: Some(target), amended: None })
    }
}

impl PrivateLine {
    /// Returns a private entry as one of its two users sees it, with the peer's current name.
    #[must_use]
    pub fn seen_by(user: UserId, peer: UserId, name: &Arc<str>, entry: Entry) -> Self {
        let Entry { id, prev, ts, user_id, text, client_id, amended, .. } = entry;
        let (name, is_mine) = (Some(Arc::clone(name)), user_id == Some(user));
        let (from, to) = if is_mine { (None, name) } else { (name, None) };
        Self { from, to, user_id: Some(peer), text, ts, id, prev, client_id: client_id.filter(|_| is_mine), amended }
    }
}

impl Line {
    /// Returns `true` if the line is a stored entry.
    #[must_use]
    pub const fn is_entry(&self) -> bool {
        self.id.is_some() && self.ts.is_some() && self.prev.is_some()
    }

    /// Returns the stored entry with its room, or `None` if the line is not stored.
    #[must_use]
    pub fn into_entry(self) -> Option<(RoomName, Entry)> {
        let (id, ts, prev) = (self.id?, self.ts?, self.prev?);
        let from = self.from.unwrap_or_else(|| SYSTEM.into());
        let Self { kind, room, user_id, text, client_id, amended, .. } = self;
        Some((room, Entry { id, prev, ts, from, user_id, text, kind, client_id, target: None, amended }))
    }
}
