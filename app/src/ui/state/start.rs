//! The data that a page is rendered from, on the server and in the browser.

use crate::protocol::{EntryId, FromJson, Json, Mention, Snapshot, from_json};
use serde::Serialize;

from_json! {
    /// The data that a page is rendered from.
    #[derive(Debug, Clone, Serialize)]
    pub struct Start {
        /// The room or conversation.
        pub snapshot: Snapshot,
        /// The person's mentions; empty unless the page shows them.
        pub mentions: Vec<Mention>,
        /// The content of the fields.
        pub draft: Draft,
    }
}

from_json! {
    /// The content of the page's fields when it is rendered.
    #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
    pub struct Draft {
        /// The refused text, kept so that it is not lost.
        pub text: String,
        /// The field of the text.
        pub about: About,
        /// The reason of the refusal.
        pub problem: Option<String>,
        /// The answer to a command.
        pub notice: Option<String>,
        /// The entry that the text replaces, on the page of an edit.
        pub target: Option<EntryId>,
        /// The `client_id` under which the plain form stores its text, so that a form that is sent twice is stored
        /// once.
        pub client_id: String,
    }
}

/// A snapshot of `general` for Ada, who has the number 1, without entries or rooms.
#[cfg(test)]
pub(in crate::ui) fn empty_snapshot() -> Snapshot {
    use crate::protocol::{Place, RoomName, UserId};

    Snapshot {
        user_id: UserId(1),
        name: "Ada".into(),
        place: Place::Room(RoomName::general()),
        entries: Vec::new(),
        users: Vec::new(),
        away: Vec::new(),
        count: 0,
        epoch: "e1".into(),
        cursor: 0,
        rooms: Vec::new(),
        more_rooms: 0,
        conversations: Vec::new(),
    }
}

impl Draft {
    /// Returns the content of a field, and the reason of its refusal.
    pub(in crate::ui) fn of(&self, field: About) -> (String, Option<String>) {
        if self.about == field { (self.text.clone(), self.problem.clone()) } else { (String::new(), None) }
    }
}

/// A field of the page.
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

    fn blank() -> Self {
        Self::Text
    }
}
