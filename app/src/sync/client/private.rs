//! Conversations: what the person and one other say to each other alone. A conversation is a log like a room's.

use super::{Client, Effect};
use crate::{
    protocol::{ConversationInfo, Entry, EntryKind, PrivateLine, Unread, UserId, UserInfo},
    sync::Place,
};
use std::sync::Arc;

impl Client {
    /// With whom the person has conversations.
    pub fn peers(&self) -> impl Iterator<Item = UserId> {
        self.logs.iter().filter_map(|log| match log.place {
            Place::With(peer) => log.peer.as_ref().map(|_| peer),
            Place::Room(_) | Place::Mentions => None,
        })
    }

    /// The server says that there is a conversation, and how far it has come.
    pub(super) fn conversation(&mut self, conversation: ConversationInfo) {
        let place = Place::With(conversation.id);
        self.call(conversation.id, conversation.name);
        self.log_mut(&place).is_former = conversation.gone;
        self.note_head(&place, conversation.head);
        self.note_read(&place, conversation.read);
        self.note_unread(&place, conversation.read, Unread { count: conversation.unread, mentions: 0 });
    }

    /// Notes what somebody is called now. For anybody else it is a former name.
    pub(super) fn call(&mut self, peer: UserId, name: Arc<str>) {
        for log in self.logs.iter_mut().filter(|log| log.peer.as_ref() == Some(&name)) {
            log.is_former = true;
        }
        let log = self.log_mut(&Place::With(peer));
        log.peer = Some(name);
        log.is_former = false;
    }

    /// In the shown conversation, if one is shown, are the person and the other one, who may be away.
    pub(super) fn meet(&mut self) {
        let Place::With(peer) = &self.place else {
            return;
        };
        let Some(here) = &self.here else {
            // Among too many to be listed nobody is known to be away.
            self.away.clear();
            return;
        };
        let info = |id: UserId, name: Arc<str>| UserInfo { id, name, typing: false };
        let me = info(self.user_id, Arc::clone(&self.name));
        let them = (*peer != self.user_id).then(|| info(*peer, self.name_of(&self.place)));
        let is_here = here.contains(peer);
        self.away = them.clone().filter(|_| !is_here).into_iter().collect();
        let is_first = |them: &UserInfo| them.name < me.name;
        self.users = match them.filter(|_| is_here) {
            Some(them) if is_first(&them) => vec![them, me],
            Some(them) => vec![me, them],
            None => vec![me],
        };
    }

    /// A private line was just said.
    pub(super) fn private_line(&mut self, now: u64, line: PrivateLine, effects: &mut Vec<Effect>) {
        let Some(peer) = line.user_id else {
            return;
        };
        let (author, from) = match (line.from, line.to) {
            (Some(from), _) => {
                self.call(peer, Arc::clone(&from));
                (peer, from)
            }
            (None, to) => {
                if let Some(to) = to {
                    self.call(peer, to);
                }
                (self.user_id, Arc::clone(&self.name))
            }
        };
        let entry = Entry {
            id: line.id,
            prev: line.prev,
            ts: line.ts,
            from,
            user_id: Some(author),
            text: line.text,
            kind: EntryKind::Message,
            client_id: line.client_id,
        };
        self.take_live(now, &Place::With(peer), entry, effects);
    }

    /// Somebody has another name.
    pub(super) fn rename_peer(&mut self, old: &str, new: &Arc<str>) {
        if let Some(Place::With(peer)) = self.find(&["@", old].concat()) {
            self.call(peer, Arc::clone(new));
        }
    }
}
