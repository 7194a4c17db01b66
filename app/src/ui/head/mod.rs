//! The header of the shown room or conversation.

mod status_line;

use super::{
    state::Live,
    widgets::{
        icon::{Icon, icon},
        reactive::{Reactive, attribute, flag, text},
    },
};
use crate::{
    bidi::isolated,
    protocol::{Place, RoomName},
};
use leptos::prelude::*;
use status_line::status_line;

/// The header: the title, the status of the connection, the buttons for this place.
#[component]
pub(super) fn Head(live: Live) -> impl IntoView {
    view! {
        <header class="head">
            {open_places(live)} {title(live)} {status_line(live)}
            <div class="head-actions">
                {leave_button(live)}
                <button
                    type="button"
                    class="icon find"
                    data-opens="switcher"
                    aria-label="Go to a room or person"
                    title="Go to a room or person (Ctrl+K)"
                >
                    {icon(Icon::Search)}
                </button>
                <button
                    type="button"
                    class="icon open-members"
                    popovertarget="members"
                    aria-label="Members"
                >
                    {icon(Icon::People)}
                    <span class="count" data-live="head-count" aria-hidden="true" inner_html=count(live)></span>
                </button>
            </div>
        </header>
    }
}

/// Hydrates the header.
#[cfg(feature = "hydrate")]
pub fn hydrate_head(live: Live) {
    use super::hydrate;

    hydrate::element("open-places", || open_places(live));
    hydrate::element("title", || title(live));
    hydrate::element("status", || status_line(live));
    hydrate::element("leave", || leave_button(live));
    hydrate::reactive("head-count", count(live));
}

fn title(live: Live) -> impl IntoView {
    let is_conversation = flag(move || live.shown.place.with(|place| place.room().is_none()));
    view! {
        <h1 data-live="title" tabindex="-1" data-conversation=is_conversation>
            <span class="sign" aria-hidden="true" inner_html=text(move || live.shown.place.with(sign).to_owned())></span>
            <span
                class="name"
                dir="auto"
                translate="no"
                inner_html=text(move || live.shown.title.get().to_string())
            ></span>
        </h1>
    }
}

/// The sign before the name of a place.
pub(super) const fn sign(place: &Place) -> &'static str {
    match place {
        Place::Room(_) => "#",
        Place::With(_) | Place::Mentions => "@",
    }
}

/// The number of present members.
pub(super) fn count(live: Live) -> Reactive {
    text(move || live.shown.count.get().to_string())
}

/// The button that opens the drawer of places, labelled with the number of unread entries.
fn open_places(live: Live) -> impl IntoView {
    let label = attribute(move || match live.waits() {
        0 => "Rooms and direct messages".to_owned(),
        count => format!("Rooms and direct messages, {count} unread"),
    });
    view! {
        <button
            type="button"
            class="icon open-places"
            data-live="open-places"
            popovertarget="places"
            aria-label=label
        >
            {icon(Icon::Menu)}
            <span class="pip" hidden=flag(move || live.waits() == 0)></span>
        </button>
    }
}

/// A button that leaves the shown room.
fn leave_button(live: Live) -> impl IntoView {
    let label = attribute(move || format!("Leave {}", isolated(&live.shown.title.get())));
    let action = attribute(move || live.form_path());
    let is_general = move || live.shown.place.with(|place| place.room().is_none_or(RoomName::is_general));
    view! {
        <form
            data-live="leave"
            method="post"
            action=action
            data-command="leave"
            hidden=flag(move || is_general() || live.is_preview())
        >
            <button class="quiet leave" name="leave" value="1" aria-label=label>
                {icon(Icon::Leave)}
                <span>"Leave"</span>
            </button>
        </form>
    }
}
