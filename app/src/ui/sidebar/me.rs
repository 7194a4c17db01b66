//! The person's own row below the list of places.

use super::follow;
use crate::{
    protocol::Place,
    ui::{
        state::Live,
        widgets::{
            avatar::{hue, initial},
            icon::{Icon, icon},
            reactive::{Reactive, attribute, text},
        },
    },
};
use leptos::{ev, prelude::*};

#[component]
pub(super) fn Me(live: Live) -> impl IntoView {
    view! {
        <div class="me">
            <span
                class="avatar"
                data-live="my-initial"
                data-hue=hue(Some(live.me()))
                aria-hidden="true"
                translate="no"
                inner_html=my_initial(live)
            ></span>
            <p class="me-name">
                <span class="hidden">"You are "</span>
                <strong dir="auto" translate="no" data-live="my-name" inner_html=my_name(live)></strong>
            </p>
            {mentions_link(live)}
            <button type="button" class="icon" popovertarget="settings" aria-label="Settings" title="Settings">
                {icon(Icon::Settings)}
            </button>
        </div>
    }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    use crate::ui::hydrate;

    hydrate::reactive("my-initial", my_initial(live));
    hydrate::reactive("my-name", my_name(live));
    hydrate::element("mentions-link", || mentions_link(live));
}

fn my_name(live: Live) -> Reactive {
    text(move || live.shown.name.get().to_string())
}

fn my_initial(live: Live) -> Reactive {
    text(move || initial(&live.shown.name.get()))
}

fn mentions_link(live: Live) -> impl IntoView {
    let is_shown = move || live.shown.place.get() == Place::Mentions;
    view! {
        <a
            class="icon"
            data-live="mentions-link"
            href="/mentions"
            title="Mentions of you"
            aria-current=attribute(move || (if is_shown() { "page" } else { "false" }).to_owned())
            on:click=move |event: ev::MouseEvent| follow(&event, live, || live.go(Place::Mentions))
        >
            {icon(Icon::At)}
            <span class="hidden">"Mentions"</span>
        </a>
    }
}
