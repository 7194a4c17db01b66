//! The page of a room or a conversation, put together: a frame of plain HTML, which no script ever touches, and islands
//! in it for what lives.
//!
//! An island costs what is in it: its elements are rendered by the server, and again described in the WebAssembly to be
//! found and changed there. So what does not change stands outside. The islands share one state ([`Live`]), which starts
//! from an attribute of the frame. None has properties or children of its own: Leptos would read those with serde, and these
//! are views of any type; both are much code.

use super::{
    Draft, Theme,
    composer::Composer,
    head::Head,
    keys::KeysDialog,
    live::{Live, provide},
    members::Members,
    places::Places,
    settings::Settings,
    switcher::Switcher,
    timeline::Timeline,
    toasts::Toasts,
    writing::Writing,
};
use crate::{protocol::from_json, sync::Snapshot};
use leptos::prelude::*;
use serde::Serialize;

/// What the page is rendered from, on the server and in the browser.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// What is shown.
    pub snapshot: Snapshot,
    /// What the fields hold.
    pub draft: Draft,
}

from_json! {
    Start { snapshot, draft }
}

/// The page within its document.
#[component]
pub(super) fn Chat(
    /// What is shown.
    snapshot: Snapshot,
    /// Whether it has older entries, and not the newest.
    is_older: bool,
    /// What the fields hold.
    draft: Draft,
    /// The chosen theme.
    theme: Option<Theme>,
) -> impl IntoView {
    let start = Start { snapshot, draft: draft.clone() };
    // Everything in it can be written.
    let json = serde_json::to_string(&start).unwrap_or_default();
    let live = provide(Live::new(start));
    let path = live.path(&live.place.get_untracked());
    view! {
        <div class="chat" data-start=json>
            <Announcer />
            <Places live path=path.clone() draft=draft.clone() />
            <main class="room">
                <Head path=path.clone() />
                <Timeline older=is_older.then(|| path.clone()) />
                <Toasts />
                <Writing />
                <Composer />
            </main>
            <Members />
            <Settings live path draft theme />
            <KeysDialog />
            <Switcher />
        </div>
    }
}

/// The first island: the page goes live with it. It says to screen readers what others say.
#[island]
fn Announcer() -> impl IntoView {
    let live = Live::shared();
    // Effects run in the browser only, once the island is hydrated.
    Effect::new(move |_| live.start());
    view! {
        <div class="hidden" id="announcer" aria-live="polite">
            {super::dynamic::words(move || live.announcement.get())}
        </div>
    }
}
