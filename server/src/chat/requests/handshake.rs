//! The handshake: the first frames of a connection, which are complete or say what is missing.

use crate::chat::{
    Address, ConnectionId, Now,
    engine::Chat,
    rate_limit::Bucket,
    requests::{
        catching_up::{ListBudget, fair_shares},
        limits::STRIKES,
    },
    state::{Connection, Room},
};
use app::protocol::{
    Connected, Cursor, EntryId, Joined, LogId, PrivateLine, Resumed, RoomName, ServerFrame, Standing, UserId, WireName,
    limits::{CATCH_UP_BYTES, JOINED_HISTORY, RESUMED_CONVERSATIONS, ROOMS_TOLD},
};
use std::sync::Arc;

impl Chat {
    /// Connects a user, with the cursor of the client. `token` is sent to a client that keeps no cookie. Returns
    /// `false` if the user no longer exists.
    pub fn connect(
        &mut self,
        now: Now,
        connection: ConnectionId,
        user: UserId,
        address: Option<Address>,
        cursor: Option<&Cursor>,
        token: Option<Arc<str>>,
    ) -> bool {
        let node = self.node;
        let Some(state) = self.directory.users.get_mut(&user).filter(|state| state.is_there()) else {
            return false;
        };
        let (was_away, caught_up_to) = (!state.is_connected_but_by(node), state.was_sent_up_to());
        let is_first = state.connections.is_empty();
        state.connections.push(connection);
        let name = state.name.shared();
        let strikes = Bucket::full(now.elapsed_ms, STRIKES);
        self.clients.connections.insert(connection, Connection { user, address, strikes, reads: 0, preview: None });
        self.clients.plain.insert(connection);
        self.clients.receivers_version += 1;
        self.stays(user);
        self.plan_forgetting(now, user);
        let rooms = self.rooms_of(user);
        if is_first {
            self.first_connection_opened(user);
        }
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
                // A client without a cursor shows only conversations of which it receives a message.
                conversations: cursor.map_or_else(Vec::new, |_| self.newest_conversations(user)),
            };
            self.send(connection, ServerFrame::Connected(connected));
            // A client with a cursor fetches the conversations that `connected` lists.
            let private_after = (was_away && cursor.is_none()).then_some(caught_up_to);
            self.send_handshake(connection, user, &rooms, private_after);
            self.tell_who_is_typing(connection, user);
        }
        true
    }

    /// Removes a closed connection.
    pub fn disconnect(&mut self, connection: ConnectionId) {
        self.end_preview(connection);
        self.clients.reads_amendments.remove(&connection);
        let Some(Connection { user, .. }) = self.clients.connections.remove(&connection) else {
            return;
        };
        self.clients.receivers_version += 1;
        self.clients.room_counts.unfollow(connection);
        self.clients.plain.remove(&connection);
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.connections.retain(|open| *open != connection);
        if state.connections.is_empty() {
            self.last_connection_closed(user);
            self.stop_typing_everywhere(user);
        }
    }

    /// Returns `true` if a cursor belongs to this epoch and is not ahead of the log.
    pub(in crate::chat) fn is_usable(&self, cursor: &Cursor) -> bool {
        (cursor.epoch.is_empty() || cursor.epoch == self.epoch) && cursor.last_id <= self.logs.last_id
    }

    /// Marks a connection whose client reads the `rooms` of `nick_changed` and `room_deleted`, so that one frame covers
    /// all rooms. Other clients, such as those of the original chat, get a frame for each room.
    pub fn reads_lists(&mut self, connection: ConnectionId) {
        self.clients.plain.remove(&connection);
    }

    /// Marks a connection, before it is connected, whose client reads amendments in lists of entries. Other clients
    /// find the present state in the entries alone.
    pub fn reads_amendments(&mut self, connection: ConnectionId) {
        self.clients.reads_amendments.insert(connection);
    }

    /// Sends `joined` for each room of the user, and the private messages of others after `private_after`, if given.
    fn send_handshake(
        &mut self,
        connection: ConnectionId,
        user: UserId,
        rooms: &[RoomName],
        private_after: Option<EntryId>,
    ) {
        let most = self.settings.recent_entries;
        // Each of these conversations has at least one missed entry.
        let conversations = private_after.map_or_else(Vec::new, |after| self.conversations_of(user, after, most));
        let logs_in_memory =
            rooms.iter().filter_map(|room| Some((&self.logs.rooms.get(room)?.recent, 0, JOINED_HISTORY.min(most))));
        let private = conversations.iter().map(|(_, recent)| (*recent, private_after.unwrap_or(0), most));
        let mut shares = fair_shares(&logs_in_memory.chain(private).collect::<Vec<_>>(), CATCH_UP_BYTES);
        let private = shares.split_off(rooms.len().min(shares.len()));
        let mut received: Vec<_> = Vec::new();
        for ((peer, recent), share) in conversations.iter().zip(private) {
            let missed = recent.newest(private_after.unwrap_or(0), share).into_iter();
            let missed = missed.filter(|entry| entry.is_news() && entry.user_id != Some(user));
            received.extend(missed.map(|entry| PrivateLine::seen_by(user, peer.id, &peer.name, entry)));
        }
        received.sort_unstable_by_key(|line| line.id);
        let mut lists = ListBudget::new();
        for (room, share) in rooms.iter().zip(shares) {
            let joined = self.joined(user, room, share, &mut lists);
            self.send(connection, ServerFrame::Joined(joined));
        }
        // A client without a cursor gets the missed private messages as if they had just arrived.
        for line in received.split_off(received.len().saturating_sub(most)) {
            self.send(connection, ServerFrame::Pm(line));
        }
    }

    pub(in crate::chat) fn resumed(
        &self,
        user: UserId,
        name: Arc<str>,
        token: Option<Arc<str>>,
        after: EntryId,
    ) -> ServerFrame {
        let rooms = self.rooms_of(user);
        let logs_in_memory: Vec<_> =
            rooms.iter().filter_map(|room| Some((room, &self.logs.rooms.get(room)?.recent))).collect();
        let conversations = self.conversations_of(user, 0, RESUMED_CONVERSATIONS + 1);
        let (listed, others) = conversations.split_at(conversations.len().min(RESUMED_CONVERSATIONS));
        // Peers are keyed by name here, and the name of a forgotten peer can belong to somebody else by now.
        let private: Vec<_> = listed.iter().filter(|(peer, _)| !peer.gone).collect();
        let most = self.settings.recent_entries;
        let logs = logs_in_memory.iter().map(|(_, recent)| *recent).chain(private.iter().map(|(_, recent)| *recent));
        let shares = fair_shares(&logs.map(|recent| (recent, after, most)).collect::<Vec<_>>(), CATCH_UP_BYTES);
        let (room_shares, private_shares) = shares.split_at(logs_in_memory.len());
        ServerFrame::Resumed(Box::new(Resumed {
            user_id: user,
            session_id: token,
            name,
            missed_messages: logs_in_memory
                .iter()
                .zip(room_shares)
                .filter(|(_, share)| **share > 0)
                .map(|((room, recent), share)| ((*room).clone(), recent.newest(after, *share)))
                .collect(),
            heads: logs_in_memory.iter().map(|(room, recent)| ((*room).clone(), recent.head())).collect(),
            missed_pms: private
                .iter()
                .zip(private_shares)
                .filter(|(_, share)| **share > 0)
                .map(|((peer, recent), share)| (Arc::clone(&peer.name), recent.newest(after, *share)))
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

    pub(in crate::chat) fn reads(&self, user: UserId) -> Vec<(Arc<str>, EntryId)> {
        let Some(state) = self.directory.users.get(&user) else {
            return Vec::new();
        };
        let name = |log: &LogId| match log {
            LogId::Room(room) => state.rooms.contains(room).then(|| room.shared()),
            LogId::Conversation(pair) => {
                self.directory.users.get(&pair.other(user)).map(|peer| WireName::with_name(peer.name.as_str()).into())
            }
        };
        state.reads.iter().filter_map(|(log, id)| Some((name(log)?, *id))).collect()
    }

    /// Returns the frame for a user who has just joined a room.
    pub(in crate::chat) fn just_joined(&self, user: UserId, room: &RoomName) -> ServerFrame {
        ServerFrame::Joined(self.joined(user, room, self.first_share(room), &mut ListBudget::new()))
    }

    /// The same with `share` of the newest entries.
    pub(in crate::chat) fn joined(
        &self,
        user: UserId,
        room: &RoomName,
        share: usize,
        lists: &mut ListBudget,
    ) -> Joined {
        let state = self.logs.rooms.get(room);
        let Standing { head, read, unread } = self.standing(user, room);
        Joined {
            room: room.clone(),
            history: state.map(|state| state.recent.newest(0, share)).unwrap_or_default(),
            head,
            users: lists.fit(state.and_then(|state| self.listed(room, state))),
            count: state.map_or(0, Room::count),
            read,
            unread,
        }
    }
}
