//! Queries of the running chat. Of the state they change sessions alone.

use super::{Address, Hub, HubError, Need, Reply};
use crate::{
    fair_queue::Busy,
    journal::{JournalError, Page, Range, SessionHash},
};
use app::protocol::{
    Entry, EntryId, LogId, Mention, Pair, Place, RoomDetails, RoomName, Snapshot, UserId, UserInfo, UserName,
};
use std::sync::Arc;

impl Hub {
    /// Returns the user of a session. The use restarts the time after which the user is forgotten.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.with(|host, now| {
            host.call(now, |chat| {
                let user = chat.session(session)?;
                chat.touch(now, user);
                Some(user)
            })
        })
    }

    /// See [`Chat::renew_session`](crate::chat::Chat::renew_session).
    #[must_use]
    pub fn renew_session(&self, session: &SessionHash) -> Option<bool> {
        self.with(|host, now| host.call(now, |chat| chat.renew_session(now, session)))
    }

    /// Ends a session, or all sessions of its user, and returns once that is stored. See
    /// [`Chat::sign_out`](crate::chat::Chat::sign_out).
    ///
    /// # Errors
    /// Returns a [`HubError`]; a refusal by the rules is the `Err` of the reply.
    pub async fn sign_out(&self, session: SessionHash, everywhere: bool) -> Result<Reply, HubError> {
        self.request(|chat, _, request| chat.sign_out(request, &session, everywhere)).await
    }

    /// See [`Chat::count_request`](crate::chat::Chat::count_request).
    ///
    /// # Errors
    /// Returns the milliseconds to wait. See [`Chat::count_request`](crate::chat::Chat::count_request).
    pub fn count_request(&self, user: Option<UserId>, address: Option<Address>) -> Result<(), u64> {
        self.with(|host, now| host.call(now, |chat| chat.count_request(now, user, address, 1)))
    }

    /// See [`Chat::page_loaded`](crate::chat::Chat::page_loaded).
    pub fn page_loaded(&self, user: UserId) {
        self.with(|host, now| host.call(now, |chat| chat.page_loaded(now, user)));
    }

    /// Returns the log's epoch: a random name that no other store has.
    #[must_use]
    pub fn epoch(&self) -> Arc<str> {
        self.ask(|chat| chat.epoch())
    }

    /// Returns the identifier of the newest entry of all logs.
    #[must_use]
    pub fn newest_entry(&self) -> EntryId {
        self.ask(|chat| chat.newest_entry())
    }

    /// See [`Chat::suggested_name`](crate::chat::Chat::suggested_name).
    #[must_use]
    pub fn suggested_name(&self, asked: &str, random_suffix: u16) -> Option<UserName> {
        self.ask(|chat| chat.suggested_name(asked, random_suffix))
    }

    /// See [`Chat::room`](crate::chat::Chat::room).
    #[must_use]
    pub fn room(&self, name: &str) -> Option<RoomName> {
        self.ask(|chat| chat.room(name))
    }

    /// See [`Chat::room_to_make`](crate::chat::Chat::room_to_make).
    #[must_use]
    pub fn room_to_make(&self, name: &str) -> Option<RoomName> {
        self.ask(|chat| chat.room_to_make(name))
    }

    /// See [`Chat::peer`](crate::chat::Chat::peer).
    #[must_use]
    pub fn peer(&self, name: &str) -> Option<(UserId, Arc<str>)> {
        self.ask(|chat| chat.peer(name))
    }

    /// See [`Chat::peer_name`](crate::chat::Chat::peer_name).
    #[must_use]
    pub fn peer_name(&self, user: UserId, peer: UserId) -> Option<Arc<str>> {
        self.ask(|chat| chat.peer_name(user, peer))
    }

    /// See [`Chat::snapshot`](crate::chat::Chat::snapshot).
    ///
    /// # Errors
    /// Returns the [`JournalError`] of a read that the page needs.
    pub async fn snapshot(
        &self,
        address: Option<Address>,
        user: UserId,
        place: &Place,
    ) -> Result<Option<Snapshot>, JournalError> {
        self.ready(address, Need::Page(user, place)).await?;
        Ok(self.ask(|chat| chat.snapshot(user, place)))
    }

    /// Loads the entries for a [`Hub::snapshot`], before the caller takes a turn to render the page.
    ///
    /// # Errors
    /// Returns the [`JournalError`] of a failed read.
    pub async fn prepare(&self, address: Option<Address>, user: UserId, place: &Place) -> Result<(), JournalError> {
        self.ready(address, Need::Page(user, place)).await
    }

    /// See [`Chat::name`](crate::chat::Chat::name).
    #[must_use]
    pub fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.ask(|chat| chat.name(user))
    }

    /// See [`Chat::mentions`](crate::chat::Chat::mentions). The entries must be in memory, which [`Hub::snapshot`] of
    /// the mentions page ensures.
    #[must_use]
    pub fn mentions(&self, user: UserId) -> Vec<Mention> {
        self.ask(|chat| chat.mentions(user))
    }

    /// See [`Chat::rooms_after`](crate::chat::Chat::rooms_after).
    #[must_use]
    pub fn rooms_after(&self, after: Option<&RoomName>, most: usize) -> (Vec<RoomDetails>, bool) {
        self.ask(|chat| chat.rooms_after(after, most))
    }

    /// See [`Chat::find_rooms`](crate::chat::Chat::find_rooms).
    #[must_use]
    pub fn find_rooms(&self, beginning: &str, most: usize) -> Vec<RoomDetails> {
        self.ask(|chat| chat.find_rooms(beginning, most))
    }

    /// See [`Chat::users_in`](crate::chat::Chat::users_in).
    #[must_use]
    pub fn users_in(&self, room: &RoomName) -> Option<Vec<UserInfo>> {
        self.ask(|chat| chat.users_in(room))
    }

    /// Returns a page of a room's log, or `None` if the room does not exist.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if the read fails and [`JournalError::Busy`] if too many reads wait.
    pub async fn history(
        &self,
        address: Option<Address>,
        room: &RoomName,
        range: Range,
    ) -> Result<Option<Page>, JournalError> {
        let (is_there, page) = self.ask(|chat| (chat.has_room(room), chat.page(room, range)));
        match page {
            Some(page) => Ok(Some(page)),
            None if is_there => self.stored_page(address, &LogId::Room(room.clone()), range).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns a page of the conversation of two users, which is empty if they have not written to each other.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if the read fails and [`JournalError::Busy`] if too many reads wait.
    pub async fn private_history(
        &self,
        address: Option<Address>,
        user: UserId,
        peer: UserId,
        range: Range,
    ) -> Result<Page, JournalError> {
        match self.ask(|chat| chat.private_page(user, peer, range)) {
            Some(page) => Ok(page),
            None => self.stored_page(address, &LogId::Conversation(Pair::new(user, peer)), range).await,
        }
    }

    /// Returns the entries around one of a place as a user sees it; `None` if the place has no such entry. They come
    /// from the store, since links mostly lead to entries that are no longer in memory.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if the read fails and [`JournalError::Busy`] if too many reads wait.
    pub async fn around(
        &self,
        address: Option<Address>,
        user: UserId,
        place: &Place,
        id: EntryId,
        limit: usize,
    ) -> Result<Option<Page>, JournalError> {
        let Some(log) = log_of(user, place) else {
            return Ok(None);
        };
        let _turn = self.reads.turn(address).await.map_err(|Busy| JournalError::Busy)?;
        self.journal.around(&log, id, limit).await
    }

    /// Returns the texts that an edited entry of a place has had, as a user sees the place. See
    /// [`Journal::versions`](crate::journal::Journal::versions).
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if the read fails and [`JournalError::Busy`] if too many reads wait.
    pub async fn versions(
        &self,
        address: Option<Address>,
        user: UserId,
        place: &Place,
        id: EntryId,
    ) -> Result<Vec<Entry>, JournalError> {
        let Some(log) = log_of(user, place) else {
            return Ok(Vec::new());
        };
        let _turn = self.reads.turn(address).await.map_err(|Busy| JournalError::Busy)?;
        self.journal.versions(&log, id).await
    }

    /// Reads a page of a log from the store, in the turn of the address.
    pub(super) async fn stored_page(
        &self,
        address: Option<Address>,
        log: &LogId,
        range: Range,
    ) -> Result<Page, JournalError> {
        let _turn = self.reads.turn(address).await.map_err(|Busy| JournalError::Busy)?;
        self.journal.page(log, range).await
    }

    /// Returns the number of reads that wait for their turn.
    #[must_use]
    pub fn waiting_readers(&self) -> usize {
        self.reads.waiting()
    }

    /// Returns how many reads were refused or timed out, by reason.
    pub fn refused_readers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.reads.refusals().by_reason()
    }
}

/// Returns the log of a place as a user sees it; `None` for mentions.
fn log_of(user: UserId, place: &Place) -> Option<LogId> {
    match place {
        Place::Room(room) => Some(LogId::Room(room.clone())),
        Place::With(peer) => Some(LogId::Conversation(Pair::new(user, *peer))),
        Place::Mentions => None,
    }
}
