//! What the server's frames change.

use super::{Client, Cursor, Effect, Link, PRIVATE_KEPT};
use crate::{
    protocol::{
        ClientFrame, Connected, Entry, EntryKind, History, Joined, Line, NickChanged, Presence, PrivateLine, Resumed,
        RoomInfo, RoomName, ServerFrame, Typing, UserList, limits::HISTORY_MAX,
    },
    sync::{Hole, Timeline},
};
use std::sync::Arc;

impl Client {
    pub(super) fn frame(&mut self, now: u64, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::Connected(connected) => self.connected(now, connected, effects),
            ServerFrame::Resumed(resumed) => self.resumed(now, *resumed, effects),
            ServerFrame::Joined(joined) => self.joined(joined, effects),
            ServerFrame::Left { room } => {
                if room == self.room {
                    effects.push(Effect::Show(RoomName::general()));
                }
            }
            ServerFrame::Message(line) => self.line(line, EntryKind::Message, effects),
            ServerFrame::Action(line) => self.line(line, EntryKind::Action, effects),
            ServerFrame::System(line) if line.id.is_none() => self.notify(&line.text),
            ServerFrame::System(line) => self.line(line, EntryKind::System, effects),
            ServerFrame::UserJoined(presence) => self.presence(presence),
            ServerFrame::UserLeft(presence) => {
                if presence.room == self.room {
                    self.typing.remove(&presence.user);
                }
                self.presence(presence);
            }
            ServerFrame::Typing(Typing { room, user, typing }) => {
                if room == self.room && typing {
                    self.typing.insert(user);
                } else if room == self.room {
                    self.typing.remove(&user);
                }
            }
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => self.private_line(line, effects),
            ServerFrame::NickChanged(change) => self.renamed(change),
            ServerFrame::RoomList { rooms } => self.room_list(&rooms),
            ServerFrame::UserList(list) => self.user_list(list),
            ServerFrame::History(history) => self.history(history, effects),
            ServerFrame::Error(error) => self.refused(now, error, effects),
            ServerFrame::Ping(_) => effects.push(Effect::Send(ClientFrame::Pong { ts: None })),
            // Unread counts are not shown yet.
            ServerFrame::Read(_) | ServerFrame::Pong { .. } | ServerFrame::Unknown => {}
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
        self.user_id = connected.user_id;
        self.name = connected.name;
        self.live(now, &[RoomName::general()], effects);
    }

    fn resumed(&mut self, now: u64, resumed: Resumed, effects: &mut Vec<Effect>) {
        self.user_id = resumed.user_id;
        self.name = resumed.name;
        for (room, entries) in resumed.missed_messages {
            self.take(&room, entries);
        }
        for (peer, entries) in resumed.missed_pms {
            for entry in entries {
                self.take_private(&peer, entry);
            }
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

    fn joined(&mut self, joined: Joined, effects: &mut Vec<Effect>) {
        self.take(&joined.room, joined.history);
        if joined.room == self.room {
            self.users = joined.users.unwrap_or_default();
            self.count = joined.count;
            self.wants.room = false;
            self.fill_shown(effects);
        } else if std::mem::take(&mut self.wants.room) {
            effects.push(Effect::Show(joined.room));
        }
        self.settled(effects);
    }

    fn presence(&mut self, presence: Presence) {
        if presence.room == self.room {
            self.users = presence.users.unwrap_or_default();
            self.count = presence.count;
        }
    }

    fn renamed(&mut self, change: NickChanged) {
        match change.room {
            None => {
                self.name = Arc::clone(&change.new_name);
                let me = self.user_id;
                if let Some(me) = self.users.iter_mut().find(|user| user.id == me) {
                    me.name = change.new_name;
                }
            }
            Some(room) if room == self.room => {
                self.typing.remove(&change.old_name);
                if let Some(users) = change.users {
                    self.users = users;
                }
                if let Some(count) = change.count {
                    self.count = count;
                }
            }
            Some(_) => {}
        }
    }

    fn room_list(&mut self, rooms: &[RoomInfo]) {
        if std::mem::take(&mut self.wants.rooms) {
            let rooms: Vec<_> = rooms.iter().map(|room| format!("{} ({})", room.name, room.users)).collect();
            self.notify(&format!("Rooms: {}", rooms.join(", ")));
        }
    }

    fn user_list(&mut self, list: UserList) {
        if std::mem::take(&mut self.wants.users) {
            let names: Vec<_> = list.users.iter().map(|user| &*user.name).collect();
            self.notify(&format!("Here now: {}", names.join(", ")));
        }
        if list.room == self.room {
            let others = list.users.iter().filter(|user| user.typing && user.id != self.user_id);
            self.typing = others.map(|user| Arc::clone(&user.name)).collect();
            self.users = list.users;
            self.count = list.count;
        }
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
            self.settled(effects);
        }
    }

    fn private_line(&mut self, line: PrivateLine, effects: &mut Vec<Effect>) {
        self.cursor.last_id = self.cursor.last_id.max(line.id);
        if let Some(client_id) = &line.client_id {
            self.outbox.remove(client_id);
        }
        self.private.insert(line.id, line);
        if self.private.len() > PRIVATE_KEPT {
            self.private.pop_first();
        }
        self.settled(effects);
    }

    fn take_private(&mut self, peer: &Arc<str>, entry: Entry) {
        let line = PrivateLine::seen_by(self.user_id, peer, entry);
        self.private_line(line, &mut Vec::new());
    }

    fn history(&mut self, history: History, effects: &mut Vec<Effect>) {
        let Some((room, timeline)) = self.timelines.iter_mut().find(|(room, _)| room.as_str() == &*history.room) else {
            return;
        };
        // A page of history is no news: the cursor stays, which vouches for every room.
        for entry in history.messages {
            if let Some(client_id) = &entry.client_id {
                self.outbox.remove(client_id);
            }
            timeline.insert(entry);
        }
        if *room == self.room {
            self.fill_shown(effects);
        }
        self.settled(effects);
    }

    /// Asks for whatever is missing below the first entry of the shown room.
    pub(super) fn fill_shown(&mut self, effects: &mut Vec<Effect>) {
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
}
