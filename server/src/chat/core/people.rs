//! Users: how they change their name, and are forgotten.
//!
//! A name belongs to one user for as long as the user exists. A user without entries is forgotten after the grace; one who
//! came in by the page's form, and so may be reading without a connection, [`FORM_PATIENCE_MS`] after the last page; a
//! user with entries, after `Settings::forget_after_ms` without a connection or a page. The name of one who wrote something is
//! nobody's for a while then: see [`reserved`](super::reserved).

use super::{
    Asking, Buckets, Caller, Chat, DEPARTURES_PER_TICK, Done, ErrorCode, Kind, Pending, Refused, nobody, refusal,
    unavailable,
};
use crate::{
    chat::{
        Now,
        names::Owner,
        scripts::{MIXED, is_unmixed},
        user::User,
    },
    journal::{Change, JournalError, Outcome, StoredSession, StoredUser},
};
use app::{
    bidi::isolated,
    protocol::{NameError, NickChanged, RoomName, ServerFrame, UserId, UserName},
};
use std::ops::Bound;

/// How long somebody who came in by the page's form may read a page, or write a first text, before they are forgotten.
const FORM_PATIENCE_MS: u64 = 60 * 60 * 1_000;
/// How long somebody who came in, or whose server was started again, gets to connect, in milliseconds, however short the
/// grace is.
pub(super) const ARRIVAL_MS: u64 = 10_000;
/// How long after a start nobody is forgotten who has entries, in milliseconds, unless all are forgotten sooner than that.
const RETURN_MS: u64 = 24 * 60 * 60 * 1_000;
/// Users of whom it is stored in one change that they were connected.
const SEEN_AT_ONCE: usize = 256;
/// How often it is stored who was connected.
pub(super) const SEEN_EVERY_MS: u64 = 60 * 60 * 1_000;
/// After how long the store is asked again to forget a user.
const FORGET_AGAIN_MS: u64 = 60 * 1_000;

impl Chat {
    /// A user of the store, who has no connection yet.
    pub(super) fn restore(&mut self, now: Now, stored: StoredUser) {
        let buckets = Buckets::full(now.elapsed_ms, &self.settings.rates);
        let mut user = User::new(stored.name, stored.rooms, buckets);
        user.reads = stored.reads.into_iter().collect();
        user.has_entries = stored.has_entries;
        user.has_written = stored.has_written;
        user.by_form = stored.by_form;
        user.caught_up_to = stored.caught_up_to;
        // The time without a server is nobody's absence, and whoever could not come because of it gets a day to do so.
        let away_ms = if user.has_entries { self.uptime_ms(now).saturating_sub(stored.seen_uptime_ms) } else { 0 };
        let whole = self.remembered_ms(&user);
        let at_least = if user.has_entries { whole.min(RETURN_MS) } else { 0 };
        let after = whole.saturating_sub(away_ms).max(at_least).max(ARRIVAL_MS);
        let at = now.elapsed_ms.saturating_add(after);
        user.forgotten_at = Some(at);
        self.forgetting.insert((at, stored.id));
        self.names.insert(&user.name, Owner::User(stored.id));
        for room in &user.rooms {
            self.rooms.entry(room.clone()).or_default().members.insert(stored.id);
        }
        self.users.insert(stored.id, user);
        for session in stored.sessions {
            self.add_session(stored.id, session);
        }
    }

    /// For how long the server has run, over all its starts. Absence is counted in this, by a clock that nobody sets.
    pub(super) const fn uptime_ms(&self, now: Now) -> u64 {
        self.uptime_before_ms.saturating_add(now.elapsed_ms)
    }

    /// Why a name cannot be its owner's: it is the chat's own or somebody else's, or looks like one that is.
    pub(super) fn check_free(&self, name: &UserName, owner: Owner) -> Result<(), Refused> {
        match self.names.taken_by(name, owner) {
            Some(Owner::Chat) => Err(wrong(NameError::Reserved)),
            Some(_) => Err(taken(name)),
            None => Ok(()),
        }
    }

