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
    new_room::NewRoom,
    places::Places,
    preview::PreviewBar,
    settings::Settings,
    switcher::Switcher,
    timeline::Timeline,
    toasts::Toasts,
    writing::Writing,
};
use crate::{
    protocol::{EntryId, Mention, from_json},
    sync::{Place, Snapshot},
};
use leptos::prelude::*;
use serde::Serialize;

/// What the page is rendered from, on the server and in the browser.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// What is shown.
    pub snapshot: Snapshot,
    /// What names the person, where that is shown.
    pub mentions: Vec<Mention>,
    /// What the fields hold.
    pub draft: Draft,
}

from_json! {
    Start { snapshot, mentions, draft }
}

/// The page within its document.
#[component]
pub(super) fn Chat(
    /// What is shown.
    snapshot: Snapshot,
    /// Whether it has older entries, and not the newest.
    is_older: bool,
    /// What names the person, where that is shown.
    mentions: Vec<Mention>,
    /// What the fields hold.
    draft: Draft,
    /// The chosen theme.
    theme: Option<Theme>,
) -> impl IntoView {
    let seen = if is_older { None } else { unread_end(&snapshot) };
    let start = Start { snapshot, mentions, draft: draft.clone() };
    // Everything in it can be written.
    let json = serde_json::to_string(&start).unwrap_or_default();
    let live = provide(Live::new(start));
    let path = live.path(&live.place.get_untracked());
    // Where nothing can be said, the forms act on the room that everybody is in.
    let form_path =
        if live.place.get_untracked() == Place::Mentions { "/room/general".to_owned() } else { path.clone() };
    // A page that no script brings to life says by a picture that it was shown.
    let seen = seen.map(|id| {
        let source = format!("{path}/read?id={id}");
        view! {
            <noscript>
                <img class="hidden" src=source alt="" />
            </noscript>
        }
    });
    view! {
        <div class="chat" data-start=json>
            <Announcer />
            <Places live />
            <main class="room">
                <Head />
                <Timeline older=is_older.then(|| path.clone()) />
                <Toasts />
                <Writing />
                <PreviewBar />
                <Composer />
            </main>
            <Members />
            <NewRoom path=form_path.clone() draft=draft.clone() />
            <Settings live path=form_path draft theme />
            <KeysDialog />
            <Switcher />
            {seen}
        </div>
    }
}

/// The newest entry on the page of a place that somebody is in, if they have not read up to it.
fn unread_end(snapshot: &Snapshot) -> Option<EntryId> {
    let read = match &snapshot.place {
        Place::Room(name) => snapshot.rooms.iter().find(|room| room.name == *name)?.standing?.read,
        Place::Mentions => return None,
        Place::With(peer) => snapshot.conversations.iter().find(|conversation| conversation.id == *peer)?.read,
    };
    snapshot.entries.last().map(|entry| entry.id).filter(|id| *id > read)
}

/// The first island: the page goes live with it. It says to screen readers what others say.
#[island]
fn Announcer() -> impl IntoView {
    let live = Live::shared();
    view! {
        <div class="hidden" id="announcer" aria-live="polite" translate="no">
            {super::dynamic::words(move || live.announcement.get())}
        </div>
    }
}
