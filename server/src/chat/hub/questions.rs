//! What the running chat is asked, without a change to it but to sessions.

use super::{Address, Chat, Hub, HubError, Need, Reply};
use crate::{
    fair_queue::Busy,
    journal::{JournalError, Log, Page, Pair, Range, SessionHash},
};
use app::{
    protocol::{Mention, RoomDetails, RoomName, UserId, UserInfo, UserName},
    sync::{Place, Snapshot},
};
use std::sync::Arc;

impl Hub {
    /// Whose session this is. Its user is not forgotten for as long again.
    #[must_use]
    pub fn session(&self, session: &SessionHash) -> Option<UserId> {
        self.with(|shared, now| {
            let user = shared.chat.session(session)?;
            shared.chat.touch(now, user);
            Some(user)
        })
    }

    /// See [`Chat::renew_session`].
    #[must_use]
    pub fn renew_session(&self, session: &SessionHash) -> Option<bool> {
        self.with(|shared, now| shared.chat.renew_session(now, session))
    }

    /// Ends a session, or all of its user's, and returns once that is stored. See [`Chat::sign_out`].
    ///
    /// # Errors
    /// A [`HubError`], or the chat's own refusal within the reply.
    pub async fn sign_out(&self, session: SessionHash, everywhere: bool) -> Result<Reply, HubError> {
        self.request(|shared, _, request| shared.chat.sign_out(request, &session, everywhere)).await
    }

    /// See [`Chat::count_request`].
    ///
    /// # Errors
    /// See [`Chat::count_request`].
    pub fn count_request(&self, user: Option<UserId>, address: Option<Address>) -> Result<(), u64> {
        self.with(|shared, now| shared.chat.count_request(now, user, address))
    }

    /// See [`Chat::page_loaded`].
    pub fn page_loaded(&self, user: UserId) {
        self.with(|shared, now| shared.chat.page_loaded(now, user));
    }

    /// The log's life: a random name that no other store has.
    #[must_use]
    pub fn epoch(&self) -> Arc<str> {
        self.ask(|chat| chat.epoch())
    }

    /// See [`Chat::suggested_name`].
    #[must_use]
    pub fn suggested_name(&self, asked: &str, lot: u16) -> Option<UserName> {
        self.ask(|chat| chat.suggested_name(asked, lot))
    }

    /// See [`Chat::room`].
    #[must_use]
    pub fn room(&self, name: &str) -> Option<RoomName> {
        self.ask(|chat| chat.room(name))
    }

    /// See [`Chat::room_to_make`].
    #[must_use]
    pub fn room_to_make(&self, name: &str) -> Option<RoomName> {
        self.ask(|chat| chat.room_to_make(name))
    }

    /// See [`Chat::peer`].
    #[must_use]
    pub fn peer(&self, name: &str) -> Option<(UserId, Arc<str>)> {
        self.ask(|chat| chat.peer(name))
    }

    /// See [`Chat::peer_name`].
    #[must_use]
    pub fn peer_name(&self, user: UserId, peer: UserId) -> Option<Arc<str>> {
        self.ask(|chat| chat.peer_name(user, peer))
    }

    /// See [`Chat::snapshot`].
    ///
    /// # Errors
    /// [`JournalError`] when what the page shows cannot be read.
    pub async fn snapshot(
        &self,
        address: Option<Address>,
        user: UserId,
        place: &Place,
    ) -> Result<Option<Snapshot>, JournalError> {
        self.ready(address, Need::Page(user, place)).await?;
        Ok(self.ask(|chat| chat.snapshot(user, place)))
    }

    /// Reads what a [`Hub::snapshot`] needs, before there is a turn to make a page of it.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be read.
    pub async fn prepare(&self, address: Option<Address>, user: UserId, place: &Place) -> Result<(), JournalError> {
        self.ready(address, Need::Page(user, place)).await
    }

    /// See [`Chat::name`].
    #[must_use]
    pub fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.ask(|chat| chat.name(user))
    }

    /// See [`Chat::mentions`]. They are found in what the page of them needs in memory: see [`Hub::snapshot`].
    #[must_use]
    pub fn mentions(&self, user: UserId) -> Vec<Mention> {
        self.ask(|chat| chat.mentions(user))
    }

    /// See [`Chat::rooms_after`].
    #[must_use]
    pub fn rooms_after(&self, after: Option<&RoomName>, most: usize) -> (Vec<RoomDetails>, bool) {
        self.ask(|chat| chat.rooms_after(after, most))
    }

    /// See [`Chat::find_rooms`].
    #[must_use]
    pub fn find_rooms(&self, beginning: &str, most: usize) -> Vec<RoomDetails> {
        self.ask(|chat| chat.find_rooms(beginning, most))
    }

    /// See [`Chat::users_in`].
    #[must_use]
    pub fn users_in(&self, room: &RoomName) -> Option<Vec<UserInfo>> {
        self.ask(|chat| chat.users_in(room))
    }

    /// A page of a room's log; nothing when there is no such room.
    ///
    /// # Errors
    /// [`JournalError::Store`] when it cannot be read, [`JournalError::Busy`] when too many read.
    pub async fn history(
        &self,
        address: Option<Address>,
        room: &RoomName,
        range: Range,
    ) -> Result<Option<Page>, JournalError> {
        let (is_there, page) = self.ask(|chat| (chat.has_room(room), chat.page(room, range)));
        match page {
            Some(page) => Ok(Some(page)),
            None if is_there => self.stored_page(address, &Log::Room(room.clone()), range).await.map(Some),
            None => Ok(None),
        }
    }

    /// A page of what a user and another one say to each other; an empty one when they have said nothing.
    ///
    /// # Errors
    /// [`JournalError::Store`] when it cannot be read, [`JournalError::Busy`] when too many read.
    pub async fn private_history(
        &self,
        address: Option<Address>,
        user: UserId,
        peer: UserId,
        range: Range,
    ) -> Result<Page, JournalError> {
        match self.ask(|chat| chat.private_page(user, peer, range)) {
            Some(page) => Ok(page),
            None => self.stored_page(address, &Log::Conversation(Pair::new(user, peer)), range).await,
        }
    }

    /// A page of the log from the store, in the address' turn.
    pub(super) async fn stored_page(
        &self,
        address: Option<Address>,
        log: &Log,
        range: Range,
    ) -> Result<Page, JournalError> {
        let _turn = self.reads.turn(address).await.map_err(|Busy| JournalError::Busy)?;
        self.journal.page(log, range).await
    }

    /// How many wait for a page from the store.
    #[must_use]
    pub fn waiting_readers(&self) -> usize {
        self.reads.waiting()
    }

    /// How many were not read a page in time, or at all, by the reason.
    pub fn refused_readers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.reads.refusals().by_reason()
    }

    fn ask<T>(&self, question: impl FnOnce(&Chat) -> T) -> T {
        question(&self.lock().chat)
    }
}
