//! What a person does with the page.

use super::{Live, RECALLED, answers, show};
use crate::{
    command,
    protocol::UserId,
    sync::{Answer, Client, Input, Place},
    ui::driver::{ScrollTarget, Target, driver},
};
use leptos::prelude::*;
use std::sync::Arc;

impl Live {
    /// Goes to another place.
    pub fn go(self, place: Place) {
        self.input(Input::Show(place));
        self.focus(Target::Composer);
    }

    /// Goes to the conversation with somebody.
    pub(in crate::ui) fn talk(self, user: UserId, name: Arc<str>) {
        self.input(Input::Talk(user, name));
        self.focus(Target::Composer);
    }

    /// Goes to the place so many places below the shown one in the list of the person's own.
    pub fn step(self, by: isize) {
        let places = self.own_places();
        let at = places.iter().position(|place| *place == self.place.get_untracked()).unwrap_or(0);
        let count = isize::try_from(places.len()).unwrap_or(1).max(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        if let Some(place) = usize::try_from(next).ok().and_then(|next| places.get(next)) {
            self.go(place.clone());
        }
    }

    fn own_places(self) -> Vec<Place> {
        let mut places = Vec::new();
        self.rooms.with_untracked(|rooms| {
            places.extend(rooms.iter().filter(|room| room.is_member).map(|room| Place::Room(room.name.clone())));
        });
        self.conversations.with_untracked(|lines| places.extend(lines.iter().map(|line| Place::With(line.id))));
        places
    }

    /// Sends a text to the shown place, or does what it commands; `answered` hears what became of a command.
    ///
    /// # Errors
    /// A sentence about why it cannot be taken; nothing was done then.
    pub(in crate::ui) fn say(self, text: Arc<str>, answered: impl FnOnce(Answer) + 'static) -> Result<(), String> {
        let Some(driver) = driver() else {
            return Ok(());
        };
        let place = self.takes(&text)?;
        driver.hand_in();
        self.said.update_value(|said| {
            said.retain(|earlier| *earlier != text);
            said.truncate(RECALLED - 1);
            said.push_front(Arc::clone(&text));
        });
        let (client_id, at): (Arc<str>, _) = (driver.client_id().into(), driver.clock());
        if command::parse(&text).is_some() {
            answers::expect(Arc::clone(&client_id), Box::new(answered));
        }
        self.input(Input::Say { place, text, client_id, at });
        // Who speaks wants to see it said.
        driver.scroll_to(ScrollTarget::End);
        Ok(())
    }

    /// Does what a command says, as if it was typed; `answered` hears what became of it.
    ///
    /// # Errors
    /// A sentence about why it cannot be done now.
    pub fn command(self, command: &str, answered: impl FnOnce(Answer) + 'static) -> Result<(), String> {
        let place = self.takes(command)?;
        if let Some(driver) = driver() {
            let (client_id, at): (Arc<str>, _) = (driver.client_id().into(), driver.clock());
            answers::expect(Arc::clone(&client_id), Box::new(answered));
            self.input(Input::Say { place, text: command.into(), client_id, at });
        }
        Ok(())
    }

    /// Gives a text back that was typed in a place which is not shown: before what is being written there.
    pub(in crate::ui) fn put_in_draft(self, place: &Place, text: &str) {
        if let Some(driver) = driver() {
            let begun = driver.draft(place).unwrap_or_default();
            driver.keep_draft(place, [text, &begun].join("\n").trim_end_matches('\n'));
        }
    }

    /// The shown place, if it takes a text now; otherwise why not.
    fn takes(self, text: &str) -> Result<Place, String> {
        self.client.with_value(|client| client.cannot_take(text).map_or_else(|| Ok(client.place().clone()), Err))
    }

    /// What was sent from this page so many texts ago, 0 for the last one.
    pub(in crate::ui) fn recall(self, ago: usize) -> Option<Arc<str>> {
        self.said.with_value(|said| said.get(ago).cloned())
    }

    /// Keeps what is being written in the shown place.
    pub(in crate::ui) fn keep_draft(self, text: &str) {
        if let Some(driver) = driver() {
            driver.keep_draft(&self.place.get_untracked(), text);
        }
    }

    /// What was being written in the shown place is sent.
    pub(in crate::ui) fn let_go_of_draft(self) {
        if let Some(driver) = driver() {
            driver.let_go_of_draft(&self.place.get_untracked());
        }
    }

    /// Another tab has changed what is being written in the shown place.
    pub fn put_in_field(self, text: String) {
        self.field.set(Some(text));
    }

    /// Opens the quick switcher.
    pub fn open_switcher(self) {
        self.input(Input::Browse);
        self.is_switching.set(true);
    }

    /// Where the list is read: whether at its end, and whether the line before what is new is above or in view.
    pub fn in_view(self, is_at_end: bool, is_new_above: bool, is_new_in_view: bool) {
        show(self.is_at_end, is_at_end);
        show(self.is_new_above, is_new_above);
        if self.client.with_value(Client::follows_divider) {
            self.input(Input::Looked { is_at_end, is_divider_in_view: is_new_in_view });
        }
    }

    /// Reads the list elsewhere.
    pub fn scroll_to(self, target: ScrollTarget) {
        if let Some(driver) = driver() {
            driver.scroll_to(target);
        }
    }

    /// Gives something the focus.
    pub fn focus(self, target: Target) {
        if let Some(driver) = driver() {
            driver.focus(target);
        }
    }
}
