//! Bodies of HTTP answers, beside entries and users.

use super::from_json;
use super::{Entry, EntryId, RoomName, Timestamp};
use serde::{Deserialize, Serialize};

/// A room in the answer of `/api/rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RoomDetails {
    /// Name of the room.
    #[cfg_attr(feature = "ssr", schema(value_type = String, example = "general"))]
    pub name: RoomName,
    /// Number of present users: connected, or within the grace period.
    pub users: usize,
    /// Time of the creation in Unix time: seconds, with milliseconds as the fraction.
    #[cfg_attr(feature = "ssr", schema(value_type = f64, example = 1732312345.678))]
    pub created_at: Timestamp,
}

from_json! {
    /// The statistics of the chat: `/api/stats`, and the event `stats`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
    pub struct Stats {
        /// Whole seconds since the start of the server.
        pub uptime: u64,
        /// Number of present users: connected, or within the grace period.
        pub users_online: usize,
        /// Number of rooms.
        pub rooms_count: usize,
        /// Number of stored entries, in rooms and conversations.
        pub messages_total: u64,
        /// Number of subscribers of `/events`.
        pub sse_subscribers: usize,
    }
}

/// The answer of `/api/search`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SearchResults {
    /// Found entries, newest first.
    pub results: Vec<SearchResult>,
    /// `before` of the next page; `null` at the end. A page can have fewer entries than asked for, or none, and not be
    /// the last.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<u64>))]
    pub older: Option<EntryId>,
    /// `true` while older entries are not found yet, because the index of a store of an earlier version is being made.
    pub indexing: bool,
}

/// A found entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SearchResult {
    /// Name of the room, or of the conversation, such as `@2-Bo`.
    pub room: String,
    /// The entry in its present state.
    pub entry: Entry,
}

/// Body of every refused request under `/api`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// Sentence for a person.
    #[cfg_attr(feature = "ssr", schema(example = "Room not found"))]
    pub error: String,
}
