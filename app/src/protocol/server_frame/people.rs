//! Frames about presence, names and typing.

use super::{from_json, is_zero};
use crate::protocol::{RoomName, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

from_json! {
    /// A user in a member list.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
    pub struct UserInfo {
        /// Public number of the user.
        #[cfg_attr(feature = "ssr", schema(value_type = String, example = "7"))]
        pub id: UserId,
        /// Name of the user.
        #[cfg_attr(feature = "ssr", schema(value_type = String))]
        pub name: Arc<str>,
        /// `true` while the user is typing in that room.
        #[serde(default)]
        pub typing: bool,
    }

    /// A room in a list.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct RoomInfo {
        /// Name of the room.
        pub name: RoomName,
        /// Number of present members: connected, or within the grace period.
        pub users: usize,
    }

    /// Changes of the room list; see [`ServerFrame::RoomCounts`](crate::protocol::ServerFrame::RoomCounts).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct RoomCounts {
        /// Rooms whose number of present members changed, by name.
        pub rooms: Vec<RoomInfo>,
        /// Number of all rooms that are not archived.
        pub total: usize,
        /// Rooms that were archived and are no longer listed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub archived: Vec<RoomName>,
    }

    /// An arrival or a departure; see [`ServerFrame::UserJoined`](crate::protocol::ServerFrame::UserJoined) and
    /// [`ServerFrame::UserLeft`](crate::protocol::ServerFrame::UserLeft).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Presence {
        /// Name of the room.
        pub room: RoomName,
        /// Name of the user who came or went.
        pub user: Arc<str>,
        /// Present members; absent above [`LISTED_MEMBERS`](crate::protocol::limits::LISTED_MEMBERS).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub users: Option<Vec<UserInfo>>,
        /// Number of present members.
        pub count: usize,
        /// Number of further users who came, or went, since the last such frame: a large room gets one frame for all of
        /// a moment.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub others: usize,
        /// `true` if the user who went is still a member and may return.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub away: bool,
    }

    /// A member list; see [`ServerFrame::UserList`](crate::protocol::ServerFrame::UserList).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct UserList {
        /// Name of the room.
        pub room: RoomName,
        /// Present members, by name.
        pub users: Vec<UserInfo>,
        /// Number of present members.
        pub count: usize,
        /// Absent members by name, at most [`LISTED_AWAY`](crate::protocol::limits::LISTED_AWAY).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub away: Vec<UserInfo>,
    }

    /// A change of name; see [`ServerFrame::NickChanged`](crate::protocol::ServerFrame::NickChanged).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct NickChanged {
        /// Former name.
        pub old_name: Arc<str>,
        /// New name.
        pub new_name: Arc<str>,
        /// Number of the user; absent in the user's own frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// Room in which the receiver sees the user; absent in the user's own frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub room: Option<RoomName>,
        /// Present members of that room, as in [`Presence`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub users: Option<Vec<UserInfo>>,
        /// Number of present members of that room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub count: Option<usize>,
        /// All rooms in which the user is present, `room` included, by name: one frame covers all of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub rooms: Vec<RoomName>,
    }

    /// A typing notification; see [`ServerFrame::Typing`](crate::protocol::ServerFrame::Typing).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Typing {
        /// Name of the room, or `@name` for the conversation with that user.
        pub room: Arc<str>,
        /// Name of the user who is typing.
        pub user: Arc<str>,
        /// Public number of the peer in a conversation, which survives a change of name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<UserId>,
        /// `true` if the user started typing, `false` if the user stopped.
        pub typing: bool,
    }
}
