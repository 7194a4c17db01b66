//! The entries of the room, what is missing between them, and what is on its way.

use super::live::Live;
use crate::{
    protocol::{Entry, EntryKind},
    sync::{Hole, Input, Outgoing, OutgoingState, Row, Status},
};
use leptos::prelude::*;
use std::sync::Arc;

/// The room's log. The scrolling box lays its one child out from the end, so it opens at the newest entry and stays
/// there, without a script.
#[component]
pub(super) fn TimelineView(
    /// The live state.
    live: Live,
) -> impl IntoView {
    let key = |row: &Row| match row {
        Row::Entry(entry) => (entry.id, 0),
        Row::Hole(hole) => (hole.after, hole.before),
    };
    let row = move |row| match row {
        Row::Entry(entry) => view! { <EntryRow live entry /> }.into_any(),
        Row::Hole(hole) => view! { <HoleRow live hole /> }.into_any(),
    };
    view! {
        <div class="scroll" tabindex="0" aria-label="Messages" role="region">
            <div class="log" role="log" aria-label="New messages">
                <p class="empty" hidden=move || !live.rows.with(Vec::is_empty)>
                    "Nothing has been said here yet. Say the first thing."
                </p>
                <ol id="entries">
                    <For each=move || live.rows.get() key children=row />
                </ol>
                <ol id="outgoing">
                    <For
                        each=move || live.outgoing.get()
                        key=|item| (item.client_id.clone(), item.state.clone())
                        let:item
                    >
                        <OutgoingRow live item />
                    </For>
                </ol>
            </div>
        </div>
    }
}

#[component]
fn EntryRow(live: Live, entry: Arc<Entry>) -> impl IntoView {
    let kind = match entry.kind {
        EntryKind::Message => "message",
        EntryKind::Action => "action",
        EntryKind::System => "system",
    };
    let ts = entry.ts;
    view! {
        <li class="entry" data-id=entry.id data-kind=kind>
            <span class="author" dir="auto">{entry.from.to_string()}</span>
            <time datetime=ts.rfc3339()>{move || live.time_of_day(ts)}</time>
            <p class="text" dir="auto">{entry.text.to_string()}</p>
        </li>
    }
}

#[component]
fn HoleRow(live: Live, hole: Hole) -> impl IntoView {
    let is_top = hole.after == 0;
    let words = if is_top { "Older messages" } else { "Some messages are missing here; load them" };
    let fill = move |event: leptos::ev::MouseEvent| {
        if live.is_live() {
            event.prevent_default();
            live.input(Input::Fill(hole));
        }
    };
    view! {
        <li class="hole" data-after=hole.after data-before=hole.before>
            <a href=format!("?before={}", hole.before) on:click=fill>{words}</a>
        </li>
    }
}

#[component]
fn OutgoingRow(live: Live, item: Outgoing) -> impl IntoView {
    let edited = item.clone();
    let reason = match item.state {
        OutgoingState::Waiting => None,
        OutgoingState::Failed(reason) => Some(reason),
    };
    let is_failed = reason.is_some();
    let (is_elsewhere, room) = (item.room != live.room(), item.room);
    let state = if is_failed { "failed" } else { "waiting" };
    let words = move || match &reason {
        Some(reason) if is_elsewhere => format!("Not sent to {room}. {reason}"),
        Some(reason) => format!("Not sent. {reason}"),
        None if live.status.get() == Status::Live => "Sending…".to_owned(),
        None => "Waiting for the connection".to_owned(),
    };
    let (retry, discard) = (Arc::clone(&item.client_id), item.client_id);
    view! {
        <li class="entry outgoing" data-state=state>
            <p class="text" dir="auto">{item.text.to_string()}</p>
            <p class="fate">
                <span>{words}</span>
                {is_failed
                    .then(|| {
                        view! {
                            <button type="button" on:click=move |_| live.input(Input::Retry(retry.clone()))>
                                "Send again"
                            </button>
                            <button type="button" on:click=move |_| live.edited.set(Some(edited.clone()))>
                                "Edit"
                            </button>
                            <button type="button" on:click=move |_| live.input(Input::Discard(discard.clone()))>
                                "Discard"
                            </button>
                        }
                    })}
            </p>
        </li>
    }
}
