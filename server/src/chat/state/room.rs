//! A room: its members, their presence, and its newest entries.

use super::recent_entries::RecentEntries;
use crate::{chat::ConnectionId, journal::StoredRoom};
use app::protocol::{
    Timestamp, UserId,
    limits::{AWAY_AMONG, LISTED_MEMBERS},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The state of a room.
#[derive(Debug, Default)]
pub(in crate::chat) struct Room {
    /// Time of the creation.
    pub(in crate::chat) created_at: Timestamp,
    /// All members, present or not.
    pub(in crate::chat) members: BTreeSet<UserId>,
    /// Members whom others see as present: connected, or within the grace period.
    pub(in crate::chat) present: BTreeSet<UserId>,
    /// Members who just connected to this node, which is not a fact yet. All lists of this node show them at once,
    /// their own included. Disjoint from `present`.
    pub(in crate::chat) arriving: BTreeSet<UserId>,
    /// Members with a connection to this node, who receive the room's frames.
    pub(in crate::chat) listening: BTreeSet<UserId>,
    /// The connections that receive the room's frames, and [`Clients::receivers_version`](super::clients::Clients::receivers_version) at
    /// the time of their computation.
    pub(in crate::chat) receivers: Option<(u64, Arc<[ConnectionId]>)>,
    /// Arrivals and departures of the current moment, in a room that is too large to announce each. See
    /// [`MERGE_MS`](app::protocol::limits::MERGE_MS).
    pub(in crate::chat) presence_batch: Option<PresenceBatch>,
    pub(in crate::chat) recent: RecentEntries,
    /// Time of the newest entry, or of the creation.
    pub(in crate::chat) active_at: Timestamp,
    /// `true` if the room is in no list: see `requests::room_lists`.
    pub(in crate::chat) is_archived: bool,
}

impl Room {
    pub(in crate::chat) fn new(created_at: Timestamp) -> Self {
        Self { created_at, active_at: created_at, ..Self::default() }
    }

    /// Returns the members who are shown as present.
    pub(in crate::chat) fn shown(&self) -> Cow<'_, BTreeSet<UserId>> {
        if self.arriving.is_empty() {
            Cow::Borrowed(&self.present)
        } else {
            Cow::Owned(self.present.union(&self.arriving).copied().collect())
        }
    }

    /// Returns the number of members who are shown as present.
    pub(in crate::chat) fn count(&self) -> usize {
        self.present.len() + self.arriving.len()
    }

    /// Returns `true` if member lists of the room have its absent members.
    pub(in crate::chat) fn lists_absent(&self) -> bool {
        self.members.len() <= AWAY_AMONG && self.count() <= LISTED_MEMBERS
    }

    pub(in crate::chat) fn restored(stored: StoredRoom) -> Self {
        Self {
            created_at: stored.created_at,
            recent: RecentEntries::of(stored.head),
            active_at: stored.active_at,
            ..Self::default()
        }
    }
}

/// Arrivals and departures of one moment. A user who did both is back in the initial state and is left out.
#[derive(Debug, Default)]
pub(in crate::chat) struct PresenceBatch(BTreeMap<UserId, (Arc<str>, bool)>);

/// Arrivals or departures that are announced in one frame.
#[derive(Debug)]
pub(in crate::chat) struct Merged {
    /// One of the users, by name in the frame.
    pub(in crate::chat) user: UserId,
    /// Name of that user.
    pub(in crate::chat) name: Arc<str>,
    /// Number of further users.
    pub(in crate::chat) others: usize,
}

impl PresenceBatch {
    pub(in crate::chat) fn note(&mut self, user: UserId, name: Arc<str>, came: bool) {
        match self.0.remove(&user) {
            Some((_, before)) if before != came => {}
            _ => drop(self.0.insert(user, (name, came))),
        }
    }

    /// Merges all arrivals or all departures; `None` if there were none.
    pub(in crate::chat) fn merged(&self, came: bool) -> Option<Merged> {
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
        let mut batch = PresenceBatch::default();
        for (user, came) in [(1, true), (2, true), (3, false), (2, false), (3, true), (4, false), (3, false)] {
            batch.note(UserId(user), format!("U{user}").into(), came);
        }
        let told = [true, false].map(|came| batch.merged(came).map(|merged| (merged.user.0, merged.others)));
        assert_eq!(told, [Some((1, 0)), Some((3, 1))], "2 came and went, 3 and 4 are gone");
        assert!(PresenceBatch::default().merged(true).is_none());
    }
}
