//! Pending requests: changes and commands of this node without an answer so far.
//!
//! Invariant: each ticket and each command is answered once.

use crate::{
    chat::{Caller, CommandNumber, RequestContext, RequestId, refusals::Refused},
    journal::{SessionHash, Ticket},
};
use app::protocol::{LogId, RoomName, UserId, UserName};
use std::{collections::HashMap, sync::Arc};

/// The purpose of a submitted change, which decides what its answer causes.
#[derive(Debug)]
pub(in crate::chat) enum Pending {
    SignIn {
        request: RequestId,
        name: UserName,
    },
    Rename {
        caller: Caller,
        user: UserId,
        name: UserName,
    },
    Forget {
        user: UserId,
    },
    EndSessions {
        request: RequestId,
        sessions: Vec<SessionHash>,
    },
    Seen {
        users: Vec<UserId>,
    },
    Join {
        /// `None` for the implicit join of a message: the answer to the message stands for both.
        caller: Option<Caller>,
        user: UserId,
        room: RoomName,
        /// The request that was charged for creating the room.
        paid: Option<RequestContext>,
    },
    Leave {
        caller: Caller,
        user: UserId,
        room: RoomName,
    },
    Append {
        caller: Caller,
        author: UserId,
        log: LogId,
        client_id: Option<Arc<str>>,
    },
    /// A lookup of a message that was refused, because an earlier copy may be stored. `refused` is sent if there is
    /// none.
    LookupByClientId {
        caller: Caller,
        author: UserId,
        refused: Refused,
    },
    /// The arrival of a user at this node, or the departure.
    Presence {
        user: UserId,
    },
    Gone {
        user: UserId,
    },
    /// A change whose answer nobody awaits and whose loss the next one of its kind repairs: a read mark, or the renewal
    /// of a session whose cookie the browser keeps anyway.
    Unheard,
}

/// The pending requests. See the [module](self).
#[derive(Debug)]
pub(in crate::chat) struct Asked {
    pub(in crate::chat) pending: HashMap<Ticket, Pending>,
    pub(in crate::chat) next_ticket: Ticket,
    /// The `client_id` of each command that is not answered yet.
    pub(in crate::chat) commands: HashMap<CommandNumber, Arc<str>>,
    pub(in crate::chat) next_command: CommandNumber,
}

impl Default for Asked {
    fn default() -> Self {
        Self { pending: HashMap::new(), next_ticket: 1, commands: HashMap::new(), next_command: 1 }
    }
}
