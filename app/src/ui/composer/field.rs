//! The composer's text field: typing, sending, editing an entry, refused texts and answers.

use super::autocomplete::Suggestions;
use crate::{
    command::{self, Reach},
    protocol::{EntryId, Place, Text, TextError},
    sync::{Answer, Input},
    ui::{
        state::{About, Live, Target},
        widgets::{press::Press, reactive::react},
    },
};
use leptos::{ev, html, prelude::*, web_sys::HtmlTextAreaElement};
use std::sync::Arc;

#[cfg(feature = "hydrate")]
thread_local! {
    /// The page's composer.
    pub(super) static COMPOSER: std::cell::Cell<Option<Composer>> = const { std::cell::Cell::new(None) };
}

/// The state of the composer. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Composer {
    pub(super) live: Live,
    pub(super) field: NodeRef<html::Textarea>,
    /// The reason of the last refusal; empty if the text was not refused.
    pub(super) problem: RwSignal<String>,
    /// The answer to a command that was posted by the plain form.
    pub(super) notice: RwSignal<String>,
    /// A free name in place of the refused one.
    pub(super) suggestion: RwSignal<Option<Arc<str>>>,
    /// The length of the text in characters.
    pub(super) length: RwSignal<usize>,
    /// The id of the chosen suggestion's element, for screen readers.
    pub(super) active: RwSignal<String>,
    /// The suggestions, once their part is loaded.
    pub(super) suggestions: StoredValue<Option<Arc<dyn Suggestions>>>,
    /// The entry whose words the field shows.
    amended: StoredValue<Option<EntryId>>,
    /// `true` once the draft of the first place was shown.
    was_shown: StoredValue<bool>,
}

impl Composer {
    pub(super) fn new(live: Live) -> Self {
        let draft = live.draft.get_value();
        let composer = Self {
            live,
            field: NodeRef::new(),
            problem: RwSignal::new(draft.of(About::Text).1.unwrap_or_default()),
            notice: RwSignal::new(draft.notice.unwrap_or_default()),
            suggestion: RwSignal::new(None),
            length: RwSignal::new(0),
            active: RwSignal::new(String::new()),
            suggestions: StoredValue::new(None),
            amended: StoredValue::new(draft.target),
            was_shown: StoredValue::new(false),
        };
        #[cfg(feature = "hydrate")]
        COMPOSER.set(Some(composer));
        composer
    }

    /// Follows the drafts, the other tabs and the refused texts that change the field.
    pub(super) fn follow(self) {
        react(move || {
            if let (Some(element), true) = (self.field.get(), self.live.shown.is_driven.get()) {
                self.show_draft(&element, &self.live.shown.place.get());
            }
        });
        react(move || {
            let amending = self.live.shown.amending.get();
            if let (Some(element), true) = (self.field.get(), self.live.shown.is_driven.get()) {
                self.show_amended(&element, amending);
            }
        });
        // Another tab's text is shown without a typing notice, which that tab sends.
        react(move || {
            if let (Some(element), Some(text)) = (self.field.get(), self.live.shown.field.get()) {
                self.live.shown.field.set(None);
                // The draft of the place is shown again after the edit.
                if self.amending().is_none() {
                    self.put(&element, &text);
                }
            }
        });
        // A refused text is put before the text that is being written, a refused edit into its entry again.
        react(move || {
            if let (Some(element), Some(item)) = (self.field.get(), self.live.shown.edited.get()) {
                match item.target.filter(|entry| self.live.words_of(*entry).is_some()) {
                    Some(entry) => self.amend(&element, entry, &item.text),
                    None => self.put_before(&element, &item.text),
                }
                self.live.focus(Target::Field);
                self.live.shown.edited.set(None);
                self.live.input(Input::Discard(item.client_id));
            }
        });
    }

    /// Shows the draft of the shown place. A text that was typed before hydration is kept after the draft, unless the
    /// browser has restored the draft into the field itself.
    fn show_draft(self, element: &HtmlTextAreaElement, place: &Place) {
        let is_first = !self.was_shown.get_value();
        self.was_shown.set_value(true);
        if is_first && self.amending().is_some() {
            return self.changed(element);
        }
        // An entry is edited in its own place.
        self.amended.set_value(None);
        self.live.end_edit();
        let draft = self.live.draft(place).unwrap_or_default();
        let typed = if is_first { element.value() } else { String::new() };
        if typed.is_empty() || !typed.contains(&draft) {
            element.set_value(&(draft + &typed));
        }
        self.changed(element);
        if !is_first {
            self.settle();
            self.notice.set(String::new());
        }
    }

    /// Returns the entry that is edited.
    fn amending(self) -> Option<EntryId> {
        self.live.shown.amending.get_untracked()
    }

    /// Begins to edit an entry with other words than its own.
    fn amend(self, element: &HtmlTextAreaElement, entry: EntryId, words: &str) {
        self.amended.set_value(Some(entry));
        self.live.shown.amending.set(Some(entry));
        self.put(element, words);
    }

    /// Shows the words of an entry in place of the draft, or the draft again.
    fn show_amended(self, element: &HtmlTextAreaElement, amending: Option<EntryId>) {
        if self.amended.get_value() == amending {
            return;
        }
        self.amended.set_value(amending);
        let text = match amending {
            Some(entry) => self.live.words_of(entry).as_deref().unwrap_or_default().to_owned(),
            None => self.live.draft(&self.live.place()).unwrap_or_default(),
        };
        self.settle();
        self.put(element, &text);
        self.close_suggestions();
    }

    fn changed(self, element: &HtmlTextAreaElement) {
        let text = element.value();
        // A draft of an earlier page is shown once the page has started, and would be hidden by a new one.
        if self.live.is_started() && self.amending().is_none() {
            self.live.keep_draft(&text);
        }
        self.length.set(text.trim_end().chars().count());
        self.suggest(element);
    }

