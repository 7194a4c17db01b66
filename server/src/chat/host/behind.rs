//! Waiting on a node whose applied facts trail the committed ones.
//!
//! Invariants:
//! - a session is treated as unknown only on a node that has applied every fact that was committed when the session's
//!   request arrived;
//! - a cursor is treated as one of another log only if no node can have sent its entry.
//!
//! A single node is never behind the facts that it has sent.

use super::{Host, Outside};
use crate::journal::{Position, SessionHash};
use app::protocol::Cursor;

/// The position for which a node waits before it answers a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    /// Position of the last fact that must be applied first.
    pub until: Position,
}

impl<O: Outside> Host<O> {
    /// Returns what must be applied before a client gets its handshake or its page, given that facts are committed up
    /// to `newest`; `None` if the node can answer now.
    pub fn behind(&self, session: &SessionHash, cursor: Option<&Cursor>, newest: Position) -> Option<Behind> {
        let for_session = if self.chat.session(session).is_none() { newest } else { 0 };
        let of_this_log = cursor.filter(|cursor| cursor.epoch.is_empty() || cursor.epoch == self.chat.epoch());
        let for_cursor = of_this_log.map(|cursor| cursor.last_id).filter(|id| *id <= newest).unwrap_or(0);
        let until = for_session.max(for_cursor);
        (until > self.chat.position()).then_some(Behind { until })
    }
}
