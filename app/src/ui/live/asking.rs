//! What the parts of the page ask of its state, beside what they follow.

use super::{Live, path};
use crate::{
    bidi::isolated,
    calendar::HourCycle,
    protocol::{EntryId, RoomName, Timestamp, Unread, UserId},
    sync::{Client, Place, RoomLine},
    ui::driver::driver,
};
use leptos::prelude::*;
use std::sync::Arc;

impl Live {
    /// What is unread in a place.
    pub(in crate::ui) fn unread_of(self, place: &Place) -> Unread {
        match place {
            Place::Room(name) => self.room(name, |room| room.unread).unwrap_or_default(),
            // What is said to the person alone is for them.
            Place::With(peer) => self.conversations.with(|lines| {
                let count = lines.iter().find(|line| line.id == *peer).map_or(0, |line| line.unread);
                Unread { count, mentions: 0 }
            }),
            Place::Mentions => Unread::default(),
        }
    }

    /// Whether texts of the person were refused in a place and wait for a decision.
    pub(in crate::ui) fn has_unsent(self, place: &Place) -> bool {
        match place {
            Place::Room(name) => self.room(name, |room| room.unsent > 0).unwrap_or_default(),
            Place::With(peer) => {
                self.conversations.with(|lines| lines.iter().any(|line| line.id == *peer && line.unsent > 0))
            }
            Place::Mentions => false,
        }
    }

    /// What is to be known of a room, if it is listed. Each row of the list asks this of the whole list, again and again.
    pub(in crate::ui) fn room<R>(self, name: &RoomName, read: impl FnOnce(&RoomLine) -> R) -> Option<R> {
        self.rooms.with(|rooms| {
            let at = rooms.binary_search_by(|room| room.name.cmp(name));
            at.ok().map(|at| read(&rooms[at]))
        })
    }

    /// How much is unread anywhere.
    pub(in crate::ui) fn waits(self) -> usize {
        let rooms: usize = self.rooms.with(|rooms| rooms.iter().map(|room| room.unread.count).sum());
        rooms + self.conversations.with(|lines| lines.iter().map(|line| line.unread).sum::<usize>())
    }

    /// Whether the other one of a conversation is present, if that is known.
    pub(in crate::ui) fn is_here(self, place: &Place) -> Option<bool> {
        let Place::With(peer) = place else {
            return None;
        };
        self.conversations.with(|lines| lines.iter().find(|line| line.id == *peer).and_then(|line| line.is_here))
    }

    /// What was being written in a place when a page of it was last left.
    pub(in crate::ui) fn draft(self, place: &Place) -> Option<String> {
        driver()?.draft(place)
    }

    /// Who the person is, and the log's life in which that is so.
    #[must_use]
    pub fn identity(self) -> (UserId, Arc<str>) {
        self.client.with_value(|client| (client.user_id(), Arc::clone(client.epoch())))
    }

    /// What the person is called.
    #[must_use]
    pub fn my_name(self) -> String {
        self.client.with_value(|client| client.name().to_string())
    }

    /// What the shown place is called, for a sentence.
    #[must_use]
    pub fn title(self) -> String {
        self.client.with_value(|client| isolated(&client.name_of(client.place())).into_owned())
    }

    /// Who the person is.
    pub(in crate::ui) fn me(self) -> UserId {
        self.client.with_value(Client::user_id)
    }

    /// The room of a name as somebody typed it, if it is listed.
    #[must_use]
    pub fn room_named(self, name: &str) -> Option<Place> {
        let room = RoomName::parse(name).ok()?;
        self.rooms.with_untracked(|rooms| rooms.iter().any(|line| line.name == room)).then_some(Place::Room(room))
    }

    /// The place that an address of the wire (`general`, `@Bo`) means, if it is known.
    #[must_use]
    pub fn find(self, address: &str) -> Option<Place> {
        self.client.with_value(|client| client.find(address))
    }

    /// The path of the page that shows a place.
    #[must_use]
    pub fn path(self, place: &Place) -> String {
        self.client.with_value(|client| path(place, &client.name_of(place)))
    }

    /// The path of the page that shows what is shown.
    #[must_use]
    pub fn shown_path(self) -> String {
        self.client.with_value(|client| path(client.place(), &client.name_of(client.place())))
    }

    /// What is shown.
    #[must_use]
    pub fn place(self) -> Place {
        self.client.with_value(|client| client.place().clone())
    }

    /// Whether a line stands between what was read of the shown place and what is new.
    #[must_use]
    pub fn is_divided(self) -> bool {
        self.client.with_value(|client| client.divider().is_some())
    }

    /// Whether somebody looks at the page.
    #[must_use]
    pub fn is_watched(self) -> bool {
        self.client.with_value(Client::is_watched)
    }

    /// In which room an entry was said, where that is another one than what is shown.
    pub(in crate::ui) fn said_in(self, id: EntryId) -> Option<RoomName> {
        if self.place.with_untracked(|place| *place != Place::Mentions) {
            return None;
        }
        self.client.with_value(|client| client.mentioned_in(id).cloned())
    }

    /// Whether something can be written in what is shown.
    #[must_use]
    pub fn can_write(self) -> bool {
        self.place.with_untracked(|place| *place != Place::Mentions)
    }

    /// Whether the page is alive, connected or not.
    pub(in crate::ui) fn is_started(self) -> bool {
        self.is_driven.get_untracked()
    }

    /// How far the person's clock is ahead of UTC at a moment, in minutes; 0 until the page is alive, for that is what
    /// the server can know.
    pub(in crate::ui) fn utc_offset(self, ts: Timestamp) -> i32 {
        driver().filter(|_| self.is_started()).map_or(0, |driver| driver.utc_offset(ts))
    }

    /// How the person's clock counts the hours; the server's way until the page is alive.
    pub(in crate::ui) fn hour_cycle(self) -> HourCycle {
        driver().filter(|_| self.is_started()).map_or(HourCycle::H24, |driver| driver.hour_cycle())
    }

    /// Whether Enter sends, and not breaks the line.
    pub(in crate::ui) fn enter_sends(self) -> bool {
        driver().is_none_or(|driver| driver.enter_sends())
    }
}
