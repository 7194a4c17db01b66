//! What can be asked about the chat.

use super::{Chat, Refused, parse_room, refusal};
use crate::{
    chat::{
        Address, ConnectionId, Effect,
        room::Room,
        scripts::{MIXED, is_unmixed},
        steps,
        user::User,
    },
    journal::{Log, Page, Range},
};
use app::{
    protocol::{
        ErrorCode, History, RAW_NAME_MAX, RoomName, RoomNameError, ServerFrame, UserId, UserInfo, UserList,
        limits::{LISTED_AWAY, LISTED_MEMBERS, LISTED_ROOMS, READS_AT_ONCE, RESUMED_CONVERSATIONS},
    },
    sync::{ListedRoom, Place, Snapshot},
};
use std::{collections::BTreeSet, sync::Arc};

/// After how many milliseconds a connection may ask for another page when it waits for as many as it may.
const READ_AGAIN_AFTER_MS: u64 = 100;

/// Members up to which those who are away are listed: whoever asks waits for all of them to be looked at.
const AWAY_AMONG: usize = 1_000;

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
    /// The log's life: a random name that no other store has.
    #[must_use]
    pub fn epoch(&self) -> Arc<str> {
        Arc::clone(&self.epoch)
    }

    /// What a user is called; nothing when there is no such user.
    #[must_use]
    pub fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.users.get(&user).map(|state| state.name.shared())
    }

    /// The room that is meant by a name, if it is there.
    #[must_use]
    pub fn room(&self, name: &str) -> Option<RoomName> {
        self.meant_room(name).ok().filter(|room| self.has_room(room))
    }

    /// The room that would be made by a name, if it can be.
    #[must_use]
    pub fn room_to_make(&self, name: &str) -> Option<RoomName> {
        self.meant_room(name).ok().filter(|room| !self.has_room(room))
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

    /// From where a connection was opened, if that is counted.
    #[must_use]
    pub fn sender(&self, connection: ConnectionId) -> Option<Address> {
        self.connections.get(&connection)?.address
    }

    /// How much of everything there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { users_online: self.online, rooms_count: self.rooms.len(), messages_total: self.entries }
    }

    /// Those present in a room, by name; nothing when there is no such room.
    #[must_use]
    pub fn users_in(&self, room: &RoomName) -> Option<Vec<UserInfo>> {
        self.rooms.get(room).map(|state| self.users_of(room, state))
    }

    /// A page of a room's log, if what is in memory suffices for it.
    #[must_use]
    pub fn page(&self, room: &RoomName, range: Range) -> Option<Page> {
        self.rooms.get(room)?.tail.page(range)
    }

    /// A page of a conversation, if what is in memory suffices for it.
    #[must_use]
    pub fn private_page(&self, user: UserId, peer: UserId, range: Range) -> Option<Page> {
        self.conversation_tail(user, peer).map_or_else(|| Some(Page::default()), |tail| tail.page(range))
    }

    /// What a page about a room or a conversation is rendered from; nothing when there is none, or no such user.
    #[must_use]
    pub fn snapshot(&self, user: UserId, place: &Place) -> Option<Snapshot> {
        let who = self.users.get(&user)?;
        let newest = self.conversations_of(user, 0, RESUMED_CONVERSATIONS);
        let mut conversations: Vec<_> = newest.into_iter().map(|(peer, _)| peer).collect();
        let (tail, users, away, count) = match place {
            Place::Room(room) => {
                let state = self.rooms.get(room)?;
                let mut away = self.away_from(state);
                away.retain(|member| member.id != user); // who is reading this
                (Some(&state.tail), self.listed(room, state).unwrap_or_default(), away, state.present.len())
            }
            Place::With(peer) => {
                let tail = self.conversation_tail(user, *peer);
                // Nobody begins to talk with a user who is just being forgotten.
                self.peer_name(user, *peer)?;
                if !conversations.iter().any(|conversation| conversation.id == *peer) {
                    conversations.push(self.conversation_info(user, *peer)?);
                }
                let both = BTreeSet::from([user, *peer]);
                let is_present = |id: &UserId| self.users.get(id).is_some_and(|who| who.present);
                let (present, mut away): (BTreeSet<_>, BTreeSet<_>) = both.into_iter().partition(is_present);
                away.remove(&user);
                let [users, away] = [present, away].map(|those| self.infos(&those, |_| false));
                let count = users.len();
                (tail, users, away, count)
            }
            Place::Mentions => (None, Vec::new(), Vec::new(), 0),
        };
        let is_in = |room: &RoomName| who.member_of.contains(room);
        let rooms = self.liveliest(user, place.room(), LISTED_ROOMS);
        let more_rooms = self.listed_count().saturating_sub(rooms.len());
        let listed = |name: RoomName| ListedRoom {
            standing: is_in(&name).then(|| self.standing(user, &name)),
            users: self.rooms.get(&name).map_or(0, |state| state.present.len()),
            name,
        };
        Some(Snapshot {
            user_id: user,
            name: who.name.shared(),
            place: place.clone(),
            entries: tail.map(|tail| tail.newest(0, self.share_alone(tail))).unwrap_or_default(),
            users,
            away,
            count,
            epoch: Arc::clone(&self.epoch),
            cursor: self.last_id,
            rooms: rooms.into_iter().map(listed).collect(),
            more_rooms,
            conversations,
        })
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
            Log::Conversation(pair) => self.private_page(user, pair.other(user), range),
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
        self.send(connection, ServerFrame::History(history));
    }

    /// As how many requests a list of those present counts: as one for each [`LISTED_MEMBERS`] of them.
    pub(super) fn price_of_list(&self, room: &str) -> u32 {
        let present = self.room(room).and_then(|room| self.rooms.get(&room)).map_or(0, |state| state.present.len());
        u32::try_from(1 + present / LISTED_MEMBERS).unwrap_or(u32::MAX)
    }

    pub(super) fn user_list(&mut self, connection: ConnectionId, room: &str) -> Result<(), Refused> {
        let room = self.known_room(room)?;
        let users = self.users_in(&room).unwrap_or_default();
        let away = self.rooms.get(&room).map(|state| self.away_from(state)).unwrap_or_default();
        let count = users.len();
        self.send(connection, ServerFrame::UserList(UserList { room, users, count, away }));
        Ok(())
    }

    /// The log that a user means by a room's name, or by `@Bo` or `@2-Bo` for the conversation with somebody.
    pub(super) fn log(&self, user: UserId, address: &str) -> Result<Log, Refused> {
        match address.strip_prefix('@') {
            Some(segment) => self.conversation_at(user, segment).map(Log::Conversation),
            None => self.known_room(address).map(Log::Room),
        }
    }

    pub(super) fn known_room(&self, room: &str) -> Result<RoomName, Refused> {
        self.room(room).ok_or_else(|| refusal(ErrorCode::BadRoom, "There is no such room."))
    }

    /// The room of this name, which may not be there yet. One that is there is meant by every spelling of its name, and
    /// by every name that looks like it: nobody goes to a room unknowingly that only looks like the one they know.
    pub(super) fn meant_room(&self, name: &str) -> Result<RoomName, Refused> {
        if name.len() > RAW_NAME_MAX {
            return Err(refusal(ErrorCode::BadRoom, RoomNameError.to_string()));
        }
        // An older store may have rooms whose names would be made otherwise today.
        let told = RoomName::told(name);
        if self.has_room(&told) {
            return Ok(told);
        }
        let room = parse_room(name)?;
        if self.has_room(&room) {
            return Ok(room);
        }
        match self.room_names.like(&room) {
            Some(known) => Ok(known.clone()),
            None if !is_unmixed(room.as_str()) => Err(refusal(ErrorCode::BadRoom, MIXED)),
            None => Ok(room),
        }
    }

    pub(super) fn is_member(&self, user: UserId, room: &RoomName) -> bool {
        self.rooms.get(room).is_some_and(|state| state.members.contains(&user))
    }

    /// The rooms that a user is a member of, by name.
    pub(super) fn rooms_of(&self, user: UserId) -> Vec<RoomName> {
        self.users.get(&user).map(|state| state.member_of.iter().cloned().collect()).unwrap_or_default()
    }

    /// Those present in a room by name, unless they are too many to be sent to everybody.
    pub(super) fn listed(&self, name: &RoomName, room: &Room) -> Option<Vec<UserInfo>> {
        (room.present.len() <= LISTED_MEMBERS).then(|| self.users_of(name, room))
    }

    fn users_of(&self, name: &RoomName, room: &Room) -> Vec<UserInfo> {
        let log = Log::Room(name.clone());
        self.infos(&room.present, |user| user.typing.contains_key(&log))
    }

    /// The members of a room who are not present and have ever written something, by name: the first [`LISTED_AWAY`], and
    /// nobody in a room of very many. A visitor who never did is not missed by anybody.
    pub(super) fn away_from(&self, room: &Room) -> Vec<UserInfo> {
        if room.members.len() > AWAY_AMONG || room.present.len() > LISTED_MEMBERS {
            return Vec::new();
        }
        // A user without a session is just being forgotten.
        let is_there =
            |id: &&UserId| self.users.get(id).is_some_and(|user| user.has_written && !user.sessions.is_empty());
        let away = room.members.difference(&room.present).filter(is_there).copied().collect();
        let mut away = self.infos(&away, |_| false);
        away.truncate(LISTED_AWAY);
        away
    }

    /// Users by name.
    fn infos(&self, users: &BTreeSet<UserId>, is_typing: impl Fn(&User) -> bool) -> Vec<UserInfo> {
        let info = |id: &UserId| {
            let user = self.users.get(id)?;
            let info = UserInfo { id: *id, name: user.name.shared(), typing: is_typing(user) };
            steps::count();
            Some((&user.key, info))
        };
        let mut users: Vec<_> = users.iter().filter_map(info).collect();
        // No two users have the same key.
        users.sort_unstable_by_key(|(key, _)| *key);
        users.into_iter().map(|(_, info)| info).collect()
    }
}
