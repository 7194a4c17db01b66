//! Reserved names of forgotten authors: their entries remain under these names, and a new owner would be mistaken for
//! the author.
//!
//! Invariants:
//! - a name is reserved for `Settings::reserve_ms` of the server's uptime, with its key and its look, as if somebody
//!   had it;
//! - at most [`RESERVED_NAMES_MAX`] names are reserved, the newest ones.

use crate::{
    chat::{
        Now,
        engine::{Chat, RELEASED_PER_TICK},
        state::Owner,
    },
    journal::RESERVED_NAMES_MAX,
};
use app::protocol::{UserId, UserName};

impl Chat {
    /// Restores the reserved names of the store, each with the uptime at which its user was forgotten.
    pub(in crate::chat) fn restore_reserved(&mut self, now: Now, stored: Vec<(UserId, UserName, u64)>) {
        for (user, name, since_ms) in stored {
            let passed_ms = self.uptime_ms(now).saturating_sub(since_ms);
            self.reserve(now, user, name, self.settings.reserve_ms.saturating_sub(passed_ms));
        }
    }

    /// Reserves a name for a duration in milliseconds.
    pub(in crate::chat) fn reserve(&mut self, now: Now, user: UserId, name: UserName, for_ms: u64) {
        if for_ms == 0 {
            return;
        }
        self.directory.names.insert(&name, Owner::Reserved(user));
        self.directory.reserved.insert((now.elapsed_ms.saturating_add(for_ms), user), name);
        if self.directory.reserved.len() > RESERVED_NAMES_MAX {
            self.release_first();
        }
    }

    /// Releases names whose reservation is over.
    pub(in crate::chat) fn release_names(&mut self, now: Now) {
        for _ in 0..RELEASED_PER_TICK {
            if self.directory.reserved.first_key_value().is_none_or(|((until, _), _)| *until > now.elapsed_ms) {
                return;
            }
            self.release_first();
        }
    }

    fn release_first(&mut self) {
        if let Some(((_, user), name)) = self.directory.reserved.pop_first() {
            self.directory.names.remove(&name, Owner::Reserved(user));
        }
    }
}
