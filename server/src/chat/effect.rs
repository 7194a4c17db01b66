//! What goes into the rules and what comes out.

use crate::journal::{Change, Range, Ticket};
use app::protocol::{ErrorFrame, RoomName, Timestamp, UserId};
use axum::extract::ws::Utf8Bytes; // a shared, immutable string; nothing else of axum is used here

/// A connection's number, given out by the adapter.
pub type ConnectionId = u64;

/// The number of a request that is answered once, given out by the adapter.
pub type RequestId = u64;

/// The moment at which something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back: for how long something lasts.
    pub elapsed_ms: u64,
    /// The calendar's time: for what people read.
    pub clock: Timestamp,
}

/// Who wants something done, and so who hears of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A connection, which gets frames.
    Connection(ConnectionId),
    /// A request, which gets one [`Reply`].
    Request(RequestId),
}

/// The answer to a request.
pub type Reply = Result<Done, ErrorFrame>;

/// What was done for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A user was made.
    SignedIn(UserId),
    /// It is stored.
    Stored,
}

/// What the adapter is to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Put a frame into a connection's queue.
    Send {
        /// Whose.
        to: ConnectionId,
        /// The frame, encoded once and shared.
        frame: Utf8Bytes,
    },
    /// Hand a change to the journal and report what becomes of it to [`Chat::stored`](super::Chat::stored).
    Submit {
        /// Its number.
        ticket: Ticket,
        /// What.
        change: Change,
    },
    /// Read a page of the log and hand it to [`Chat::page_read`](super::Chat::page_read).
    Read {
        /// For whom.
        connection: ConnectionId,
        /// Of which room.
        room: RoomName,
        /// Its bounds.
        range: Range,
    },
    /// Answer a request.
    Reply {
        /// Which.
        request: RequestId,
        /// How.
        reply: Reply,
    },
}
