//! A room: its members, who of them is present, and its newest entries.

use super::tail::Tail;
use crate::journal::StoredRoom;
use app::protocol::{Timestamp, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A room's state in memory.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// Everybody who is in the room, also while away.
    pub(super) members: BTreeSet<UserId>,
    /// The members whom others see: connected, or gone for less than the grace.
    pub(super) present: BTreeSet<UserId>,
    /// Who came and went in the moment that is under way, in a room too large to tell of each.
    pub(super) moment: Option<Moment>,
    pub(super) tail: Tail,
    /// When something was last said in it, or when it was made.
    pub(super) active_at: Timestamp,
    /// Whether it is in no list: see [`room_lists`](super::core::room_lists).
    pub(super) is_archived: bool,
}

impl Room {
    pub(super) fn new(created_at: Timestamp) -> Self {
        Self { created_at, active_at: created_at, ..Self::default() }
    }

    pub(super) fn restored(stored: StoredRoom) -> Self {
        Self {
            created_at: stored.created_at,
            tail: Tail::of(stored.head),
            active_at: stored.active_at,
            ..Self::default()
        }
    }
}

/// What happened to a crowd in a moment: who came, or went. Who did both is where they were, and is not told of.
#[derive(Debug, Default)]
pub(super) struct Moment(BTreeMap<UserId, (Arc<str>, bool)>);

/// Comings or goings that are told of in one frame.
#[derive(Debug)]
pub(super) struct Merged {
    /// One of them.
    pub(super) user: UserId,
    /// Their name.
    pub(super) name: Arc<str>,
    /// How many more there are.
    pub(super) others: usize,
}

impl Moment {
    pub(super) fn note(&mut self, user: UserId, name: Arc<str>, came: bool) {
        match self.0.remove(&user) {
            Some((_, before)) if before != came => {}
            _ => drop(self.0.insert(user, (name, came))),
        }
    }

    /// All who came, or all who went, if any did.
    pub(super) fn merged(&self, came: bool) -> Option<Merged> {
        let mut those = self.0.iter().filter(|(_, (_, who_came))| *who_came == came);
        let (user, (name, _)) = those.next()?;
        Some(Merged { user: *user, name: Arc::clone(name), others: those.count() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_ends_with_what_is_so() {
        let mut moment = Moment::default();
        for (user, came) in [(1, true), (2, true), (3, false), (2, false), (3, true), (4, false), (3, false)] {
            moment.note(UserId(user), format!("U{user}").into(), came);
        }
        let told = [true, false].map(|came| moment.merged(came).map(|merged| (merged.user.0, merged.others)));
        assert_eq!(told, [Some((1, 0)), Some((3, 1))], "2 came and went, 3 and 4 are gone");
        assert!(Moment::default().merged(true).is_none());
    }
}
