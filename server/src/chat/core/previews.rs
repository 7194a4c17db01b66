//! Rooms that users look at without being in them.
//!
//! Invariants:
//! - a connection looks at one room at the most;
//! - a connection of a member looks at none of the member's rooms, so nobody is sent a frame twice.

use super::{Chat, Refused};
use crate::chat::ConnectionId;
use app::protocol::{Preview, RoomName, ServerFrame, UserId};

impl Chat {
    /// Answers with what a room looks like now, and tells the connection what happens there from then on; `None` ends that.
    /// The room need not be there: who looks at its name hears of its first member.
    pub(super) fn preview(&mut self, connection: ConnectionId, room: Option<&str>) -> Result<(), Refused> {
        self.end_preview(connection);
        let Some(room) = room else {
            return Ok(());
        };
        let room = self.meant_room(room)?;
        let state = self.rooms.get(&room);
        let preview = Preview {
            missing: state.is_none(),
            history: state.map(|state| state.tail.newest(0, self.share_alone(&state.tail))).unwrap_or_default(),
            users: state.map_or_else(|| Some(Vec::new()), |state| self.listed(&room, state)),
            count: state.map_or(0, |state| state.present.len()),
            away: state.map(|state| self.away_from(state)).unwrap_or_default(),
            room: room.clone(),
        };
        self.send(connection, ServerFrame::Preview(preview));
        if let Some(state) = self.connections.get_mut(&connection)
            && !self.rooms.get(&room).is_some_and(|room| room.members.contains(&state.user))
        {
            state.preview = Some(room.clone());
            self.previews.entry(room).or_default().insert(connection);
        }
        Ok(())
    }

    /// The connection looks at no room any more.
    pub(super) fn end_preview(&mut self, connection: ConnectionId) {
        let room = self.connections.get_mut(&connection).and_then(|state| state.preview.take());
        if let Some(room) = room
            && let Some(watchers) = self.previews.get_mut(&room)
        {
            watchers.remove(&connection);
            if watchers.is_empty() {
                self.previews.remove(&room);
            }
        }
    }

    /// A user has become a member of a room: it is no preview for them any more.
    pub(super) fn end_previews_of(&mut self, user: UserId, room: &RoomName) {
        let connections = self.users.get(&user).map(|state| state.connections.clone()).unwrap_or_default();
        for connection in connections {
            if self.connections.get(&connection).is_some_and(|state| state.preview.as_ref() == Some(room)) {
                self.end_preview(connection);
            }
        }
    }
}
