//! Timers of this node, in milliseconds since start.

use app::protocol::{LogId, RoomName, UserId};
use std::collections::BTreeSet;

/// The timers and the queues that ticks work through. See the [module](self).
#[derive(Debug)]
pub(in crate::chat) struct Schedule {
    /// Ends of grace periods, by time.
    pub(in crate::chat) leaving: BTreeSet<(u64, UserId)>,
    /// Number of presence changes in flight to the journal.
    pub(in crate::chat) telling: usize,
    /// Users whose presence still has to be submitted.
    pub(in crate::chat) untold: BTreeSet<UserId>,
    /// Number of departures and deletions in flight to the journal.
    pub(in crate::chat) departing: usize,
    /// Deletions of users without a connection, by time.
    pub(in crate::chat) forgetting: BTreeSet<(u64, UserId)>,
    /// Users who were connected since this was last stored.
    pub(in crate::chat) seen: BTreeSet<UserId>,
    /// Time at which `seen` is stored next.
    pub(in crate::chat) seen_at: u64,
    /// The user after whom storing `seen` continues, while it is in progress.
    pub(in crate::chat) seen_after: Option<UserId>,
    /// Ends of typing leases, by time.
    pub(in crate::chat) leases: BTreeSet<(u64, UserId, LogId)>,
    /// Ends of the moments in which a room's presence frames are merged, by time.
    pub(in crate::chat) presence_batches: BTreeSet<(u64, RoomName)>,
}

impl Schedule {
    /// Creates a schedule whose only timer is that of `seen`.
    pub(in crate::chat) const fn new(seen_at: u64) -> Self {
        Self {
            leaving: BTreeSet::new(),
            telling: 0,
            untold: BTreeSet::new(),
            departing: 0,
            forgetting: BTreeSet::new(),
            seen: BTreeSet::new(),
            seen_at,
            seen_after: None,
            leases: BTreeSet::new(),
            presence_batches: BTreeSet::new(),
        }
    }
}
