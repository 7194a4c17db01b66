//! Lists of rooms, none of which has all of very many: the liveliest, pages by name, what a search finds.
//!
//! A room without members in which nothing was said for long is archived: it is in no list but those of a search, and
//! everything else about it is as it was. Its next member brings it back.
//!
//! Invariant: `ranks` and `listed` have every room that is not archived, and `idle` every one of these that has no members and
//! may be.

use super::Chat;
use crate::chat::{ConnectionId, Now, steps};
use app::protocol::{
    RAW_NAME_MAX, RoomDetails, RoomInfo, RoomName, ServerFrame, UserId,
    limits::{LISTED_ROOMS, ROOMS_TOLD},
};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashSet},
    ops::Bound,
};

/// Rooms that are archived in one tick at the most, each of which is named to all who follow the list.
pub(super) const ARCHIVED_PER_TICK: usize = 64;

impl Chat {
    /// How many rooms are not archived.
    pub(super) fn listed_count(&self) -> usize {
        self.ranks.len()
    }

    /// A user's own rooms and one that is shown, and of the others so many with the most people in them; by name.
    pub(super) fn liveliest(&self, user: UserId, shown: Option<&RoomName>, most: usize) -> Vec<RoomName> {
        let nothing = BTreeSet::new();
        let own = self.users.get(&user).map_or(&nothing, |state| &state.member_of);
        let is_own = |room: &RoomName| own.contains(room) || shown == Some(room);
        let fullest = self.ranks.iter().map(|(_, room)| room).inspect(|_| steps::count());
        let others = fullest.filter(|room| !is_own(room)).take(most);
        let own = own.iter().chain(shown).filter(|room| self.has_room(room));
        own.chain(others).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The rooms behind one, by name, so many at the most, without those that are archived; and whether there are more.
    #[must_use]
    pub fn rooms_after(&self, after: Option<&RoomName>, most: usize) -> (Vec<RoomDetails>, bool) {
        let begin = after.map_or(Bound::Unbounded, |room| Bound::Excluded(room.clone()));
        let rooms = self.listed.range((begin, Bound::Unbounded)).take(most.saturating_add(1));
        let mut page: Vec<_> = rooms.filter_map(|name| self.details(name)).collect();
        let is_more = page.len() > most;
        page.truncate(most);
        (page, is_more)
    }

    /// The rooms in whose names a word begins like this, so many at the most, also those that are archived. What is too long
    /// for a name is the beginning of none.
    #[must_use]
    pub fn find_rooms(&self, beginning: &str, most: usize) -> Vec<RoomDetails> {
        if beginning.len() > RAW_NAME_MAX {
            return Vec::new();
        }
        let beginning = RoomName::parse(beginning).unwrap_or_else(|_| RoomName::told(&beginning.to_lowercase()));
        let mut told = HashSet::new();
        let found = self.room_names.find(&beginning).filter(|room| told.insert(*room));
        found.filter_map(|room| self.details(room)).take(most).collect()
    }

    fn details(&self, name: &RoomName) -> Option<RoomDetails> {
        steps::count();
        let state = self.rooms.get(name)?;
        Some(RoomDetails { name: name.clone(), users: state.present.len(), created_at: state.created_at })
    }

    /// Tells a connection of the rooms that its page lists, or as many as any other client can do with.
    pub(super) fn send_room_list(&mut self, connection: ConnectionId) {
        let Some(user) = self.connections.get(&connection).map(|state| state.user) else {
            return;
        };
        let most = if self.plain.contains(&connection) { ROOMS_TOLD } else { LISTED_ROOMS };
        let rooms = self.room_list(user, most);
        let total = self.listed_count();
        self.send(connection, ServerFrame::RoomList { rooms, total });
    }

    pub(super) fn room_list(&self, user: UserId, most: usize) -> Vec<RoomInfo> {
        let info = |name: RoomName| Some(RoomInfo { users: self.rooms.get(&name)?.present.len(), name });
        self.liveliest(user, None, most).into_iter().filter_map(info).collect()
    }

    /// A room has other members, or something was said in it.
    pub(super) fn note_life(&mut self, room: &RoomName) {
        let Some(state) = self.rooms.get_mut(room) else {
            return;
        };
        let idle = (state.active_at, room.clone());
        if !state.members.is_empty() || room.is_default() {
            state.is_archived = false;
            self.idle.remove(&idle);
            self.ranks.insert((Reverse(state.present.len()), room.clone()));
            self.listed.insert(room.clone());
        } else if !state.is_archived {
            self.idle.insert(idle);
        }
    }

    /// Archives the rooms for which it is time, so many at the most.
    pub(super) fn archive(&mut self, now: Now, most: usize) {
        for _ in 0..most {
            let Some((active_at, room)) = self.idle.pop_first() else {
                return;
            };
            if now.clock.as_millis() < active_at.as_millis().saturating_add(self.settings.archive_after_ms) {
                self.idle.insert((active_at, room));
                return;
            }
            if let Some(state) = self.rooms.get_mut(&room) {
                state.is_archived = true;
                self.ranks.remove(&(Reverse(state.present.len()), room.clone()));
                self.listed.remove(&room);
                self.room_counts.note_archived(room);
            }
        }
    }
}
