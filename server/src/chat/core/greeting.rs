//! The first frames of a connection: complete, or saying what is missing.

use super::{Bucket, Chat, Connection, pace::STRIKES};
use crate::{
    chat::{Address, ConnectionId, Now},
    journal::Log,
};
use app::{
    protocol::{
        Connected, EntryId, Joined, PrivateLine, Resumed, RoomName, ServerFrame, UserId,
        limits::{JOINED_HISTORY, RESUMED_CONVERSATIONS},
    },
    sync::{Cursor, Standing},
};
use std::sync::Arc;

impl Chat {
    /// A connection of a user, with the cursor it comes with. `token` is told to a client that does not keep the
    /// session in a cookie. `false` when there is no such user any more.
    pub fn connect(
        &mut self,
        now: Now,
        connection: ConnectionId,
        user: UserId,
        address: Option<Address>,
        cursor: Option<&Cursor>,
        token: Option<Arc<str>>,
    ) -> bool {
        // One without a session is just being forgotten.
        let Some(state) = self.users.get_mut(&user).filter(|state| !state.sessions.is_empty()) else {
            return false;
        };
        let (was_away, caught_up_to) = (state.connections.is_empty(), state.caught_up_to);
        state.connections.push(connection);
        if let Some(at) = state.leaves_at.take() {
            self.leaving.remove(&(at, user));
        }
        let name = state.name.shared();
        let strikes = Bucket::full(now.elapsed_ms, STRIKES);
        self.connections.insert(connection, Connection { user, address, strikes, reads: 0, preview: None });
        self.plan_forgetting(now, user);

        let rooms = self.rooms_of(user);
        let is_new_here = self.come_into_sight(user);
        let usable = cursor
            .filter(|cursor| (cursor.epoch.is_empty() || cursor.epoch == self.epoch) && cursor.last_id <= self.last_id);
        if let Some(cursor) = usable {
            let resumed = self.resumed(user, name, token, cursor.last_id);
            self.send(connection, &resumed);
            self.tell_who_is_typing(connection, user);
        } else {
            let connected = Connected {
                user_id: user,
                session_id: token,
                name,
                rooms: self.rooms.keys().cloned().collect(),
                epoch: Arc::clone(&self.epoch),
            };
            self.send(connection, &ServerFrame::Connected(connected));
            for room in &rooms {
                let joined = self.joined(user, room);
                self.send(connection, &joined);
            }
            if was_away {
                self.deliver_private(connection, user, caught_up_to);
            }
            self.tell_who_is_typing(connection, user);
        }
        if is_new_here {
            self.tell_of_arrival(now, user);
        }
        true
    }

    fn resumed(&self, user: UserId, name: Arc<str>, token: Option<Arc<str>>, after: EntryId) -> ServerFrame {
        let rooms = self.rooms_of(user);
        let tails = || rooms.iter().filter_map(|room| Some((room, &self.rooms.get(room)?.tail)));
        let conversations = self.conversations_of(user);
        let (listed, others) = conversations.split_at(conversations.len().min(RESUMED_CONVERSATIONS));
        // The name of a peer who is gone may be another's by now, and nothing would tell the two apart here.
        let missed_pms = listed
            .iter()
            .filter(|(peer, _)| !peer.gone)
            .map(|(peer, tail)| (Arc::clone(&peer.name), tail.newest(after, self.settings.tail)))
            .filter(|(_, missed)| !missed.is_empty());
        ServerFrame::Resumed(Box::new(Resumed {
            user_id: user,
            session_id: token,
            name,
            missed_messages: tails()
                .map(|(room, tail)| (room.clone(), tail.newest(after, self.settings.tail)))
                .filter(|(_, missed)| !missed.is_empty())
                .collect(),
            heads: tails().map(|(room, tail)| (room.clone(), tail.head())).collect(),
            missed_pms: missed_pms.collect(),
            more_pms: others.iter().any(|(peer, _)| peer.head > after),
            conversations: listed.iter().map(|(peer, _)| peer.clone()).collect(),
            read: self.reads(user),
            unread: rooms
                .iter()
                .map(|room| (room.clone(), self.standing(user, room).unread))
                .filter(|(_, unread)| !unread.is_nothing())
                .collect(),
            rooms,
            epoch: Arc::clone(&self.epoch),
        }))
    }

    /// Private messages that came while the user was away go to a client that keeps no cursor as if they came now, the
    /// newest [`Settings::tail`](super::Settings::tail) at the most.
    fn deliver_private(&mut self, connection: ConnectionId, user: UserId, after: EntryId) {
        let mut received: Vec<_> = Vec::new();
        for (peer, tail) in self.conversations_of(user) {
            let missed = tail.newest(after, self.settings.tail).into_iter().filter(|entry| entry.user_id != Some(user));
            received.extend(missed.map(|entry| PrivateLine::seen_by(user, peer.id, &peer.name, entry)));
        }
        received.sort_unstable_by_key(|line| line.id);
        for line in received.split_off(received.len().saturating_sub(self.settings.tail)) {
            self.send(connection, &ServerFrame::Pm(line));
        }
    }

    fn reads(&self, user: UserId) -> Vec<(Arc<str>, EntryId)> {
        let Some(state) = self.users.get(&user) else {
            return Vec::new();
        };
        let address = |log: &Log| match log {
            Log::Room(room) => state.rooms.contains(room).then(|| room.shared()),
            Log::Conversation(pair) => self.users.get(&pair.other(user)).map(|peer| format!("@{}", peer.name).into()),
        };
        state.reads.iter().filter_map(|(log, id)| Some((address(log)?, *id))).collect()
    }

    pub(super) fn joined(&self, user: UserId, room: &RoomName) -> ServerFrame {
        let state = self.rooms.get(room);
        let Standing { read, unread, .. } = self.standing(user, room);
        ServerFrame::Joined(Joined {
            room: room.clone(),
            history: state
                .map(|state| state.tail.newest(0, JOINED_HISTORY.min(self.settings.tail)))
                .unwrap_or_default(),
            users: state.and_then(|state| self.listed(room, state)),
            count: state.map_or(0, |state| state.present.len()),
            read,
            unread,
        })
    }
}
