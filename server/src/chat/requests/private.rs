//! Private messages: a conversation of two users is a log of its own, which nobody else ever receives.

use crate::{
    chat::{
        RequestContext,
        engine::Chat,
        refusals::{Refused, gone, no_such_number, refusal},
        requests::{messages::Content, unread::unread_in},
        state::{Pending, RecentEntries, User},
        steps,
    },
    journal::{Change, Draft},
};
use app::{
    bidi::isolated,
    protocol::{
        ConversationInfo, EntryId, EntryKind, ErrorCode, LogId, NameKey, Pair, Peer, UserId, UserName, WireName,
        limits::RESUMED_CONVERSATIONS,
    },
};
use std::sync::Arc;

impl Chat {
    /// Sends a private message to a user, given by identifier or else by name.
    pub(in crate::chat) fn pm(
        &mut self,
        context: RequestContext,
        to: (Option<UserId>, &str),
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let identified = |refused| Refused { client_id: client_id.clone(), ..refused };
        match self.spoken(context, text, client_id.as_ref()).map_err(identified)? {
            Some(text) => {
                let pair = self.conversation_with(context.user, to);
                self.send_private(context, pair, &text, client_id.clone()).map_err(identified)
            }
            None => Ok(()),
        }
    }

    /// Submits a private entry.
    pub(in crate::chat) fn send_private(
        &mut self,
        context: RequestContext,
        pair: Result<Pair, Refused>,
        text: &str,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        let RequestContext { now, caller, user, .. } = context;
        let log = match pair {
            Ok(pair) => LogId::Conversation(pair),
            Err(refused) => {
                let content = Content { kind: EntryKind::Message, text, target: None };
                return self.refuse_unless_stored(context, client_id, content, refused);
            }
        };
        let draft = Draft {
            log: log.clone(),
            author: user,
            kind: EntryKind::Message,
            text: text.into(),
            target: None,
            client_id: client_id.clone(),
            at: now.clock,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, author: user, log, client_id });
        Ok(())
    }

    /// Returns the user of a name in any spelling, with the exact name. Users who are being forgotten, or whose name is
    /// not stored yet, are left out. If an old store has several such users, an exact match comes first.
    #[must_use]
    pub fn peer(&self, name: &str) -> Option<(UserId, Arc<str>)> {
        let key = NameKey::of(name);
        let named = |user: UserId| {
            let state = self.directory.users.get(&user).filter(|user| user.is_there() && user.key == key)?;
            Some((user, state.name.shared()))
        };
        let mut peers: Vec<_> = self.directory.names.users(name).filter_map(named).collect();
        let at = peers.iter().position(|(_, exact)| &**exact == name).unwrap_or(0);
        (at < peers.len()).then(|| peers.swap_remove(at))
    }

    /// Returns the name of a peer who exists, or with whom the user has a conversation. Returns `None` for users who
    /// are being forgotten, and for forgotten users without a conversation.
    #[must_use]
    pub fn peer_name(&self, user: UserId, peer: UserId) -> Option<Arc<str>> {
        let is_known = self.is_there(peer) || self.recent_of_conversation(user, peer).is_some();
        self.last_name(peer).filter(|_| is_known)
    }

    /// Returns `true` if a user can be written to.
    pub(in crate::chat) fn is_there(&self, user: UserId) -> bool {
        self.directory.users.get(&user).is_some_and(User::is_there)
    }

    /// Returns the name of a user, or the last name of a forgotten user with conversations.
    fn last_name(&self, user: UserId) -> Option<Arc<str>> {
        let name =
            self.directory.users.get(&user).map(|state| &state.name).or_else(|| self.directory.forgotten.get(&user));
        name.map(UserName::shared)
    }

    /// Returns the conversation with the user of a name.
    pub(in crate::chat) fn conversation(&self, user: UserId, name: &str) -> Result<Pair, Refused> {
        self.conversation_with(user, (None, name))
    }

    /// Returns the conversation with a user who can be written to, given by identifier or else by name.
    pub(in crate::chat) fn conversation_with(
        &self,
        user: UserId,
        (peer, name): (Option<UserId>, &str),
    ) -> Result<Pair, Refused> {
        let nobody = |suggestion: Option<Arc<str>>| {
            let mut message = format!("Nobody is called {}.", isolated(&short(name)));
            if let Some(name) = &suggestion {
                message.push_str(&format!(" Did you mean {}?", isolated(name)));
            }
            Refused { suggestion, ..refusal(ErrorCode::NoSuchUser, message) }
        };
        let peer = match peer {
            Some(peer) if self.is_there(peer) => peer,
            Some(peer) => return Err(self.peer_name(user, peer).map_or_else(|| nobody(None), |name| gone(&name))),
            None => self.peer(name).map(|(peer, _)| peer).ok_or_else(|| nobody(self.nearest_name(user, name)))?,
        };
        Ok(Pair::new(user, peer))
    }

    /// Returns the conversation with a peer. By number it is found even if the peer was forgotten.
    pub(in crate::chat) fn conversation_with_peer(&self, user: UserId, peer: Peer<'_>) -> Result<Pair, Refused> {
        match peer {
            Peer::Number(peer) if self.peer_name(user, peer).is_some() => Ok(Pair::new(user, peer)),
            Peer::Number(_) => Err(no_such_number()),
            Peer::Name(name) => self.conversation(user, name),
        }
    }

    /// Returns the name on the wire of the conversation with a peer: by name, or by number if the peer was forgotten
    /// and the name can belong to somebody else.
    pub(in crate::chat) fn wire_name_of(&self, peer: UserId) -> Option<Arc<str>> {
        let name = self.last_name(peer)?;
        let is_gone = !self.directory.users.contains_key(&peer);
        Some(if is_gone { WireName::with_number(peer, &name) } else { WireName::with_name(&name) }.into())
    }

    /// Returns up to `most` conversations with entries after `after`, newest first.
    pub(in crate::chat) fn conversations_of(
        &self,
        user: UserId,
        after: EntryId,
        most: usize,
    ) -> Vec<(ConversationInfo, &RecentEntries)> {
        let talks = self.directory.users.get(&user).into_iter().flat_map(|state| state.talks.iter().rev());
        let newer = talks.take_while(|(head, _)| *head > after);
        let about = |(_, peer): &(EntryId, UserId)| {
            steps::count();
            Some((self.conversation_info(user, *peer)?, self.recent_of_conversation(user, *peer)?))
        };
        newer.filter_map(about).take(most).collect()
    }

    /// Returns the conversations that a client gets in its handshake.
    pub(in crate::chat) fn newest_conversations(&self, user: UserId) -> Vec<ConversationInfo> {
        let newest = self.conversations_of(user, 0, RESUMED_CONVERSATIONS).into_iter();
        newest.map(|(conversation, _)| conversation).collect()
    }

    pub(in crate::chat) fn recent_of_conversation(&self, user: UserId, peer: UserId) -> Option<&RecentEntries> {
        self.logs.conversations.get(&Pair::new(user, peer))
    }

    /// Returns a conversation as one of the two sees it, even without entries, or `None` if the peer no longer exists.
    pub(in crate::chat) fn conversation_info(&self, user: UserId, peer: UserId) -> Option<ConversationInfo> {
        let name = self.last_name(peer)?;
        let gone = !self.directory.users.contains_key(&peer);
        let read = self.read_up_to(user, &LogId::Conversation(Pair::new(user, peer)));
        let recent = self.recent_of_conversation(user, peer);
        let (head, unread) = recent.map_or((0, 0), |recent| (recent.head(), unread_in(recent, read, user)));
        Some(ConversationInfo { id: peer, name, head, read, unread, gone })
    }

    /// Returns the refusal for a message to a peer who was forgotten in the meantime.
    pub(in crate::chat) fn peer_is_gone(&self, user: UserId, log: &LogId) -> Refused {
        let peer = if let LogId::Conversation(pair) = log { self.last_name(pair.other(user)) } else { None };
        gone(peer.as_deref().unwrap_or("Somebody"))
    }
}

/// Shortens a name to 30 characters, for a sentence.
fn short(name: &str) -> String {
    name.chars().take(30).collect()
}
