//! What the composer offers while one writes: commands, rooms, people.

use super::{
    dynamic::{Item, flag, list},
    live::Live,
    press::Press,
    rows::{Choice, clicked},
};
use crate::{
    completion::{Choice as Offered, Completion, apply, complete},
    sync::RoomLine,
};
use leptos::{ev, prelude::*, web_sys::HtmlTextAreaElement};
use std::sync::Arc;

/// What the options are called.
const LIST: &str = "completion";

/// What is offered at the cursor. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    live: Live,
    completion: RwSignal<Option<Completion>>,
    chosen: RwSignal<usize>,
}

impl Offer {
    pub(super) fn new(live: Live) -> Self {
        Self { live, completion: RwSignal::new(None), chosen: RwSignal::new(0) }
    }

    /// Offers what can stand at the cursor.
    pub(super) fn look_at(self, element: &HtmlTextAreaElement) {
        let text = element.value();
        let cursor = bytes(&text, element.selection_end().ok().flatten());
        let rooms: Vec<Arc<str>> =
            self.live.rooms.with_untracked(|rooms| rooms.iter().map(|room: &RoomLine| room.name.shared()).collect());
        let mut users: Vec<Arc<str>> =
            self.live.users.with_untracked(|users| users.iter().map(|user| Arc::clone(&user.name)).collect());
        let others = [
            self.live.away.with_untracked(|users| users.iter().map(|user| Arc::clone(&user.name)).collect::<Vec<_>>()),
            self.live.conversations.with_untracked(|lines| lines.iter().map(|line| Arc::clone(&line.name)).collect()),
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

    pub(super) fn close(self) {
        if self.completion.with_untracked(Option::is_some) {
            self.completion.set(None);
        }
    }

    /// Whether a key is about what is offered.
    pub(super) fn takes(self, press: &Press) -> bool {
        press.is_bare()
            && self.completion.with_untracked(Option::is_some)
            && matches!(press.key(), "ArrowUp" | "ArrowDown" | "Enter" | "Tab" | "Escape")
    }

    /// Does what a key asks for. When that takes a choice: the text with it, and the cursor's place in it.
    pub(super) fn act(self, key: &str, element: &HtmlTextAreaElement) -> Option<(String, usize)> {
        let count = self.completion.with_untracked(|offer| offer.as_ref().map_or(0, |offer| offer.choices.len()));
        let chosen = self.chosen.get_untracked();
        match key {
            "ArrowDown" => self.chosen.set((chosen + 1) % count.max(1)),
            "ArrowUp" => self.chosen.set((chosen + count.max(1) - 1) % count.max(1)),
            "Escape" => self.close(),
            _ => return self.take(chosen, element),
        }
        None
    }

    /// Takes a choice: the text with it, and the cursor's place in it.
    pub(super) fn take(self, chosen: usize, element: &HtmlTextAreaElement) -> Option<(String, usize)> {
        let completion = self.completion.get_untracked()?;
        self.close();
        (chosen < completion.choices.len()).then(|| apply(&element.value(), &completion, chosen))
    }

    /// The element that a screen reader is to read as the chosen one.
    pub(super) fn active(self) -> String {
        let is_open = self.completion.with(Option::is_some);
        if is_open { format!("{LIST}-{}", self.chosen.get()) } else { String::new() }
    }
}

/// The choices, above the composer. `pick` takes one of them.
pub(super) fn view(offer: Offer, pick: impl Fn(usize) + Copy + Send + Sync + 'static) -> impl IntoView {
    let items = move || {
        let chosen = offer.chosen.get();
        let item = |(at, choice): (usize, &Offered)| {
            let (name, summary) = (choice.label.clone(), choice.summary.into());
            Item::Choice(Choice { list: LIST, at, is_chosen: at == chosen, sign: "", name, summary })
        };
        let items = |offer: &Completion| offer.choices.iter().enumerate().map(item).collect();
        offer.completion.with(|offer| offer.as_ref().map(items)).unwrap_or_default()
    };
    let is_shut = flag(move || offer.completion.with(Option::is_none));
    view! {
        <ul
            class="completions"
            id="completions"
            role="listbox"
            aria-label="Suggestions"
            tabindex="0" // one that is too high for the window is scrolled
            hidden=is_shut
            // The field keeps the focus.
            on:mousedown=|event: ev::MouseEvent| event.prevent_default()
            on:click=move |event: ev::MouseEvent| clicked(&event).into_iter().for_each(pick)
        >
            {list(offer.live, items)}
        </ul>
    }
}

fn refs(names: &[Arc<str>]) -> Vec<&str> {
    names.iter().map(|name| &**name).collect()
}

/// How many bytes of a text so many units of UTF-16 are; all, where nothing is said.
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
