//! The lines of all lists on the page, by what they are.
//!
//! One function renders each of them, and so all lists are one type: see [`dynamic`](super::dynamic).

use super::{dynamic::Item, lines::Line, live::Live, members, outgoing, places, timeline, toasts};
use crate::calendar;
use leptos::{either::EitherOf8, ev, prelude::*, wasm_bindgen::JsCast, web_sys::Element};

/// Shows a line.
pub(super) fn row(live: Live, item: Item) -> impl IntoView {
    match item {
        Item::Line(Line::Entry(entry, goes_on)) => EitherOf8::A(timeline::entry_row(live, &entry, goes_on)),
        Item::Line(Line::Hole(hole, is_asked)) => EitherOf8::B(timeline::hole_row(live, hole, is_asked)),
        Item::Line(Line::Day(day, _)) => EitherOf8::C(timeline::mark_row("day", None, calendar::day_words(day))),
        Item::Line(Line::New(_)) => {
            EitherOf8::C(timeline::mark_row("new", Some("new"), "New since you were away".to_owned()))
        }
        Item::Outgoing(item) => EitherOf8::D(outgoing::row(live, item)),
        Item::Place(place, name) => EitherOf8::E(places::row(live, place, &name)),
        Item::Member(id, name, is_here) => EitherOf8::F(members::row(live, id, name, is_here)),
        Item::Notice(notice) => EitherOf8::G(toasts::row(live, notice)),
        Item::Choice(choice) => EitherOf8::H(choice_row(choice)),
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
    pub(super) summary: &'static str,
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
            <span class="name" dir="auto">
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
