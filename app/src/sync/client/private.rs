//! Conversations: private messages between the person and a peer. A conversation is a log like a room's.

use super::{Client, Effect};
use crate::protocol::{ConversationInfo, Entry, EntryKind, Peer, Place, PrivateLine, Unread, UserId, UserInfo};
use std::sync::Arc;

impl Client {
    /// Yields the peers of the person's conversations.
    pub fn peers(&self) -> impl Iterator<Item = UserId> {
        self.logs.all.iter().filter_map(|log| match log.place {
            Place::With(peer) => log.peer.as_ref().map(|_| peer),
            Place::Room(_) | Place::Mentions => None,
        })
    }

    /// Takes the state of a conversation from the server.
    pub(super) fn conversation(&mut self, conversation: ConversationInfo) {
        let place = Place::With(conversation.id);
        self.logs.set_peer_name(conversation.id, conversation.name);
        self.logs.get_or_insert(&place).is_former = conversation.gone;
        self.note_head(&place, conversation.head);
        self.note_read(&place, conversation.read);
        self.note_unread(&place, conversation.read, Unread { count: conversation.unread, mentions: 0 });
    }

    /// Computes the participants of the shown conversation: the person and the peer, present or absent.
    pub(super) fn refresh_participants(&mut self) {
        let Place::With(peer) = &self.place else {
            return;
        };
        let Some(here) = &self.room_list.here else {
            // Nobody counts as absent if the present users are too many to be listed.
            self.members.away.clear();
            return;
        };
        let info = |id: UserId, name: Arc<str>| UserInfo { id, name, typing: false };
        let me = info(self.user_id, Arc::clone(&self.name));
        let them = (*peer != self.user_id).then(|| info(*peer, self.name_of(&self.place)));
        let is_here = here.contains(peer);
        self.members.away = them.clone().filter(|_| !is_here).into_iter().collect();
        let is_first = |them: &UserInfo| them.name < me.name;
        self.members.present = match them.filter(|_| is_here) {
            Some(them) if is_first(&them) => vec![them, me],
            Some(them) => vec![me, them],
            None => vec![me],
        };
    }

    /// Inserts a private entry that was just said.
    pub(super) fn private_line(&mut self, now: u64, line: PrivateLine, effects: &mut Vec<Effect>) {
        let Some(peer) = line.user_id else {
            return;
        };
        let (author, from) = match (line.from, line.to) {
            (Some(from), _) => {
                self.logs.set_peer_name(peer, Arc::clone(&from));
                (peer, from)
            }
            (None, to) => {
                if let Some(to) = to {
                    self.logs.set_peer_name(peer, to);
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
            target: None,
            amended: line.amended,
        };
        self.take_live(now, &Place::With(peer), entry, effects);
    }

    /// Renames a peer.
    pub(super) fn rename_peer(&mut self, old: &str, new: &Arc<str>) {
        if let Some(Place::With(peer)) = self.logs.find_peer(Peer::Name(old)) {
            self.logs.set_peer_name(peer, Arc::clone(new));
        }
    }
}
