//! The lines of all lists on the page but the log, by what they are.
//!
//! One function renders each of them, and so all lists are one type: see [`dynamic`](super::dynamic).

use super::{dynamic::Item, live::Live, members, outgoing, places, toasts};
use leptos::{either::EitherOf5, ev, prelude::*, wasm_bindgen::JsCast, web_sys::Element};
use std::borrow::Cow;

/// Shows a line.
pub(super) fn row(live: Live, item: &Item) -> impl IntoView + use<> {
    match item.clone() {
        Item::Outgoing(item, goes_on) => EitherOf5::A(outgoing::row(live, item, goes_on)),
        Item::Place(place, name) => EitherOf5::B(places::row(live, place, &name)),
        Item::Member(id, name, is_here) => EitherOf5::C(members::row(live, id, name, is_here)),
        Item::Notice(notice) => EitherOf5::D(toasts::row(live, notice)),
        Item::Choice(choice) => EitherOf5::E(choice_row(choice)),
    }
}

/// One of several things that can be chosen, in a listbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What the listbox calls its options.
    pub(super) list: &'static str,
    /// Its place in the list.
    pub(super) at: usize,
    /// Whether it is the one that Enter takes.
    pub(super) is_chosen: bool,
    pub(super) sign: &'static str,
    pub(super) name: String,
    pub(super) summary: Cow<'static, str>,
}

/// The listbox hears what is clicked: see [`clicked`].
fn choice_row(choice: Choice) -> impl IntoView {
    view! {
        <li
            class="place"
            role="option"
            id=format!("{}-{}", choice.list, choice.at)
            data-at=choice.at
            aria-selected=if choice.is_chosen { "true" } else { "false" }
        >
            <span class="sign" aria-hidden="true">
                {choice.sign}
            </span>
            <span class="name" dir="auto" translate="no">
                {choice.name}
            </span>
            <span class="summary">{choice.summary}</span>
        </li>
    }
}

/// Which option of a listbox was clicked.
pub(super) fn clicked(event: &ev::MouseEvent) -> Option<usize> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("[data-at]").ok()??.get_attribute("data-at")?.parse().ok()
}
