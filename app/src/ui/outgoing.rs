//! A text that is on its way, or was refused.

use super::{
    avatar::{avatar, initial},
    dynamic::words,
    live::Live,
    rich_text::rich_text,
};
use crate::{
    command,
    protocol::ErrorCode,
    sync::{Input, Outgoing, OutgoingState, Status},
};
use leptos::prelude::*;
use std::sync::Arc;

/// The text, under its author's head as its entry will be, and what becomes of it.
pub(super) fn row(live: Live, item: Outgoing, goes_on: bool) -> impl IntoView {
    let (is_failed, reason) = match &item.state {
        OutgoingState::Waiting => (false, Arc::default()),
        OutgoingState::Failed(reason) => (true, Arc::clone(reason)),
    };
    let fate = move || match (is_failed, live.status.get()) {
        (true, _) => format!("Not sent. {reason}"),
        (false, Status::Live) => match live.held_back.get() {
            None => "Sending…",
            Some(ErrorCode::RateLimited) => "Sending slowly",
            Some(_) => "The server cannot store messages right now. Sending again…",
        }
        .to_owned(),
        (false, _) => "Waiting for the connection".to_owned(),
    };
    let text = rich_text(command::plain(&item.text), "");
    let (again, gone) = (Arc::clone(&item.client_id), Arc::clone(&item.client_id));
    view! {
        <li class="entry outgoing" data-kind="message" data-continues=goes_on data-state=if is_failed { "failed" } else { "waiting" }>
            {avatar(Some(live.me()), words(move || initial(&live.name.get())).into_render())}
            <span class="author" dir="auto" translate="no">
                {words(move || live.name.get().to_string())}
            </span>
            <div class="text" dir="auto" translate="no" inner_html=text></div>
            <p class="fate">
                <span>{words(fate)}</span>
                <button
                    type="button"
                    class="quiet"
                    hidden=!is_failed
                    on:click=move |_| live.input(Input::Retry(Arc::clone(&again)))
                >
                    "Send again"
                </button>
                <button
                    type="button"
                    class="quiet"
                    hidden=!is_failed
                    on:click=move |_| live.edited.set(Some(item.clone()))
                >
                    "Edit"
                </button>
                <button
                    type="button"
                    class="quiet"
                    hidden=!is_failed
                    on:click=move |_| live.input(Input::Discard(Arc::clone(&gone)))
                >
                    "Discard"
                </button>
            </p>
        </li>
    }
}
