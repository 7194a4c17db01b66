//! What can be asked about the chat.

use super::{Chat, Refused, refusal};
use crate::{
    chat::{ConnectionId, Effect, room::Room},
    journal::{Log, Page, Range, SessionHash},
};
use app::{
    protocol::{
        ErrorCode, History, RoomDetails, RoomInfo, RoomName, ServerFrame, UserId, UserInfo, UserList,
        limits::{JOINED_HISTORY, LISTED_MEMBERS, READS_AT_ONCE},
    },
    sync::{PRIVATE_SHOWN, Snapshot},
};
use std::sync::Arc;

/// After how many milliseconds a connection may ask for another page when it waits for as many as it may.
const READ_AGAIN_AFTER_MS: u64 = 100;

/// Conversations that a page starts with: those with the newest entries.
const SNAPSHOT_CONVERSATIONS: usize = 20;

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// How many users are present: connected, or gone for less than the grace.
    pub users_online: usize,
    /// How many rooms there are.
    pub rooms_count: usize,
    /// How many entries are stored, in rooms and in conversations.
    pub messages_total: u64,
}

impl Chat {
    /// Whose session this is.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.sessions.get(session).copied()
    }

    /// Whether there is such a room.
    #[must_use]
    pub fn has_room(&self, room: &RoomName) -> bool {
        self.rooms.contains_key(room)
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// How much of everything there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { users_online: self.online, rooms_count: self.rooms.len(), messages_total: self.entries }
    }

    /// All rooms, by name.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomDetails> {
        self.rooms
            .iter()
            .map(|(name, state)| RoomDetails {
                name: name.clone(),
                users: state.present.len(),
                created_at: state.created_at,
            })
            .collect()
    }

    /// Those present in a room, by name; nothing when there is no such room.
    #[must_use]
    pub fn users_in(&self, room: &RoomName) -> Option<Vec<UserInfo>> {
        self.rooms.get(room).map(|state| self.users_of(state))
    }

    /// A page of a room's log, if what is in memory suffices for it.
    #[must_use]
    pub fn page(&self, room: &RoomName, range: Range) -> Option<Page> {
        self.rooms.get(room)?.tail.page(range)
    }

    /// What a page about a room is rendered from, with the rooms there are; nothing when there is no such room or user.
    #[must_use]
    pub fn snapshot(&self, user: UserId, room: &RoomName) -> Option<(Snapshot, Vec<RoomInfo>)> {
        let state = self.rooms.get(room)?;
        let who = self.users.get(&user)?;
        let conversations = self.conversations_of(user).into_iter().take(SNAPSHOT_CONVERSATIONS);
        let snapshot = Snapshot {
            user_id: user,
            name: who.name.shared(),
            room: room.clone(),
            entries: state.tail.newest(0, JOINED_HISTORY.min(self.settings.tail)),
            read: who.reads.get(&Log::Room(room.clone())).copied().unwrap_or(0),
            users: self.listed(state).unwrap_or_default(),
            count: state.present.len(),
            epoch: Arc::clone(&self.epoch),
            cursor: self.last_id,
            conversations: conversations.map(|(peer, tail)| (peer, tail.newest(0, PRIVATE_SHOWN))).collect(),
        };
        Some((snapshot, self.room_list()))
    }

    pub(super) fn history(
        &mut self,
        connection: ConnectionId,
        user: UserId,
        address: String,
        range: Range,
    ) -> Result<(), Refused> {
        let log = self.log(user, &address)?;
        let address = match &log {
            Log::Room(room) => room.shared(),
            Log::Conversation(_) => address.into(),
        };
        let page = match &log {
            Log::Room(room) => self.page(room, range),
            Log::Conversation(pair) => {
                self.conversations.get(pair).map_or(Some(Page::default()), |tail| tail.page(range))
            }
        };
        if let Some(page) = page {
            self.send_page(connection, address, page);
            return Ok(());
        }
        let Some(state) = self.connections.get_mut(&connection) else {
            return Ok(());
        };
        if state.reads >= READS_AT_ONCE {
            return Err(super::too_fast(READ_AGAIN_AFTER_MS));
        }
        state.reads += 1;
        self.effects.push(Effect::Read { connection, address, log, range });
        Ok(())
    }

    pub(super) fn send_page(&mut self, connection: ConnectionId, address: Arc<str>, page: Page) {
        let history = History { room: address, messages: page.entries, more: page.more };
        self.send(connection, &ServerFrame::History(history));
    }

    pub(super) fn user_list(&mut self, connection: ConnectionId, room: &str) -> Result<(), Refused> {
        let room = self.known_room(room)?;
        let users = self.users_in(&room).unwrap_or_default();
        let count = users.len();
        self.send(connection, &ServerFrame::UserList(UserList { room, users, count }));
        Ok(())
    }

    /// The log that a user means by a room's name, or by `@name` for the conversation with somebody.
    pub(super) fn log(&self, user: UserId, address: &str) -> Result<Log, Refused> {
        match address.strip_prefix('@') {
            Some(name) => self.conversation(user, name).map(Log::Conversation),
            None => self.known_room(address).map(Log::Room),
        }
    }

    pub(super) fn known_room(&self, room: &str) -> Result<RoomName, Refused> {
        RoomName::parse(room)
            .ok()
            .filter(|room| self.has_room(room))
            .ok_or_else(|| refusal(ErrorCode::BadRoom, "There is no such room."))
    }

    pub(super) fn is_member(&self, user: UserId, room: &RoomName) -> bool {
        self.rooms.get(room).is_some_and(|state| state.members.contains(&user))
    }

    /// The rooms that a user is a member of, by name.
    pub(super) fn rooms_of(&self, user: UserId) -> Vec<RoomName> {
        self.users.get(&user).map(|state| state.member_of.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn room_list(&self) -> Vec<RoomInfo> {
        self.rooms.iter().map(|(name, state)| RoomInfo { name: name.clone(), users: state.present.len() }).collect()
    }

    /// Those present in a room by name, unless they are too many to be sent to everybody.
    pub(super) fn listed(&self, room: &Room) -> Option<Vec<UserInfo>> {
        (room.present.len() <= LISTED_MEMBERS).then(|| self.users_of(room))
    }

    fn users_of(&self, room: &Room) -> Vec<UserInfo> {
        let mut users: Vec<_> = room
            .present
            .iter()
            .filter_map(|id| self.users.get(id).map(|user| (user.name.key(), *id, user.name.shared())))
            .collect();
        users.sort();
        let info = |(_, id, name)| UserInfo { id, name, typing: room.typing.contains_key(&id) };
        users.into_iter().map(info).collect()
    }
}
