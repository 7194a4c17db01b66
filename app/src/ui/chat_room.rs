//! The island: everything on the page that lives.

use super::{
    Draft, composer::Composer, live::Live, members::Members, private::PrivateLines, status_line::StatusLine,
    timeline::TimelineView, writing::Writing,
};
use crate::sync::Snapshot;
use leptos::prelude::*;

/// A room that goes live from its snapshot.
#[island]
pub fn ChatRoom(
    /// What the server rendered.
    snapshot: Snapshot,
    /// What the composer holds.
    draft: Draft,
) -> impl IntoView {
    let room = snapshot.room.clone();
    let live = Live::new(snapshot);
    // Effects run in the browser only, once the island is hydrated.
    Effect::new(move |_| live.start());
    view! {
        <main class="room">
            <header class="head">
                <h1>{room.to_string()}</h1>
                <StatusLine live />
                <p class="me">"You are " <strong>{move || live.name.get().to_string()}</strong></p>
            </header>
            <TimelineView live />
            <Writing live />
            <Composer live room draft />
        </main>
        <aside class="side">
            <Members live />
            <PrivateLines live />
        </aside>
    }
}
