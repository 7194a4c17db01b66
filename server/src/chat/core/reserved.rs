//! Names of forgotten users, which nobody may take for a while: what these users wrote stands under them, and the next owner
//! would be taken for its author.
//!
//! Invariants:
//! - a name is reserved for `Settings::reserve_ms` of the server's uptime, by its key and by its look, as if somebody had it;
//! - there are [`RESERVED_NAMES_MAX`] at the most, the newest ones.

use super::{Chat, DEPARTURES_PER_TICK};
use crate::{
    chat::{Now, names::Owner},
    journal::RESERVED_NAMES_MAX,
};
use app::protocol::{UserId, UserName};
use std::collections::BTreeMap;

/// The names that are reserved, by until when, in milliseconds of this run, and whose they were.
pub(super) type Reserved = BTreeMap<(u64, UserId), UserName>;

impl Chat {
    /// Reserves the names of the store, each with the uptime at which its user was forgotten.
    pub(super) fn restore_reserved(&mut self, now: Now, stored: Vec<(UserId, UserName, u64)>) {
        for (user, name, since_ms) in stored {
            let passed_ms = self.uptime_ms(now).saturating_sub(since_ms);
            self.reserve(now, user, name, self.settings.reserve_ms.saturating_sub(passed_ms));
        }
    }

    /// Reserves a name for so long.
    pub(super) fn reserve(&mut self, now: Now, user: UserId, name: UserName, for_ms: u64) {
        if for_ms == 0 {
            return;
        }
        self.names.insert(&name, Owner::Reserved(user));
        self.reserved.insert((now.elapsed_ms.saturating_add(for_ms), user), name);
        if self.reserved.len() > RESERVED_NAMES_MAX {
            self.release_first();
        }
    }

    /// Names whose time is over are free.
    pub(super) fn release_names(&mut self, now: Now) {
        for _ in 0..DEPARTURES_PER_TICK {
            if self.reserved.first_key_value().is_none_or(|((until, _), _)| *until > now.elapsed_ms) {
                return;
            }
            self.release_first();
        }
    }

    fn release_first(&mut self) {
        if let Some(((_, user), name)) = self.reserved.pop_first() {
            self.names.remove(&name, Owner::Reserved(user));
        }
    }
}
