//! The page of a room or a conversation.

use super::{Document, Theme, chat::Chat};
use crate::{
    bidi::isolated,
    protocol::{FromJson, Json, Mention, from_json},
    sync::{Place, Snapshot},
};
use leptos::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// What the page's fields hold when it is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Draft {
    /// What was typed and refused, so that it is not lost.
    pub text: String,
    /// Into which field.
    pub about: About,
    /// Why it was refused.
    pub problem: Option<String>,
    /// What a command answered.
    pub notice: Option<String>,
    /// The mark under which the plain form stores its text, so that a form sent twice is stored once.
    pub client_id: String,
}

from_json! {
    Draft { text, about, problem, notice, client_id }
}

impl Draft {
    /// What a field holds, and why it was refused.
    pub(super) fn of(&self, field: About) -> (String, Option<String>) {
        if self.about == field { (self.text.clone(), self.problem.clone()) } else { (String::new(), None) }
    }
}

/// Which field of a page something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The composer.
    #[default]
    Text,
    /// The room to join or create.
    Join,
    /// The person's name.
    Nick,
}

impl FromJson for About {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        match &*value.as_text()? {
            "text" => Some(Self::Text),
            "join" => Some(Self::Join),
            "nick" => Some(Self::Nick),
            _ => None,
        }
    }
}

/// A room or a conversation: the island with everything that lives.
#[component]
pub fn ChatPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme.
    theme: Option<Theme>,
    /// What the room or conversation shows.
    snapshot: Snapshot,
    /// Whether these are older entries, and not the newest.
    is_older: bool,
    /// What names the person, where the page shows that.
    mentions: Vec<Mention>,
    /// What the fields hold.
    draft: Draft,
) -> impl IntoView {
    let title = format!("{} · Natter", isolated(&name(&snapshot)));
    view! {
        <Document options theme title is_live=true>
            <a class="skip" href="#text">
                "Skip to the message box"
            </a>
            <Chat snapshot is_older mentions draft theme />
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
