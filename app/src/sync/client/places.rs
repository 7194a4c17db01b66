//! The lists of rooms and conversations, and the change of the shown place.
//!
//! Invariants of the list of rooms: rooms ascend by name without repeats; the present users are all or unknown.

use super::{Client, Effect, Preview, commands::PendingReply};
use crate::{
    command,
    protocol::{
        ClientFrame, ListedRoom, Place, RoomCounts, RoomInfo, RoomName, Unread, UserId,
        limits::{LISTED_MEMBERS, LISTED_ROOMS},
    },
};
use std::sync::Arc;

/// A room in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomLine {
    /// Name of the room.
    pub name: RoomName,
    /// Number of present members.
    pub users: usize,
    /// `true` if the person is a member.
    pub is_member: bool,
    /// Unread counts.
    pub unread: Unread,
    /// Number of the person's texts that were refused there and wait for a decision.
    pub unsent: usize,
}

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationLine {
    /// Identifier of the peer.
    pub id: UserId,
    /// Current name of the peer.
    pub name: Arc<str>,
    /// `true` if the peer is present, `None` if that is not known.
    pub is_here: Option<bool>,
    /// Number of unread entries.
    pub unread: usize,
    /// Number of refused texts, as in [`RoomLine`].
    pub unsent: usize,
}

/// The known state of a room, the person's own or not.
#[derive(Debug, Clone)]
pub(super) struct RoomState {
    pub(super) name: RoomName,
    pub(super) users: usize,
    pub(super) is_member: bool,
}

/// The listed rooms, and who is present in the chat.
#[derive(Debug, Clone, Default)]
pub(super) struct RoomList {
    /// Listed rooms by name: the person's own, and the [`LISTED_ROOMS`] fullest others.
    pub(super) rooms: Vec<RoomState>,
    /// Number of rooms that are not listed, as far as the server told it.
    pub(super) more: usize,
    /// Users who are present in the chat, that is in `general`; `None` if they are too many to be listed.
    pub(super) here: Option<Vec<UserId>>,
}

impl RoomList {
    pub(super) fn get(&self, room: &RoomName) -> Option<&RoomState> {
        self.rooms.iter().find(|known| known.name == *room)
    }

    /// Returns `true` if the person is a member of the room.
    pub(super) fn is_member(&self, room: &RoomName) -> bool {
        self.get(room).is_some_and(|known| known.is_member)
    }

    /// Returns the state of a room, and lists the room if necessary.
    pub(super) fn known(&mut self, name: &RoomName) -> &mut RoomState {
        let at = self.rooms.iter().position(|room| room.name >= *name).unwrap_or(self.rooms.len());
        if self.rooms.get(at).is_none_or(|room| room.name != *name) {
            self.rooms.insert(at, RoomState { name: name.clone(), users: 0, is_member: false });
            // The room was one of those that are not listed.
            self.more = self.more.saturating_sub(1);
        }
        &mut self.rooms[at]
    }

    /// Records the number of present members. An unknown room without any is ignored, since it may not exist.
    pub(super) fn note_present(&mut self, name: &RoomName, count: usize) {
        if count > 0 || self.get(name).is_some() {
            self.known(name).users = count;
        }
    }

    /// Sets the number of present members of a room, if it is listed.
    pub(super) fn set_present(&mut self, room: &RoomName, users: usize) {
        if let Some(known) = self.rooms.iter_mut().find(|known| known.name == *room) {
            known.users = users;
        }
    }

    /// Replaces the person's memberships.
    pub(super) fn set_memberships(&mut self, rooms: &[RoomName]) {
        for known in &mut self.rooms {
            known.is_member = false;
        }
        for room in rooms {
            self.known(room).is_member = true;
        }
    }

    /// Lists a new room while there is space; the next full list corrects the order.
    pub(super) fn room_created(&mut self, room: &RoomName) {
        let is_listed = self.get(room).is_some();
        if !is_listed {
            self.more += 1;
        }
        if is_listed || self.rooms.iter().filter(|known| !known.is_member).count() < LISTED_ROOMS {
            self.known(room).users = 1;
        }
    }
}

