//! What the server's frames change.

use super::{Client, Cursor, Effect, Link, RETRY_MS};
use crate::{
    protocol::{
        ClientFrame, Connected, Entry, EntryKind, ErrorCode, ErrorFrame, History, Line, Resumed, RoomName, ServerFrame,
        limits::HISTORY_MAX,
    },
    sync::{Hole, OutgoingState, Timeline},
};

impl Client {
    pub(super) fn frame(&mut self, now: u64, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::Connected(connected) => self.connected(now, connected, effects),
            ServerFrame::Resumed(resumed) => self.resumed(now, *resumed, effects),
            ServerFrame::Joined(joined) => {
                self.take(&joined.room, joined.history);
                if joined.room == self.room {
                    self.users = joined.users.unwrap_or_default();
                    self.count = joined.count;
                    self.fill_shown(effects);
                }
            }
            ServerFrame::Message(line) => self.line(line, EntryKind::Message, effects),
            ServerFrame::Action(line) => self.line(line, EntryKind::Action, effects),
            ServerFrame::System(line) => self.line(line, EntryKind::System, effects),
            ServerFrame::UserJoined(presence) | ServerFrame::UserLeft(presence) if presence.room == self.room => {
                self.users = presence.users.unwrap_or_default();
                self.count = presence.count;
            }
            ServerFrame::UserList(list) if list.room == self.room => {
                self.users = list.users;
                self.count = list.count;
            }
            ServerFrame::History(history) => self.history(history, effects),
            ServerFrame::Error(error) => self.refused(now, error),
            ServerFrame::Ping(_) => effects.push(Effect::Send(ClientFrame::Pong { ts: None })),
            ServerFrame::UserJoined(_)
            | ServerFrame::UserLeft(_)
            | ServerFrame::UserList(_)
            | ServerFrame::RoomList { .. }
            | ServerFrame::Left { .. }
            | ServerFrame::Pong { .. }
            | ServerFrame::Unknown => {}
        }
    }

    /// The server starts anew with this client: nothing that the client holds is vouched for any more.
    fn connected(&mut self, now: u64, connected: Connected, effects: &mut Vec<Effect>) {
        if connected.session_id.is_some() {
            // The page's cookie was not accepted, so this is a stranger's session: nothing may be sent in its name.
            self.link = Link::SignedOut;
            effects.push(Effect::Disconnect);
            return;
        }
        // The shown room stays held, so that its head is noted even if its `joined` never arrives.
        self.timelines = [(self.room.clone(), Timeline::default())].into();
        self.cursor = Cursor { last_id: 0, epoch: connected.epoch };
        self.name = connected.name;
        self.live(now, &[RoomName::general()], effects);
    }

    fn resumed(&mut self, now: u64, resumed: Resumed, effects: &mut Vec<Effect>) {
        self.name = resumed.name;
        for (room, entries) in resumed.missed_messages {
            self.take(&room, entries);
        }
        for (room, head) in resumed.heads {
            // A room that is not held starts from its own newest page when it is shown.
            if let Some(timeline) = self.timelines.get_mut(&room) {
                timeline.note_head(head);
            }
            self.cursor.last_id = self.cursor.last_id.max(head);
        }
        self.live(now, &resumed.rooms, effects);
        self.fill_shown(effects);
    }

    fn take(&mut self, room: &RoomName, entries: Vec<Entry>) {
        let timeline = self.timelines.entry(room.clone()).or_default();
        for entry in entries {
            self.cursor.last_id = self.cursor.last_id.max(entry.id);
            if let Some(client_id) = &entry.client_id {
                self.outbox.remove(client_id);
            }
            timeline.insert(entry);
        }
    }

    fn line(&mut self, line: Line, kind: EntryKind, effects: &mut Vec<Effect>) {
        if let Some((room, entry)) = line.into_entry(kind) {
            self.take(&room, vec![entry]);
            if room == self.room {
                self.fill_shown(effects);
            }
        }
    }

    fn history(&mut self, history: History, effects: &mut Vec<Effect>) {
        // A page of history is no news: the cursor stays, which vouches for every room.
        let timeline = self.timelines.entry(history.room.clone()).or_default();
        for entry in history.messages {
            if let Some(client_id) = &entry.client_id {
                self.outbox.remove(client_id);
            }
            timeline.insert(entry);
        }
        if history.room == self.room {
            self.fill_shown(effects);
        }
    }

    /// Asks for whatever is missing below the first entry of the shown room.
    fn fill_shown(&mut self, effects: &mut Vec<Effect>) {
        let room = self.room.clone();
        let holes = self.timelines.get(&room).map(Timeline::holes).unwrap_or_default();
        for hole in holes {
            self.fill(&room, hole, effects);
        }
    }

    pub(super) fn fill(&mut self, room: &RoomName, hole: Hole, effects: &mut Vec<Effect>) {
        if self.is_live() && self.asked.insert((room.clone(), hole)) {
            effects.push(Effect::Send(ClientFrame::GetHistory {
                room: room.to_string(),
                before: Some(hole.before),
                after: Some(hole.after),
                limit: Some(HISTORY_MAX),
            }));
        }
    }

    fn refused(&mut self, now: u64, error: ErrorFrame) {
        let Some(item) = error.client_id.as_deref().and_then(|client_id| self.outbox.get_mut(client_id)) else {
            return;
        };
        if error.code == ErrorCode::Unavailable {
            let at = now + error.retry_after_ms.unwrap_or(RETRY_MS);
            self.resend_at = Some(self.resend_at.map_or(at, |earlier| earlier.min(at)));
        } else {
            item.state = OutgoingState::Failed(error.message.into());
        }
    }
}
