//! What the server says.

use super::{Entry, EntryId, EntryKind, ErrorCode, FromJson, Json, RoomName, Timestamp, field, field_or_default};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr, sync::Arc};

/// A user's public number. A string on the wire. It opens nothing: that takes the session's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Somebody present in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct UserInfo {
    /// The public number.
    #[cfg_attr(feature = "ssr", schema(value_type = String, example = "7"))]
    pub id: UserId,
    /// The name.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub name: Arc<str>,
    /// Whether they are typing in that room.
    #[serde(default)]
    pub typing: bool,
}

/// A room in a list of rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInfo {
    /// The name.
    pub name: RoomName,
    /// How many are present: connected, or gone for less than the grace.
    pub users: usize,
}

/// A frame from the server to a client. It is read by [`decode_server_frame`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame to a new user, or to a known one without a usable cursor; a `joined` follows for each room.
    Connected(Connected),
    /// The first frame to a known user with a usable cursor.
    Resumed(Box<Resumed>),
    /// The user is a member of this room.
    Joined(Joined),
    /// The user is no member of this room any more.
    Left {
        /// Which.
        room: RoomName,
    },
    /// A room that the user looks at without being in it. What happens there follows.
    Preview(Preview),
    /// Somebody said something.
    Message(Line),
    /// Somebody does something.
    Action(Line),
    /// A line of the chat itself.
    System(Line),
    /// Somebody else came.
    UserJoined(Presence),
    /// Somebody else went.
    UserLeft(Presence),
    /// Somebody else began or stopped writing.
    Typing(Typing),
    /// Another user said something to this one alone.
    Pm(PrivateLine),
    /// This user said something to another one alone.
    PmSent(PrivateLine),
    /// A user has another name: this one, or one seen in a room.
    NickChanged(NickChanged),
    /// This user has read a room or a conversation up to an entry, on another connection.
    Read(ReadMark),
    /// There is a new room.
    RoomCreated {
        /// Which.
        room: RoomName,
        /// Who joined it first.
        created_by: Arc<str>,
    },
    /// A room is gone: its last member left, and nothing had been said in it.
    RoomDeleted {
        /// Which.
        room: RoomName,
        /// The other rooms that went in the same moment.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rooms: Vec<RoomName>,
    },
    /// The user's own rooms and the fullest others, by name.
    RoomList {
        /// The rooms.
        rooms: Vec<RoomInfo>,
        /// How many rooms there are that are not archived.
        #[serde(default)]
        total: usize,
    },
    /// How many are present in some rooms now, to a connection that wants to hear of it.
    RoomCounts(RoomCounts),
    /// Those present in a room, by name.
    UserList(UserList),
    /// The newest entries that name the user.
    Mentions {
        /// In the rooms that the user is in, oldest first.
        mentions: Vec<Mention>,
    },
    /// A page of a room's log.
    History(History),
    /// A command is done, on the connection that gave it a mark. What it says or stores comes as it does without one.
    Done {
        /// The mark.
        client_id: Arc<str>,
        /// The room that was joined by it, as it is spelled.
        #[serde(skip_serializing_if = "Option::is_none")]
        joined: Option<RoomName>,
    },
    /// Something was refused or went wrong.
    Error(ErrorFrame),
    /// Asks for a `pong`, and shows that the server is there.
    Ping(Ping),
    /// The answer to a client's `ping`.
    Pong {
        /// As it came.
        #[serde(skip_serializing_if = "Option::is_none")]
        ts: Option<serde_json::Number>,
    },
    /// A frame that this client does not know, or has no use for.
    Unknown,
}

/// What was sent is no frame that this client can read: no JSON object with a `type`, or one that lacks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The frame cannot be read.")]
pub struct UnreadableFrame;

/// Reads a frame. One of an unknown `type` is [`ServerFrame::Unknown`], so that a page that is open while the server
/// is replaced by a newer one goes on working.
///
/// # Errors
/// See [`UnreadableFrame`].
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
        "message" => ServerFrame::Message(FromJson::from_json(json)?),
        "action" => ServerFrame::Action(FromJson::from_json(json)?),
        "system" => ServerFrame::System(FromJson::from_json(json)?),
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
        _ => ServerFrame::Unknown,
    })
}

