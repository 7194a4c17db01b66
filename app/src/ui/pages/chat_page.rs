//! The page of a room or a conversation.

use super::{Document, frame::Frame};
use crate::{
    bidi::isolated,
    protocol::{Mention, Place, Snapshot},
    ui::state::{Draft, Theme},
};
use leptos::prelude::*;
use std::sync::Arc;

/// The page of a room or a conversation, or of the person's mentions.
#[component]
pub fn ChatPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The content of the room or conversation.
    snapshot: Snapshot,
    /// `true` if the snapshot holds older entries than the newest ones.
    is_older: bool,
    /// The person's mentions; empty unless the page shows them.
    mentions: Vec<Mention>,
    /// The content of the fields.
    draft: Draft,
) -> impl IntoView {
    let title = format!("{} · Natter", isolated(&name(&snapshot)));
    view! {
        <Document options theme title is_live=true>
            <a class="skip" href="#text">
                "Skip to the message box"
            </a>
            <Frame snapshot is_older mentions draft theme />
        </Document>
    }
}

fn name(snapshot: &Snapshot) -> Arc<str> {
    match &snapshot.place {
        Place::Room(room) => room.shared(),
        Place::With(peer) => {
            let them = snapshot.conversations.iter().find(|conversation| conversation.id == *peer);
            them.map_or_else(|| "Conversation".into(), |conversation| Arc::clone(&conversation.name))
        }
        Place::Mentions => "Mentions".into(),
    }
}