    /// A user asks for another name. The own one is no change, and it may be spelled in another way.
    pub(super) fn rename(&mut self, asking: Asking, name: &str) -> Result<(), Refused> {
        self.spend(asking, Kind::Join)?;
        let Asking { now, caller, user, .. } = asking;
        let name = parsed(name)?;
        let state = self.users.get(&user).ok_or_else(nobody)?;
        if name == state.asked_name {
            self.done(caller, Done::Stored);
            return Ok(());
        }
        self.check_free(&name, Owner::User(user))?;
        check_scripts(&name)?;
        // Every room gets a line, which counts as any other.
        let lines = u32::try_from(state.rooms.len()).unwrap_or(u32::MAX);
        self.spend_all(asking, &[(Kind::Rename, 1), (Kind::Message, lines)])?;
        let state = self.users.get(&user).ok_or_else(nobody)?;
        // What was asked for before this is stored before it, so a room that is being joined is told too.
        let rooms = state.rooms.iter().cloned().collect();
        if let Some(state) = self.users.get_mut(&user) {
            state.asked_name = name.clone();
        }
        if let Some(state) = self.users.get_mut(&user) {
            state.asked_names += 1;
        }
        self.names.insert(&name, Owner::User(user));
        let change = Change::Rename { user, name: name.clone(), rooms, at: now.clock };
        self.submit(change, Pending::Rename { caller, user, name });
        Ok(())
    }

    pub(super) fn renamed(
        &mut self,
        caller: Caller,
        user: UserId,
        name: &UserName,
        result: Result<Outcome, JournalError>,
    ) {
        self.names.remove(name, Owner::User(user));
        match result {
            Ok(Outcome::Renamed(lines)) => {
                self.take_name(user, name);
                for (room, line) in lines {
                    self.announce(&room, line);
                }
                self.done(caller, Done::Stored);
            }
            Ok(_) => self.refuse(caller, taken(name)),
            Err(error) => self.refuse(caller, unavailable(&error)),
        }
        // The name that counts for what is asked next is the last one that is still on its way, or the user's own.
        if let Some(state) = self.users.get_mut(&user) {
            state.asked_names = state.asked_names.saturating_sub(1);
            if state.asked_names == 0 {
                state.asked_name = state.name.clone();
            }
        }
    }

    /// A user has another name. All hear of it: who is away is listed too, and has conversations.
    fn take_name(&mut self, user: UserId, name: &UserName) {
        self.stop_typing_everywhere(user);
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        let old = std::mem::replace(&mut state.name, name.clone());
        state.key = name.key();
        self.names.remove(&old, Owner::User(user));
        self.names.insert(name, Owner::User(user));

        let mut changed = NickChanged {
            old_name: old.shared(),
            new_name: name.shared(),
            user_id: None,
            room: None,
            users: None,
            count: None,
            rooms: Vec::new(),
        };
        self.send_to_user(user, &ServerFrame::NickChanged(changed.clone()), None);
        let is_present = |room: &RoomName| self.rooms.get(room).is_some_and(|state| state.present.contains(&user));
        let is_told = |room: &RoomName| room.is_general() || is_present(room);
        let rooms: Vec<_> = self.rooms_of(user).into_iter().filter(is_told).collect();
        changed.user_id = Some(user);
        for room in &rooms {
            let Some(state) = self.rooms.get(room) else { continue };
            let (modern, plain) = self.receivers_of_lists(room, Some(user));
            // Everybody is in general, so one frame there reaches all.
            let is_first = room.is_general();
            if !is_first && plain.is_empty() {
                continue;
            }
            changed.users = self.listed(room, state);
            changed.count = Some(state.present.len());
            changed.room = Some(room.clone());
            changed.rooms = Vec::new();
            self.send_to_all(plain, &ServerFrame::NickChanged(changed.clone()));
            if is_first {
                changed.rooms.clone_from(&rooms);
                self.send_to_all(modern, &ServerFrame::NickChanged(changed.clone()));
            }
        }
    }

    /// A user without a connection loads a page.
    pub fn touch(&mut self, now: Now, user: UserId) {
        self.plan_forgetting(now, user);
    }

    /// A user is about to connect, once what that needs is read.
    pub fn is_coming(&mut self, now: Now, user: UserId) {
        self.plan_forgetting_after(now, user, ARRIVAL_MS);
    }

    /// Sets anew when a user is forgotten: never, while there is a connection.
    pub(super) fn plan_forgetting(&mut self, now: Now, user: UserId) {
        self.plan_forgetting_after(now, user, 0);
    }

