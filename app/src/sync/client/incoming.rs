//! Handling of the server's frames.

use super::{Client, Effect, Preview, commands::PendingReply, places};
use crate::{
    bidi::isolated,
    protocol::{
        self, ClientFrame, Connected, Cursor, EntryKind, Joined, Line, NickChanged, Peer, Place, Presence, ReadMark,
        Resumed, RoomName, ServerFrame, Typing, Unread, UserInfo, UserList, limits::LISTED_MEMBERS,
    },
};
use std::sync::Arc;

impl Client {
    pub(super) fn frame(&mut self, now: u64, frame: ServerFrame, effects: &mut Vec<Effect>) {
        match frame {
            ServerFrame::Connected(connected) => self.connected(now, connected, effects),
            ServerFrame::Resumed(resumed) => self.resumed(now, *resumed, effects),
            ServerFrame::Joined(joined) => self.joined(now, joined, effects),
            ServerFrame::Preview(preview) => self.previewed(now, preview, effects),
            ServerFrame::Left { room } => self.left(&room, effects),
            ServerFrame::Line(line) => self.line(now, line, effects),
            ServerFrame::Amendment(amendment) => {
                let (place, entry) = amendment.into_entry();
                self.take_live(now, &place, entry, effects);
            }
            ServerFrame::UserJoined(presence) => {
                if self.shows(&presence.room) {
                    // One frame can stand for several arrivals.
                    let here = presence.users.as_deref().unwrap_or_default();
                    let is_here =
                        |who: &UserInfo| who.name == presence.user || here.iter().any(|user| user.id == who.id);
                    self.members.away.retain(|user| !is_here(user));
                }
                self.presence(presence);
            }
            ServerFrame::UserLeft(presence) => {
                if self.shows(&presence.room) {
                    self.not_typing(&presence.user);
                    let gone =
                        self.members.present.iter().find(|user| user.name == presence.user).filter(|_| presence.away);
                    if let Some(gone) = gone.cloned() {
                        self.members.add_away(gone);
                    }
                }
                self.presence(presence);
            }
            ServerFrame::Typing(typing) => self.somebody_types(typing),
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => self.private_line(now, line, effects),
            ServerFrame::NickChanged(change) => self.renamed(change, effects),
            ServerFrame::RoomCreated { room, .. } => self.room_list.room_created(&room),
            ServerFrame::RoomDeleted { room, rooms } => self.rooms_deleted(rooms.iter().chain([&room])),
            ServerFrame::RoomList { rooms, total } => self.room_list(&rooms, total),
            ServerFrame::RoomCounts(counts) => self.room_counts(&counts),
            ServerFrame::UserList(list) => self.user_list(list),
            ServerFrame::Mentions { mentions } => self.mentions(mentions),
            ServerFrame::History(history) => self.history(now, history, effects),
            ServerFrame::Done { client_id, joined } => self.done(&client_id, joined, effects),
            ServerFrame::Error(error) => self.refused(now, &error, effects),
            ServerFrame::Ping(_) => effects.push(Effect::Send(ClientFrame::Pong)),
            ServerFrame::Read(ReadMark { room, id, unread }) => {
                if let Some(place) = self.logs.find(&room) {
                    self.note_read(&place, id);
                    self.note_unread(&place, id, unread);
                }
            }
            ServerFrame::Pong { .. } | ServerFrame::Unknown => {}
        }
    }

