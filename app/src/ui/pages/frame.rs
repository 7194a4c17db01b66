//! The frame of the chat page: the layout of its parts.
//!
//! The server renders all of it as HTML. The browser hydrates the views part by part, with one state that is decoded
//! from an attribute of the frame; controls that need only a line of script are bound by their `data-` attributes.

use crate::{
    protocol::{EntryId, Mention, Place, Snapshot},
    ui::{
        composer::ComposerPanel,
        dialogs::{Deletion, KeysDialog, NewRoom, Settings, switcher},
        head::Head,
        sidebar::{Members, Places},
        state::{Draft, Live, Start, Theme},
        timeline::{Announcer, Timeline},
    },
};
use leptos::prelude::*;

/// The chat page within its document.
#[component]
pub(super) fn Frame(
    /// The content of the room or conversation.
    snapshot: Snapshot,
    /// `true` if the snapshot holds older entries than the newest ones.
    is_older: bool,
    /// The person's mentions; empty unless the page shows them.
    mentions: Vec<Mention>,
    /// The content of the fields.
    draft: Draft,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
) -> impl IntoView {
    let seen = if is_older { None } else { unread_end(&snapshot) };
    let start = Start { snapshot, mentions, draft: draft.clone() };
    // Every type within `Start` can be serialized.
    let json = serde_json::to_string(&start).unwrap_or_default();
    let live = Live::new(start);
    let path = live.shown_path();
    // The page of mentions accepts no texts, so its forms act on `general`, of which everybody is a member.
    let form_path = if live.can_write() { path.clone() } else { "/room/general".to_owned() };
    view! {
        <div class="chat" data-start=json>
            <Announcer live />
            <Places live />
            <main class="room">
                <Head live />
                <Timeline live older=is_older.then(|| path.clone()) />
                <ComposerPanel live />
            </main>
            <Members live />
            <NewRoom path=form_path.clone() draft=draft.clone() />
            <Settings live path=form_path draft theme />
            <KeysDialog />
            <Deletion />
            {switcher(live)}
            <PartProblem />
            {seen.map(|id| seen_picture(&path, id))}
        </div>
    }
}

/// The line that reports a missing part or a new version of the page. The script shows it.
#[component]
fn PartProblem() -> impl IntoView {
    view! {
        <p id="part-problem" class="part-problem" role="alert" hidden>
            <span></span>
            " "
            <a href="">"Reload the page"</a>
        </p>
    }
}

/// Reports a page without scripts as read by loading a picture.
fn seen_picture(path: &str, id: EntryId) -> impl IntoView + use<> {
    let source = format!("{path}/read?id={id}");
    view! {
        <noscript>
            <img class="hidden" src=source alt="" />
        </noscript>
    }
}

/// Returns the newest entry on the page of a place that the person is in, if it is unread.
fn unread_end(snapshot: &Snapshot) -> Option<EntryId> {
    let read = match &snapshot.place {
        Place::Room(name) => snapshot.rooms.iter().find(|room| room.name == *name)?.standing?.read,
        Place::Mentions => return None,
        Place::With(peer) => snapshot.conversations.iter().find(|conversation| conversation.id == *peer)?.read,
    };
    snapshot.entries.iter().rev().find(|entry| entry.is_shown()).map(|entry| entry.id).filter(|id| *id > read)
}
