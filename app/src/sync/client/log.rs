//! The logs that a client knows: rooms, conversations, and the list of mentions.
//!
//! Invariants: a place has at most one log; a mention in the list has its room in `mentioned_in`.

use super::Client;
use crate::{
    protocol::{EntryId, Peer, Place, RoomName, Unread, UserId, WireName},
    sync::{Gap, Timeline},
};
use std::sync::Arc;

/// The known state of a log.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) place: Place,
    /// Name of a conversation's peer.
    pub(super) peer: Option<Arc<str>>,
    /// `true` if `peer` is a former name: the peer was forgotten, or the name belongs to somebody else by now.
    pub(super) is_former: bool,
    pub(super) timeline: Timeline,
    /// The person's read mark.
    pub(super) read: EntryId,
    /// `true` if the server does not know the mark yet.
    pub(super) is_read_untold: bool,
    /// Unread counts after the mark.
    pub(super) unread: Unread,
    /// `true` if the end of the log is known.
    pub(super) is_known: bool,
}

impl Log {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            peer: None,
            is_former: false,
            timeline: Timeline::default(),
            read: 0,
            is_read_untold: false,
            unread: Unread::default(),
            is_known: false,
        }
    }

    /// Returns the log's name on the wire; `None` for mentions, and while the peer's name is unknown.
    pub(super) fn wire_name(&self) -> Option<String> {
        match &self.place {
            Place::Room(room) => Some(room.to_string()),
            Place::With(id) => self.peer.as_ref().map(|name| WireName::with_number(*id, name)),
            Place::Mentions => None,
        }
    }
}

/// All logs of which anything is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Logs {
    /// The list is short.
    pub(super) all: Vec<Log>,
    /// Gaps that were requested and are still open. An answer shrinks or closes its gap; a gap that an answer left
    /// unchanged is not requested again on the same connection.
    pub(super) asked: Vec<(Place, Gap)>,
    /// Room of each known mention, by entry.
    pub(super) mentioned_in: Vec<(EntryId, RoomName)>,
}

impl Logs {
    pub(super) fn get(&self, place: &Place) -> Option<&Log> {
        self.all.iter().find(|log| log.place == *place)
    }

    /// Returns the log of a place, and creates it if necessary.
    pub(super) fn get_or_insert(&mut self, place: &Place) -> &mut Log {
        let at = self.all.iter().position(|log| log.place == *place).unwrap_or_else(|| {
            self.all.push(Log::new(place.clone()));
            self.all.len() - 1
        });
        &mut self.all[at]
    }

    /// Removes all logs but this place's, of which the peer's name alone stays.
    pub(super) fn reset(&mut self, place: &Place) {
        let (peer, is_former) = self.get(place).map_or((None, false), |log| (log.peer.clone(), log.is_former));
        *self = Self { all: vec![Log { peer, is_former, ..Log::new(place.clone()) }], ..Self::default() };
    }

    /// Forgets the requests for gaps that are closed.
    pub(super) fn forget_answered(&mut self) {
        let mut asked = std::mem::take(&mut self.asked);
        asked.retain(|(place, gap)| self.get(place).is_some_and(|log| log.timeline.gaps().contains(gap)));
        self.asked = asked;
    }

    /// Records the current name of a peer. In other conversations the same name is a former one.
    pub(super) fn set_peer_name(&mut self, peer: UserId, name: Arc<str>) {
        for log in self.all.iter_mut().filter(|log| log.peer.as_ref() == Some(&name)) {
            log.is_former = true;
        }
        let log = self.get_or_insert(&Place::With(peer));
        log.peer = Some(name);
        log.is_former = false;
    }

    /// Returns the known place that a name on the wire stands for.
    pub(super) fn find(&self, name: &str) -> Option<Place> {
        match WireName::parse(name)? {
            WireName::Room(room) => Some(Place::Room(RoomName::told(room))),
            WireName::Conversation(peer) => self.find_peer(peer),
        }
    }

    /// Returns the known conversation with a peer.
    pub(super) fn find_peer(&self, peer: Peer<'_>) -> Option<Place> {
        let is_it = |log: &&Log| match peer {
            Peer::Number(id) => log.place == Place::With(id) && log.peer.is_some(),
            Peer::Name(name) => log.peer.as_deref() == Some(name) && !log.is_former,
        };
        self.all.iter().find(is_it).map(|log| log.place.clone())
    }
}

impl Client {
    /// Returns the known conversation with a peer.
    #[must_use]
    pub fn find_peer(&self, peer: Peer<'_>) -> Option<Place> {
        self.logs.find_peer(peer)
    }
}
