//! The first frames of a connection: complete, or saying what is missing.

use super::{
    Bucket, Chat, Connection,
    catching_up::{ListBudget, fair_shares},
    pace::STRIKES,
};
use crate::{
    chat::{Address, ConnectionId, Now},
    journal::Log,
};
use app::{
    protocol::{
        Connected, EntryId, Joined, PrivateLine, Resumed, RoomName, ServerFrame, UserId,
        limits::{CATCH_UP_BYTES, JOINED_HISTORY, RESUMED_CONVERSATIONS, ROOMS_TOLD},
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
        self.plain.insert(connection);
        self.plan_forgetting(now, user);

        let rooms = self.rooms_of(user);
        let is_new_here = self.come_into_sight(user);
        if let Some(cursor) = cursor.filter(|cursor| self.is_usable(cursor)) {
            let resumed = self.resumed(user, name, token, cursor.last_id);
            self.send(connection, resumed);
            self.tell_who_is_typing(connection, user);
        } else {
            let connected = Connected {
                user_id: user,
                session_id: token,
                name,
                rooms: self.liveliest(user, None, ROOMS_TOLD),
                epoch: Arc::clone(&self.epoch),
                // A client without a cursor shows none but those that it hears.
                conversations: cursor.map_or_else(Vec::new, |_| self.newest_conversations(user)),
            };
            self.send(connection, ServerFrame::Connected(connected));
            // A client that keeps a cursor fetches what it was told of.
            let private_after = (was_away && cursor.is_none()).then_some(caught_up_to);
            self.greet(connection, user, &rooms, private_after);
            self.tell_who_is_typing(connection, user);
        }
        if is_new_here {
            self.tell_of_arrival(now, user);
        }
        true
    }

    /// A cursor is of this life of the log.
    pub(super) fn is_usable(&self, cursor: &Cursor) -> bool {
        (cursor.epoch.is_empty() || cursor.epoch == self.epoch) && cursor.last_id <= self.last_id
    }

    /// The client of a connection reads the `rooms` of `nick_changed` and `room_deleted`, so that one frame tells it of all
    /// rooms. Any other, such as the original's, is sent a frame for each room.
    pub fn reads_lists(&mut self, connection: ConnectionId) {
        self.plain.remove(&connection);
    }

    /// Tells of each room of the user, and of what others said to the user alone after an entry, if that is given.
    fn greet(&mut self, connection: ConnectionId, user: UserId, rooms: &[RoomName], private_after: Option<EntryId>) {
        let most = self.settings.tail;
        // Of each at least one was missed.
        let conversations = private_after.map_or_else(Vec::new, |after| self.conversations_of(user, after, most));
        let tails = rooms.iter().filter_map(|room| Some((&self.rooms.get(room)?.tail, 0, JOINED_HISTORY.min(most))));
        let private = conversations.iter().map(|(_, tail)| (*tail, private_after.unwrap_or(0), most));
        let mut shares = fair_shares(&tails.chain(private).collect::<Vec<_>>(), CATCH_UP_BYTES);
        let private = shares.split_off(rooms.len().min(shares.len()));
        let mut received: Vec<_> = Vec::new();
        for ((peer, tail), share) in conversations.iter().zip(private) {
            let missed = tail.newest(private_after.unwrap_or(0), share).into_iter();
            let missed = missed.filter(|entry| entry.user_id != Some(user));
            received.extend(missed.map(|entry| PrivateLine::seen_by(user, peer.id, &peer.name, entry)));
        }
        received.sort_unstable_by_key(|line| line.id);
        let mut lists = ListBudget::new();
        for (room, share) in rooms.iter().zip(shares) {
            let joined = self.joined(user, room, share, &mut lists);
            self.send(connection, ServerFrame::Joined(joined));
        }
        // As if they came now, to a client that keeps no cursor.
        for line in received.split_off(received.len().saturating_sub(most)) {
            self.send(connection, ServerFrame::Pm(line));
        }
    }

    fn resumed(&self, user: UserId, name: Arc<str>, token: Option<Arc<str>>, after: EntryId) -> ServerFrame {
        let rooms = self.rooms_of(user);
        let tails: Vec<_> = rooms.iter().filter_map(|room| Some((room, &self.rooms.get(room)?.tail))).collect();
        let conversations = self.conversations_of(user, 0, RESUMED_CONVERSATIONS + 1);
        let (listed, others) = conversations.split_at(conversations.len().min(RESUMED_CONVERSATIONS));
        // The name of a peer who is gone may be another's by now, and nothing would tell the two apart here.
        let private: Vec<_> = listed.iter().filter(|(peer, _)| !peer.gone).collect();
        let most = self.settings.tail;
        let logs = tails.iter().map(|(_, tail)| *tail).chain(private.iter().map(|(_, tail)| *tail));
        let shares = fair_shares(&logs.map(|tail| (tail, after, most)).collect::<Vec<_>>(), CATCH_UP_BYTES);
        let (room_shares, private_shares) = shares.split_at(tails.len());
        ServerFrame::Resumed(Box::new(Resumed {
            user_id: user,
            session_id: token,
            name,
            missed_messages: tails
                .iter()
                .zip(room_shares)
                .filter(|(_, share)| **share > 0)
                .map(|((room, tail), share)| ((*room).clone(), tail.newest(after, *share)))
                .collect(),
            heads: tails.iter().map(|(room, tail)| ((*room).clone(), tail.head())).collect(),
            missed_pms: private
                .iter()
                .zip(private_shares)
                .filter(|(_, share)| **share > 0)
                .map(|((peer, tail), share)| (Arc::clone(&peer.name), tail.newest(after, *share)))
                .collect(),
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

    /// What somebody who is in a room is told of it, when they have just joined it.
    pub(super) fn just_joined(&self, user: UserId, room: &RoomName) -> ServerFrame {
        ServerFrame::Joined(self.joined(user, room, self.first_share(room), &mut ListBudget::new()))
    }

    /// The same with so many of the newest entries.
    fn joined(&self, user: UserId, room: &RoomName, share: usize, lists: &mut ListBudget) -> Joined {
        let state = self.rooms.get(room);
        let Standing { head, read, unread } = self.standing(user, room);
        Joined {
            room: room.clone(),
            history: state.map(|state| state.tail.newest(0, share)).unwrap_or_default(),
            head,
            users: lists.fit(state.and_then(|state| self.listed(room, state))),
            count: state.map_or(0, |state| state.present.len()),
            read,
            unread,
        }
    }
}
