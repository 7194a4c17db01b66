//! Users, their names and their sessions.
//!
//! Invariant: each session belongs to a user in `users`, and each user's name is in `names`.

use crate::{
    chat::state::{Names, User},
    journal::SessionHash,
};
use app::protocol::{Timestamp, UserId, UserName};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Reserved names, by the end of the reservation in milliseconds since start and by their former user.
pub(in crate::chat) type Reserved = BTreeMap<(u64, UserId), UserName>;

/// A session of a user.
#[derive(Debug, Clone, Copy)]
pub(in crate::chat) struct Session {
    pub(in crate::chat) user: UserId,
    pub(in crate::chat) renewed_at: Timestamp,
}

/// The users by identifier, name and session. See the [module](self).
#[derive(Debug)]
pub(in crate::chat) struct Directory {
    pub(in crate::chat) users: BTreeMap<UserId, User>,
    /// Owners of names, including users who asked for a name (local).
    pub(in crate::chat) names: Names,
    /// Forgotten users with conversations, under their last names: their peers can still read these conversations.
    pub(in crate::chat) forgotten: BTreeMap<UserId, UserName>,
    pub(in crate::chat) sessions: HashMap<SessionHash, Session>,
    /// Sessions that are about to end and are refused already (local).
    pub(in crate::chat) ending: HashSet<SessionHash>,
    /// Names that nobody can take for a while (local: the timers are this node's).
    pub(in crate::chat) reserved: Reserved,
    /// Number of present users.
    pub(in crate::chat) online: usize,
}

impl Directory {
    /// Creates a directory of forgotten users alone.
    pub(in crate::chat) fn new(forgotten: BTreeMap<UserId, UserName>) -> Self {
        Self {
            users: BTreeMap::new(),
            names: Names::new(),
            forgotten,
            sessions: HashMap::new(),
            ending: HashSet::new(),
            reserved: Reserved::new(),
            online: 0,
        }
    }
}
