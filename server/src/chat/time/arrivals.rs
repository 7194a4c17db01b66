//! Users who connect to this node and leave it, and the presence changes that the journal gets for them.

use crate::{
    chat::{
        Now,
        engine::{Chat, DEPARTURES_AT_ONCE},
        state::Pending,
    },
    journal::{Answer, Change, JournalError, NodeId},
};
use app::protocol::UserId;

/// Duration in milliseconds for which a page load without a connection keeps a user present: roughly the time that
/// somebody reads a page before loading the next.
pub const PAGE_LEASE_MS: u64 = 5 * 60 * 1_000;

/// Upper bound of presence changes in flight to the journal.
const PRESENCE_AT_ONCE: usize = 512;

/// Retry delay in milliseconds of a departure that the journal refused.
const GONE_AGAIN_MS: u64 = 1_000;

impl Chat {
    /// Records that a user loaded a page. A user without a connection, as with a page without a script, stays present
    /// for [`PAGE_LEASE_MS`] or to the end of the current grace period, whichever is later; a connection replaces both.
    pub fn page_loaded(&mut self, now: Now, user: UserId) {
        let node = self.node;
        let Some(state) = self.directory.users.get(&user).filter(|state| !state.is_connected_but_by(node)) else {
            return;
        };
        let at = (now.elapsed_ms + PAGE_LEASE_MS).max(state.leaves_at.unwrap_or(0));
        self.leaves_at_as_visitor(user, at);
        self.arrives(user);
        self.tell_presence(user);
    }

