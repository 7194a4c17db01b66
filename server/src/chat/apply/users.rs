//! Users who are created, renamed and forgotten; sessions that end.

use crate::{
    chat::{
        Now,
        engine::{ARRIVAL_MS, Chat},
        rate_limit::Buckets,
        state::{Owner, Session, User},
    },
    journal::{SessionHash, StoredSession},
};
use app::protocol::{NickChanged, RoomName, ServerFrame, UserId, UserName};

impl Chat {
    pub(in crate::chat) fn user_created(
        &mut self,
        now: Now,
        user: UserId,
        name: UserName,
        session: StoredSession,
        by_form: bool,
    ) {
        self.directory.names.insert(&name, Owner::User(user));
        let mut state = User::new(name, [], Buckets::full(now.elapsed_ms, &self.settings.rates));
        state.by_form = by_form;
        self.directory.users.insert(user, state);
        self.add_session(user, session);
        self.plan_forgetting_after(now, user, ARRIVAL_MS);
    }

    /// Renames a user. Everybody receives the new name, because lists of absent members and conversations show it, too.
    pub(in crate::chat) fn user_renamed(&mut self, user: UserId, name: &UserName) {
        self.stop_typing_everywhere(user);
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        let old = std::mem::replace(&mut state.name, name.clone());
        state.key = name.key();
        if state.asked_names == 0 {
            state.asked_name = name.clone();
        }
        self.directory.names.remove(&old, Owner::User(user));
        self.directory.names.insert(name, Owner::User(user));

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
        let is_present = |room: &RoomName| self.logs.rooms.get(room).is_some_and(|state| state.present.contains(&user));
        let is_told = |room: &RoomName| room.is_general() || is_present(room);
        let rooms: Vec<_> = self.rooms_of(user).into_iter().filter(is_told).collect();
        changed.user_id = Some(user);
        for room in &rooms {
            let Some(state) = self.logs.rooms.get(room) else { continue };
            let (modern, plain) = self.receivers_of_lists(room, Some(user));
            // `general` reaches everybody, so modern clients get one frame for all rooms.
            let is_first = room.is_general();
            if !is_first && plain.is_empty() {
                continue;
            }
            changed.users = self.listed(room, state);
            changed.count = Some(state.count());
            changed.room = Some(room.clone());
            changed.rooms = Vec::new();
            self.send_to_all(plain, &ServerFrame::NickChanged(changed.clone()));
            if is_first {
                changed.rooms.clone_from(&rooms);
                self.send_to_all(modern, &ServerFrame::NickChanged(changed.clone()));
            }
        }
    }

    pub(in crate::chat) fn user_forgotten(&mut self, now: Now, user: UserId, removed: Vec<RoomName>) {
        // Users without a script can still be present: the server does not learn when their page is closed.
        self.end_presence(now, user, true);
        let sessions = self.directory.users.get(&user).map(|state| state.sessions.clone()).unwrap_or_default();
        self.sessions_ended(user, &sessions);
        self.cancel_timers(user);
        let connections = self.directory.users.get(&user).map(|state| state.connections.clone()).unwrap_or_default();
        for connection in connections {
            self.outgoing
                .effects
                .push(crate::chat::Effect::Close { connection, code: app::protocol::CloseCode::GoingAway });
        }
        let Some(state) = self.directory.users.remove(&user) else {
            return;
        };
        self.directory.names.remove(&state.name, Owner::User(user));
        if state.has_written {
            self.reserve(now, user, state.name.clone(), self.settings.reserve_ms);
        }
        if !state.talks.is_empty() {
            self.directory.forgotten.insert(user, state.name.clone());
        }
        // The others have a user who has just connected here listed as away.
        let was_arriving = !state.present && !state.connections.is_empty();
        for room in &state.member_of {
            if let Some(room) = self.logs.rooms.get_mut(room) {
                room.members.remove(&user);
                room.listening.remove(&user);
                self.clients.receivers_version += 1;
                room.arriving.remove(&user);
            }
            self.update_archive_state(room);
            if was_arriving {
                self.send_members(room);
            }
        }
        removed.into_iter().for_each(|room| self.room_removed(room));
    }

    pub(in crate::chat) fn sessions_ended(&mut self, user: UserId, sessions: &[SessionHash]) {
        for session in sessions {
            self.directory.sessions.remove(session);
        }
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        // A user who is being forgotten is listed no more, but the lists that were sent have the user.
        let is_absent = state.has_written && !state.present && state.connections.is_empty();
        let before = state.sessions.len();
        state.sessions.retain(|session| !sessions.contains(session));
        if is_absent && before > 0 && state.sessions.is_empty() {
            self.rooms_of(user).iter().for_each(|room| self.send_members(room));
        }
    }

    pub(in crate::chat) fn add_session(&mut self, user: UserId, session: StoredSession) {
        self.directory.sessions.insert(session.hash, Session { user, renewed_at: session.renewed_at });
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.sessions.push(session.hash);
        }
    }
}
