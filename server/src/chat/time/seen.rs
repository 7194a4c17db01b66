//! Periodic storing of the users who were connected, from which a start counts their absence.

use crate::{
    chat::{
        Now,
        engine::{Chat, SEEN_EVERY_MS},
        state::Pending,
    },
    journal::Change,
};
use app::protocol::UserId;
use std::ops::Bound;

/// Upper bound of the users in one [`Change::Seen`].
const SEEN_AT_ONCE: usize = 256;

impl Chat {
    /// Stores the users who were connected since the last time, in batches.
    pub(in crate::chat) fn store_who_was_seen(&mut self, now: Now) {
        let after = match self.schedule.seen_after {
            Some(after) => after,
            None if now.elapsed_ms < self.schedule.seen_at => return,
            None => {
                self.schedule.seen_at = now.elapsed_ms + SEEN_EVERY_MS;
                UserId(0)
            }
        };
        let from = (Bound::Excluded(after), Bound::Unbounded);
        let users: Vec<_> = self.schedule.seen.range(from).copied().take(SEEN_AT_ONCE).collect();
        self.schedule.seen_after = users.last().copied().filter(|_| users.len() == SEEN_AT_ONCE);
        // Connected users stay in the set, to be stored again.
        for user in &users {
            if self.directory.users.get(user).is_none_or(|state| state.connections.is_empty()) {
                self.schedule.seen.remove(user);
            }
        }
        self.store_seen(now, users);
    }

    pub(in crate::chat) fn store_seen(&mut self, now: Now, users: impl IntoIterator<Item = UserId>) {
        let caught_up = |user| {
            let state = self.directory.users.get(&user)?;
            Some((user, if state.connections.is_empty() { state.was_sent_up_to() } else { self.logs.last_id }))
        };
        let users: Vec<_> = users.into_iter().filter_map(caught_up).collect();
        let who = users.iter().map(|(user, _)| *user).collect();
        // A change without users still stores the uptime.
        let change = Change::Seen { users, at: now.clock, uptime_ms: self.uptime_ms(now) };
        self.submit(change, Pending::Seen { users: who });
    }
}
