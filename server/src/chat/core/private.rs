//! What two users say to each other alone: a log of its own, of which nobody else ever hears.

use super::{Asking, Chat, ConnectionId, Pending, Refused, attention::unread_in, nobody, not_in_room, refusal};
use crate::{
    chat::{Kind, Now, steps, tail::Tail},
    journal::{Change, Draft, Log, Pair},
};
use app::{
    bidi::isolated,
    command,
    protocol::{
        ConversationInfo, Entry, EntryId, EntryKind, ErrorCode, NameKey, Peer, PrivateLine, ReadMark, RoomName,
        ServerFrame, UserId, UserName, limits::RESUMED_CONVERSATIONS, peer_segment,
    },
};
use std::sync::Arc;

impl Chat {
    /// Says something to somebody, who is known by number, or else by name.
    pub(super) fn pm(
        &mut self,
        asking: Asking,
        to: (Option<UserId>, &str),
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let marked = |refused| Refused { client_id: client_id.clone(), ..refused };
        match self.spoken(asking, text, client_id.as_ref()).map_err(marked)? {
            Some(text) => {
                let pair = self.conversation_with(asking.user, to);
                self.whisper(asking, pair, &text, client_id.clone()).map_err(marked)
            }
            None => Ok(()),
        }
    }

    /// A form posts a text to somebody alone, or a command. The request is answered.
    pub fn post_privately(&mut self, asking: Asking, to: (UserId, &str), text: &str, client_id: Option<String>) {
        let command = command::parse(text);
        let refused = command.as_ref().and_then(|command| command.as_ref().ok()?.refusal_in_conversation());
        let result = match (refused, command) {
            (Some(reason), _) => Err(refusal(ErrorCode::BadCommand, reason)),
            // Any other does the same wherever it is typed.
            (None, Some(_)) => self.say(asking, RoomName::general().as_str(), text, client_id),
            (None, None) => self.pm(asking, (Some(to.0), to.1), command::plain(text), client_id),
        };
        if let Err(refused) = result {
            self.refuse(asking.caller, refused);
        }
    }

