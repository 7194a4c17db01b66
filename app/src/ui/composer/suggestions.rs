//! The list of suggestions above the composer: commands, rooms, people.

use super::{
    autocomplete::Suggestions,
    field::{COMPOSER, Composer},
};
use crate::{
    completion::{Choice as Completed, Completion, apply, complete},
    sync::RoomLine,
    ui::widgets::{
        choice::{Choice, clicked},
        list::Row,
        press::Press,
        reactive::{flag, react, rows},
    },
};
use leptos::{ev, prelude::*, web_sys::HtmlTextAreaElement};
use std::sync::Arc;

/// The prefix of the options' ids.
const LIST: &str = "completion";

/// Hydrates the suggestions and updates them for the text that was typed meanwhile.
pub fn hydrate_autocomplete() {
    let Some(composer) = COMPOSER.get().filter(|composer| composer.suggestions.with_value(Option::is_none)) else {
        return;
    };
    let autocomplete = Autocomplete::new(composer);
    autocomplete.hydrate();
    composer.suggestions.set_value(Some(Arc::new(autocomplete)));
    if let Some(element) = composer.field.get_untracked() {
        autocomplete.look_at(&element);
    }
}

/// The state of the suggestions. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Autocomplete {
    composer: Composer,
    completion: RwSignal<Option<Completion>>,
    chosen: RwSignal<usize>,
}

impl Autocomplete {
    pub(super) fn new(composer: Composer) -> Self {
        Self { composer, completion: RwSignal::new(None), chosen: RwSignal::new(0) }
    }

    /// Hydrates the list.
    pub(super) fn hydrate(self) {
        crate::ui::hydrate::element("completions", || self.list());
        react(move || {
            let is_open = self.completion.with(Option::is_some);
            self.composer.active.set(if is_open { format!("{LIST}-{}", self.chosen.get()) } else { String::new() });
        });
    }

    fn list(self) -> impl IntoView {
        view! {
            <ul
                class="completions"
                id="completions"
                data-live="completions"
                role="listbox"
                aria-label="Suggestions"
                tabindex="0" // one that is too high for the window is scrolled
                hidden=flag(move || self.completion.with(Option::is_none))
                // A prevented `mousedown` leaves the focus in the field.
                on:mousedown=|event: ev::MouseEvent| event.prevent_default()
                on:click=move |event: ev::MouseEvent| self.click(&event)
                inner_html=rows(move || self.rows())
            ></ul>
        }
    }

    fn rows(self) -> Vec<Row> {
        let chosen = self.chosen.get();
        let row = |(at, choice): (usize, &Completed)| {
            let (name, summary) = (choice.label.clone(), choice.summary.to_owned());
            Choice { list: LIST, at, is_chosen: at == chosen, sign: "", name, summary }.row()
        };
        let rows = |completion: &Completion| completion.choices.iter().enumerate().map(row).collect();
        self.completion.with(|completion| completion.as_ref().map(rows)).unwrap_or_default()
    }

    fn click(self, event: &ev::MouseEvent) {
        if let (Some(at), Some(element)) = (clicked(event), self.composer.field.get_untracked())
            && let Some((text, _)) = self.take(at, &element)
        {
            self.composer.put(&element, &text);
        }
    }

    /// Accepts a choice; returns the text with the completion, and the cursor's byte position in it.
    fn take(self, chosen: usize, element: &HtmlTextAreaElement) -> Option<(String, usize)> {
        let completion = self.completion.get_untracked()?;
        self.close();
        (chosen < completion.choices.len()).then(|| apply(&element.value(), &completion, chosen))
    }
}

impl Suggestions for Autocomplete {
    fn look_at(&self, element: &HtmlTextAreaElement) {
        let text = element.value();
        let cursor = bytes(&text, element.selection_end().ok().flatten());
        let shown = &self.composer.live.shown;
        let rooms: Vec<Arc<str>> =
            shown.rooms.with_untracked(|rooms| rooms.iter().map(|room: &RoomLine| room.name.shared()).collect());
        let mut users: Vec<Arc<str>> =
            shown.users.with_untracked(|users| users.iter().map(|user| Arc::clone(&user.name)).collect());
        let others = [
            shown.away.with_untracked(|users| users.iter().map(|user| Arc::clone(&user.name)).collect::<Vec<_>>()),
            shown.conversations.with_untracked(|lines| lines.iter().map(|line| Arc::clone(&line.name)).collect()),
        ];
        for name in others.into_iter().flatten() {
            if !users.contains(&name) {
                users.push(name);
            }
        }
        let found = complete(&text, cursor, &refs(&rooms), &refs(&users));
        if self.completion.with_untracked(|shown| *shown != found) {
            self.chosen.set(0);
            self.completion.set(found);
        }
    }

    fn key(&self, press: &Press, element: &HtmlTextAreaElement) -> bool {
        let count = self.completion.with_untracked(|shown| shown.as_ref().map(|shown| shown.choices.len().max(1)));
        let Some(count) = count.filter(|_| press.is_bare()) else {
            return false;
        };
        let chosen = self.chosen.get_untracked();
        match press.key() {
            "ArrowDown" => self.chosen.set((chosen + 1) % count),
            "ArrowUp" => self.chosen.set((chosen + count - 1) % count),
            "Escape" => self.close(),
            "Enter" | "Tab" => {
                if let Some((text, at)) = self.take(chosen, element) {
                    self.composer.put(element, &text);
                    set_cursor(element, &text, at);
                    self.look_at(element);
                }
            }
            _ => return false,
        }
        true
    }

    fn close(&self) {
        if self.completion.with_untracked(Option::is_some) {
            self.completion.set(None);
        }
    }
}

/// Puts the cursor at a byte position of the text. Browsers count in UTF-16 units.
fn set_cursor(element: &HtmlTextAreaElement, text: &str, at: usize) {
    let units = text.get(..at).map_or(0, |before| before.encode_utf16().count());
    let at = u32::try_from(units).ok();
    // A textarea always has a selection, so this cannot fail.
    drop((element.set_selection_start(at), element.set_selection_end(at)));
}

fn refs(names: &[Arc<str>]) -> Vec<&str> {
    names.iter().map(|name| &**name).collect()
}

/// Converts a position in UTF-16 units to one in bytes; `None` is the end of the text.
fn bytes(text: &str, units: Option<u32>) -> usize {
    let Some(mut left) = units.and_then(|units| usize::try_from(units).ok()) else {
        return text.len();
    };
    for (at, character) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(character.len_utf16());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_cursor_is_counted_in_bytes_behind_any_character() {
        let text = "aé日🧑b";
        assert_eq!([0, 1, 2, 3, 5, 6, 9].map(|units| bytes(text, Some(units))), [0, 1, 3, 6, 10, 11, 11]);
        assert_eq!(bytes(text, None), text.len());
    }
}