/// A conversation of a user with another, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationInfo {
    /// The public number of the other one.
    pub id: UserId,
    /// What the other one is called now.
    pub name: Arc<str>,
    /// The id of its newest entry.
    pub head: EntryId,
    /// How far this user has read, 0 for nowhere.
    #[serde(default)]
    pub read: EntryId,
    /// How much the other one has said since.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread: usize,
    /// Whether the other one was forgotten: nobody can be written to, and the name may be another's by now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// What others said in a room since this user has read it: of the newest
/// [`RESUMED_PER_ROOM`](super::limits::RESUMED_PER_ROOM) entries, which is enough to say "many".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unread {
    /// How many messages and actions.
    pub count: usize,
    /// How many of them name this user (`@name`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mentions: usize,
}

impl Unread {
    /// Whether there is nothing unread.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.count == 0 && self.mentions == 0
    }
}

/// See [`ServerFrame::Connected`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connected {
    /// Who the client is.
    pub user_id: UserId,
    /// The session's token, only to a connection that came without a valid cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Arc<str>>,
    /// The user's name, which may differ from the one asked for.
    pub name: Arc<str>,
    /// The user's own rooms and the [`ROOMS_TOLD`](super::limits::ROOMS_TOLD) fullest others, by name.
    pub rooms: Vec<RoomName>,
    /// The log's life; a cursor is worth something only in the same one.
    pub epoch: Arc<str>,
    /// To a client that came with a cursor, the user's conversations with the newest entries, the newest first:
    /// [`RESUMED_CONVERSATIONS`](super::limits::RESUMED_CONVERSATIONS) at the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationInfo>,
}

/// See [`ServerFrame::Resumed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resumed {
    /// Who the client is.
    pub user_id: UserId,
    /// The session's token, only to a connection that came without a valid cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Arc<str>>,
    /// The user's name.
    pub name: Arc<str>,
    /// The rooms that the user is in, by name.
    pub rooms: Vec<RoomName>,
    /// By room, the entries after the cursor, oldest first: the newest
    /// [`RESUMED_PER_ROOM`](super::limits::RESUMED_PER_ROOM) at the most, and of all rooms and conversations together
    /// [`CATCH_UP_BYTES`](super::limits::CATCH_UP_BYTES), the newest of each first.
    #[serde(rename = "missedMessages", with = "by_name")]
    pub missed_messages: Vec<(RoomName, Vec<Entry>)>,
    /// By room, the id of its newest entry, 0 for none: who has that has everything up to it.
    #[serde(with = "by_name")]
    pub heads: Vec<(RoomName, EntryId)>,
    /// By the other user's name, the private entries after the cursor, in the same way; the
    /// [`RESUMED_CONVERSATIONS`](super::limits::RESUMED_CONVERSATIONS) newest conversations at the most.
    #[serde(default, with = "by_name")]
    pub missed_pms: Vec<(Arc<str>, Vec<Entry>)>,
    /// The conversations with the newest entries, the newest first, in the same number at the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationInfo>,
    /// Whether further conversations have entries after the cursor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_pms: bool,
    /// By room, and by `@name` for a conversation, how far this user has read; where nothing is said, nowhere.
    #[serde(default, with = "by_name")]
    pub read: Vec<(Arc<str>, EntryId)>,
    /// By room, what is unread; where nothing is said, nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "by_name")]
    pub unread: Vec<(RoomName, Unread)>,
    /// The log's life.
    pub epoch: Arc<str>,
}

