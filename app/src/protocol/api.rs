//! Bodies of HTTP answers, beside entries and users.

use super::from_json;
use super::{RoomName, Timestamp};
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

/// Body of every refused request under `/api`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// Sentence for a person.
    #[cfg_attr(feature = "ssr", schema(example = "Room not found"))]
    pub error: String,
}
