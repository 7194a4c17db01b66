//! The page of a room or a conversation, put together: a frame of plain HTML, which no script ever touches, and islands
//! in it for what lives.
//!
//! An island costs what is in it: its elements are rendered by the server, and again described in the WebAssembly to be
//! found and changed there. So what does not change stands outside. The islands share one state ([`Live`]): the first of
//! them brings it to the browser.

use super::{
    Draft, Theme,
    composer::Composer,
    head::Head,
    keys::KeysDialog,
    live::{Live, begin, provide},
    members::Members,
    page::island_property,
    places::Places,
    settings::Settings,
    switcher::Switcher,
    timeline::Timeline,
    toasts::Toasts,
    writing::Writing,
};
use crate::{protocol::from_json, sync::Snapshot};
use leptos::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

/// What the page is rendered from, on the server and in the browser.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// What is shown.
    pub snapshot: Snapshot,
}

from_json! {
    Start { snapshot }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        island_property(deserializer)
    }
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
    let live = provide(Live::new(snapshot.clone()));
    let path = live.path(&snapshot.place);
    view! {
        <div class="chat">
            <Announcer start=Start { snapshot } />
            <Places live path=path.clone() draft=draft.clone() />
            <main class="room">
                <Head path=path.clone() />
                <Timeline older=is_older.then(|| path.clone()) />
                <Toasts />
                <Writing />
                <Composer text=draft.clone() />
            </main>
            <Members />
            <Settings live path draft theme />
            <KeysDialog />
            <Switcher />
        </div>
    }
}

/// The first island: it brings the state, goes live with it, and says to screen readers what others say.
#[island]
fn Announcer(
    /// What the page is rendered from.
    start: Start,
) -> impl IntoView {
    let live = begin(start.snapshot);
    // Effects run in the browser only, once the island is hydrated.
    Effect::new(move |_| live.start());
    view! {
        <div class="hidden" id="announcer" aria-live="polite">
            {super::dynamic::words(move || live.announcement.get())}
        </div>
    }
}