    /// Handles a fresh start by the server: all that the client holds of logs is outdated.
    fn connected(&mut self, now: u64, connected: Connected, effects: &mut Vec<Effect>) {
        if connected.session_id.is_some() {
            // The page's cookie was not accepted, so this is a new user's session: nothing may be sent in its name.
            self.link.sign_out();
            effects.push(Effect::Disconnect);
            return;
        }
        // A server with the store of this page would have resumed. A restored backup has the same epoch.
        if self.cursor.last_id > 0 {
            self.refuse_amendments(effects);
        }
        // The shown log stays known, so that its head is noted even if its `joined` never arrives.
        self.logs.reset(&self.place);
        self.attention.set_divider(None);
        self.cursor = Cursor { last_id: 0, epoch: connected.epoch };
        self.user_id = connected.user_id;
        self.name = connected.name;
        // A removed room stays listed if texts of the person were refused there.
        let stays = |room: &&places::RoomState| {
            connected.rooms.contains(&room.name) || self.unsent(&Place::Room(room.name.clone())) > 0
        };
        self.room_list.rooms = self.room_list.rooms.iter().filter(stays).cloned().collect();
        self.room_list.set_memberships(&[RoomName::general()]);
        for room in &connected.rooms {
            self.room_list.known(room);
        }
        for conversation in connected.conversations {
            self.conversation(conversation);
        }
        self.live(now, effects);
    }

    fn somebody_types(&mut self, Typing { room, user, user_id, typing }: Typing) {
        if let Some(peer) = user_id {
            self.connection.typing_peers.retain(|other| *other != peer);
            self.connection.typing_peers.extend(typing.then_some(peer));
        } else if self.place.room().is_some_and(|shown| *shown.as_str() == *room) {
            self.not_typing(&user);
            self.connection.typing.extend(typing.then_some(user));
        }
    }

    /// Takes the typing flags of a member list of the shown room.
    fn note_typing(&mut self) {
        let others = self.members.present.iter().filter(|user| user.typing && user.id != self.user_id);
        self.connection.typing = others.map(|user| Arc::clone(&user.name)).collect();
    }

    fn not_typing(&mut self, name: &str) {
        self.connection.typing.retain(|other| **other != *name);
    }

    /// Returns `true` if the room is shown.
    fn shows(&self, room: &RoomName) -> bool {
        self.place.room() == Some(room)
    }

    fn left(&mut self, room: &RoomName, effects: &mut Vec<Effect>) {
        self.room_list.known(room).is_member = false;
        if self.shows(room) {
            self.show(Place::Room(RoomName::general()), false, effects);
        }
        if self.is_awaited(&PendingReply::Leave(room.clone())) {
            self.notices.tell_left(room);
        }
    }

    fn resumed(&mut self, now: u64, resumed: Resumed, effects: &mut Vec<Effect>) {
        self.user_id = resumed.user_id;
        self.name = resumed.name;
        for conversation in &resumed.conversations {
            self.conversation(conversation.clone());
        }
        for (room, entries) in resumed.missed_messages {
            self.take_news(now, &Place::Room(room), entries, effects);
        }
        for (peer, entries) in resumed.missed_pms {
            if let Some(place) = self.logs.find_peer(Peer::Name(&peer)) {
                self.take_news(now, &place, entries, effects);
            }
        }
        for (room, head) in resumed.heads {
            self.note_head(&Place::Room(room), head);
        }
        for (name, id) in &resumed.read {
            if let Some(place) = self.logs.find(name) {
                self.note_read(&place, *id);
            }
        }
        for room in &resumed.rooms {
            let read = resumed.read.iter().find(|(name, _)| **name == *room.as_str());
            let unread = resumed.unread.iter().find(|(its, _)| its == room);
            let (read, unread) =
                (read.map_or(0, |read| read.1), unread.map_or_else(Unread::default, |unread| unread.1));
            self.note_resumed(&Place::Room(room.clone()), read, unread);
        }
        // The missed entries must be loaded first.
        for conversation in resumed.conversations {
            let unread = Unread { count: conversation.unread, mentions: 0 };
            self.note_resumed(&Place::With(conversation.id), conversation.read, unread);
        }
        self.room_list.set_memberships(&resumed.rooms);
        if self.divider().is_none() && !self.is_watched() {
            self.divide();
        }
        self.live(now, effects);
        self.fill_newest(effects);
    }

