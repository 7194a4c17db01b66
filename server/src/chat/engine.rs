//! The chat's state, its settings and its construction from the store.

use crate::{
    chat::{
        Now, Rates,
        state::{Asked, Clients, Directory, Limits, Logs, Outgoing, Room, RoomCounts, Schedule},
    },
    journal::{Fact, NodeId, Position, Restored},
};
use app::protocol::{LogId, RoomName, limits::RESUMED_PER_ROOM};
use std::{cmp::Reverse, sync::Arc};

/// Default of [`Settings::recent_entries`]: the most entries of one room in a `resumed` frame, so that the next join or
/// resume rarely waits for the disk.
pub const RECENT_ENTRIES: usize = RESUMED_PER_ROOM;
/// Upper bound of departures and deletions of users that wait for the journal at once, so that a leaving crowd does not
/// fill the journal's queue and delay messages.
pub(in crate::chat) const DEPARTURES_AT_ONCE: usize = 256;
/// Upper bound of reserved names that one tick releases.
pub(in crate::chat) const RELEASED_PER_TICK: usize = 64;
/// Frames to one receiver after which other tasks get time to drain the queues: the number of messages in one batch of
/// the writer.
pub(in crate::chat) const TOLD_AT_ONCE: usize = 128;
/// The same bound for each step of a tick, so that no step starves the others.
pub(in crate::chat) const TOLD_PER_STEP: usize = 32;
/// Minimum grace period in milliseconds for users who just signed in and for users who were present before a restart,
/// even if [`Settings::grace_ms`] is shorter.
pub(in crate::chat) const ARRIVAL_MS: u64 = 10_000;
/// Interval in milliseconds at which the users who are connected are stored as seen.
pub(in crate::chat) const SEEN_EVERY_MS: u64 = 60 * 60 * 1_000;

/// Settings of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Grace period: time in milliseconds for which a user stays present after the last connection closed.
    pub grace_ms: u64,
    /// Time in milliseconds for which a user with entries is kept without a connection.
    pub forget_after_ms: u64,
    /// Time in milliseconds for which the name of a forgotten user with entries stays reserved.
    pub reserve_ms: u64,
    /// Upper bound of the rooms of which one user is a member.
    pub rooms_per_user: usize,
    /// Rate limits per user and address.
    pub rates: Rates,
    /// Upper bound of the cached entries of each log, and of the entries of each log in one frame.
    pub recent_entries: usize,
    /// Memory for cached entries, in bytes.
    pub cache_bytes: usize,
    /// Time in milliseconds without an entry after which a room without members is archived.
    pub archive_after_ms: u64,
}

/// The chat's state and rules. See the [module](super).
///
/// Facts alone decide `directory` and `logs`, so these two are equal on every node at the same position, except for
/// fields that are documented as local. The other parts belong to this node.
#[derive(Debug)]
pub struct Chat {
    pub(in crate::chat) settings: Settings,
    pub(in crate::chat) node: NodeId,
    /// The log's epoch: a random name that no other store has.
    pub(in crate::chat) epoch: Arc<str>,
    /// Position of the last fact that was applied.
    pub(in crate::chat) position: Position,
    /// Time in milliseconds for which the server had run before this start.
    pub(in crate::chat) uptime_before_ms: u64,
    pub(in crate::chat) directory: Directory,
    pub(in crate::chat) logs: Logs,
    pub(in crate::chat) clients: Clients,
    pub(in crate::chat) schedule: Schedule,
    pub(in crate::chat) limits: Limits,
    pub(in crate::chat) asked: Asked,
    pub(in crate::chat) outgoing: Outgoing,
}

impl Chat {
    /// Builds the chat from the store's contents, without connections. All timers start at `now`.
    #[must_use]
    pub fn new(restored: Restored, settings: Settings, now: Now) -> Self {
        let mut chat = Self {
            settings,
            node: restored.node,
            epoch: restored.epoch.into(),
            position: restored.position,
            uptime_before_ms: restored.uptime_ms,
            directory: Directory::new(restored.forgotten),
            logs: Logs::new(
                restored.rooms,
                restored.conversations,
                restored.last_id,
                restored.entries,
                settings.cache_bytes,
            ),
            clients: Clients::default(),
            schedule: Schedule::new(now.elapsed_ms + SEEN_EVERY_MS),
            limits: Limits::default(),
            asked: Asked::default(),
            outgoing: Outgoing::default(),
        };
        for user in restored.users {
            chat.restore(now, user);
        }
        chat.restore_reserved(now, restored.reserved);
        chat.logs.rooms.keys().for_each(|room| chat.logs.room_names.insert(room));
        chat.logs.listed = chat.logs.rooms.keys().cloned().collect();
        chat.logs.ranks = chat.logs.rooms.keys().map(|room| (Reverse(0), room.clone())).collect();
        let is_idle = |(name, room): &(&RoomName, &Room)| room.members.is_empty() && !name.is_default();
        chat.logs.idle =
            chat.logs.rooms.iter().filter(is_idle).map(|(name, room)| (room.active_at, name.clone())).collect();
        chat.archive(now, usize::MAX);
        chat.clients.room_counts = RoomCounts::default();
        for (pair, recent) in &chat.logs.conversations {
            let [one, other] = pair.users();
            for (user, peer) in [(one, other), (other, one)] {
                if let Some(user) = chat.directory.users.get_mut(&user) {
                    user.talks.insert((recent.head(), peer));
                }
            }
        }
        restored.present.into_iter().for_each(|(user, nodes)| chat.restore_presence(now, user, nodes));
        chat
    }

    /// Returns the number of changes that are not stored or refused yet, as far as the answers were heard.
    #[must_use]
    pub fn changes_in_flight(&self) -> usize {
        self.asked.pending.len()
    }

    /// Returns the number of users on this node who are told of an entry; 0 for other facts.
    #[must_use]
    pub fn receiving_users(&self, fact: &Fact) -> usize {
        match fact {
            Fact::Said(LogId::Room(room), _) => self.logs.rooms.get(room).map_or(0, |room| room.listening.len()),
            _ => 0,
        }
    }

    /// Returns `true` if every accepted change has been stored or refused.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.asked.pending.is_empty()
    }
}
