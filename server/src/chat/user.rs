//! A user and how many ways lead to them.

use super::ConnectionId;
use app::protocol::{RoomName, UserName};
use std::collections::BTreeSet;

/// Somebody with a name.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: UserName,
    /// The rooms the user is in, or asked to be in: what was asked counts at once for what the user may do next, and
    /// is taken back if it cannot be stored.
    pub(super) rooms: BTreeSet<RoomName>,
    /// Open connections, in the order in which they came.
    pub(super) connections: Vec<ConnectionId>,
    /// Whether others see the user: connected, or gone for less than the grace.
    pub(super) present: bool,
    /// When the grace ends, for a user who is present without a connection.
    pub(super) leaves_at: Option<u64>,
}

impl User {
    pub(super) fn new(name: UserName, rooms: impl IntoIterator<Item = RoomName>) -> Self {
        Self { name, rooms: rooms.into_iter().collect(), connections: Vec::new(), present: false, leaves_at: None }
    }
}