/// What has a name each: an object on the wire, its fields in the order of their names. A page is spared the code of a
/// map for it.
mod by_name {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S, K, T>(named: &[(K, T)], serializer: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        K: Serialize + Ord,
        T: Serialize,
    {
        let sorted: BTreeMap<&K, &T> = named.iter().map(|(name, value)| (name, value)).collect();
        sorted.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D, K, T>(deserializer: D) -> Result<Vec<(K, T)>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord,
        T: Deserialize<'de>,
    {
        BTreeMap::deserialize(deserializer).map(|sorted| sorted.into_iter().collect())
    }
}

/// See [`ServerFrame::Joined`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// Which room.
    pub room: RoomName,
    /// Its newest entries, oldest first, at most [`CATCH_UP_BYTES`](super::limits::CATCH_UP_BYTES) of them with those of
    /// the other rooms that are told of at once.
    pub history: Vec<Entry>,
    /// The id of its newest entry, 0 for none: with another last entry, or none, in `history`, entries are missing.
    #[serde(default, skip_serializing_if = "is_no_entry")]
    pub head: EntryId,
    /// Those present; left out over [`LISTED_MEMBERS`](super::limits::LISTED_MEMBERS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserInfo>>,
    /// How many are present.
    pub count: usize,
    /// How far this user has read, 0 for nowhere.
    #[serde(default)]
    pub read: EntryId,
    /// What is unread.
    #[serde(default, skip_serializing_if = "Unread::is_nothing")]
    pub unread: Unread,
}

/// See [`ServerFrame::Preview`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Which room.
    pub room: RoomName,
    /// Whether there is no such room yet. It appears with its first member.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// Its newest entries, oldest first.
    pub history: Vec<Entry>,
    /// Those present; left out over [`LISTED_MEMBERS`](super::limits::LISTED_MEMBERS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserInfo>>,
    /// How many are present.
    pub count: usize,
    /// The members who are not present, as in [`UserList`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<UserInfo>,
}

/// See [`ServerFrame::Typing`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Typing {
    /// Which room, or `@name` for the conversation with that user.
    pub room: Arc<str>,
    /// Whose name.
    pub user: Arc<str>,
    /// In a conversation, the public number of the other user, which stays when the name changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Whether they are writing now.
    pub typing: bool,
}

/// An entry of the conversation of two users. In a `pm` it is `from` the other one, in a `pm_sent` it went `to` them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrivateLine {
    /// Who said it to this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Arc<str>>,
    /// To whom this user said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Arc<str>>,
    /// The public number of the other one, which stays when the name changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What.
    pub text: Arc<str>,
    /// When.
    pub ts: Timestamp,
    /// The entry's number.
    pub id: EntryId,
    /// The number of the entry before it in the conversation.
    pub prev: EntryId,
    /// The sender's own mark, in a `pm_sent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Arc<str>>,
}

/// See [`ServerFrame::NickChanged`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NickChanged {
    /// The name up to now.
    pub old_name: Arc<str>,
    /// The name from now on.
    pub new_name: Arc<str>,
    /// Which user; left out in the user's own frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// In which room the user is seen; left out in the user's own frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomName>,
    /// Those present there, as in [`Presence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserInfo>>,
    /// How many are present there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// All rooms in which the user is seen, this one too, by name: one frame tells a receiver of all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomName>,
}

/// See [`ServerFrame::Read`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadMark {
    /// Which room, or `@name` for the conversation with that user.
    pub room: Arc<str>,
    /// The newest entry that was read.
    pub id: EntryId,
    /// What is unread behind it.
    #[serde(default, skip_serializing_if = "Unread::is_nothing")]
    pub unread: Unread,
}

/// See [`ServerFrame::RoomCounts`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomCounts {
    /// The rooms in which that changed, by name.
    pub rooms: Vec<RoomInfo>,
    /// How many rooms there are that are not archived.
    pub total: usize,
    /// The rooms that were archived, so that they are listed no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archived: Vec<RoomName>,
}

/// See [`ServerFrame::UserJoined`] and [`ServerFrame::UserLeft`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// Which room.
    pub room: RoomName,
    /// Whose name.
    pub user: Arc<str>,
    /// Those present now; left out over [`LISTED_MEMBERS`](super::limits::LISTED_MEMBERS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserInfo>>,
    /// How many are present now.
    pub count: usize,
    /// How many more came, or went, since the last such frame: in a room too large to list, one frame stands for all of
    /// a moment.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: usize,
    /// Whether who went is still a member, and may come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub away: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference; in the browser, where it is small, there is no such lint"
)]
const fn is_no_entry(id: &EntryId) -> bool {
    *id == 0
}

/// See [`ServerFrame::UserList`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserList {
    /// Which room.
    pub room: RoomName,
    /// Who.
    pub users: Vec<UserInfo>,
    /// How many.
    pub count: usize,
    /// The members who are not present, by name, [`LISTED_AWAY`](super::limits::LISTED_AWAY) at the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<UserInfo>,
}