    /// Replaces the text.
    pub(super) fn put(self, element: &HtmlTextAreaElement, text: &str) {
        element.set_value(text);
        self.changed(element);
    }

    /// Puts a text before the one that is being written. The words of an entry are left alone.
    fn put_before(self, element: &HtmlTextAreaElement, text: &str) {
        if self.amending().is_some() {
            return self.live.put_in_draft(&self.live.place(), text);
        }
        self.put(element, [text, &element.value()].join("\n").trim_end_matches('\n'));
    }

    /// Clears the problem and the suggested name.
    fn settle(self) {
        self.problem.set(String::new());
        self.suggestion.set(None);
    }

    /// Handles a change of the text by the person.
    pub(super) fn typed(self) {
        let Some(element) = self.field.get_untracked() else {
            return;
        };
        self.settle();
        self.changed(&element);
        let text = element.value();
        let is_new = self.amending().is_none();
        self.live.input(Input::Typing(is_new && !text.is_empty() && !text.starts_with('/')));
    }

    pub(super) fn submit(self, event: &ev::SubmitEvent) {
        if self.live.is_started() {
            event.prevent_default();
            self.send();
        }
    }

    /// Applies a key; returns `true` if the key was used and the browser must ignore it.
    pub(super) fn key(self, press: &Press) -> bool {
        let Some(element) = self.field.get_untracked() else {
            return false;
        };
        if self.suggestions.get_value().is_some_and(|suggestions| suggestions.key(press, &element)) {
            return true;
        }
        match press.key() {
            "Enter" if press.sends(self.live.enter_sends()) => self.send(),
            "ArrowUp" if press.is_bare() && self.amending().is_none() && element.value().is_empty() => {
                return self.live.edit_newest();
            }
            "Escape" if self.amending().is_some() => self.live.end_edit(),
            _ => return false,
        }
        true
    }

    fn send(self) {
        let Some(element) = self.field.get_untracked() else {
            return;
        };
        match (Text::parse(&element.value()), self.amending()) {
            (Ok(text), Some(entry)) => self.save(entry, text.into_inner()),
            (Ok(text), None) => self.say(&element, text.into_inner()),
            // Nothing would be left of the entry.
            (Err(TextError::Empty), Some(entry)) => drop(self.live.ask_deletion(entry)),
            (Err(TextError::Empty), None) => self.problem.set(String::new()),
            (Err(error @ TextError::TooLong(_)), _) => self.problem.set(error.to_string()),
        }
        self.close_suggestions();
    }

    /// Saves the new words of an entry.
    fn save(self, entry: EntryId, text: Arc<str>) {
        let is_same = self.live.words_of(entry).as_ref() == Some(&text);
        match if is_same { Ok(()) } else { self.live.amend(entry, Some(text)) } {
            Ok(()) => self.live.end_edit(),
            Err(reason) => self.problem.set(reason),
        }
    }

    /// Asks whether the entry that is edited shall be deleted instead.
    pub(super) fn delete(self, event: &ev::MouseEvent) {
        if let Some(entry) = self.amending().filter(|_| self.live.is_started()) {
            event.prevent_default();
            self.live.ask_deletion(entry);
        }
    }

    /// Leaves the entry as it is.
    pub(super) fn cancel(self, event: &ev::MouseEvent) {
        if self.live.is_started() {
            event.prevent_default();
            self.live.end_edit();
            self.live.focus(Target::Composer);
        }
    }

    fn say(self, element: &HtmlTextAreaElement, text: Arc<str>) {
        let (place, typed) = (self.live.shown.place.get_untracked(), Arc::clone(&text));
        self.settle();
        match self.live.say(text, move |answer| self.answered(&place, &typed, answer)) {
            Ok(()) => {
                self.live.remove_draft();
                self.put(element, "");
                self.notice.set(String::new());
            }
            Err(reason) => self.problem.set(reason),
        }
    }

    /// Puts a refused command before the text that is being written, with the reason of the refusal.
    fn answered(self, place: &Place, text: &str, answer: Answer) {
        let Some(refusal) = answer.refusal else {
            return;
        };
        if self.live.shown.place.get_untracked() != *place {
            // A command that only has an answer is refused in the place where it was typed, and stored in that place's
            // draft.
            if command::reach(text) == Reach::Answer {
                self.live.put_in_draft(place, text);
                self.live.input(Input::Warn(refusal.reason));
            }
            return;
        }
        if let Some(element) = self.field.get_untracked() {
            self.put_before(&element, text);
            self.problem.set(refusal.reason.to_string());
            self.suggestion.set(refusal.suggestion);
            self.live.input(Input::Discard(answer.client_id));
        }
    }

    /// Replaces the refused name in the command by the suggested one.
    pub(super) fn take_suggestion(self) {
        if let (Some(element), Some(name)) = (self.field.get_untracked(), self.suggestion.get_untracked()) {
            if let Some(text) = command::with_name(&element.value(), &name) {
                self.put(&element, &text);
            }
            self.settle();
            self.live.focus(Target::Composer);
        }
    }

    /// Updates the suggestions. Their part is loaded with the first character that can begin a command or a name.
    fn suggest(self, element: &HtmlTextAreaElement) {
        match self.suggestions.get_value() {
            Some(suggestions) => suggestions.look_at(element),
            None if element.value().contains(['/', '@', '#']) => self.live.load_autocomplete(),
            None => {}
        }
    }

    pub(super) fn close_suggestions(self) {
        if let Some(suggestions) = self.suggestions.get_value() {
            suggestions.close();
        }
    }
}