    /// Hands a private entry to the journal.
    pub(super) fn whisper(
        &mut self,
        asking: Asking,
        pair: Result<Pair, Refused>,
        text: &str,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        let Asking { now, caller, user, .. } = asking;
        let log = match pair {
            Ok(pair) => Log::Conversation(pair),
            Err(refused) => {
                return self.refuse_unless_stored(asking, client_id, (EntryKind::Message, text), refused);
            }
        };
        let draft = Draft {
            log: log.clone(),
            author: user,
            kind: EntryKind::Message,
            text: text.into(),
            client_id: client_id.clone(),
            at: now.clock,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, author: user, log, client_id });
        Ok(())
    }

    /// A committed private entry goes to every connection of both, and to nobody else.
    pub(super) fn tell_pair(&mut self, now: Now, pair: Pair, author: UserId, entry: Entry) {
        self.last_id = self.last_id.max(entry.id);
        self.entries += 1;
        let peer = pair.other(author);
        let before = self.conversations.get(&pair).map_or(0, Tail::head);
        for (user, other) in [(author, peer), (peer, author)] {
            self.has_entries(now, user);
            if let Some(state) = self.users.get_mut(&user) {
                state.talks.remove(&(before, other));
                state.talks.insert((entry.id, other));
            }
        }
        let received = PrivateLine::seen_by(peer, author, &entry.from, entry.clone());
        // To oneself one says it too.
        let received = PrivateLine { from: Some(Arc::clone(&entry.from)), to: None, client_id: None, ..received };
        self.send_to_user(peer, &ServerFrame::Pm(received), None);
        let sent = self.pm_sent(author, peer, &entry);
        self.send_to_user(author, &sent, None);
        self.conversations.entry(pair).or_default().push(entry, self.settings.tail);
        self.used(&Log::Conversation(pair));
    }

    /// The frame that tells an author of an entry to somebody.
    pub(super) fn pm_sent(&self, author: UserId, peer: UserId, entry: &Entry) -> ServerFrame {
        let name = self.users.get(&peer).map_or_else(|| "somebody".into(), |peer| peer.name.shared());
        ServerFrame::PmSent(PrivateLine::seen_by(author, peer, &name, entry.clone()))
    }

    /// Who is called so, in any spelling, and how exactly. Nobody who is just being forgotten, or has not got the name
    /// yet. Where an old store has several, one whose name is written just so comes first.
    #[must_use]
    pub fn peer(&self, name: &str) -> Option<(UserId, Arc<str>)> {
        let key = NameKey::of(name);
        let named = |user: UserId| {
            let state = self.users.get(&user).filter(|user| !user.sessions.is_empty() && user.key == key)?;
            Some((user, state.name.shared()))
        };
        let mut peers: Vec<_> = self.names.users(name).filter_map(named).collect();
        let at = peers.iter().position(|(_, exact)| &**exact == name).unwrap_or(0);
        (at < peers.len()).then(|| peers.swap_remove(at))
    }

    /// What a user's peer of this number is called: somebody who is there, or with whom the user had a conversation.
    /// `None` for a user who is just being forgotten and for strangers who are.
    #[must_use]
    pub fn peer_name(&self, user: UserId, peer: UserId) -> Option<Arc<str>> {
        let is_known = self.is_there(peer) || self.conversation_tail(user, peer).is_some();
        self.last_name(peer).filter(|_| is_known)
    }

    /// Whether a user can be written to.
    fn is_there(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|state| !state.sessions.is_empty())
    }

    /// The name of a user, or the last one of a user who is forgotten and had a conversation.
    fn last_name(&self, user: UserId) -> Option<Arc<str>> {
        let name = self.users.get(&user).map(|state| &state.name).or_else(|| self.forgotten.get(&user));
        name.map(UserName::shared)
    }

    /// The conversation of a user with somebody of this name.
    pub(super) fn conversation(&self, user: UserId, name: &str) -> Result<Pair, Refused> {
        self.conversation_with(user, (None, name))
    }

    /// The conversation of a user with somebody who can be written to and is known by number, or else by name.
    fn conversation_with(&self, user: UserId, (peer, name): (Option<UserId>, &str)) -> Result<Pair, Refused> {
        let nobody = |suggestion: Option<Arc<str>>| {
            let mut message = format!("Nobody is called {}.", isolated(&short(name)));
            if let Some(name) = &suggestion {
                message.push_str(&format!(" Did you mean {}?", isolated(name)));
            }
            Refused { suggestion, ..refusal(ErrorCode::NoSuchUser, message) }
        };
        let gone =
            |name: Arc<str>| refusal(ErrorCode::NoSuchUser, format!("{} is gone. Nothing was sent.", isolated(&name)));
        let peer = match peer {
            Some(peer) if self.is_there(peer) => peer,
            Some(peer) => return Err(self.peer_name(user, peer).map_or_else(|| nobody(None), gone)),
            None => self.peer(name).map(|(peer, _)| peer).ok_or_else(|| nobody(self.nearest_name(user, name)))?,
        };
        Ok(Pair::new(user, peer))
    }

    /// The conversation that a user means by what stands behind the `@` of an address. By its number a conversation with a
    /// user who is forgotten can still be read.
    pub(super) fn conversation_at(&self, user: UserId, segment: &str) -> Result<Pair, Refused> {
        match Peer::parse(segment) {
            Some(Peer::Number(peer)) if self.peer_name(user, peer).is_some() => Ok(Pair::new(user, peer)),
            Some(Peer::Name(name)) => self.conversation(user, name),
            _ => Err(refusal(ErrorCode::NoSuchUser, "Nobody has that number.")),
        }
    }

    /// What the wire calls the conversation of a user with another: by the name, unless that may be another's by now.
    fn address_of(&self, peer: UserId) -> Option<Arc<str>> {
        let name = self.last_name(peer)?;
        let is_gone = !self.users.contains_key(&peer);
        Some(if is_gone { ["@", &peer_segment(peer, &name)].concat() } else { ["@", &*name].concat() }.into())
    }

    /// The conversations of a user with entries behind one, with the other one: the newest first, and so many at the most.
    pub(super) fn conversations_of(&self, user: UserId, after: EntryId, most: usize) -> Vec<(ConversationInfo, &Tail)> {
        let talks = self.users.get(&user).into_iter().flat_map(|state| state.talks.iter().rev());
        let newer = talks.take_while(|(head, _)| *head > after);
        let about = |(_, peer): &(EntryId, UserId)| {
            steps::count();
            Some((self.conversation_info(user, *peer)?, self.conversation_tail(user, *peer)?))
        };
        newer.filter_map(about).take(most).collect()
    }

    /// The conversations that a client is told of when it begins.
    pub(super) fn newest_conversations(&self, user: UserId) -> Vec<ConversationInfo> {
        let newest = self.conversations_of(user, 0, RESUMED_CONVERSATIONS).into_iter();
        newest.map(|(conversation, _)| conversation).collect()
    }

    pub(super) fn conversation_tail(&self, user: UserId, peer: UserId) -> Option<&Tail> {
        self.conversations.get(&Pair::new(user, peer))
    }

    /// A conversation as one of the two sees it, whether or not anything was said in it; nothing when there is no such
    /// peer any more.
    pub(super) fn conversation_info(&self, user: UserId, peer: UserId) -> Option<ConversationInfo> {
        let name = self.last_name(peer)?;
        let gone = !self.users.contains_key(&peer);
        let read = self.read_up_to(user, &Log::Conversation(Pair::new(user, peer)));
        let tail = self.conversation_tail(user, peer);
        let (head, unread) = tail.map_or((0, 0), |tail| (tail.head(), unread_in(tail, read, user)));
        Some(ConversationInfo { id: peer, name, head, read, unread, gone })
    }

    /// A user says up to where a log is read. A mark never goes back, nor beyond the log's end.
    pub(super) fn read(
        &mut self,
        connection: Option<ConnectionId>,
        user: UserId,
        address: &str,
        id: EntryId,
    ) -> Result<(), Refused> {
        let log = self.log(user, address)?;
        let (head, address): (_, Arc<str>) = match &log {
            Log::Room(room) if self.is_member(user, room) => {
                (self.rooms.get(room).map_or(0, |state| state.tail.head()), room.shared())
            }
            Log::Room(room) => return Err(not_in_room(room)),
            Log::Conversation(pair) => {
                let address = self.address_of(pair.other(user)).ok_or_else(nobody)?;
                (self.conversations.get(pair).map_or(0, Tail::head), address)
            }
        };
        let id = id.min(head);
        let state = self.users.get(&user).ok_or_else(nobody)?;
        if state.reads.get(&log).copied().unwrap_or(0) < id {
            self.submit(
                Change::Read { user, log: log.clone(), id },
                Pending::Read { connection, user, log, address, id },
            );
        }
        Ok(())
    }

    /// A page was shown up to an entry to who has no connection that would say so.
    ///
    /// # Errors
    /// Why the mark may not be moved.
    pub fn shown(&mut self, asking: Asking, address: &str, id: EntryId) -> Result<(), Refused> {
        self.spend(asking, Kind::Query)?;
        self.read(None, asking.user, address, id)
    }

    pub(super) fn has_read(
        &mut self,
        connection: Option<ConnectionId>,
        user: UserId,
        log: &Log,
        address: Arc<str>,
        id: EntryId,
    ) {
        let Some(state) = self.users.get_mut(&user) else {
            return;
        };
        let mark = state.reads.entry(log.clone()).or_default();
        if *mark < id {
            *mark = id;
            let unread = self.unread(user, log);
            let frame = ServerFrame::Read(ReadMark { room: address, id, unread });
            self.send_to_user(user, &frame, connection);
        }
    }
}

/// As much of a name as a sentence has room for.
fn short(name: &str) -> String {
    name.chars().take(30).collect()
}
