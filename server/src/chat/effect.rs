//! What goes into the rules and what comes out.

use super::rates::Address;
use crate::journal::{Change, Log, Range, SessionHash, Ticket};
use app::protocol::{CloseCode, ErrorFrame, RoomName, ServerFrame, Timestamp, UserId};
use serde::Serialize;
use std::sync::Arc;
use tungstenite::Utf8Bytes; // a shared, immutable string; nothing else of tungstenite is used here

/// A connection's number, given out by the adapter.
pub type ConnectionId = u64;

/// The number of a request that is answered once, given out by the adapter.
pub type RequestId = u64;

/// The number of a command that is not answered yet, given out by the rules.
pub type CommandNumber = u64;

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
    /// A connection that gave its command a mark, known by this number, and hears when it is done.
    Command(ConnectionId, CommandNumber),
    /// A request, which gets one [`Reply`].
    Request(RequestId),
}

impl Caller {
    /// The connection, if it is one.
    #[must_use]
    pub const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Connection(connection) | Self::Command(connection, _) => Some(connection),
            Self::Request(_) => None,
        }
    }
}

/// Who asks for something, when, and where from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The moment.
    pub now: Now,
    /// Who hears the answer.
    pub caller: Caller,
    /// The user.
    pub user: UserId,
    /// Where from, if that is counted.
    pub address: Option<Address>,
}

/// The answer to a request.
pub type Reply = Result<Done, ErrorFrame>;

/// What was done for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A user was made.
    SignedIn(UserId),
    /// These sessions are over.
    SignedOut(Vec<SessionHash>),
    /// It is done, and there is nothing to say about it.
    Stored,
    /// It is done, and this is for the person to read.
    Told(String),
    /// The user is in this room.
    Joined(RoomName),
    /// The user is not in this room any more.
    Left(RoomName),
}

/// Something that whoever watches the whole chat hears of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)] // its name travels beside it
pub enum SystemEvent {
    /// A user is present.
    UserConnected {
        /// The name.
        user: Arc<str>,
        /// How many are present now.
        count: usize,
    },
    /// A user is away.
    UserDisconnected {
        /// The name.
        user: Arc<str>,
        /// How many are present now.
        count: usize,
    },
    /// There is a new room.
    RoomCreated {
        /// Its name.
        room: RoomName,
        /// Who joined it first.
        created_by: Arc<str>,
    },
    /// A room is gone.
    RoomDeleted {
        /// Its name.
        room: RoomName,
    },
}

impl SystemEvent {
    /// What it is called on the wire.
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

/// What the adapter is to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Put a frame that was encoded once into the queues of all who are sent it.
    Broadcast {
        /// Whose.
        to: Vec<ConnectionId>,
        /// The frame, as it travels.
        frame: Utf8Bytes,
    },
    /// Put a frame into a connection's queue. It is encoded when it is sent.
    Send {
        /// Whose.
        to: ConnectionId,
        /// The frame.
        frame: Box<ServerFrame>,
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
        /// What the connection calls it.
        address: Arc<str>,
        /// Of which log.
        log: Log,
        /// Its bounds.
        range: Range,
    },
    /// Close a connection, for this reason.
    Close {
        /// Which.
        connection: ConnectionId,
        /// Why.
        code: CloseCode,
    },
    /// Tell whoever watches the whole chat.
    Event(SystemEvent),
    /// Answer a request.
    Reply {
        /// Which.
        request: RequestId,
        /// How.
        reply: Reply,
    },
}

impl Effect {
    /// The frame as it travels, if this puts one into the queue of that connection.
    #[must_use]
    pub fn frame_to(&self, connection: ConnectionId) -> Option<Utf8Bytes> {
        match self {
            Self::Broadcast { to, frame } => to.contains(&connection).then(|| frame.clone()),
            Self::Send { to, frame } => (*to == connection).then(|| encode(frame)),
            _ => None,
        }
    }
}

/// A frame as it travels.
pub(super) fn encode(frame: &ServerFrame) -> Utf8Bytes {
    #[expect(clippy::expect_used, reason = "the frames have string keys and no fallible serializers")]
    serde_json::to_string(frame).expect("a frame is JSON").into()
}
