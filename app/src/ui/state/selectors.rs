//! Queries of the views on the page's state, beside the slices that they follow.

use super::{
    Live,
    driver::{drafts, driver},
    live::path,
};
use crate::{
    bidi::isolated,
    calendar::HourCycle,
    protocol::{EntryId, Peer, Place, RoomName, Timestamp, Unread, UserId},
    sync::{Client, RoomLine},
};
use leptos::prelude::*;
use std::sync::Arc;

impl Live {
    /// Returns the unread entries of a place.
    pub(in crate::ui) fn unread_of(self, place: &Place) -> Unread {
        match place {
            Place::Room(name) => self.room(name, |room| room.unread).unwrap_or_default(),
            // Every private message is meant for the person, so none counts as a mention.
            Place::With(peer) => self.shown.conversations.with(|lines| {
                let count = lines.iter().find(|line| line.id == *peer).map_or(0, |line| line.unread);
                Unread { count, mentions: 0 }
            }),
            Place::Mentions => Unread::default(),
        }
    }

    /// Reads a listed room; `None` if the room is not listed. Each row of the list calls this, so it is a binary
    /// search.
    pub(in crate::ui) fn room<R>(self, name: &RoomName, read: impl FnOnce(&RoomLine) -> R) -> Option<R> {
        self.shown.rooms.with(|rooms| {
            let at = rooms.binary_search_by(|room| room.name.cmp(name));
            at.ok().map(|at| read(&rooms[at]))
        })
    }

    /// Returns the number of unread entries in all places.
    pub(in crate::ui) fn waits(self) -> usize {
        let rooms: usize = self.shown.rooms.with(|rooms| rooms.iter().map(|room| room.unread.count).sum());
        rooms + self.shown.conversations.with(|lines| lines.iter().map(|line| line.unread).sum::<usize>())
    }

    /// Returns `true` if the shown room does not exist.
    pub(in crate::ui) fn is_missing(self) -> bool {
        let Place::Room(shown) = self.shown.place.get() else {
            return false;
        };
        !self.shown.is_unknown.get() && self.room(&shown, |_| ()).is_none()
    }

    /// Returns `true` if the person is no member of the shown room.
    pub(in crate::ui) fn is_preview(self) -> bool {
        let Place::Room(shown) = self.shown.place.get() else {
            return false;
        };
        !self.room(&shown, |room| room.is_member).unwrap_or_default()
    }

    /// Returns the stored draft of a place.
    pub(in crate::ui) fn draft(self, place: &Place) -> Option<String> {
        drafts()?.draft(place)
    }

    /// Returns the person's user, and the log's epoch in which that id is valid.
    #[must_use]
    pub fn identity(self) -> (UserId, Arc<str>) {
        self.client.with_value(|client| (client.user_id(), Arc::clone(client.epoch())))
    }

    /// Returns the person's name.
    #[must_use]
    pub fn my_name(self) -> String {
        self.client.with_value(|client| client.name().to_string())
    }

    /// Returns the name of the shown place, isolated for a sentence.
    #[must_use]
    pub fn title(self) -> String {
        self.client.with_value(|client| isolated(&client.name_of(client.place())).into_owned())
    }

    /// Returns the person's user.
    pub(in crate::ui) fn me(self) -> UserId {
        self.client.with_value(Client::user_id)
    }

    /// Returns the listed room of a name as it was typed.
    #[must_use]
    pub fn room_named(self, name: &str) -> Option<Place> {
        let room = RoomName::parse(name).ok()?;
        self.shown.rooms.with_untracked(|rooms| rooms.iter().any(|line| line.name == room)).then_some(Place::Room(room))
    }

    /// Returns the known conversation with a peer.
    #[must_use]
    pub fn find_peer(self, peer: Peer<'_>) -> Option<Place> {
        self.client.with_value(|client| client.find_peer(peer))
    }

    /// Returns the path of a place's page.
    #[must_use]
    pub fn path(self, place: &Place) -> String {
        self.client.with_value(|client| path(place, &client.name_of(place)))
    }

    /// Returns the path of the page that shows an entry of the shown place among its neighbours.
    pub(in crate::ui) fn entry_path(self, id: EntryId) -> String {
        let place = self.said_in(id).map_or_else(|| self.place(), Place::Room);
        [self.path(&place).as_str(), "/", &id.to_string()].concat()
    }

    /// Returns the path of the shown place's page.
    #[must_use]
    pub fn shown_path(self) -> String {
        self.client.with_value(|client| path(client.place(), &client.name_of(client.place())))
    }

    /// Returns the path to which the forms of the shown place post.
    pub(in crate::ui) fn form_path(self) -> String {
        path(&self.shown.place.get(), &self.shown.title.get())
    }

    /// Returns the path to which the composer posts: that of the shown place, or of the entry that is edited.
    pub(in crate::ui) fn composer_path(self) -> String {
        let path = self.form_path();
        self.shown.amending.get().map_or_else(|| path.clone(), |entry| format!("{path}/{entry}/edit"))
    }

    /// Returns the words of an entry of the person's own in the shown place, `None` if it cannot be edited.
    #[must_use]
    pub fn words_of(self, entry: EntryId) -> Option<Arc<str>> {
        self.client.with_value(|client| client.words_of(entry))
    }

    /// Returns the shown place.
    #[must_use]
    pub fn place(self) -> Place {
        self.client.with_value(|client| client.place().clone())
    }

    /// Returns `true` if the shown place has a divider above its new entries.
    #[must_use]
    pub fn is_divided(self) -> bool {
        self.client.with_value(|client| client.divider().is_some())
    }

    /// Returns `true` if a person looks at the page.
    #[must_use]
    pub fn is_watched(self) -> bool {
        self.client.with_value(Client::is_watched)
    }

    /// Returns the room of a mention on the page of mentions; `None` in any other place.
    pub(in crate::ui) fn said_in(self, id: EntryId) -> Option<RoomName> {
        if self.shown.place.with_untracked(|place| *place != Place::Mentions) {
            return None;
        }
        self.client.with_value(|client| client.mentioned_in(id).cloned())
    }

    /// Returns `true` if the shown place accepts texts, that is everywhere but on the page of mentions.
    #[must_use]
    pub fn can_write(self) -> bool {
        self.shown.place.with_untracked(|place| *place != Place::Mentions)
    }

    /// Returns `true` if all parts of the page are loaded, with or without a connection.
    #[must_use]
    pub fn is_started(self) -> bool {
        self.shown.is_driven.get_untracked()
    }

    /// Returns the offset of the person's clock from UTC at a moment, in minutes; 0 before hydration, as on the server.
    pub(in crate::ui) fn utc_offset(self, ts: Timestamp) -> i32 {
        driver().filter(|_| self.is_started()).map_or(0, |driver| driver.utc_offset(ts))
    }

    /// Returns the hour cycle of the person's clock; 24 hours before hydration, as on the server.
    pub(in crate::ui) fn hour_cycle(self) -> HourCycle {
        driver().filter(|_| self.is_started()).map_or(HourCycle::H24, |driver| driver.hour_cycle())
    }

    /// Returns `true` if Enter sends instead of inserting a line break.
    pub(in crate::ui) fn enter_sends(self) -> bool {
        driver().is_none_or(|driver| driver.enter_sends())
    }
}
