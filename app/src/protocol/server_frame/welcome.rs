//! Frames at the start of a connection, of a membership and of a preview.

use super::{from_json, is_zero, people::UserInfo};
use crate::protocol::{Entry, EntryId, RoomName, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

from_json! {
    /// A conversation of the user, with its read state.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ConversationInfo {
        /// Public number of the peer.
        pub id: UserId,
        /// Current name of the peer.
        pub name: Arc<str>,
        /// Identifier of the newest entry.
        pub head: EntryId,
        /// Read mark of this user, 0 if there is none.
        #[serde(default)]
        pub read: EntryId,
        /// Number of the peer's entries after the mark.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub unread: usize,
        /// `true` if the peer was forgotten: no message can be sent, and the name can belong to somebody else by now.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub gone: bool,
    }

    /// Counts of the entries of others after the user's read mark, among the newest
    /// [`RESUMED_PER_ROOM`](crate::protocol::limits::RESUMED_PER_ROOM) entries, which is enough to say "many".
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
    pub struct Unread {
        /// Number of messages and actions.
        pub count: usize,
        /// Number of those that mention the user (`@name`).
        #[serde(default, skip_serializing_if = "is_zero")]
        pub mentions: usize,
    }

    /// The start of a connection without a usable cursor; see
    /// [`ServerFrame::Connected`](crate::protocol::ServerFrame::Connected).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Connected {
        /// Public number of the client's user.
        pub user_id: UserId,
        /// Token of the session, for a connection that came without a valid cookie.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub session_id: Option<Arc<str>>,
        /// Name of the user, which can differ from the requested one.
        pub name: Arc<str>,
        /// The user's own rooms and the [`ROOMS_TOLD`](crate::protocol::limits::ROOMS_TOLD) fullest others, by name.
        pub rooms: Vec<RoomName>,
        /// Epoch of the log; cursors of another epoch are not usable.
        pub epoch: Arc<str>,
        /// Conversations with the newest entries, newest first, for a client with a cursor: at most
        /// [`RESUMED_CONVERSATIONS`](crate::protocol::limits::RESUMED_CONVERSATIONS).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub conversations: Vec<ConversationInfo>,
    }

    /// The start of a connection with a usable cursor; see
    /// [`ServerFrame::Resumed`](crate::protocol::ServerFrame::Resumed).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Resumed {
        /// Public number of the client's user.
        pub user_id: UserId,
        /// Token of the session, for a connection that came without a valid cookie.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub session_id: Option<Arc<str>>,
        /// Name of the user.
        pub name: Arc<str>,
        /// Rooms of which the user is a member, by name.
        pub rooms: Vec<RoomName>,
        /// Entries after the cursor by room, oldest first: at most the newest
        /// [`RESUMED_PER_ROOM`](crate::protocol::limits::RESUMED_PER_ROOM) of each, and of all rooms and conversations
        /// together [`CATCH_UP_BYTES`](crate::protocol::limits::CATCH_UP_BYTES), the newest of each first.
        #[serde(rename = "missedMessages", with = "by_name")]
        pub missed_messages: Vec<(RoomName, Vec<Entry>)>,
        /// Identifier of the newest entry by room, 0 if there is none: a client that has it has everything up to it.
        #[serde(with = "by_name")]
        pub heads: Vec<(RoomName, EntryId)>,
        /// Private entries after the cursor by name of the peer, in the same way, of at most
        /// [`RESUMED_CONVERSATIONS`](crate::protocol::limits::RESUMED_CONVERSATIONS) conversations, the newest.
        #[serde(default, with = "by_name")]
        pub missed_pms: Vec<(Arc<str>, Vec<Entry>)>,
        /// Conversations with the newest entries, newest first, of at most the same number.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub conversations: Vec<ConversationInfo>,
        /// `true` if further conversations have entries after the cursor.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub more_pms: bool,
        /// Read marks, by room and by `@name` for a conversation; an absent log has none.
        #[serde(default, with = "by_name")]
        pub read: Vec<(Arc<str>, EntryId)>,
        /// Unread counts by room; an absent room has none.
        #[serde(default, skip_serializing_if = "Vec::is_empty", with = "by_name")]
        pub unread: Vec<(RoomName, Unread)>,
        /// Epoch of the log.
        pub epoch: Arc<str>,
    }

    /// The state of a joined room; see [`ServerFrame::Joined`](crate::protocol::ServerFrame::Joined).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Joined {
        /// Name of the room.
        pub room: RoomName,
        /// Newest entries, oldest first: at most [`CATCH_UP_BYTES`](crate::protocol::limits::CATCH_UP_BYTES) together
        /// with those of the other rooms in a handshake.
        pub history: Vec<Entry>,
        /// Identifier of the newest entry, 0 if there is none: entries are missing if `history` ends otherwise.
        #[serde(default, skip_serializing_if = "is_no_entry")]
        pub head: EntryId,
        /// Present members; absent above [`LISTED_MEMBERS`](crate::protocol::limits::LISTED_MEMBERS).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub users: Option<Vec<UserInfo>>,
        /// Number of present members.
        pub count: usize,
        /// Read mark of this user, 0 if there is none.
        #[serde(default)]
        pub read: EntryId,
        /// Unread counts after the mark.
        #[serde(default, skip_serializing_if = "Unread::is_nothing")]
        pub unread: Unread,
    }

    /// The state of a previewed room; see [`ServerFrame::Preview`](crate::protocol::ServerFrame::Preview).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Preview {
        /// Name of the room.
        pub room: RoomName,
        /// `true` if the room does not exist yet; its first member creates it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub missing: bool,
        /// Newest entries, oldest first.
        pub history: Vec<Entry>,
        /// Present members; absent above [`LISTED_MEMBERS`](crate::protocol::limits::LISTED_MEMBERS).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub users: Option<Vec<UserInfo>>,
        /// Number of present members.
        pub count: usize,
        /// Absent members, as in [`UserList`](crate::protocol::UserList).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub away: Vec<UserInfo>,
    }
}

impl Unread {
    /// Returns `true` if nothing is unread.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.count == 0 && self.mentions == 0
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference; in the browser, where it is small, there is no such lint"
)]
const fn is_no_entry(id: &EntryId) -> bool {
    *id == 0
}

/// Pairs of a name and a value, which are an object on the wire, sorted by name. Vectors of pairs spare a page the code
/// of a map.
mod by_name {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