    /// Shows a user as present before that is a fact; the caller submits the change.
    pub(in crate::chat) fn arrives(&mut self, user: UserId) {
        if self.directory.users.get(&user).is_none_or(|state| state.present) {
            return;
        }
        for room in self.rooms_of(user) {
            if let Some(state) = self.logs.rooms.get_mut(&room) {
                state.arriving.insert(user);
            }
        }
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.is_arriving = true;
        }
    }

    /// Handles the first connection of a user to this node: the user receives the frames of the rooms from here on, and
    /// the arrival is submitted.
    pub(in crate::chat) fn first_connection_opened(&mut self, user: UserId) {
        for room in self.rooms_of(user) {
            if let Some(state) = self.logs.rooms.get_mut(&room) {
                state.listening.insert(user);
            }
        }
        self.clients.receivers_version += 1;
        self.arrives(user);
        self.tell_presence(user);
    }

    /// Handles the end of a user's last connection to this node.
    pub(in crate::chat) fn last_connection_closed(&mut self, user: UserId) {
        for room in self.rooms_of(user) {
            if let Some(state) = self.logs.rooms.get_mut(&room) {
                state.listening.remove(&user);
            }
        }
        self.clients.receivers_version += 1;
        let caught_up_to = self.logs.last_id;
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.caught_up_here = caught_up_to;
        }
        self.tell_presence(user);
    }

    /// Submits where a user is unless that is a fact already: one change at a time for each user and
    /// [`PRESENCE_AT_ONCE`] in all, so that a crowd does not fill the journal's queue.
    pub(in crate::chat) fn tell_presence(&mut self, user: UserId) {
        let node = self.node;
        let Some(state) = self.directory.users.get_mut(&user).filter(|state| !state.is_telling) else {
            return;
        };
        let (is_here, is_told) = (!state.connections.is_empty(), state.nodes.contains(&node));
        let change = match (is_here, is_told) {
            (true, false) => Change::Came { user, node },
            (false, true) => Change::Went { user, node, caught_up_to: state.caught_up_here },
            (false, false) if state.is_arriving => Change::Visited { user },
            (false, false) => {
                // No change is submitted, so no answer will resume this user: the next tick does.
                if state.is_left_to(node) || state.forgotten_at.is_none() {
                    self.schedule.untold.insert(user);
                }
                return;
            }
            (true, true) => return,
        };
        if self.schedule.telling >= PRESENCE_AT_ONCE {
            self.schedule.untold.insert(user);
            return;
        }
        state.is_telling = true;
        self.schedule.telling += 1;
        self.submit(change, Pending::Presence { user });
    }

    /// Handles the answer to a presence change. After a refusal the next tick submits the change again.
    pub(in crate::chat) fn presence_answered(&mut self, now: Now, user: UserId, result: &Result<Answer, JournalError>) {
        self.schedule.telling -= 1;
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.is_telling = false;
        }
        if result.is_err() {
            self.schedule.untold.insert(user);
            return;
        }
        self.tell_presence(user);
        self.wait_for_return(now, user);
        if let Some(next) = self.schedule.untold.pop_first() {
            self.tell_presence(next);
        }
    }

    /// Ensures that an absent user has a timer that ends the presence, in whatever order the facts of arrivals and
    /// departures came.
    fn wait_for_return(&mut self, now: Now, user: UserId) {
        let Some(state) = self.directory.users.get(&user).filter(|state| !state.is_connected()) else {
            return;
        };
        if state.forgotten_at.is_none() {
            self.plan_forgetting(now, user);
        }
        self.give_grace(now, user);
    }

    /// Starts the grace period of a user for whom no node runs one yet.
    pub(in crate::chat) fn give_grace(&mut self, now: Now, user: UserId) {
        if self.directory.users.get(&user).is_some_and(|state| state.is_left_to(self.node)) {
            self.leaves_at(user, now.elapsed_ms + self.settings.grace_ms);
        }
    }

    /// Submits presence changes that were refused or postponed, up to [`PRESENCE_AT_ONCE`] in flight.
    pub(in crate::chat) fn tell_untold(&mut self, now: Now) {
        let free = PRESENCE_AT_ONCE.saturating_sub(self.schedule.telling);
        for _ in 0..free {
            let Some(user) = self.schedule.untold.pop_first() else {
                return;
            };
            self.tell_presence(user);
            self.wait_for_return(now, user);
        }
    }

    /// Declares another node dead because it does not answer.
    pub fn bury(&mut self, node: NodeId) {
        self.submit(Change::Bury { node }, Pending::Unheard);
    }

    /// Sets the end of the presence of a user without a connection.
    pub(in crate::chat) fn leaves_at(&mut self, user: UserId, at: u64) {
        self.stays(user);
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.leaves_at = Some(at);
            self.schedule.leaving.insert((at, user));
        }
    }

    /// The same for the lease of a page.
    pub(in crate::chat) fn leaves_at_as_visitor(&mut self, user: UserId, at: u64) {
        self.leaves_at(user, at);
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.is_visiting = true;
        }
    }

    /// Cancels the end of a user's presence.
    pub(in crate::chat) fn stays(&mut self, user: UserId) {
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.is_visiting = false;
        }
        if let Some(at) = self.directory.users.get_mut(&user).and_then(|state| state.leaves_at.take()) {
            self.schedule.leaving.remove(&(at, user));
        }
    }

    /// Submits the departures of users whose grace period or page lease is over.
    pub(in crate::chat) fn end_graces(&mut self, now: Now) {
        while self.schedule.departing < DEPARTURES_AT_ONCE
            && let Some((at, user)) = self.schedule.leaving.first().copied().filter(|(at, _)| *at <= now.elapsed_ms)
        {
            self.schedule.leaving.remove(&(at, user));
            let Some(state) = self.directory.users.get_mut(&user) else {
                continue;
            };
            (state.leaves_at, state.is_visiting) = (None, false);
            // Forgotten users depart by that fact, and never count as away. An arrival that is not a fact yet starts
            // the timer anew.
            if !state.present || state.is_going || state.forgotten_at.is_some_and(|at| at <= now.elapsed_ms) {
                continue;
            }
            // A user without entries is forgotten soon, so there is no point in storing `seen`.
            let is_remembered = state.has_entries;
            state.is_leaving = true;
            self.schedule.departing += 1;
            self.submit(Change::Gone { user }, Pending::Gone { user });
            if is_remembered {
                self.store_seen(now, [user]);
            }
        }
    }

    pub(in crate::chat) fn gone_answered(&mut self, now: Now, user: UserId, result: &Result<Answer, JournalError>) {
        self.schedule.departing -= 1;
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.is_leaving = false;
        }
        if result.is_err()
            && self.directory.users.get(&user).is_some_and(|state| state.present && !state.is_connected())
        {
            self.leaves_at(user, now.elapsed_ms + GONE_AGAIN_MS);
        }
    }
}
