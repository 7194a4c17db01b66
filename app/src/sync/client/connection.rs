//! The state of one connection to the server.
//!
//! Invariant: it is replaced as a whole when a connection ends or is given up for another one, so nothing that was
//! sent, requested or received on a connection counts on another one.

use super::commands::Given;
use crate::protocol::{ErrorCode, Place, RoomName, UserId};
use std::sync::Arc;

/// The state of a connection. See the [module](self). All times are of the client's clock, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Connection {
    /// The text in flight, and the time at which it was sent.
    pub(super) in_flight: Option<(Arc<str>, u64)>,
    /// Time at which the text is sent again that the server refused for now.
    pub(super) resend_at: Option<u64>,
    /// Reason of that refusal, until the outbox is empty.
    pub(super) held_back: Option<ErrorCode>,
    /// The join that was sent before the text in flight.
    pub(super) join_before: JoinBefore,
    /// Commands without an answer so far.
    pub(super) commands: Vec<Given>,
    /// Time at which gaps are requested again whose request was refused for now.
    pub(super) refill_at: Option<u64>,
    /// `true` while the list of rooms is requested.
    pub(super) awaits_rooms: bool,
    /// Rooms whose member lists are requested.
    pub(super) awaits_users: Vec<RoomName>,
    /// Time at which the lists are requested again that were refused for now.
    pub(super) list_again_at: Option<u64>,
    pub(super) preview: Preview,
    /// `true` once this connection has got the list of present users.
    pub(super) is_here_fresh: bool,
    /// Names of the users who are typing in the shown room, in the order in which they began.
    pub(super) typing: Vec<Arc<str>>,
    /// Users who are typing a private message to the person.
    pub(super) typing_peers: Vec<UserId>,
    /// Time of the last typing notification that was sent.
    pub(super) told_typing_at: Option<u64>,
    /// Time of the last report of read marks.
    pub(super) told_read_at: Option<u64>,
    /// Places whose read marks that report contained.
    pub(super) told_reads: Vec<Place>,
    pub(super) probe: Option<Probe>,
}

/// A join that was sent before a text, because the person was not a member of its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum JoinBefore {
    /// No join was needed.
    #[default]
    No,
    /// The join was sent.
    Sent,
    /// A frame was refused for now, possibly the join: the time for another attempt, and the reason.
    Refused(u64, ErrorCode),
}

/// The request for a preview of the shown room, if the person is not a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Preview {
    /// No preview was requested.
    #[default]
    No,
    /// A preview was requested. Its arrival is not recorded: it may be the answer to an earlier request for the same
    /// room, which a later one has ended.
    Asked,
    /// A preview was requested and possibly refused for now; it is requested again at this time.
    AgainAt(u64),
}

/// A liveness probe of the server. Any frame answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// The probe is sent at this time.
    Due(u64),
    /// The probe was sent and must be answered before this time.
    Asked(u64),
}
