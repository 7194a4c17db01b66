//! Lines for the person alone: what a command answered, why something was not done.

use super::{
    driver::Target,
    dynamic::{Item, list},
    icon::{Icon, drawn},
    live::Live,
};
use crate::sync::{Input, Notice};
use leptos::prelude::*;

/// A stack above the composer; each stays until it is put away, or what the person does next has worked.
#[island]
pub(super) fn Toasts() -> impl IntoView {
    let live = Live::shared();
    let items = move || live.notices.with(|notices| notices.iter().cloned().map(Item::Notice).collect());
    view! {
        <div class="toasts" role="log" aria-label="Only visible to you">
            <ul>{list(live, items)}</ul>
        </div>
    }
}

pub(super) fn row(live: Live, notice: Notice) -> impl IntoView {
    let dismiss = move |_| {
        live.input(Input::Dismiss(notice.number));
        // It was on what goes away.
        live.focus(Target::Composer);
    };
    let rejoin = notice.left.map(|room| {
        let undo = move |_| {
            // Why it cannot be done is in sight: there is no connection.
            if live.command(&format!("/join {room}"), move |answer| live.warn_of(answer)).is_ok() {
                live.input(Input::Dismiss(notice.number));
            }
        };
        view! {
            <button type="button" class="quiet" on:click=undo>
                "Undo"
            </button>
        }
    });
    view! {
        <li class="toast" data-tone=if notice.is_problem { "problem" } else { "notice" }>
            // In a low window, or with large letters, any of them scrolls, and the keyboard has to reach it.
            <p dir="auto" tabindex="0">
                {notice.text.to_string()}
            </p>
            {rejoin}
            <button type="button" class="icon" aria-label="Dismiss" on:click=dismiss>
                {drawn(Icon::Close)}
            </button>
        </li>
    }
}