impl Client {
    /// Returns the listed rooms, by name.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomLine> {
        let line = |room: &RoomState| RoomLine {
            name: room.name.clone(),
            users: room.users,
            is_member: room.is_member,
            unread: self.unread(&Place::Room(room.name.clone())),
            unsent: self.unsent(&Place::Room(room.name.clone())),
        };
        self.room_list.rooms.iter().map(line).collect()
    }

    /// Returns the number of rooms that are not listed.
    #[must_use]
    pub const fn more_rooms(&self) -> usize {
        self.room_list.more
    }

    /// Returns the conversations, the one with the newest entry first.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationLine> {
        // The list is short, and a sort would add code to the download.
        let mut logs: Vec<&super::Log> = Vec::new();
        for log in self.logs.all.iter().filter(|log| matches!(log.place, Place::With(_))) {
            let at = logs.iter().position(|other| other.timeline.head() < log.timeline.head()).unwrap_or(logs.len());
            logs.insert(at, log);
        }
        let line = |log: &super::Log| match (&log.place, &log.peer) {
            (Place::With(id), Some(name)) => Some(ConversationLine {
                id: *id,
                name: Arc::clone(name),
                is_here: self.is_here(*id),
                unread: log.unread.count,
                unsent: self.unsent(&log.place),
            }),
            _ => None,
        };
        logs.into_iter().filter_map(line).collect()
    }

    /// Returns `true` if a user is present, or `None` if that is not known.
    #[must_use]
    pub fn is_here(&self, user: UserId) -> Option<bool> {
        self.room_list.here.as_ref().map(|here| here.contains(&user))
    }

    /// Returns the name of a place: a room's, or that of a conversation's peer.
    #[must_use]
    pub fn name_of(&self, place: &Place) -> Arc<str> {
        match place {
            Place::Room(room) => room.shared(),
            Place::With(_) => {
                self.logs.get(place).and_then(|log| log.peer.clone()).unwrap_or_else(|| Arc::from("somebody"))
            }
            Place::Mentions => Arc::from("Mentions"),
        }
    }

    /// Lists a room of the page's snapshot.
    pub(super) fn listed(&mut self, ListedRoom { name, users, standing }: ListedRoom) {
        *self.room_list.known(&name) = RoomState { name: name.clone(), users, is_member: standing.is_some() };
        if let Some(standing) = standing {
            let log = self.logs.get_or_insert(&Place::Room(name));
            log.timeline.note_head(standing.head);
            log.read = standing.read;
            log.unread = standing.unread;
            log.is_known = true;
        }
    }

    /// Removes the other rooms from the list, except for the shown one and those with refused texts of the person.
    fn keep_listed(&mut self, is_listed: impl Fn(&RoomName) -> bool) {
        let stays = |known: &&RoomState| {
            is_listed(&known.name)
                || self.place.room() == Some(&known.name)
                || self.unsent(&Place::Room(known.name.clone())) > 0
        };
        self.room_list.rooms = self.room_list.rooms.iter().filter(stays).cloned().collect();
    }

    /// Takes the list of rooms of the server.
    pub(super) fn room_list(&mut self, rooms: &[RoomInfo], total: usize) {
        self.connection.awaits_rooms = false;
        self.keep_listed(|name| rooms.iter().any(|room| room.name == *name));
        if rooms.len() == total {
            // The list is complete, so a room that is kept in spite of it does not exist any more.
            self.room_list.rooms.iter_mut().for_each(|known| known.users = 0);
        }
        for room in rooms {
            self.room_list.known(&room.name).users = room.users;
        }
        self.room_list.more = total.saturating_sub(self.room_list.rooms.len());
        if self.is_awaited(&PendingReply::Rooms) {
            self.notices.tell(&command::rooms(rooms, total));
        }
    }

    /// Takes changed numbers of present members, and the number of rooms.
    pub(super) fn room_counts(&mut self, counts: &RoomCounts) {
        for room in &counts.rooms {
            self.room_list.set_present(&room.name, room.users);
        }
        self.keep_listed(|name| !counts.archived.contains(name));
        self.room_list.more = counts.total.saturating_sub(self.room_list.rooms.len());
    }

    pub(super) fn rooms_deleted<'a>(&mut self, rooms: impl IntoIterator<Item = &'a RoomName>) {
        rooms.into_iter().for_each(|room| self.room_deleted(room));
    }

    fn room_deleted(&mut self, room: &RoomName) {
        let is_listed = self.room_list.get(room).is_some();
        if !is_listed {
            self.room_list.more = self.room_list.more.saturating_sub(1);
        } else if self.unsent(&Place::Room(room.clone())) > 0 {
            // The person's refused texts are found through their room.
            *self.room_list.known(room) = RoomState { name: room.clone(), users: 0, is_member: false };
        } else {
            self.room_list.rooms.retain(|known| known.name != *room);
        }
    }

    /// Requests the list of rooms, and `room_counts` frames from then on.
    pub(super) fn browse(&mut self, effects: &mut Vec<Effect>) {
        if self.link.is_live() {
            self.connection.awaits_rooms = true;
            effects.push(Effect::Send(ClientFrame::GetRooms { follow: true }));
        }
    }

    /// Requests the lists again that were refused for now.
    pub(super) fn list_again(&mut self, effects: &mut Vec<Effect>) {
        self.connection.list_again_at = None;
        if self.connection.awaits_rooms {
            self.browse(effects);
        }
        for room in std::mem::take(&mut self.connection.awaits_users) {
            self.ask_who_is_in(&room, effects);
        }
        if self.awaits_log() {
            self.ask_for_log(effects);
        }
    }

    /// Returns `true` if the shown conversation, or the list of mentions, was requested and has not arrived.
    pub(super) fn awaits_log(&self) -> bool {
        let is_room = self.place.room().is_some();
        !is_room && self.logs.get(&self.place).is_none_or(|log| !log.is_known)
    }

    fn ask_for_log(&self, effects: &mut Vec<Effect>) {
        match self.place {
            Place::Room(_) => {}
            Place::With(_) => self.ask_for_newest(effects),
            Place::Mentions => effects.push(Effect::Send(ClientFrame::GetMentions)),
        }
    }

    fn ask_who_is_in(&mut self, room: &RoomName, effects: &mut Vec<Effect>) {
        if !self.connection.awaits_users.contains(room) {
            self.connection.awaits_users.push(room.clone());
        }
        effects.push(Effect::Send(ClientFrame::GetUsers { room: room.to_string() }));
    }

    /// Shows another place.
    pub(super) fn show(&mut self, place: Place, by_person: bool, effects: &mut Vec<Effect>) {
        if place == self.place {
            return;
        }
        if self.connection.told_typing_at.take().is_some() && self.link.is_live() {
            effects.extend(self.typing_frame(false));
        }
        let left = std::mem::replace(&mut self.place, place.clone());
        self.trim(&left);
        self.notices.clear();
        self.connection.typing.clear();
        self.members.clear();
        self.logs.get_or_insert(&place);
        self.refresh_participants();
        self.divide();
        effects.push(Effect::Shown(place, by_person));
        if self.link.is_live() {
            self.load_place(effects);
            self.fill_newest(effects);
        }
    }

    /// Shows the conversation with a user.
    pub(super) fn talk(&mut self, user: UserId, name: Arc<str>, effects: &mut Vec<Effect>) {
        self.logs.set_peer_name(user, name);
        self.show(Place::With(user), true, effects);
    }

    /// Requests what the shown place needs beside its entries: the members of the person's own room, a preview of any
    /// other room, or the end of a conversation.
    pub(super) fn load_place(&mut self, effects: &mut Vec<Effect>) {
        let preview = self.place.room().filter(|room| !self.room_list.is_member(room)).map(RoomName::to_string);
        let is_preview = preview.is_some();
        let next = if is_preview { Preview::Asked } else { Preview::No };
        let before = std::mem::replace(&mut self.connection.preview, next);
        if is_preview || before != Preview::No {
            effects.push(Effect::Send(ClientFrame::Preview { room: preview }));
        }
        match self.place.clone() {
            Place::Room(_) if is_preview => {}
            // In a larger room every arriving member would be sent all members.
            Place::Room(_) if self.count() > LISTED_MEMBERS => {}
            Place::Room(room) => self.ask_who_is_in(&room, effects),
            Place::With(_) | Place::Mentions => self.ask_for_log(effects),
        }
        let has_peers = self.logs.all.iter().any(|log| matches!(log.place, Place::With(_)));
        let general = RoomName::general();
        if has_peers
            && !self.connection.is_here_fresh
            && self.place.room() != Some(&general)
            && self.room_list.get(&general).is_some_and(|room| room.users <= LISTED_MEMBERS)
        {
            self.ask_who_is_in(&general, effects);
        }
    }

    /// Requests the newest entries of the shown log, unless its end is known.
    pub(super) fn ask_for_newest(&self, effects: &mut Vec<Effect>) {
        let log = self.logs.get(&self.place).filter(|log| !log.is_known);
        let room = log.and_then(super::Log::wire_name);
        effects.extend(
            room.map(|room| Effect::Send(ClientFrame::GetHistory { room, before: None, after: None, limit: None })),
        );
    }
}
