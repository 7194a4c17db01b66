//! Users: how they change their name, and are forgotten.
//!
//! A name belongs to one user for as long as the user exists. A user without entries is forgotten after the grace; one who
//! came in by the page's form, and so may be reading without a connection, [`FORM_PATIENCE_MS`] after the last page; a
//! user with entries, after `Settings::forget_after_ms` without a connection or a page.

use super::{
    Asking, Buckets, Caller, Chat, DEPARTURES_PER_TICK, Done, ErrorCode, Kind, Pending, Refused, encode, nobody,
    refusal, unavailable,
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
    protocol::{NameError, NickChanged, ServerFrame, UserId, UserName},
};

/// How long somebody who came in by the page's form may read a page, or write a first text, before they are forgotten.
const FORM_PATIENCE_MS: u64 = 60 * 60 * 1_000;
/// How long somebody who came in, or whose server was started again, gets to connect, in milliseconds, however short the
/// grace is.
pub(super) const ARRIVAL_MS: u64 = 10_000;
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
        let away_ms = now.clock.as_millis().saturating_sub(stored.seen_at.as_millis());
        let after =
            self.remembered_ms(&user).saturating_sub(if user.has_entries { away_ms } else { 0 }).max(ARRIVAL_MS);
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
        // What was asked for before this is stored before it, so a room that is being joined is told too.
        let rooms = state.rooms.iter().cloned().collect();
        if let Some(state) = self.users.get_mut(&user) {
            state.asked_name = name.clone();
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
        let asked = self.pending.iter().filter_map(|(ticket, pending)| match pending {
            Pending::Rename { user: who, name, .. } if *who == user => Some((*ticket, name.clone())),
            _ => None,
        });
        let newest = asked.max_by_key(|(ticket, _)| *ticket).map(|(_, name)| name);
        if let Some(state) = self.users.get_mut(&user) {
            state.asked_name = newest.unwrap_or_else(|| state.name.clone());
        }
    }

    /// A user has another name; all who see the user hear of it.
    fn take_name(&mut self, user: UserId, name: &UserName) {
        self.stop_typing_everywhere(user);
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        let old = std::mem::replace(&mut state.name, name.clone());
        self.names.remove(&old, Owner::User(user));
        self.names.insert(name, Owner::User(user));

        let mut changed =
            NickChanged { old_name: old.shared(), new_name: name.shared(), room: None, users: None, count: None };
        self.send_to_user(user, &encode(&ServerFrame::NickChanged(changed.clone())), None);
        for room in self.rooms_of(user) {
            if let Some(state) = self.rooms.get(&room).filter(|state| state.present.contains(&user)) {
                changed.users = self.listed(&room, state);
                changed.count = Some(state.present.len());
                changed.room = Some(room.clone());
                let frame = encode(&ServerFrame::NickChanged(changed.clone()));
                self.broadcast(&room, &frame, Some(user));
            }
        }
    }

    /// A user without a connection loads a page.
    pub fn touch(&mut self, now: Now, user: UserId) {
        self.plan_forgetting(now, user);
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
            self.submit(Change::Forget { user, only_silent }, Pending::Forget { user, sessions });
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
        let Some(state) = self.users.remove(&user) else {
            return;
        };
        self.names.remove(&state.name, Owner::User(user));
        if !state.peers.is_empty() {
            self.forgotten.insert(user, state.name.clone());
        }
        self.seen.remove(&user);
        for room in &state.member_of {
            if let Some(room) = self.rooms.get_mut(room) {
                room.members.remove(&user);
            }
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

    pub(super) fn store_who_was_seen(&mut self, now: Now) {
        if now.elapsed_ms < self.seen_at {
            return;
        }
        self.seen_at = now.elapsed_ms + SEEN_EVERY_MS;
        let connected = self.connections.values().map(|connection| connection.user);
        let mut seen = std::mem::take(&mut self.seen);
        seen.extend(connected);
        self.store_seen(now, seen);
    }

    pub(super) fn store_seen(&mut self, now: Now, users: impl IntoIterator<Item = UserId>) {
        let caught_up = |user| {
            let state = self.users.get(&user)?;
            Some((user, if state.connections.is_empty() { state.caught_up_to } else { self.last_id }))
        };
        let users: Vec<_> = users.into_iter().filter_map(caught_up).collect();
        if !users.is_empty() {
            let who = users.iter().map(|(user, _)| *user).collect();
            self.submit(Change::Seen { users, at: now.clock }, Pending::Seen { users: who });
        }
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