/// See [`ServerFrame::Ping`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ping {
    /// The server's clock.
    pub ts: Timestamp,
}

/// An entry that names the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// In which room.
    pub room: RoomName,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
}

impl FromJson for Mention {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        Some(Self { room: field(value, "room")?, entry: Entry::from_json(value)? })
    }
}

/// A page of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Which room, or `@name` for the conversation with that user.
    pub room: Arc<str>,
    /// Oldest first: the newest ones within the bounds that were asked for.
    pub messages: Vec<Entry>,
    /// Whether older ones exist within those bounds.
    pub more: bool,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorFrame {
    /// A sentence for a person.
    pub message: String,
    /// What a program goes by.
    pub code: ErrorCode,
    /// The mark of the frame that caused it, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Arc<str>>,
    /// When the same may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What may have been meant in place of the name that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Arc<str>>,
}

/// An entry as it travels live: beside the room that it belongs to, its kind as the frame's `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Which room.
    pub room: RoomName,
    /// Who; nobody for a line of the chat itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Arc<str>>,
    /// The author's public number; nothing for a line of the chat itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What.
    pub text: Arc<str>,
    /// When; a line without `ts`, `id` and `prev` is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<Timestamp>,
    /// The entry's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EntryId>,
    /// The number of the entry before it in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<EntryId>,
    /// The sender's own mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Arc<str>>,
}

/// The `from` of the chat's own lines where an entry must have one.
pub const SYSTEM: &str = "system";

impl ServerFrame {
    /// A line of the chat itself that is not stored.
    #[must_use]
    pub fn notice(room: RoomName, text: String) -> Self {
        let text = text.into();
        Self::System(Line { room, from: None, user_id: None, text, ts: None, id: None, prev: None, client_id: None })
    }

    /// A stored entry as the frame that announces it.
    #[must_use]
    pub fn announcing(room: RoomName, entry: &Entry) -> Self {
        let line = Line {
            room,
            from: (entry.kind != EntryKind::System).then(|| Arc::clone(&entry.from)),
            user_id: entry.user_id,
            text: Arc::clone(&entry.text),
            ts: Some(entry.ts),
            id: Some(entry.id),
            prev: Some(entry.prev),
            client_id: entry.client_id.clone(),
        };
        match entry.kind {
            EntryKind::Message => Self::Message(line),
            EntryKind::Action => Self::Action(line),
            EntryKind::System => Self::System(line),
        }
    }
}

impl PrivateLine {
    /// A private entry as one of its two users sees it; the other one is this `peer`, who is called so now.
    #[must_use]
    pub fn seen_by(user: UserId, peer: UserId, name: &Arc<str>, entry: Entry) -> Self {
        let Entry { id, prev, ts, user_id, text, client_id, .. } = entry;
        let (name, is_mine) = (Some(Arc::clone(name)), user_id == Some(user));
        let (from, to) = if is_mine { (None, name) } else { (name, None) };
        Self { from, to, user_id: Some(peer), text, ts, id, prev, client_id: client_id.filter(|_| is_mine) }
    }
}

impl Line {
    /// The stored entry that this line announces; nothing when it announces none.
    #[must_use]
    pub fn into_entry(self, kind: EntryKind) -> Option<(RoomName, Entry)> {
        let (id, ts, prev) = (self.id?, self.ts?, self.prev?);
        let from = self.from.unwrap_or_else(|| SYSTEM.into());
        let Self { room, user_id, text, client_id, .. } = self;
        Some((room, Entry { id, prev, ts, from, user_id, text, kind, client_id }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }

    #[test]
    fn an_announced_entry_arrives_as_it_was_stored() {
        for kind in [EntryKind::Message, EntryKind::Action, EntryKind::System] {
            let room = RoomName::parse("general").unwrap();
            let json = serde_json::to_string(&ServerFrame::announcing(room.clone(), &entry(kind))).unwrap();
            let (line, seen_kind) = match decode_server_frame(&json).unwrap() {
                ServerFrame::Message(line) => (line, EntryKind::Message),
                ServerFrame::Action(line) => (line, EntryKind::Action),
                ServerFrame::System(line) => (line, EntryKind::System),
                other => panic!("{other:?}"),
            };
            assert_eq!(line.into_entry(seen_kind), Some((room, entry(kind))));
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
