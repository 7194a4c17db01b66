//! Previews of rooms by users who are not members.
//!
//! Invariants:
//! - a connection previews at most one room;
//! - a connection never previews a room of which its user is a member, so no frame is sent twice.

use crate::chat::{ConnectionId, engine::Chat, refusals::Refused, state::Room};
use app::protocol::{Preview, RoomName, ServerFrame, UserId};

impl Chat {
    /// Answers with the state of a room and subscribes the connection to its frames; `None` ends the preview. The room
    /// need not exist: the connection then learns of its first member.
    pub(in crate::chat) fn preview(&mut self, connection: ConnectionId, room: Option<&str>) -> Result<(), Refused> {
        self.end_preview(connection);
        let Some(room) = room else {
            return Ok(());
        };
        let room = self.meant_room(room)?;
        let state = self.logs.rooms.get(&room);
        let preview = Preview {
            missing: state.is_none(),
            history: state.map(|state| state.recent.newest(0, self.share_alone(&state.recent))).unwrap_or_default(),
            users: state.map_or_else(|| Some(Vec::new()), |state| self.listed(&room, state)),
            count: state.map_or(0, Room::count),
            away: state.map(|state| self.away_from(state)).unwrap_or_default(),
            room: room.clone(),
        };
        self.send(connection, ServerFrame::Preview(preview));
        if let Some(state) = self.clients.connections.get_mut(&connection)
            && !self.logs.rooms.get(&room).is_some_and(|room| room.members.contains(&state.user))
        {
            state.preview = Some(room.clone());
            self.clients.previews.entry(room).or_default().insert(connection);
            self.clients.receivers_version += 1;
        }
        Ok(())
    }

    /// Ends the preview of a connection.
    pub(in crate::chat) fn end_preview(&mut self, connection: ConnectionId) {
        let room = self.clients.connections.get_mut(&connection).and_then(|state| state.preview.take());
        if let Some(room) = room
            && let Some(watchers) = self.clients.previews.get_mut(&room)
        {
            watchers.remove(&connection);
            self.clients.receivers_version += 1;
            if watchers.is_empty() {
                self.clients.previews.remove(&room);
            }
        }
    }

    /// Ends the previews of a room by its new member, who receives its frames as a member.
    pub(in crate::chat) fn end_previews_of(&mut self, user: UserId, room: &RoomName) {
        let connections = self.directory.users.get(&user).map(|state| state.connections.clone()).unwrap_or_default();
        for connection in connections {
            if self.clients.connections.get(&connection).is_some_and(|state| state.preview.as_ref() == Some(room)) {
                self.end_preview(connection);
            }
        }
    }
}
