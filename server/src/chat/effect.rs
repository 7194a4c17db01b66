//! Inputs of the rules (times, callers) and their outputs (effects, replies, events).

use super::rate_limit::Address;
use crate::journal::{Change, Range, SessionHash, Ticket};
use app::protocol::{CloseCode, ErrorFrame, LogId, RoomName, ServerFrame, Timestamp, UserId};
use serde::Serialize;
use std::sync::Arc;
use tungstenite::Utf8Bytes; // a shared, immutable string; nothing else of tungstenite is used here

/// Identifier of a connection, assigned by the adapter.
pub type ConnectionId = u64;

/// Identifier of a request that gets exactly one reply, assigned by the adapter.
pub type RequestId = u64;

/// Identifier of a command that is not answered yet, assigned by the rules.
pub type CommandNumber = u64;

/// The time of an event, by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic milliseconds since the start of the process, for durations.
    pub elapsed_ms: u64,
    /// Wall-clock time, for timestamps that people read.
    pub clock: Timestamp,
}

/// The party that wants a change, and that receives the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A connection, which receives frames.
    Connection(ConnectionId),
    /// A connection whose command carries a `client_id`: it receives a `done` or an `error` frame for it.
    Command(ConnectionId, CommandNumber),
    /// An HTTP request, which receives one [`Reply`].
    Request(RequestId),
}

impl Caller {
    /// Returns the connection, or `None` for a request.
    #[must_use]
    pub const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Connection(connection) | Self::Command(connection, _) => Some(connection),
            Self::Request(_) => None,
        }
    }
}

/// The user, the caller and the time of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestContext {
    /// Time of the request.
    pub now: Now,
    /// Recipient of the answer.
    pub caller: Caller,
    /// User who makes the request.
    pub user: UserId,
    /// Client address for the rate limits, or `None` if the address is not counted.
    pub address: Option<Address>,
}

/// The answer to a request: its outcome, or the frame that says why it was refused.
pub type Reply = Result<Outcome, ErrorFrame>;

/// The effect of a request that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A user was created.
    SignedIn(UserId),
    /// The sessions with these hashes have ended.
    SignedOut(Vec<SessionHash>),
    /// The change was stored; there is no text to show.
    Stored,
    /// The answer is this text for the person.
    Told(String),
    /// The user is a member of this room.
    Joined(RoomName),
    /// The user is no longer a member of this room.
    Left(RoomName),
}

/// An event for the watchers of the whole chat, such as the subscribers of `/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)] // the event's name travels beside its data
pub enum SystemEvent {
    /// A user became present.
    UserConnected {
        /// Name of the user.
        user: Arc<str>,
        /// Number of present users, this one included.
        count: usize,
    },
    /// A user became absent, after the grace period.
    UserDisconnected {
        /// Name of the user.
        user: Arc<str>,
        /// Number of users who are still present.
        count: usize,
    },
    /// A room was created.
    RoomCreated {
        /// Name of the room.
        room: RoomName,
        /// Name of the user whose join created the room.
        created_by: Arc<str>,
    },
    /// A room was deleted.
    RoomDeleted {
        /// Name of the room.
        room: RoomName,
    },
}

impl SystemEvent {
    /// Returns the event's name on the wire, such as `user_connected`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UserConnected { .. } => "user_connected",
            Self::UserDisconnected { .. } => "user_disconnected",
            Self::RoomCreated { .. } => "room_created",
            Self::RoomDeleted { .. } => "room_deleted",
        }
    }
}

/// A task for the adapter. Effects are carried out in the order in which the rules queued them.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Puts one frame, encoded once, into the queues of several connections.
    Broadcast {
        /// Connections that receive the frame.
        to: Arc<[ConnectionId]>,
        /// The encoded frame.
        frame: Utf8Bytes,
    },
    /// Puts a frame into the queue of one connection, which encodes the frame when it is sent.
    Send {
        /// Connection that receives the frame.
        to: ConnectionId,
        /// The frame, not encoded yet.
        frame: Box<ServerFrame>,
    },
    /// Submits a change to the journal, whose answer goes to [`Chat::answered`](super::Chat::answered).
    Submit {
        /// Ticket that the answer will carry.
        ticket: Ticket,
        /// The change to store.
        change: Change,
    },
    /// Reads a page of a log from the store and passes the page to [`Chat::page_read`](super::Chat::page_read).
    Read {
        /// Connection that asked for the page.
        connection: ConnectionId,
        /// The connection's own name for the log, repeated in the answer.
        name: Arc<str>,
        /// Log to read.
        log: LogId,
        /// Bounds of the page.
        range: Range,
    },
    /// Closes a connection with a close code.
    Close {
        /// Connection to close.
        connection: ConnectionId,
        /// Close code of the WebSocket's close frame.
        code: CloseCode,
    },
    /// Sends an event to the watchers of the whole chat.
    Event(SystemEvent),
    /// Answers a request.
    Reply {
        /// Request to answer.
        request: RequestId,
        /// The answer.
        reply: Reply,
    },
}

impl Effect {
    /// Returns the encoded frame if this effect puts one into that connection's queue.
    #[must_use]
    pub fn frame_to(&self, connection: ConnectionId) -> Option<Utf8Bytes> {
        match self {
            Self::Broadcast { to, frame } => to.contains(&connection).then(|| frame.clone()),
            Self::Send { to, frame } => (*to == connection).then(|| encode(frame)),
            _ => None,
        }
    }
}

/// Encodes a frame as JSON.
pub(super) fn encode(frame: &ServerFrame) -> Utf8Bytes {
    #[expect(clippy::expect_used, reason = "the frames have string keys and no fallible serializers")]
    serde_json::to_string(frame).expect("a frame is JSON").into()
}
