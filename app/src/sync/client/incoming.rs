//! What the server's frames change.

use super::{Client, Cursor, Effect, Joins, Link, Log};
use crate::{
    protocol::{
        ClientFrame, Connected, EntryKind, Joined, Line, NickChanged, Presence, ReadMark, Resumed, RoomInfo, RoomName,
        ServerFrame, Typing, UserList,
    },
    sync::Place,
};
use std::sync::Arc;

impl Client {
    pub(super) fn frame(&mut self, now: u64, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::Connected(connected) => self.connected(now, connected, effects),
            ServerFrame::Resumed(resumed) => self.resumed(now, *resumed, effects),
            ServerFrame::Joined(joined) => self.joined(now, joined, effects),
            ServerFrame::Left { room } => {
                if room == self.room {
                    effects.push(Effect::Show(RoomName::general()));
                }
            }
            ServerFrame::Message(line) => self.line(now, line, EntryKind::Message, effects),
            ServerFrame::Action(line) => self.line(now, line, EntryKind::Action, effects),
            ServerFrame::System(line) if line.id.is_none() => self.notify(&line.text),
            ServerFrame::System(line) => self.line(now, line, EntryKind::System, effects),
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
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => self.private_line(now, line, effects),
            ServerFrame::NickChanged(change) => self.renamed(change),
            ServerFrame::RoomList { rooms } => self.room_list(&rooms),
            ServerFrame::UserList(list) => self.user_list(list),
            ServerFrame::History(history) => self.history(now, history, effects),
            ServerFrame::Error(error) => self.refused(now, error, effects),
            ServerFrame::Ping(_) => effects.push(Effect::Send(ClientFrame::Pong { ts: None })),
            ServerFrame::Read(ReadMark { room, id }) => {
                if let Some(place) = self.place(&room) {
                    self.note_read(&place, id);
                }
            }
            ServerFrame::Pong { .. } | ServerFrame::Unknown => {}
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
        self.logs = vec![Log::new(self.shown())];
        self.asked.clear();
        self.cursor = Cursor { last_id: 0, epoch: connected.epoch };
        self.user_id = connected.user_id;
        self.name = connected.name;
        self.live(now, &[RoomName::general()], effects);
    }

    fn resumed(&mut self, now: u64, resumed: Resumed, effects: &mut Vec<Effect>) {
        self.user_id = resumed.user_id;
        self.name = resumed.name;
        for conversation in resumed.conversations {
            self.conversation(conversation);
        }
        for (room, entries) in resumed.missed_messages {
            self.take_news(now, &Place::Room(room), entries, effects);
        }
        for (peer, entries) in resumed.missed_pms {
            if let Some(place) = self.place(&format!("@{peer}")) {
                self.take_news(now, &place, entries, effects);
            }
        }
        for (room, head) in resumed.heads {
            self.note_head(&Place::Room(room), head);
        }
        for (address, id) in resumed.read {
            if let Some(place) = self.place(&address) {
                self.note_read(&place, id);
            }
        }
        self.live(now, &resumed.rooms, effects);
        self.fill_newest(effects);
    }

    fn joined(&mut self, now: u64, joined: Joined, effects: &mut Vec<Effect>) {
        let place = Place::Room(joined.room);
        self.take_news(now, &place, joined.history, effects);
        self.note_read(&place, joined.read);
        if place == self.shown() {
            self.users = joined.users.unwrap_or_default();
            self.count = joined.count;
            self.wants.room = false;
            self.joins = Joins::No;
            self.fill_newest(effects);
        } else if let Place::Room(room) = place
            && std::mem::take(&mut self.wants.room)
        {
            effects.push(Effect::Show(room));
        }
    }

    fn line(&mut self, now: u64, line: Line, kind: EntryKind, effects: &mut Vec<Effect>) {
        if let Some((room, entry)) = line.into_entry(kind) {
            self.take_live(now, &Place::Room(room), entry, effects);
        }
    }

    fn presence(&mut self, presence: Presence) {
        if presence.room == self.room {
            self.users = presence.users.unwrap_or_default();
            self.count = presence.count;
        }
    }

    fn renamed(&mut self, change: NickChanged) {
        self.rename_peer(&change.old_name, &change.new_name);
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
}
