//! What HTTP answers with, beside entries and users.

use super::{RoomName, Timestamp};
use serde::{Deserialize, Serialize};

/// A room as `/api/rooms` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RoomDetails {
    /// The name.
    #[cfg_attr(feature = "ssr", schema(value_type = String, example = "general"))]
    pub name: RoomName,
    /// How many are present: connected, or gone for less than the grace.
    pub users: usize,
    /// When the room was made, in Unix time: seconds with milliseconds as the fraction.
    #[cfg_attr(feature = "ssr", schema(value_type = f64, example = 1732312345.678))]
    pub created_at: Timestamp,
}

/// The chat in numbers: `/api/stats`, and the event `stats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Whole seconds since the server started.
    pub uptime: u64,
    /// How many users are present: connected, or gone for less than the grace.
    pub users_online: usize,
    /// How many rooms there are.
    pub rooms_count: usize,
    /// How many entries are stored, in rooms and in conversations.
    pub messages_total: u64,
    /// How many listen to `/events`.
    pub sse_subscribers: usize,
}

/// What every refused request under `/api` is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// A sentence for a person.
    #[cfg_attr(feature = "ssr", schema(example = "Room not found"))]
    pub error: String,
}
