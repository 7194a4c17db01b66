//! The rooms and conversations that there are, and going from one to the other.

use super::{Client, Effect, Preview, commands::Wants};
use crate::{
    command,
    protocol::{
        ClientFrame, RoomCounts, RoomInfo, RoomName, Unread, UserId,
        limits::{LISTED_MEMBERS, LISTED_ROOMS},
    },
    sync::{Place, input::ListedRoom},
};
use std::sync::Arc;

/// A room in a list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomLine {
    /// The room.
    pub name: RoomName,
    /// How many are present.
    pub users: usize,
    /// Whether the person is in it.
    pub is_member: bool,
    /// What is unread.
    pub unread: Unread,
    /// How many texts of the person were refused there and wait for a decision.
    pub unsent: usize,
}

/// A conversation in a list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationLine {
    /// The other one's number.
    pub id: UserId,
    /// What the other one is called now.
    pub name: Arc<str>,
    /// Whether the other one is present, if that is known.
    pub is_here: Option<bool>,
    /// How much is unread.
    pub unread: usize,
    /// As in a [`RoomLine`].
    pub unsent: usize,
}

/// What is known of a room, whether the person is in it or not.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: RoomName,
    pub(super) users: usize,
    pub(super) is_member: bool,
}

/// Whether a room is among those that the person is in.
pub(super) fn is_member(rooms: &[Known], room: &RoomName) -> bool {
    rooms.iter().any(|known| known.name == *room && known.is_member)
}

impl Client {
    /// What is known of a room; it is noted if nothing was.
    pub(super) fn known(&mut self, name: &RoomName) -> &mut Known {
        let at = self.rooms.iter().position(|room| room.name >= *name).unwrap_or(self.rooms.len());
        if self.rooms.get(at).is_none_or(|room| room.name != *name) {
            self.rooms.insert(at, Known { name: name.clone(), users: 0, is_member: false });
            // It was one of those that are not listed, if there were any.
            self.more_rooms = self.more_rooms.saturating_sub(1);
        }
        &mut self.rooms[at]
    }

    /// So many are present in a room. One that nobody is in need not be there.
    pub(super) fn note_present(&mut self, name: &RoomName, count: usize) {
        if count > 0 || self.rooms.iter().any(|room| room.name == *name) {
            self.known(name).users = count;
        }
    }

    /// These are the rooms that the person is in.
    pub(super) fn is_in(&mut self, rooms: &[RoomName]) {
        for known in &mut self.rooms {
            known.is_member = false;
        }
        for room in rooms {
            self.known(room).is_member = true;
        }
    }

