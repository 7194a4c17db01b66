//! The head of the shown room or conversation.

use super::{
    dynamic::{flag, words},
    icon::{Icon, drawn},
    live::Live,
    status_line::StatusLine,
};
use crate::{bidi::isolated, protocol::RoomName, sync::Place};
use leptos::prelude::*;

/// What is shown, how the connection is, and what can be done here.
#[component]
pub(super) fn Head() -> impl IntoView {
    view! {
        <header class="head">
            <OpenPlaces />
            <Title />
            <StatusLine />
            <div class="head-actions">
                <LeaveButton />
                <button
                    type="button"
                    class="icon find"
                    data-opens="switcher"
                    aria-label="Go to a room or person"
                    title="Go to a room or person (Ctrl+K)"
                >
                    {drawn(Icon::Search)}
                </button>
                <button
                    type="button"
                    class="icon open-members"
                    popovertarget="members"
                    aria-label="Members"
                >
                    {drawn(Icon::People)}
                    <span class="count" aria-hidden="true">
                        <Count />
                    </span>
                </button>
            </div>
        </header>
    }
}

#[island]
fn Title() -> impl IntoView {
    let live = Live::shared();
    view! {
        <h1 tabindex="-1" data-conversation=flag(move || live.place.with(|place| place.room().is_none()))>
            <span class="sign" aria-hidden="true">
                {words(move || sign(&live.place.get()).to_owned())}
            </span>
            <span class="name" dir="auto" translate="no">
                {words(move || live.title.get().to_string())}
            </span>
        </h1>
    }
}

/// What stands before the name of a place.
pub(super) const fn sign(place: &Place) -> &'static str {
    match place {
        Place::Room(_) => "#",
        Place::With(_) | Place::Mentions => "@",
    }
}

/// How many are here.
#[island]
pub(super) fn Count() -> impl IntoView {
    let live = Live::shared();
    words(move || live.count.get().to_string()).into_render()
}

/// Opens the list of places where that is a drawer, and says whether something waits in it.
#[island]
fn OpenPlaces() -> impl IntoView {
    let live = Live::shared();
    let label = words(move || match live.waits() {
        0 => "Rooms and direct messages".to_owned(),
        count => format!("Rooms and direct messages, {count} unread"),
    });
    view! {
        <button type="button" class="icon open-places" popovertarget="places" aria-label=label>
            {drawn(Icon::Menu)}
            <span class="pip" hidden=flag(move || live.waits() == 0)></span>
        </button>
    }
}

/// A button that leaves the shown room.
#[island]
fn LeaveButton() -> impl IntoView {
    let live = Live::shared();
    let label = words(move || format!("Leave {}", isolated(&live.title.get())));
    let action = words(move || live.place.with(|place| live.path(place)));
    let is_general = move || live.place.with(|place| place.room().is_none_or(RoomName::is_general));
    view! {
        <form method="post" action=action data-command="/leave" hidden=flag(move || is_general() || live.is_preview())>
            <button class="quiet leave" name="text" value="/leave" aria-label=label>
                {drawn(Icon::Leave)}
                <span>"Leave"</span>
            </button>
        </form>
    }
}
