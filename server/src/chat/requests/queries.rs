//! Queries of the chat's state.

use crate::{
    chat::{
        Address, ConnectionId,
        engine::Chat,
        refusals::{Refused, no_such_number, parse_room, refusal},
        scripts::{MIXED, is_unmixed},
        state::{Room, User},
        steps,
    },
    journal::{Page, Range},
};
use app::protocol::{
    EntryId, ErrorCode, ListedRoom, LogId, Place, RAW_NAME_MAX, RoomName, RoomNameError, ServerFrame, Snapshot, UserId,
    UserInfo, UserList, WireName,
    limits::{LISTED_AWAY, LISTED_MEMBERS, LISTED_ROOMS, RESUMED_CONVERSATIONS},
};
use std::{collections::BTreeSet, sync::Arc};

/// Totals of the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Number of present users: connected, or within the grace period.
    pub users_online: usize,
    /// Number of rooms.
    pub rooms_count: usize,
    /// Number of stored entries, in rooms and conversations.
    pub messages_total: u64,
}

impl Chat {
    /// Returns the log's epoch: a random name that no other store has.
    #[must_use]
    pub fn epoch(&self) -> Arc<str> {
        Arc::clone(&self.epoch)
    }

    /// Returns the identifier of the newest entry of all logs.
    #[must_use]
    pub const fn newest_entry(&self) -> EntryId {
        self.logs.last_id
    }

