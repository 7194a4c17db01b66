//! What a person sent and the server has not yet acknowledged.

use super::place::Place;
use crate::{
    command,
    protocol::{ClientFrame, FromJson, Json, RoomName, UserId, Writer, field, from_json},
};
use std::sync::Arc;

/// Texts that may wait at once. A person who types this much into a dead connection is told to wait.
pub const OUTBOX_MAX: usize = 500;

/// How far a text has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutgoingState {
    /// Waits for the connection, or for its echo.
    Waiting,
    /// Was refused; the sentence says why. It stays until the person sends it again or discards it.
    Failed(Arc<str>),
}

/// A text on its way. An adapter keeps it where it survives the page, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The mark by which its entry is known.
    pub client_id: Arc<str>,
    /// When it was typed, in milliseconds since 1970 by the browser's clock, or a little later: later than everything
    /// that was known to be on its way then.
    pub at: u64,
    /// Where it goes, as it was called when the text was typed: a room, or `@number-name` for a conversation (`@name`, if it
    /// was kept by an earlier version).
    pub address: Arc<str>,
    /// With whom the conversation is that it goes to, if it is none of a room.
    pub with: Option<UserId>,
    /// The text as it was typed.
    pub text: Arc<str>,
    /// How far it has come.
    pub state: OutgoingState,
}

from_json! {
    Outgoing { client_id, at, address as "room", with, text, state }
}

impl FromJson for OutgoingState {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        match value.as_text() {
            Some(state) => (state == "waiting").then_some(Self::Waiting),
            None => field(value, "failed").map(Self::Failed),
        }
    }
}

impl Outgoing {
    /// The JSON as which it is kept.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Writer::default();
        json.texts(&[("client_id", &self.client_id), ("room", &self.address), ("text", &self.text)]);
        json.number("at", self.at);
        if let Some(with) = self.with {
            json.text("with", &with.to_string());
        }
        match &self.state {
            OutgoingState::Waiting => json.text("state", "waiting"),
            OutgoingState::Failed(reason) => {
                let mut state = Writer::default();
                state.text("failed", reason);
                json.object("state", state);
            }
        }
        json.finish()
    }

    /// Where it goes.
    #[must_use]
    pub fn place(&self) -> Place {
        self.with.map_or_else(|| Place::Room(RoomName::told(&self.address)), Place::With)
    }

    /// Where it goes, as people read it.
    #[must_use]
    pub fn recipient(&self) -> String {
        if self.with.is_some() { format!("@{}", self.peer_name()) } else { format!("#{}", self.address) }
    }

    /// What the other one of its conversation was called when it was typed.
    pub(super) fn peer_name(&self) -> &str {
        let segment = self.address.strip_prefix('@').unwrap_or(&self.address);
        segment.split_once('-').map_or(segment, |(_, name)| name)
    }

    /// The frame that sends it. `peer` is what the other one of its conversation is called now, if that is known; the
    /// number says who it is, for names change hands.
    #[must_use]
    pub fn frame(&self, peer: Option<&Arc<str>>) -> ClientFrame {
        let (text, client_id) = (self.text.as_ref().to_owned(), Some(self.client_id.as_ref().to_owned()));
        match self.with {
            Some(_) => ClientFrame::Pm {
                to: peer.map_or_else(|| self.peer_name(), AsRef::as_ref).to_owned(),
                user_id: self.with,
                text: command::plain(&text).to_owned(),
                client_id,
            },
            None => ClientFrame::Message { room: self.address.as_ref().to_owned(), text, client_id },
        }
    }
}

/// Everything that is on its way, in the order in which it was typed, whichever of the person's tabs it was typed in.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    items: Vec<Outgoing>,
}

impl Outbox {
    /// Takes a new text, behind all others.
    pub(super) fn push(&mut self, mut item: Outgoing) -> Outgoing {
        if let Some(newest) = self.items.last() {
            item.at = item.at.max(newest.at + 1);
        }
        self.items.push(item.clone());
        item
    }

    /// Takes a text as another tab, or an earlier page, has it.
    pub(super) fn put(&mut self, item: Outgoing) {
        self.remove(&item.client_id);
        let is_before = |other: &Outgoing| (other.at, &other.client_id) < (item.at, &item.client_id);
        let at = self.items.partition_point(is_before);
        self.items.insert(at, item);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.items.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The text that is to be sent next.
    pub(super) fn next(&self) -> Option<&Outgoing> {
        self.items.iter().find(|item| item.state == OutgoingState::Waiting)
    }

    /// Lets go of a text: it is stored, or the person discards it.
    pub(super) fn remove(&mut self, client_id: &str) -> Option<Outgoing> {
        let at = self.items.iter().position(|item| &*item.client_id == client_id)?;
        Some(self.items.remove(at))
    }

    pub(super) fn get_mut(&mut self, client_id: &str) -> Option<&mut Outgoing> {
        self.items.iter_mut().find(|item| &*item.client_id == client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::read_json;

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        for (with, state) in [(None, OutgoingState::Waiting), (Some(UserId(7)), OutgoingState::Failed("No.".into()))] {
            let address = if with.is_some() { "@Bo" } else { "general" }.into();
            let item = Outgoing { client_id: "c".into(), at: 5, address, with, text: "x \"y\"".into(), state };
            assert_eq!(read_json(&item.to_json()), Some(item));
        }
        assert_eq!(read_json::<Outgoing>(r#"{"client_id":"c"}"#), None);
    }
}
