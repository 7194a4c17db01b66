//! Deletion of users who stay away.
//!
//! A user owns a name until the deletion. A user without entries is forgotten after the grace period, or
//! [`FORM_PATIENCE_MS`] after the last page load if the user signed in through the page's form and so can be reading
//! without a connection. A user with entries is forgotten after `Settings::forget_after_ms` without a connection or a
//! page load; an author's name then stays reserved for a while: see [`reserved_names`](super::reserved_names).

use crate::{
    chat::{
        Now,
        engine::{ARRIVAL_MS, Chat, DEPARTURES_AT_ONCE},
        rate_limit::Buckets,
        state::{Owner, Pending, User},
    },
    journal::{Answer, Change, JournalError, StoredUser},
};
use app::protocol::UserId;

/// Time in milliseconds for which a user of the page's form without entries is kept after a page load.
const FORM_PATIENCE_MS: u64 = 60 * 60 * 1_000;
/// Minimum time in milliseconds after a start for which users with entries are kept, unless the setting is shorter.
const RETURN_MS: u64 = 24 * 60 * 60 * 1_000;
/// Retry delay in milliseconds of a deletion that the journal refused.
const FORGET_AGAIN_MS: u64 = 60 * 1_000;

impl Chat {
    /// Restores a user of the store, without connections.
    pub(in crate::chat) fn restore(&mut self, now: Now, stored: StoredUser) {
        let buckets = Buckets::full(now.elapsed_ms, &self.settings.rates);
        let mut user = User::new(stored.name, stored.rooms, buckets);
        user.reads = stored.reads.into_iter().collect();
        user.has_entries = stored.has_entries;
        user.has_written = stored.has_written;
        user.by_form = stored.by_form;
        user.caught_up_to = stored.caught_up_to;
        // The server's downtime does not count as absence, and everybody gets a day to return after it.
        let away_ms = if user.has_entries { self.uptime_ms(now).saturating_sub(stored.seen_uptime_ms) } else { 0 };
        let whole = self.remembered_ms(&user);
        let at_least = if user.has_entries { whole.min(RETURN_MS) } else { 0 };
        let after = whole.saturating_sub(away_ms).max(at_least).max(ARRIVAL_MS);
        let at = now.elapsed_ms.saturating_add(after);
        user.forgotten_at = Some(at);
        self.schedule.forgetting.insert((at, stored.id));
        self.directory.names.insert(&user.name, Owner::User(stored.id));
        for room in &user.rooms {
            self.logs.rooms.entry(room.clone()).or_default().members.insert(stored.id);
        }
        self.directory.users.insert(stored.id, user);
        for session in stored.sessions {
            self.add_session(stored.id, session);
        }
    }

    /// Returns the uptime over all starts in milliseconds, a monotonic clock by which absence is measured.
    pub(in crate::chat) const fn uptime_ms(&self, now: Now) -> u64 {
        self.uptime_before_ms.saturating_add(now.elapsed_ms)
    }

    /// Restarts the time after which a user without a connection is forgotten, on a page load.
    pub fn touch(&mut self, now: Now, user: UserId) {
        self.plan_forgetting(now, user);
    }

    /// Keeps a user for [`ARRIVAL_MS`] whose connection waits for entries to be loaded.
    pub fn is_coming(&mut self, now: Now, user: UserId) {
        self.plan_forgetting_after(now, user, ARRIVAL_MS);
    }

    /// Sets the time of the deletion anew: none while there is a connection.
    pub(in crate::chat) fn plan_forgetting(&mut self, now: Now, user: UserId) {
        self.plan_forgetting_after(now, user, 0);
    }

    pub(in crate::chat) fn plan_forgetting_after(&mut self, now: Now, user: UserId, at_least_ms: u64) {
        let Some(state) = self.directory.users.get(&user).filter(|state| !state.is_going) else {
            return;
        };
        let after = self.remembered_ms(state).max(at_least_ms);
        let at = (!state.is_connected()).then(|| now.elapsed_ms.saturating_add(after));
        if let Some(state) = self.directory.users.get_mut(&user) {
            if let Some(before) = std::mem::replace(&mut state.forgotten_at, at) {
                self.schedule.forgetting.remove(&(before, user));
            }
            if let Some(at) = at {
                self.schedule.forgetting.insert((at, user));
            }
        }
        self.schedule.seen.insert(user);
        // A deletion that was planned before suppressed the grace period.
        self.give_grace(now, user);
    }

    fn remembered_ms(&self, user: &User) -> u64 {
        let grace = self.settings.grace_ms;
        if user.has_entries {
            self.settings.forget_after_ms.max(grace)
        } else if user.by_form {
            FORM_PATIENCE_MS.max(grace)
        } else {
            grace
        }
    }

    /// Submits the deletions that are due. The sessions of these users are refused from here on.
    pub(in crate::chat) fn forget_who_is_due(&mut self, now: Now) {
        while self.schedule.departing < DEPARTURES_AT_ONCE
            && let Some((at, user)) = self.schedule.forgetting.first().copied().filter(|(at, _)| *at <= now.elapsed_ms)
        {
            self.schedule.forgetting.remove(&(at, user));
            let Some(state) = self.directory.users.get_mut(&user) else {
                continue;
            };
            state.forgotten_at = None;
            // Another node shows the user, and only that one hears of the pages that are loaded.
            if state.present && state.awaited_by.is_some_and(|by| by != self.node) {
                self.plan_forgetting_after(now, user, FORGET_AGAIN_MS);
                continue;
            }
            state.is_going = true;
            let if_no_entries = !state.has_entries;
            let uptime_ms = self.uptime_ms(now);
            self.schedule.departing += 1;
            self.submit(Change::Forget { user, if_no_entries, uptime_ms }, Pending::Forget { user });
        }
    }

    /// Handles the answer to a deletion. A user who wrote, or connected elsewhere, in the meantime stays, and a failure
    /// of the store postpones the deletion.
    pub(in crate::chat) fn forget_answered(&mut self, now: Now, user: UserId, result: Result<Answer, JournalError>) {
        self.schedule.departing -= 1;
        let again_after = match result {
            Ok(Answer::Stays) => 0,
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "a user was not forgotten");
                FORGET_AGAIN_MS
            }
        };
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.is_going = false;
        if state.present && !state.is_connected() && state.leaves_at.is_none() {
            self.leaves_at(user, now.elapsed_ms);
        }
        self.plan_forgetting_after(now, user, again_after);
    }

    /// Cancels all timers of a user.
    pub(in crate::chat) fn cancel_timers(&mut self, user: UserId) {
        self.schedule.seen.remove(&user);
        self.schedule.untold.remove(&user);
        if let Some(at) = self.directory.users.get_mut(&user).and_then(|state| state.forgotten_at.take()) {
            self.schedule.forgetting.remove(&(at, user));
        }
    }
}
