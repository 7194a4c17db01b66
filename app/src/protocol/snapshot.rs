//! The state of a chat as a page begins with it, for one user and one place, and the point from which a connection goes on.

use super::{ConversationInfo, Entry, EntryId, RoomName, Unread, UserId, UserInfo, from_json};
use crate::protocol::Place;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

from_json! {
    /// The state from which a page is rendered and a client starts.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Snapshot {
        /// The person's user.
        pub user_id: UserId,
        /// The person's name.
        pub name: Arc<str>,
        /// Place that the page shows.
        pub place: Place,
        /// Entries of the place, oldest first: the newest, or an older page.
        pub entries: Vec<Entry>,
        /// Present members of the place, empty if they are too many to be listed.
        pub users: Vec<UserInfo>,
        /// Absent members of the place.
        pub away: Vec<UserInfo>,
        /// Number of present members of the place.
        pub count: usize,
        /// The log's epoch.
        pub epoch: Arc<str>,
        /// Newest entry of the whole server at the time of rendering.
        pub cursor: EntryId,
        /// Listed rooms by name: the person's own, and the [`LISTED_ROOMS`](super::limits::LISTED_ROOMS)
        /// fullest others.
        pub rooms: Vec<ListedRoom>,
        /// Number of rooms that are not listed.
        pub more_rooms: usize,
        /// Conversations with the newest entries, newest first, and the shown one.
        pub conversations: Vec<ConversationInfo>,
    }
}

from_json! {
    /// A room in the page's list.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ListedRoom {
        /// Name of the room.
        pub name: RoomName,
        /// Number of present members.
        pub users: usize,
        /// Read state of the person, `None` without membership.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub standing: Option<Standing>,
    }
}

from_json! {
    /// The read state of a member in a room.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
    pub struct Standing {
        /// Newest entry of the room, 0 if there is none.
        pub head: EntryId,
        /// Read mark of the member, 0 if there is none.
        pub read: EntryId,
        /// Unread entries after the read mark.
        #[serde(default, skip_serializing_if = "Unread::is_nothing")]
        pub unread: Unread,
    }
}

/// The point from which a connection resumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Newest entry that the client has seen.
    pub last_id: EntryId,
    /// Epoch of the log in which it was seen.
    pub epoch: Arc<str>,
}