    /// Returns the name of a user, or `None` if the user does not exist.
    #[must_use]
    pub fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.directory.users.get(&user).map(|state| state.name.shared())
    }

    /// Returns the existing room that a name means.
    #[must_use]
    pub fn room(&self, name: &str) -> Option<RoomName> {
        self.meant_room(name).ok().filter(|room| self.has_room(room))
    }

    /// Returns the room that a join of this name would create, or `None` if it exists or the name is invalid.
    #[must_use]
    pub fn room_to_make(&self, name: &str) -> Option<RoomName> {
        self.meant_room(name).ok().filter(|room| !self.has_room(room))
    }

    /// Returns `true` if the room exists.
    #[must_use]
    pub fn has_room(&self, room: &RoomName) -> bool {
        self.logs.rooms.contains_key(room)
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.clients.connections.len()
    }

    /// Returns the client address of a connection, or `None` if it is not counted.
    #[must_use]
    pub fn sender(&self, connection: ConnectionId) -> Option<Address> {
        self.clients.connections.get(&connection)?.address
    }

    /// Returns the totals of the chat.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            users_online: self.directory.online,
            rooms_count: self.logs.rooms.len(),
            messages_total: self.logs.entries,
        }
    }

    /// Returns the present members of a room by name, or `None` if the room does not exist.
    #[must_use]
    pub fn users_in(&self, room: &RoomName) -> Option<Vec<UserInfo>> {
        self.logs.rooms.get(room).map(|state| self.users_of(room, state))
    }

    /// Returns a page of a room's log, or `None` if it needs entries that are not cached.
    #[must_use]
    pub fn page(&self, room: &RoomName, range: Range) -> Option<Page> {
        self.logs.rooms.get(room)?.recent.page(range)
    }

    /// Returns a page of a conversation, or `None` if it needs entries that are not cached.
    #[must_use]
    pub fn private_page(&self, user: UserId, peer: UserId, range: Range) -> Option<Page> {
        self.recent_of_conversation(user, peer).map_or_else(|| Some(Page::default()), |recent| recent.page(range))
    }

    /// Returns what a page is rendered from, or `None` if the user or the place does not exist.
    #[must_use]
    pub fn snapshot(&self, user: UserId, place: &Place) -> Option<Snapshot> {
        let who = self.directory.users.get(&user)?;
        let newest = self.conversations_of(user, 0, RESUMED_CONVERSATIONS);
        let mut conversations: Vec<_> = newest.into_iter().map(|(peer, _)| peer).collect();
        let (recent, users, away, count) = match place {
            Place::Room(room) => {
                let state = self.logs.rooms.get(room)?;
                let mut away = self.away_from(state);
                away.retain(|member| member.id != user); // the reader
                let users = self.listed(room, state).unwrap_or_default();
                (Some(&state.recent), users, away, state.count())
            }
            Place::With(peer) => {
                let recent = self.recent_of_conversation(user, *peer);
                // There is no page for a user who is being forgotten.
                self.peer_name(user, *peer)?;
                if !conversations.iter().any(|conversation| conversation.id == *peer) {
                    conversations.push(self.conversation_info(user, *peer)?);
                }
                let both = BTreeSet::from([user, *peer]);
                let is_present =
                    |id: &UserId| *id == user || self.directory.users.get(id).is_some_and(|who| who.present);
                let (present, away): (BTreeSet<_>, BTreeSet<_>) = both.into_iter().partition(is_present);
                let [users, away] = [present, away].map(|those| self.infos(&those, |_| false));
                let count = users.len();
                (recent, users, away, count)
            }
            Place::Mentions => (None, Vec::new(), Vec::new(), 0),
        };
        let is_in = |room: &RoomName| who.member_of.contains(room);
        let rooms = self.liveliest(user, place.room(), LISTED_ROOMS);
        let more_rooms = self.listed_count().saturating_sub(rooms.len());
        let listed = |name: RoomName| ListedRoom {
            standing: is_in(&name).then(|| self.standing(user, &name)),
            users: self.logs.rooms.get(&name).map_or(0, Room::count),
            name,
        };
        Some(Snapshot {
            user_id: user,
            name: who.name.shared(),
            place: place.clone(),
            entries: recent.map(|recent| recent.newest(0, self.share_alone(recent))).unwrap_or_default(),
            users,
            away,
            count,
            epoch: Arc::clone(&self.epoch),
            cursor: self.logs.last_id,
            rooms: rooms.into_iter().map(listed).collect(),
            more_rooms,
            conversations,
        })
    }

    /// Returns the price of a member list in queries: one, and one more for each [`LISTED_MEMBERS`] present members.
    pub(in crate::chat) fn price_of_list(&self, room: &str) -> u32 {
        let present = self.room(room).and_then(|room| self.logs.rooms.get(&room)).map_or(0, Room::count);
        u32::try_from(1 + present / LISTED_MEMBERS).unwrap_or(u32::MAX)
    }

    pub(in crate::chat) fn user_list(&mut self, connection: ConnectionId, room: &str) -> Result<(), Refused> {
        let room = self.known_room(room)?;
        let list = self.members_of(room);
        self.send(connection, ServerFrame::UserList(list));
        Ok(())
    }

    /// Returns all present members of a room, and the absent ones as far as they are listed.
    pub(in crate::chat) fn members_of(&self, room: RoomName) -> UserList {
        let users = self.users_in(&room).unwrap_or_default();
        let away = self.logs.rooms.get(&room).map(|state| self.away_from(state)).unwrap_or_default();
        UserList { room, count: users.len(), users, away }
    }

    /// Returns the log that a name on the wire stands for.
    pub(in crate::chat) fn log_by_wire_name(&self, user: UserId, name: &str) -> Result<LogId, Refused> {
        match WireName::parse(name).ok_or_else(no_such_number)? {
            WireName::Room(room) => self.known_room(room).map(LogId::Room),
            WireName::Conversation(peer) => self.conversation_with_peer(user, peer).map(LogId::Conversation),
        }
    }

    pub(in crate::chat) fn known_room(&self, room: &str) -> Result<RoomName, Refused> {
        self.room(room).ok_or_else(|| refusal(ErrorCode::BadRoom, "There is no such room."))
    }

    /// Returns the room that a name means, which need not exist. An existing room is meant by every spelling of its
    /// name and by every name that looks like it, so nobody ends up in a lookalike of a known room.
    pub(in crate::chat) fn meant_room(&self, name: &str) -> Result<RoomName, Refused> {
        if name.len() > RAW_NAME_MAX {
            return Err(refusal(ErrorCode::BadRoom, RoomNameError.to_string()));
        }
        // Rooms of older stores can have names that are no longer valid.
        let told = RoomName::told(name);
        if self.has_room(&told) {
            return Ok(told);
        }
        let room = parse_room(name)?;
        if self.has_room(&room) {
            return Ok(room);
        }
        match self.logs.room_names.like(&room) {
            Some(known) => Ok(known.clone()),
            None if !is_unmixed(room.as_str()) => Err(refusal(ErrorCode::BadRoom, MIXED)),
            None => Ok(room),
        }
    }

    pub(in crate::chat) fn is_member(&self, user: UserId, room: &RoomName) -> bool {
        self.logs.rooms.get(room).is_some_and(|state| state.members.contains(&user))
    }

    /// Returns the rooms of which a user is a member, by name.
    pub(in crate::chat) fn rooms_of(&self, user: UserId) -> Vec<RoomName> {
        self.directory.users.get(&user).map(|state| state.member_of.iter().cloned().collect()).unwrap_or_default()
    }

    /// Returns the present members of a room by name, or `None` above [`LISTED_MEMBERS`], where frames carry the count
    /// alone.
    pub(in crate::chat) fn listed(&self, name: &RoomName, room: &Room) -> Option<Vec<UserInfo>> {
        (room.count() <= LISTED_MEMBERS).then(|| self.users_of(name, room))
    }

    fn users_of(&self, name: &RoomName, room: &Room) -> Vec<UserInfo> {
        let log = LogId::Room(name.clone());
        self.infos(&room.shown(), |user| user.typing.contains_key(&log))
    }

    /// Returns the absent members of a room who have ever written an entry, by name: the first [`LISTED_AWAY`], and
    /// none in a very large room. Visitors who never wrote are left out.
    pub(in crate::chat) fn away_from(&self, room: &Room) -> Vec<UserInfo> {
        if !room.lists_absent() {
            return Vec::new();
        }
        let is_listed = |id: &&UserId| self.directory.users.get(id).is_some_and(User::is_listed_away);
        let away = room.members.difference(&room.shown()).filter(is_listed).copied().collect();
        let mut away = self.infos(&away, |_| false);
        away.truncate(LISTED_AWAY);
        away
    }

    /// Returns users sorted by name.
    fn infos(&self, users: &BTreeSet<UserId>, is_typing: impl Fn(&User) -> bool) -> Vec<UserInfo> {
        let info = |id: &UserId| {
            let user = self.directory.users.get(id)?;
            let info = UserInfo { id: *id, name: user.name.shared(), typing: is_typing(user) };
            steps::count();
            Some((&user.key, info))
        };
        let mut users: Vec<_> = users.iter().filter_map(info).collect();
        // Keys are unique.
        users.sort_unstable_by_key(|(key, _)| *key);
        users.into_iter().map(|(_, info)| info).collect()
    }
}