    pub(super) fn plan_forgetting_after(&mut self, now: Now, user: UserId, at_least_ms: u64) {
        let Some(state) = self.users.get(&user).filter(|state| !state.sessions.is_empty()) else {
            return;
        };
        let after = self.remembered_ms(state).max(at_least_ms);
        let at = state.connections.is_empty().then(|| now.elapsed_ms.saturating_add(after));
        if let Some(state) = self.users.get_mut(&user) {
            if let Some(before) = std::mem::replace(&mut state.forgotten_at, at) {
                self.forgetting.remove(&(before, user));
            }
            if let Some(at) = at {
                self.forgetting.insert((at, user));
            }
        }
        self.seen.insert(user);
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

    pub(super) fn forget_who_is_due(&mut self, now: Now) {
        for _ in 0..DEPARTURES_PER_TICK {
            let Some((at, user)) = self.forgetting.first().copied().filter(|(at, _)| *at <= now.elapsed_ms) else {
                return;
            };
            self.forgetting.remove(&(at, user));
            let Some(state) = self.users.get_mut(&user) else {
                continue;
            };
            state.forgotten_at = None;
            let only_silent = !state.has_entries;
            let sessions = self.take_sessions(user);
            let uptime_ms = self.uptime_ms(now);
            self.submit(Change::Forget { user, only_silent, uptime_ms }, Pending::Forget { user, sessions });
        }
    }

    pub(super) fn forgotten(
        &mut self,
        now: Now,
        user: UserId,
        sessions: Vec<StoredSession>,
        result: Result<Outcome, JournalError>,
    ) {
        let outcome = match result {
            // What they wrote was on its way to the store.
            Ok(Outcome::Done) => {
                self.remember(now, user, sessions, 0);
                return;
            }
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::debug!(%error, "a user was not forgotten");
                self.remember(now, user, sessions, FORGET_AGAIN_MS);
                return;
            }
        };
        // A page without a script, of which nobody knows when it is closed, may be read for longer.
        self.end_presence(now, user);
        let Some(state) = self.users.remove(&user) else {
            return;
        };
        self.names.remove(&state.name, Owner::User(user));
        if state.has_written {
            self.reserve(now, user, state.name.clone(), self.settings.reserve_ms);
        }
        if !state.talks.is_empty() {
            self.forgotten.insert(user, state.name.clone());
        }
        self.seen.remove(&user);
        for room in &state.member_of {
            if let Some(room) = self.rooms.get_mut(room) {
                room.members.remove(&user);
            }
            self.note_life(room);
        }
        self.remove_rooms(outcome);
    }

    /// A user is not forgotten after all.
    fn remember(&mut self, now: Now, user: UserId, sessions: Vec<StoredSession>, at_least_ms: u64) {
        for session in sessions {
            self.add_session(user, session);
        }
        self.plan_forgetting_after(now, user, at_least_ms);
    }

    /// Stores who was connected since that was last done, some at a time.
    pub(super) fn store_who_was_seen(&mut self, now: Now) {
        let after = match self.seen_after {
            Some(after) => after,
            None if now.elapsed_ms < self.seen_at => return,
            None => {
                self.seen_at = now.elapsed_ms + SEEN_EVERY_MS;
                UserId(0)
            }
        };
        let from = (Bound::Excluded(after), Bound::Unbounded);
        let users: Vec<_> = self.seen.range(from).copied().take(SEEN_AT_ONCE).collect();
        self.seen_after = users.last().copied().filter(|_| users.len() == SEEN_AT_ONCE);
        // Who is connected still is seen again.
        for user in &users {
            if self.users.get(user).is_none_or(|state| state.connections.is_empty()) {
                self.seen.remove(user);
            }
        }
        self.store_seen(now, users);
    }

    pub(super) fn store_seen(&mut self, now: Now, users: impl IntoIterator<Item = UserId>) {
        let caught_up = |user| {
            let state = self.users.get(&user)?;
            Some((user, if state.connections.is_empty() { state.caught_up_to } else { self.last_id }))
        };
        let users: Vec<_> = users.into_iter().filter_map(caught_up).collect();
        let who = users.iter().map(|(user, _)| *user).collect();
        // Without users it says for how long the server has run.
        let change = Change::Seen { users, at: now.clock, uptime_ms: self.uptime_ms(now) };
        self.submit(change, Pending::Seen { users: who });
    }
}

/// A name that must be right as it is.
pub(super) fn parsed(name: &str) -> Result<UserName, Refused> {
    UserName::parse(name).map_err(wrong)
}

fn wrong(error: NameError) -> Refused {
    let code = match error {
        NameError::Invalid => ErrorCode::BadName,
        NameError::Reserved => ErrorCode::NameTaken,
    };
    refusal(code, error.to_string())
}

/// The letters of a new name are of one script.
pub(super) fn check_scripts(name: &UserName) -> Result<(), Refused> {
    if is_unmixed(name.as_str()) { Ok(()) } else { Err(refusal(ErrorCode::BadName, MIXED)) }
}

/// Somebody else has the name.
pub(super) fn taken(name: &UserName) -> Refused {
    refusal(ErrorCode::NameTaken, format!("\"{}\" is taken.", isolated(name.as_str())))
}