    fn joined(&mut self, now: u64, joined: Joined, effects: &mut Vec<Effect>) {
        let Joined { room, history, head, users, count, read, unread } = joined;
        *self.room_list.known(&room) = places::RoomState { name: room.clone(), users: count, is_member: true };
        self.note_here(&room, users.as_deref());
        let place = Place::Room(room);
        self.take_news(now, &place, history, effects);
        self.note_head(&place, head);
        self.note_read(&place, read);
        self.note_unread(&place, read, unread);
        if place == self.place {
            self.members.present = users.unwrap_or_default();
            let users = &self.members.present;
            self.members.away.retain(|away| users.iter().all(|user| user.id != away.id));
            // The server ends the preview by itself. Absent members come with a list alone.
            self.connection.preview = Preview::No;
            self.load_place(effects);
            self.fill_newest(effects);
        }
    }

    /// Handles a preview. One of a room that is no longer shown comes too late and is ignored.
    fn previewed(&mut self, now: u64, preview: protocol::Preview, effects: &mut Vec<Effect>) {
        let protocol::Preview { room, missing, history, users, count, away } = preview;
        if !self.shows(&room) || self.room_list.is_member(&room) {
            return;
        }
        if missing {
            // The room may be listed all the same, for the person's unsent texts.
            self.room_list.set_present(&room, 0);
        } else {
            self.room_list.known(&room).users = count;
        }
        self.take(now, &Place::Room(room), history, effects);
        self.members.present = users.unwrap_or_default();
        self.note_typing();
        self.members.away = away;
        self.fill_newest(effects);
    }

    /// Takes the present users: everybody is a member of `general`, so its list is that of the chat.
    fn note_here(&mut self, room: &RoomName, users: Option<&[UserInfo]>) {
        if room.is_general() {
            self.connection.is_here_fresh = users.is_some();
            self.room_list.here = users.map(|users| users.iter().map(|user| user.id).collect());
            self.refresh_participants();
        }
    }

    /// Handles an entry of a room, or a line of the chat itself that is not stored.
    fn line(&mut self, now: u64, line: Line, effects: &mut Vec<Effect>) {
        if line.kind == EntryKind::System && line.id.is_none() {
            return self.notices.tell(&line.text);
        }
        if let Some((room, entry)) = line.into_entry() {
            self.take_live(now, &Place::Room(room), entry, effects);
        }
    }

    fn presence(&mut self, presence: Presence) {
        self.note_here(&presence.room, presence.users.as_deref());
        if self.shows(&presence.room) {
            self.members.present = presence.users.unwrap_or_default();
        }
        self.room_list.note_present(&presence.room, presence.count);
    }

    fn renamed(&mut self, change: NickChanged, effects: &mut Vec<Effect>) {
        self.rename_peer(&change.old_name, &change.new_name);
        self.rename_in_sight(change, effects);
        self.refresh_participants();
    }

    fn rename_in_sight(&mut self, change: NickChanged, effects: &mut Vec<Effect>) {
        match change.room {
            None => {
                self.name = Arc::clone(&change.new_name);
                let me = self.user_id;
                if let Some(me) = self.members.present.iter_mut().find(|user| user.id == me) {
                    me.name = change.new_name;
                    // The new name changes the position in the list.
                    self.load_place(effects);
                }
            }
            Some(room) => {
                let is_listed = self.shows(&room);
                if is_listed || change.rooms.iter().any(|room| self.shows(room)) {
                    self.not_typing(&change.old_name);
                }
                if let Some(users) = change.users.filter(|_| is_listed) {
                    self.members.present = users;
                }
                if let Some(user) = change.user_id {
                    self.members.rename(user, &change.new_name);
                }
                if let Some(count) = change.count.filter(|_| is_listed) {
                    self.room_list.known(&room).users = count;
                }
            }
        }
    }

    fn user_list(&mut self, list: UserList) {
        self.connection.awaits_users.retain(|room| *room != list.room);
        if self.is_awaited(&PendingReply::Users(list.room.clone())) {
            let names: Vec<_> = list.users.iter().map(|user| isolated(&user.name)).collect();
            self.notices.tell(&format!("Online: {}", names.join(", ")));
        }
        self.note_here(&list.room, (list.count <= LISTED_MEMBERS).then_some(&list.users));
        self.room_list.note_present(&list.room, list.count);
        if self.shows(&list.room) {
            self.members.present = list.users;
            self.note_typing();
            self.members.away = list.away;
        }
    }
}
