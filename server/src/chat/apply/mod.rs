//! Application of facts, by which alone the state that others see changes, on every node alike.
//!
//! Invariants:
//! - facts are applied in the order of their positions, each exactly once;
//! - two chats that applied the same facts have the same [digest](Chat::digest): settings and the clock affect local
//!   state only.
//!
//! Local state can differ between nodes for a moment: who is typing, which expires by itself; the merged presence
//! frames of a crowd; which quiet rooms are archived and which names are still reserved, by the node's own clock; which
//! entries are cached; and the presence of a new connection, which the node's own lists show shortly before it is a
//! fact.

mod answers;
mod digest;
mod entries;
mod presence;
mod rooms;
mod users;

use crate::{
    chat::{Now, engine::Chat},
    journal::{Fact, Placed, Position, StoredSession},
};

/// A gap in the sequence of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fact at {found} does not follow the one at {last}")]
pub struct MissingFacts {
    /// Position of the last fact that was applied.
    pub last: Position,
    /// Position of the fact that did not follow it.
    pub found: Position,
}

impl Chat {
    /// Returns the position of the last fact that was applied.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Applies a fact. A fact that was already applied is ignored.
    ///
    /// # Errors
    /// Returns [`MissingFacts`] if facts before this one are missing; nothing is applied then.
    pub fn applied(&mut self, now: Now, placed: Placed) -> Result<(), MissingFacts> {
        if placed.at <= self.position {
            return Ok(());
        }
        if placed.at != self.position + 1 {
            return Err(MissingFacts { last: self.position, found: placed.at });
        }
        self.position = placed.at;
        match placed.fact {
            Fact::Created { user, name, session, at, by_form } => {
                self.user_created(now, user, name, StoredSession { hash: session, renewed_at: at }, by_form);
            }
            Fact::Renamed { user, name } => self.user_renamed(user, &name),
            Fact::Forgotten { user, removed } => self.user_forgotten(now, user, removed),
            Fact::SessionsEnded { user, sessions } => self.sessions_ended(user, &sessions),
            Fact::Joined { user, room, is_new, at } => self.member_joined(now, user, &room, is_new, at),
            Fact::Left { user, room, is_removed } => self.member_left(now, user, room, is_removed),
            Fact::Said(log, entry) => self.said(now, log, entry),
            Fact::Read { user, log, id } => self.has_read(user, &log, id),
            Fact::Came { user, node, is_new } => self.user_came(now, user, node, placed.origin.0, is_new),
            Fact::Went { user, node, caught_up_to } => self.user_went(now, user, node, caught_up_to),
            Fact::Gone { user } => self.user_gone(now, user),
            Fact::NodeDown { node } => self.node_down(now, node),
        }
        Ok(())
    }
}
