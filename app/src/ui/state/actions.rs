//! The person's actions on the page.

use super::{
    Live, answers,
    driver::{ScrollTarget, Target, drafts, driver},
};
use crate::{
    command,
    protocol::{EntryId, Place, UserId},
    sync::{Answer, Client, Input, Order},
};
use leptos::prelude::*;
use std::sync::Arc;

impl Live {
    /// Shows another place.
    pub fn go(self, place: Place) {
        self.input(Input::Show(place));
        self.focus(Target::Composer);
    }

    /// Shows the conversation with a user.
    pub(in crate::ui) fn talk(self, user: UserId, name: Arc<str>) {
        self.input(Input::Talk(user, name));
        self.focus(Target::Composer);
    }

    /// Shows the place `by` places below the shown one in the list of the person's own; the list wraps around.
    pub fn step(self, by: isize) {
        let places = self.own_places();
        let at = places.iter().position(|place| *place == self.shown.place.get_untracked()).unwrap_or(0);
        let count = isize::try_from(places.len()).unwrap_or(1).max(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        if let Some(place) = usize::try_from(next).ok().and_then(|next| places.get(next)) {
            self.go(place.clone());
        }
    }

    fn own_places(self) -> Vec<Place> {
        let mut places = Vec::new();
        self.shown.rooms.with_untracked(|rooms| {
            places.extend(rooms.iter().filter(|room| room.is_member).map(|room| Place::Room(room.name.clone())));
        });
        self.shown.conversations.with_untracked(|lines| places.extend(lines.iter().map(|line| Place::With(line.id))));
        places
    }

    /// Sends a text to the shown place, or executes the command in it; `answered` is called with a command's answer.
    ///
    /// # Errors
    /// Returns the reason as a sentence if the text cannot be accepted; nothing was sent then.
    pub(in crate::ui) fn say(self, text: Arc<str>, answered: impl FnOnce(Answer) + 'static) -> Result<(), String> {
        let Some(driver) = driver() else {
            return Ok(());
        };
        let place = self.takes(&text)?;
        driver.sync_outbox();
        let (client_id, at): (Arc<str>, _) = (driver.client_id().into(), driver.clock());
        if command::is_command(&text) {
            answers::expect(Arc::clone(&client_id), Box::new(answered));
        }
        self.input(Input::Say { place, text, client_id, at });
        // The person wants to see the text that they have sent.
        driver.scroll_to(ScrollTarget::End);
        Ok(())
    }

    /// Puts the words of an entry of the person's own into the composer, to be edited. Returns `false` if the entry
    /// cannot be edited.
    pub fn edit(self, entry: EntryId) -> bool {
        let can_edit = self.words_of(entry).is_some();
        if can_edit {
            self.shown.amending.set(Some(entry));
            self.focus(Target::Field);
        }
        can_edit
    }

    /// Does the same with the newest entry of the person's own.
    pub(in crate::ui) fn edit_newest(self) -> bool {
        self.client.with_value(Client::newest_own).is_some_and(|entry| self.edit(entry))
    }

    /// Leaves the entry as it is.
    pub(in crate::ui) fn end_edit(self) {
        self.shown.amending.set(None);
    }

    /// Asks the person whether an entry of their own shall be deleted. Returns `false` if the entry cannot be deleted.
    pub fn ask_deletion(self, entry: EntryId) -> bool {
        let words = self.words_of(entry);
        if let (Some(words), Some(driver)) = (&words, driver()) {
            driver.ask_deletion(entry, words);
        }
        words.is_some()
    }

    /// Deletes an entry of the person's own. The person may have left its place since the question.
    pub fn delete(self, entry: EntryId) {
        if self.words_of(entry).is_none() {
            return self.warn("That message is no longer here.");
        }
        if self.shown.amending.get_untracked() == Some(entry) {
            self.end_edit();
        }
        if let Err(reason) = self.amend(entry, None) {
            self.warn(&reason);
        }
    }

    /// Replaces the text of an entry of the person's own in the shown place; `None` deletes the entry.
    ///
    /// # Errors
    /// Returns the reason as a sentence if the amendment cannot be accepted; nothing was sent then.
    pub(in crate::ui) fn amend(self, target: EntryId, text: Option<Arc<str>>) -> Result<(), String> {
        let Some(driver) = driver() else {
            return Ok(());
        };
        let cannot = |client: &Client| client.cannot_amend().map_or_else(|| Ok(client.place().clone()), Err);
        let place = self.client.with_value(cannot)?;
        driver.sync_outbox();
        let (client_id, at) = (driver.client_id().into(), driver.clock());
        self.input(Input::Amend { place, target, text, client_id, at });
        Ok(())
    }

    /// Gives a command in the shown place; `answered` is called with its answer.
    ///
    /// # Errors
    /// Returns the reason as a sentence if the command cannot be executed now.
    pub fn command(self, order: Order, answered: impl FnOnce(Answer) + 'static) -> Result<(), &'static str> {
        self.client.with_value(|client| client.cannot_command().map_or(Ok(()), Err))?;
        if let Some(driver) = driver() {
            let client_id: Arc<str> = driver.client_id().into();
            answers::expect(Arc::clone(&client_id), Box::new(answered));
            self.input(Input::Command { order, client_id });
        }
        Ok(())
    }

    /// Puts a refused text into the draft of a place that is not shown, before the text that is being written there.
    pub(in crate::ui) fn put_in_draft(self, place: &Place, text: &str) {
        if let Some(drafts) = drafts() {
            let begun = drafts.draft(place).unwrap_or_default();
            drafts.keep_draft(place, [text, &begun].join("\n").trim_end_matches('\n'));
        }
    }

    /// Returns the shown place if it accepts the text now, and the reason otherwise.
    fn takes(self, text: &str) -> Result<Place, String> {
        self.client.with_value(|client| client.cannot_take(text).map_or_else(|| Ok(client.place().clone()), Err))
    }

    /// Stores the draft of the shown place.
    pub(in crate::ui) fn keep_draft(self, text: &str) {
        if let Some(drafts) = drafts() {
            drafts.keep_draft(&self.shown.place.get_untracked(), text);
        }
    }

    /// Removes the draft of the shown place, which was sent.
    pub(in crate::ui) fn remove_draft(self) {
        if let Some(drafts) = drafts() {
            drafts.remove_draft(&self.shown.place.get_untracked());
        }
    }

    /// Replaces the text of the composer by the draft that another tab has changed.
    pub fn put_in_field(self, text: String) {
        self.shown.field.set(Some(text));
    }

    /// Shows the refusal of a command as a notice, for commands that were not typed into a field.
    pub fn warn_of(self, answer: Answer) {
        if let Some(refusal) = answer.refusal {
            self.input(Input::Warn(refusal.reason));
        }
    }

    /// Shows a reason for which nothing was done.
    pub(in crate::ui) fn warn(self, reason: &str) {
        self.input(Input::Warn(reason.into()));
    }

    /// Loads the composer's suggestions, if they are not loaded yet.
    pub(in crate::ui) fn load_autocomplete(self) {
        if let Some(driver) = driver() {
            driver.load_autocomplete();
        }
    }

    /// Opens the quick switcher.
    pub fn open_switcher(self) {
        self.input(Input::Browse);
        // The browser may not have reported yet that the dialog was closed.
        if driver().is_some_and(|driver| driver.open_switcher()) {
            self.shown.is_switching.set(false);
        }
        self.shown.is_switching.set(true);
    }

    /// Notes the reader's position in the list: at its end, and relative to the divider above the new entries.
    pub fn in_view(self, is_at_end: bool, is_new_above: bool, is_new_in_view: bool) {
        if !self.is_started() {
            return;
        }
        self.shown.is_at_end.set(is_at_end);
        self.shown.is_new_above.set(is_new_above);
        if self.client.with_value(Client::follows_divider) {
            self.input(Input::Looked { is_at_end, is_divider_in_view: is_new_in_view });
        }
    }

    /// Scrolls the list to a target.
    pub fn scroll_to(self, target: ScrollTarget) {
        if let Some(driver) = driver() {
            driver.scroll_to(target);
        }
    }

    /// Moves the focus.
    pub fn focus(self, target: Target) {
        if let Some(driver) = driver() {
            driver.focus(target);
        }
    }
}
