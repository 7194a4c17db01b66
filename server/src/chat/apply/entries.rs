//! Facts about entries and read marks.

use crate::chat::{Now, engine::Chat, state::RecentEntries};
use app::protocol::{
    Amendment, Entry, EntryId, LogId, Pair, PrivateLine, ReadMark, RoomName, ServerFrame, UserId, WireName,
};
use std::sync::Arc;

impl Chat {
    pub(in crate::chat) fn said(&mut self, now: Now, log: LogId, entry: Entry) {
        if let Some(author) = entry.user_id.filter(|_| entry.kind.is_spoken()) {
            self.stop_typing(author, &log);
            self.has_written(now, author);
        }
        self.logs.last_id = self.logs.last_id.max(entry.id);
        self.logs.entries += u64::from(entry.is_shown());
        match log {
            LogId::Room(room) => self.announce(&room, entry),
            LogId::Conversation(pair) => self.tell_pair(now, pair, entry),
        }
    }

    /// Sends a committed entry to every connection that receives the room's frames.
    fn announce(&mut self, room: &RoomName, entry: Entry) {
        let frame = ServerFrame::announcing(room.clone(), &entry);
        let state = self.logs.rooms.entry(room.clone()).or_default();
        // `active_at` never precedes the room's creation, as in the store, even if the calendar was set back.
        state.active_at = entry.ts.max(state.created_at);
        state.recent.push(entry, self.settings.recent_entries);
        self.used(&LogId::Room(room.clone()));
        self.broadcast(room, &frame, None);
    }

    /// Sends a committed private entry to all connections of both users, and to nobody else.
    fn tell_pair(&mut self, now: Now, pair: Pair, entry: Entry) {
        let Some(author) = entry.user_id else {
            return;
        };
        let peer = pair.other(author);
        let before = self.logs.conversations.get(&pair).map_or(0, RecentEntries::head);
        for (user, other) in [(author, peer), (peer, author)] {
            self.has_entries(now, user);
            if let Some(state) = self.directory.users.get_mut(&user) {
                state.talks.remove(&(before, other));
                state.talks.insert((entry.id, other));
            }
        }
        if entry.is_shown() {
            let received = PrivateLine::seen_by(peer, author, &entry.from, entry.clone());
            // A private message to oneself arrives as a received one, too.
            let received = PrivateLine { from: Some(Arc::clone(&entry.from)), to: None, client_id: None, ..received };
            self.send_to_user(peer, &ServerFrame::Pm(received), None);
        } else if author != peer {
            let received = self.private_amendment(author, Entry { client_id: None, ..entry.clone() });
            self.send_to_user(peer, &received, None);
        }
        let sent = self.pm_sent(author, peer, &entry);
        self.send_to_user(author, &sent, None);
        self.logs.conversations.entry(pair).or_default().push(entry, self.settings.recent_entries);
        self.used(&LogId::Conversation(pair));
    }

    /// Returns the frame of an amendment in the conversation with a peer.
    fn private_amendment(&self, peer: UserId, entry: Entry) -> ServerFrame {
        let room = self.wire_name_of(peer).unwrap_or_else(|| WireName::with_number(peer, "").into());
        ServerFrame::Amendment(Amendment::announcing(room, Some(peer), entry))
    }

    /// Returns the frame that acknowledges a private entry to its author: `pm_sent`, or an amendment.
    pub(in crate::chat) fn pm_sent(&self, author: UserId, peer: UserId, entry: &Entry) -> ServerFrame {
        if !entry.is_shown() {
            return self.private_amendment(peer, entry.clone());
        }
        let name = self.directory.users.get(&peer).map_or_else(|| "somebody".into(), |peer| peer.name.shared());
        ServerFrame::PmSent(PrivateLine::seen_by(author, peer, &name, entry.clone()))
    }

    /// Marks a user as having entries, which extends the time for which the user is kept.
    pub(in crate::chat) fn has_entries(&mut self, now: Now, user: UserId) {
        if let Some(state) = self.directory.users.get_mut(&user)
            && !std::mem::replace(&mut state.has_entries, true)
        {
            self.plan_forgetting(now, user);
        }
    }

    /// Marks a user as an author, whom member lists show as away when absent.
    pub(in crate::chat) fn has_written(&mut self, now: Now, user: UserId) {
        let before = self.directory.users.get_mut(&user).map(|state| std::mem::replace(&mut state.has_written, true));
        self.has_entries(now, user);
        if before == Some(false) {
            self.rooms_of(user).iter().for_each(|room| self.announce_absent(user, room));
        }
    }

    /// Records how far a user has read a log. All connections of the user receive the number of unread entries, even
    /// the one that sent the mark: it may not have all unread entries, so it cannot count them.
    pub(in crate::chat) fn has_read(&mut self, user: UserId, log: &LogId, id: EntryId) {
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        let mark = state.reads.entry(log.clone()).or_default();
        *mark = id.max(*mark);
        if let Some(mark) = self.read_mark(user, log, id) {
            self.send_to_user(user, &ServerFrame::Read(mark), None);
        }
    }

    /// Returns a user's read mark in a log as it is sent.
    pub(in crate::chat) fn read_mark(&self, user: UserId, log: &LogId, id: EntryId) -> Option<ReadMark> {
        let room = match log {
            LogId::Room(room) => room.shared(),
            LogId::Conversation(pair) => self.wire_name_of(pair.other(user))?,
        };
        Some(ReadMark { room, id, unread: self.unread(user, log) })
    }
}
