//! The connections to this node and the rooms that they view.
//!
//! Invariant: each connection is in `User::connections` of its user.

use crate::chat::{Address, ConnectionId, rate_limit::Bucket, state::RoomCounts};
use app::protocol::{RoomName, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A connection of a user.
#[derive(Debug)]
pub(in crate::chat) struct Connection {
    pub(in crate::chat) user: UserId,
    pub(in crate::chat) address: Option<Address>,
    /// Tokens for error frames: a connection that runs out of them is closed.
    pub(in crate::chat) strikes: Bucket,
    /// Number of pages that the connection waits for.
    pub(in crate::chat) reads: usize,
    /// Room that the connection previews without membership.
    pub(in crate::chat) preview: Option<RoomName>,
}

/// The state of this node's connections. See the [module](self).
#[derive(Debug, Default)]
pub(in crate::chat) struct Clients {
    pub(in crate::chat) connections: HashMap<ConnectionId, Connection>,
    /// Connections whose client does not read lists of changes in one frame: see [`Chat::reads_lists`].
    ///
    /// [`Chat::reads_lists`]: crate::chat::Chat::reads_lists
    pub(in crate::chat) plain: BTreeSet<ConnectionId>,
    /// Connections whose client reads amendments: see [`Chat::reads_amendments`].
    ///
    /// [`Chat::reads_amendments`]: crate::chat::Chat::reads_amendments
    pub(in crate::chat) reads_amendments: BTreeSet<ConnectionId>,
    /// Previewing connections, by room.
    pub(in crate::chat) previews: BTreeMap<RoomName, BTreeSet<ConnectionId>>,
    pub(in crate::chat) room_counts: RoomCounts,
    /// Number of changes so far of the receivers of any room: a connection that opens or closes, begins or ends a
    /// preview, or whose user begins or ceases to listen. [`Room::receivers`](super::Room::receivers) of an earlier
    /// number are outdated.
    pub(in crate::chat) receivers_version: u64,
}
