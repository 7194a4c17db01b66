//! Membership of rooms. A room exists from its first member on, and a room without members and entries is removed; both
//! are broadcast to `general`, of which everybody is a member.

use crate::chat::{Now, SystemEvent, engine::Chat, state::Room};
use app::protocol::{RoomName, ServerFrame, Timestamp, UserId};
use std::{cmp::Reverse, mem, sync::Arc};

/// Upper bound of room names in one `room_deleted` frame: at up to 120 bytes each, the frame stays below 12 KB.
const DELETED_AT_ONCE: usize = 100;

impl Chat {
    pub(in crate::chat) fn member_joined(
        &mut self,
        now: Now,
        user: UserId,
        room: &RoomName,
        is_new: bool,
        at: Timestamp,
    ) {
        let state = self.logs.rooms.entry(room.clone()).or_insert_with(|| Room::new(at));
        let Some(who) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.members.insert(user);
        if !who.connections.is_empty() {
            state.listening.insert(user);
            self.clients.receivers_version += 1;
            if !who.present {
                state.arriving.insert(user);
            }
        }
        who.member_of.insert(room.clone());
        // Requests in flight take precedence over facts in `rooms`.
        if who.asked_rooms.count(room) == 0 {
            who.rooms.insert(room.clone());
        }
        who.has_read_all(room, &state.recent);
        let (name, present, connections) = (who.name.shared(), who.present, who.connections.clone());
        self.update_archive_state(room);
        if is_new {
            self.room_made(user, room, name);
        }
        self.end_previews_of(user, room);
        if present {
            self.mark_present(user, room);
        }
        if !connections.is_empty() {
            let joined = self.just_joined(user, room);
            connections.into_iter().for_each(|connection| self.send(connection, joined.clone()));
        }
        if present {
            self.announce_presence(now, user, room, true, false);
        } else {
            self.announce_absent(user, room);
        }
    }

    fn room_made(&mut self, user: UserId, room: &RoomName, by: Arc<str>) {
        self.clients.room_counts.note(room);
        self.clients.room_counts.note_rooms();
        self.logs.room_names.insert(room);
        // A room of this name may have been removed just before.
        self.tell_deleted();
        let created = ServerFrame::RoomCreated { room: room.clone(), created_by: Arc::clone(&by) };
        self.broadcast(&RoomName::general(), &created, Some(user));
        self.event(SystemEvent::RoomCreated { room: room.clone(), created_by: by });
    }

    pub(in crate::chat) fn member_left(&mut self, now: Now, user: UserId, room: RoomName, is_removed: bool) {
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.member_of.remove(&room);
            if state.asked_rooms.count(&room) == 0 {
                state.rooms.remove(&room);
            }
        }
        if let Some(state) = self.logs.rooms.get_mut(&room) {
            state.members.remove(&user);
            state.listening.remove(&user);
            self.clients.receivers_version += 1;
            state.arriving.remove(&user);
            self.send_to_user(user, &ServerFrame::Left { room: room.clone() }, None);
            self.disappear(now, user, &room, false);
            self.announce_absent(user, &room);
            self.update_archive_state(&room);
        }
        if is_removed {
            self.room_removed(room);
        }
    }

    /// Removes a room and queues the broadcast of its removal.
    pub(in crate::chat) fn room_removed(&mut self, room: RoomName) {
        if let Some(state) = self.logs.rooms.remove(&room) {
            self.logs.ranks.remove(&(Reverse(state.present.len()), room.clone()));
            self.logs.listed.remove(&room);
            self.logs.idle.remove(&(state.active_at, room.clone()));
        }
        self.clients.room_counts.note_rooms();
        self.logs.room_names.remove(&room);
        self.outgoing.deleted.push(room.clone());
        self.event(SystemEvent::RoomDeleted { room });
    }

    /// Broadcasts the removed rooms, several in one frame.
    pub(in crate::chat) fn tell_deleted(&mut self) {
        let deleted = mem::take(&mut self.outgoing.deleted);
        if deleted.is_empty() {
            return;
        }
        let (modern, plain) = self.receivers_of_lists(&RoomName::general(), None);
        if !plain.is_empty() {
            for room in &deleted {
                self.send_to_all(plain.clone(), &ServerFrame::RoomDeleted { room: room.clone(), rooms: Vec::new() });
            }
        }
        for rooms in deleted.chunks(DELETED_AT_ONCE) {
            if let [room, rooms @ ..] = rooms {
                let frame = ServerFrame::RoomDeleted { room: room.clone(), rooms: rooms.to_vec() };
                self.send_to_all(modern.clone(), &frame);
            }
        }
    }

    /// Updates a room's archive state after a change of its members or a new entry.
    pub(in crate::chat) fn update_archive_state(&mut self, room: &RoomName) {
        let Some(state) = self.logs.rooms.get_mut(room) else {
            return;
        };
        let idle = (state.active_at, room.clone());
        if !state.members.is_empty() || room.is_default() {
            state.is_archived = false;
            self.logs.idle.remove(&idle);
            self.logs.ranks.insert((Reverse(state.present.len()), room.clone()));
            self.logs.listed.insert(room.clone());
        } else if !state.is_archived {
            self.logs.idle.insert(idle);
        }
    }
}