    /// The rooms that are listed, by name.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomLine> {
        let line = |room: &Known| RoomLine {
            name: room.name.clone(),
            users: room.users,
            is_member: room.is_member,
            unread: self.unread(&Place::Room(room.name.clone())),
            unsent: self.unsent(&Place::Room(room.name.clone())),
        };
        self.rooms.iter().map(line).collect()
    }

    /// How many rooms there are beside them.
    #[must_use]
    pub const fn more_rooms(&self) -> usize {
        self.more_rooms
    }

    /// The person's conversations, the one with the newest entry first.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationLine> {
        // They are few, and a sort would be more for a browser to download.
        let mut logs: Vec<&super::Log> = Vec::new();
        for log in self.logs.iter().filter(|log| matches!(log.place, Place::With(_))) {
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

    /// Whether somebody is present, if that is known.
    #[must_use]
    pub fn is_here(&self, user: UserId) -> Option<bool> {
        self.here.as_ref().map(|here| here.contains(&user))
    }

    /// What a place is called: a room's name, or the other one's.
    #[must_use]
    pub fn name_of(&self, place: &Place) -> Arc<str> {
        match place {
            Place::Room(room) => room.shared(),
            Place::With(_) => self.log(place).and_then(|log| log.peer.clone()).unwrap_or_else(|| Arc::from("somebody")),
            Place::Mentions => Arc::from("Mentions"),
        }
    }

    /// A room as the page lists it.
    pub(super) fn listed(&mut self, ListedRoom { name, users, standing }: ListedRoom) {
        *self.known(&name) = Known { name: name.clone(), users, is_member: standing.is_some() };
        if let Some(standing) = standing {
            let log = self.log_mut(&Place::Room(name));
            log.timeline.note_head(standing.head);
            log.read = standing.read;
            log.unread = standing.unread;
            log.is_known = true;
        }
    }

    /// No other rooms are to be listed, but for the shown one and those with the person's own texts.
    fn keep_listed(&mut self, is_listed: impl Fn(&RoomName) -> bool) {
        let stays = |known: &&Known| {
            is_listed(&known.name)
                || self.place.room() == Some(&known.name)
                || self.unsent(&Place::Room(known.name.clone())) > 0
        };
        self.rooms = self.rooms.iter().filter(stays).cloned().collect();
    }

    /// The server says which rooms are to be listed.
    pub(super) fn room_list(&mut self, rooms: &[RoomInfo], total: usize) {
        self.awaits_rooms = false;
        self.keep_listed(|name| rooms.iter().any(|room| room.name == *name));
        for room in rooms {
            self.known(&room.name).users = room.users;
        }
        self.more_rooms = total.saturating_sub(self.rooms.len());
        if self.is_wanted(&Wants::Rooms) {
            self.tell(&command::rooms(rooms, total));
        }
    }

    /// How many are in the rooms where that changed, and how many rooms there are.
    pub(super) fn room_counts(&mut self, counts: &RoomCounts) {
        for room in &counts.rooms {
            if let Some(known) = self.rooms.iter_mut().find(|known| known.name == room.name) {
                known.users = room.users;
            }
        }
        self.keep_listed(|name| !counts.archived.contains(name));
        self.more_rooms = counts.total.saturating_sub(self.rooms.len());
    }

    /// There is a new room. It is listed while there is place, and the next list of all is what puts it in order.
    pub(super) fn room_created(&mut self, room: &RoomName) {
        let is_listed = self.rooms.iter().any(|known| known.name == *room);
        if !is_listed {
            self.more_rooms += 1;
        }
        if is_listed || self.rooms.iter().filter(|known| !known.is_member).count() < LISTED_ROOMS {
            self.known(room).users = 1;
        }
    }

    pub(super) fn rooms_deleted<'a>(&mut self, rooms: impl IntoIterator<Item = &'a RoomName>) {
        rooms.into_iter().for_each(|room| self.room_deleted(room));
    }

    fn room_deleted(&mut self, room: &RoomName) {
        let is_listed = self.rooms.iter().any(|known| known.name == *room);
        if !is_listed {
            self.more_rooms = self.more_rooms.saturating_sub(1);
        } else if self.unsent(&Place::Room(room.clone())) > 0 {
            // The person's own texts are found by it.
            *self.known(room) = Known { name: room.clone(), users: 0, is_member: false };
        } else {
            self.rooms.retain(|known| known.name != *room);
        }
    }

    /// Asks for the rooms there are, and to hear of it when somebody comes to one or goes.
    pub(super) fn browse(&mut self, effects: &mut Vec<Effect>) {
        if self.is_live() {
            self.awaits_rooms = true;
            effects.push(Effect::Send(ClientFrame::GetRooms { follow: true }));
        }
    }

    /// Asks again for the lists that were refused for now.
    pub(super) fn list_again(&mut self, effects: &mut Vec<Effect>) {
        self.list_again_at = None;
        if self.awaits_rooms {
            self.browse(effects);
        }
        for room in std::mem::take(&mut self.awaits_users) {
            self.ask_who_is_in(&room, effects);
        }
        if self.awaits_log() {
            self.ask_for_log(effects);
        }
    }

    /// Whether the shown conversation, or the list of mentions, was asked for and has not come.
    pub(super) fn awaits_log(&self) -> bool {
        let is_room = self.place.room().is_some();
        !is_room && self.log(&self.place).is_none_or(|log| !log.is_known)
    }

    fn ask_for_log(&self, effects: &mut Vec<Effect>) {
        match self.place {
            Place::Room(_) => {}
            Place::With(_) => self.ask_for_newest(effects),
            Place::Mentions => effects.push(Effect::Send(ClientFrame::GetMentions)),
        }
    }

    fn ask_who_is_in(&mut self, room: &RoomName, effects: &mut Vec<Effect>) {
        if !self.awaits_users.contains(room) {
            self.awaits_users.push(room.clone());
        }
        effects.push(Effect::Send(ClientFrame::GetUsers { room: room.to_string() }));
    }

    /// Goes to another place.
    pub(super) fn show(&mut self, place: Place, by_person: bool, effects: &mut Vec<Effect>) {
        if place == self.place {
            return;
        }
        if self.told_typing_at.take().is_some() && self.is_live() {
            effects.extend(self.typing_frame(false));
        }
        let left = std::mem::replace(&mut self.place, place.clone());
        self.trim(&left);
        self.notices.clear();
        self.typing.clear();
        self.users.clear();
        self.away.clear();
        self.log_mut(&place);
        self.meet();
        self.divide();
        effects.push(Effect::Shown(place, by_person));
        if self.is_live() {
            self.settle_in(effects);
            self.fill_newest(effects);
        }
    }

    /// Goes to the conversation with somebody.
    pub(super) fn talk(&mut self, user: UserId, name: Arc<str>, effects: &mut Vec<Effect>) {
        self.call(user, name);
        self.show(Place::With(user), true, effects);
    }

    /// Asks for what the shown place needs beside its entries: who is in the room; of a room that the person is not in,
    /// everything, and that they hear what happens there; where a conversation ends.
    pub(super) fn settle_in(&mut self, effects: &mut Vec<Effect>) {
        let preview = self.place.room().filter(|room| !is_member(&self.rooms, room)).map(RoomName::to_string);
        let is_preview = preview.is_some();
        let next = if is_preview { Preview::Asked } else { Preview::No };
        let before = std::mem::replace(&mut self.preview, next);
        if is_preview || before != Preview::No {
            effects.push(Effect::Send(ClientFrame::Preview { room: preview }));
        }
        match self.place.clone() {
            Place::Room(_) if is_preview => {}
            // In a larger room everybody who comes would be sent everybody.
            Place::Room(_) if self.count() > LISTED_MEMBERS => {}
            Place::Room(room) => self.ask_who_is_in(&room, effects),
            Place::With(_) | Place::Mentions => self.ask_for_log(effects),
        }
        let has_peers = self.logs.iter().any(|log| matches!(log.place, Place::With(_)));
        let general = RoomName::general();
        if has_peers
            && !self.is_here_fresh
            && self.place.room() != Some(&general)
            && self.rooms.iter().any(|room| room.name == general && room.users <= LISTED_MEMBERS)
        {
            self.ask_who_is_in(&general, effects);
        }
    }

    /// Asks for the newest entries of the shown log, if nothing says where it ends.
    pub(super) fn ask_for_newest(&self, effects: &mut Vec<Effect>) {
        let log = self.log(&self.place).filter(|log| !log.is_known);
        let room = log.and_then(super::Log::address);
        effects.extend(
            room.map(|room| Effect::Send(ClientFrame::GetHistory { room, before: None, after: None, limit: None })),
        );
    }
}
