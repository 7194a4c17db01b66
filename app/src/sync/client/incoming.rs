//! What the server's frames change.

use super::{Client, Cursor, Effect, Link, Log, Preview, commands::Wants, places};
use crate::{
    bidi::isolated,
    protocol::{
        self, ClientFrame, Connected, EntryKind, Joined, Line, NickChanged, Presence, ReadMark, Resumed, RoomName,
        ServerFrame, Typing, Unread, UserInfo, UserList, caseless, limits::LISTED_MEMBERS,
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
            ServerFrame::Preview(preview) => self.previewed(now, preview, effects),
            ServerFrame::Left { room } => self.left(&room, effects),
            ServerFrame::Message(line) => self.line(now, line, EntryKind::Message, effects),
            ServerFrame::Action(line) => self.line(now, line, EntryKind::Action, effects),
            ServerFrame::System(line) if line.id.is_none() => self.tell(&line.text),
            ServerFrame::System(line) => self.line(now, line, EntryKind::System, effects),
            ServerFrame::UserJoined(presence) => {
                if self.shows(&presence.room) {
                    // One frame may tell of several.
                    let here = presence.users.as_deref().unwrap_or_default();
                    let is_here =
                        |who: &UserInfo| who.name == presence.user || here.iter().any(|user| user.id == who.id);
                    self.away.retain(|user| !is_here(user));
                }
                self.presence(presence);
            }
            ServerFrame::UserLeft(presence) => {
                if self.shows(&presence.room) {
                    self.not_typing(&presence.user);
                    let gone = self.users.iter().find(|user| user.name == presence.user).filter(|_| presence.away);
                    if let Some(gone) = gone.cloned() {
                        insert_by_name(&mut self.away, gone);
                    }
                }
                self.presence(presence);
            }
            ServerFrame::Typing(typing) => self.somebody_types(typing),
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => self.private_line(now, line, effects),
            ServerFrame::NickChanged(change) => self.renamed(change, effects),
            ServerFrame::RoomCreated { room, .. } => self.room_created(&room),
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
                if let Some(place) = self.find(&room) {
                    self.note_read(&place, id);
                    self.note_unread(&place, id, unread);
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
        // The shown log stays held, so that its head is noted even if its `joined` never arrives.
        let (peer, is_former) = self.log(&self.place).map_or((None, false), |log| (log.peer.clone(), log.is_former));
        self.logs = vec![Log { peer, is_former, ..Log::new(self.place.clone()) }];
        self.asked.clear();
        self.set_divider(None);
        self.cursor = Cursor { last_id: 0, epoch: connected.epoch };
        self.user_id = connected.user_id;
        self.name = connected.name;
        // A room that is gone stays listed for the person's own texts that were refused there.
        let stays = |room: &&places::Known| {
            connected.rooms.contains(&room.name) || self.unsent(&Place::Room(room.name.clone())) > 0
        };
        self.rooms = self.rooms.iter().filter(stays).cloned().collect();
        self.is_in(&[RoomName::general()]);
        for room in &connected.rooms {
            self.known(room);
        }
        for conversation in connected.conversations {
            self.conversation(conversation);
        }
        self.live(now, effects);
    }

    fn somebody_types(&mut self, Typing { room, user, user_id, typing }: Typing) {
        if let Some(peer) = user_id {
            self.typing_peers.retain(|other| *other != peer);
            self.typing_peers.extend(typing.then_some(peer));
        } else if self.place.room().is_some_and(|shown| *shown.as_str() == *room) {
            self.not_typing(&user);
            self.typing.extend(typing.then_some(user));
        }
    }

    /// A list of those in the shown room says who of them is writing.
    fn note_typing(&mut self) {
        let others = self.users.iter().filter(|user| user.typing && user.id != self.user_id);
        self.typing = others.map(|user| Arc::clone(&user.name)).collect();
    }

    fn not_typing(&mut self, name: &str) {
        self.typing.retain(|other| **other != *name);
    }

    /// Whether this room is shown.
    fn shows(&self, room: &RoomName) -> bool {
        self.place.room() == Some(room)
    }

    fn left(&mut self, room: &RoomName, effects: &mut Vec<Effect>) {
        self.known(room).is_member = false;
        if self.shows(room) {
            self.show(Place::Room(RoomName::general()), false, effects);
        }
        if self.is_wanted(&Wants::Leave(room.clone())) {
            self.tell(&format!("You left #{room}."));
            if let Some(notice) = self.notices.back_mut() {
                notice.left = Some(room.clone());
            }
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
            if let Some(place) = self.find(&format!("@{peer}")) {
                self.take_news(now, &place, entries, effects);
            }
        }
        for (room, head) in resumed.heads {
            self.note_head(&Place::Room(room), head);
        }
        for (address, id) in &resumed.read {
            if let Some(place) = self.find(address) {
                self.note_read(&place, *id);
            }
        }
        for room in &resumed.rooms {
            let read = resumed.read.iter().find(|(address, _)| **address == *room.as_str());
            let unread = resumed.unread.iter().find(|(its, _)| its == room);
            let (read, unread) =
                (read.map_or(0, |read| read.1), unread.map_or_else(Unread::default, |unread| unread.1));
            self.note_unread(&Place::Room(room.clone()), read, unread);
        }
        // Once what was missed is here.
        for conversation in resumed.conversations {
            let unread = Unread { count: conversation.unread, mentions: 0 };
            self.note_unread(&Place::With(conversation.id), conversation.read, unread);
        }
        self.is_in(&resumed.rooms);
        if self.divider.is_none() && !self.is_watched {
            self.divide();
        }
        self.live(now, effects);
        self.fill_newest(effects);
    }

    fn joined(&mut self, now: u64, joined: Joined, effects: &mut Vec<Effect>) {
        let Joined { room, history, head, users, count, read, unread } = joined;
        *self.known(&room) = places::Known { name: room.clone(), users: count, is_member: true };
        self.note_here(&room, users.as_deref());
        let place = Place::Room(room);
        self.take_news(now, &place, history, effects);
        self.note_head(&place, head);
        self.note_read(&place, read);
        self.note_unread(&place, read, unread);
        if place == self.place {
            self.users = users.unwrap_or_default();
            let users = &self.users;
            self.away.retain(|away| users.iter().all(|user| user.id != away.id));
            // The server ends the preview by itself. Who is away is told by a list alone.
            self.preview = Preview::No;
            self.settle_in(effects);
            self.fill_newest(effects);
        }
    }

    /// What the shown room looks like to somebody who is not in it. Of another room the answer comes too late.
    fn previewed(&mut self, now: u64, preview: protocol::Preview, effects: &mut Vec<Effect>) {
        let protocol::Preview { room, missing, history, users, count, away } = preview;
        if !self.shows(&room) || places::is_member(&self.rooms, &room) {
            return;
        }
        self.preview = Preview::Live;
        if !missing {
            self.known(&room).users = count;
        }
        self.take(now, &Place::Room(room), history, effects);
        self.users = users.unwrap_or_default();
        self.note_typing();
        self.away = away;
        self.fill_newest(effects);
    }

    /// Everybody is in general: who is listed there is present.
    fn note_here(&mut self, room: &RoomName, users: Option<&[UserInfo]>) {
        if room.is_general() {
            self.is_here_fresh = users.is_some();
            self.here = users.map(|users| users.iter().map(|user| user.id).collect());
            self.meet();
        }
    }

    fn line(&mut self, now: u64, line: Line, kind: EntryKind, effects: &mut Vec<Effect>) {
        if let Some((room, entry)) = line.into_entry(kind) {
            self.take_live(now, &Place::Room(room), entry, effects);
        }
    }

    fn presence(&mut self, presence: Presence) {
        self.note_here(&presence.room, presence.users.as_deref());
        if self.shows(&presence.room) {
            self.users = presence.users.unwrap_or_default();
        }
        self.note_present(&presence.room, presence.count);
    }

    fn renamed(&mut self, change: NickChanged, effects: &mut Vec<Effect>) {
        self.rename_peer(&change.old_name, &change.new_name);
        self.rename_in_sight(change, effects);
        self.meet();
    }

    fn rename_in_sight(&mut self, change: NickChanged, effects: &mut Vec<Effect>) {
        match change.room {
            None => {
                self.name = Arc::clone(&change.new_name);
                let me = self.user_id;
                if let Some(me) = self.users.iter_mut().find(|user| user.id == me) {
                    me.name = change.new_name;
                    // Among the others by its name.
                    self.settle_in(effects);
                }
            }
            Some(room) => {
                let is_listed = self.shows(&room);
                if is_listed || change.rooms.iter().any(|room| self.shows(room)) {
                    self.not_typing(&change.old_name);
                }
                if let Some(users) = change.users.filter(|_| is_listed) {
                    self.users = users;
                }
                for users in [&mut self.users, &mut self.away] {
                    if let Some(at) = users.iter().position(|user| Some(user.id) == change.user_id) {
                        let user = UserInfo { name: Arc::clone(&change.new_name), ..users.remove(at) };
                        insert_by_name(users, user);
                    }
                }
                if let Some(count) = change.count.filter(|_| is_listed) {
                    self.known(&room).users = count;
                }
            }
        }
    }

    fn user_list(&mut self, list: UserList) {
        self.awaits_users.retain(|room| *room != list.room);
        if self.is_wanted(&Wants::Users(list.room.clone())) {
            let names: Vec<_> = list.users.iter().map(|user| isolated(&user.name)).collect();
            self.tell(&format!("Online: {}", names.join(", ")));
        }
        self.note_here(&list.room, (list.count <= LISTED_MEMBERS).then_some(&list.users));
        self.note_present(&list.room, list.count);
        if self.shows(&list.room) {
            self.users = list.users;
            self.note_typing();
            self.away = list.away;
        }
    }
}

/// Puts somebody into a list that is by name.
fn insert_by_name(list: &mut Vec<UserInfo>, user: UserInfo) {
    let name = caseless(&user.name);
    let at = list.iter().position(|other| caseless(&other.name) > name).unwrap_or(list.len());
    list.insert(at, user);
}
