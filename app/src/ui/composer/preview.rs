//! The bar above the composer in a room of which the person is no member.

use crate::ui::{
    state::Live,
    widgets::reactive::{attribute, flag, text},
};
use leptos::prelude::*;

/// Shows the bar, which offers to join. A message from a person who is no member joins as well.
pub(super) fn bar(live: Live) -> impl IntoView {
    let title = live.shown.title;
    let verb = move || if live.is_missing() { "Create" } else { "Join" };
    let sentence = text(move || match live.is_missing() {
        true => format!("There is no room #{} yet. Your first message creates it.", title.get()),
        false => format!("You haven't joined #{} yet.", title.get()),
    });
    view! {
        <form
            class="preview"
            data-live="preview"
            method="post"
            action=attribute(move || live.form_path())
            data-command="join"
            hidden=flag(move || !live.is_preview())
        >
            <p inner_html=sentence></p>
            <button
                name="join"
                value=attribute(move || title.get().to_string())
                aria-label=attribute(move || format!("{} {}", verb(), title.get()))
                inner_html=text(move || verb().to_owned())
            ></button>
        </form>
    }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    crate::ui::hydrate::element("preview", || bar(live));
}
