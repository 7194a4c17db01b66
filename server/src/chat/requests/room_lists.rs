//! Lists of rooms, each of limited length: the liveliest rooms, pages by name, and search results.
//!
//! A room without members and without a recent entry is archived: only searches list it, and everything else about it
//! stays the same. Its next member restores it.
//!
//! Invariant: `ranks` and `listed` contain every room that is not archived, and `idle` those of them that have no
//! members and can be archived.

use crate::chat::{ConnectionId, engine::Chat, steps};
use app::protocol::{
    RAW_NAME_MAX, RoomDetails, RoomInfo, RoomName, ServerFrame, UserId,
    limits::{LISTED_ROOMS, ROOMS_TOLD},
};
use std::{
    collections::{BTreeSet, HashSet},
    ops::Bound,
};

impl Chat {
    /// Returns the number of rooms that are not archived.
    pub(in crate::chat) fn listed_count(&self) -> usize {
        self.logs.ranks.len()
    }

    /// Returns the user's own rooms, the shown room, and `most` of the others with the most present members; by name.
    pub(in crate::chat) fn liveliest(&self, user: UserId, shown: Option<&RoomName>, most: usize) -> Vec<RoomName> {
        let nothing = BTreeSet::new();
        let own = self.directory.users.get(&user).map_or(&nothing, |state| &state.member_of);
        let is_own = |room: &RoomName| own.contains(room) || shown == Some(room);
        let fullest = self.logs.ranks.iter().map(|(_, room)| room).inspect(|_| steps::count());
        let others = fullest.filter(|room| !is_own(room)).take(most);
        let own = own.iter().chain(shown).filter(|room| self.has_room(room));
        own.chain(others).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns up to `most` rooms after a name, in order and without archived ones, and `true` if there are more.
    #[must_use]
    pub fn rooms_after(&self, after: Option<&RoomName>, most: usize) -> (Vec<RoomDetails>, bool) {
        let begin = after.map_or(Bound::Unbounded, |room| Bound::Excluded(room.clone()));
        let rooms = self.logs.listed.range((begin, Bound::Unbounded)).take(most.saturating_add(1));
        let mut page: Vec<_> = rooms.filter_map(|name| self.details(name)).collect();
        let is_more = page.len() > most;
        page.truncate(most);
        (page, is_more)
    }

    /// Returns up to `most` rooms, archived ones included, with a word that starts with `beginning`. A text longer than
    /// a name finds nothing.
    #[must_use]
    pub fn find_rooms(&self, beginning: &str, most: usize) -> Vec<RoomDetails> {
        if beginning.len() > RAW_NAME_MAX {
            return Vec::new();
        }
        let beginning = RoomName::parse(beginning).unwrap_or_else(|_| RoomName::told(&beginning.to_lowercase()));
        let mut told = HashSet::new();
        let found = self.logs.room_names.find(&beginning).filter(|room| told.insert(*room));
        found.filter_map(|room| self.details(room)).take(most).collect()
    }

    fn details(&self, name: &RoomName) -> Option<RoomDetails> {
        steps::count();
        let state = self.logs.rooms.get(name)?;
        Some(RoomDetails { name: name.clone(), users: state.count(), created_at: state.created_at })
    }

    /// Sends a connection the rooms that a page lists, or [`ROOMS_TOLD`] to a client that is no page.
    pub(in crate::chat) fn send_room_list(&mut self, connection: ConnectionId) {
        let Some(user) = self.clients.connections.get(&connection).map(|state| state.user) else {
            return;
        };
        let most = if self.clients.plain.contains(&connection) { ROOMS_TOLD } else { LISTED_ROOMS };
        let rooms = self.room_list(user, most);
        let total = self.listed_count();
        self.send(connection, ServerFrame::RoomList { rooms, total });
    }

    pub(in crate::chat) fn room_list(&self, user: UserId, most: usize) -> Vec<RoomInfo> {
        let info = |name: RoomName| Some(RoomInfo { users: self.logs.rooms.get(&name)?.count(), name });
        self.liveliest(user, None, most).into_iter().filter_map(info).collect()
    }
}
