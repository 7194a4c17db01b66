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
                <ComeOrLeave />
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
        <h1 tabindex="-1">
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
        Place::With(_) => "@",
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

/// A button that leaves a room, or joins the one that is only looked at.
#[island]
fn ComeOrLeave() -> impl IntoView {
    let live = Live::shared();
    let verb = move || if live.is_guest() { "Join" } else { "Leave" };
    let label = words(move || format!("{} {}", verb(), isolated(&live.title.get())));
    let command =
        words(move || if live.is_guest() { format!("/join {}", live.title.get()) } else { "/leave".to_owned() });
    let action = words(move || live.place.with(|place| live.path(place)));
    let cannot = flag(move || live.place.with(|place| place.room().is_none_or(RoomName::is_general)));
    view! {
        <form method="post" action=action data-command=command.clone()>
            <button
                class="quiet leave"
                name="text"
                value=command.clone()
                aria-label=label
                data-guest=flag(move || live.is_guest())
                hidden=cannot
            >
                {drawn(Icon::Leave)}
                <span>{words(move || verb().to_owned())}</span>
            </button>
        </form>
    }
}

impl Live {
    /// Whether the shown room is one that the person is not in.
    fn is_guest(self) -> bool {
        let Place::Room(shown) = self.place.get() else {
            return false;
        };
        !self.rooms.with(|rooms| rooms.iter().any(|room| room.is_member && room.name == shown))
    }
}
