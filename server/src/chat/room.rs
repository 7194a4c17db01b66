//! A room: its members, who of them is present and writing, and its newest entries.

use super::tail::Tail;
use crate::journal::StoredRoom;
use app::protocol::{Timestamp, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
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
    /// Who is writing, and until when that holds unless they say so again.
    pub(super) typing: BTreeMap<UserId, u64>,
    /// Who came and went in the moment that is under way, in a room too large to tell of each.
    pub(super) moment: Option<Moment>,
    pub(super) tail: Tail,
}

impl Room {
    pub(super) fn new(created_at: Timestamp) -> Self {
        Self { created_at, ..Self::default() }
    }

    pub(super) fn restored(stored: StoredRoom) -> Self {
        Self { created_at: stored.created_at, tail: Tail::restored(stored.newest), ..Self::default() }
    }
}

/// Comings or goings that are told of in one frame.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The last one, by number and name.
    pub(super) last: Option<(UserId, Arc<str>)>,
    /// How many there were before.
    pub(super) others: usize,
}

impl Merged {
    pub(super) fn note(&mut self, user: UserId, name: Arc<str>) {
        if self.last.replace((user, name)).is_some() {
            self.others += 1;
        }
    }
}

/// What happened to a crowd in a moment.
#[derive(Debug, Default)]
pub(super) struct Moment {
    pub(super) came: Merged,
    pub(super) went: Merged,
}

impl Moment {
    pub(super) fn take(&mut self) -> Self {
        mem::take(self)
    }
}
