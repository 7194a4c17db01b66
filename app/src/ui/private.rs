//! What is said to one person alone.

use super::live::Live;
use crate::protocol::PrivateLine;
use leptos::prelude::*;
use std::sync::Arc;

/// The newest private messages of the person, with whomever.
#[component]
pub(super) fn PrivateLines(
    /// The live state.
    live: Live,
) -> impl IntoView {
    view! {
        <section
            class="private"
            aria-labelledby="private-title"
            hidden=move || live.private.with(Vec::is_empty)
        >
            <h2 id="private-title">"Private messages"</h2>
            <div role="log" tabindex="0" aria-labelledby="private-title">
                <ol>
                    <For each=move || live.private.get() key=|line| line.id let:line>
                        <Private live line />
                    </For>
                </ol>
            </div>
        </section>
    }
}

#[component]
fn Private(live: Live, line: PrivateLine) -> impl IntoView {
    let (word, peer) = match (line.from, line.to) {
        (Some(from), _) => ("From", from),
        (None, to) => ("To", to.unwrap_or_else(|| Arc::from("somebody"))),
    };
    let ts = line.ts;
    view! {
        <li class="entry" data-id=line.id>
            <span class="author" dir="auto">{format!("{word} {peer}")}</span>
            <time datetime=ts.rfc3339()>{move || live.time_of_day(ts)}</time>
            <p class="text" dir="auto">{line.text.to_string()}</p>
        </li>
    }
}
