//! What a person sent and the server has not yet acknowledged.

use crate::protocol::{ClientFrame, RoomName};
use std::sync::Arc;

/// How far a text has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutgoingState {
    /// Waits for the connection, or for its echo.
    Waiting,
    /// Was refused; the sentence says why. It stays until the person sends it again or discards it.
    Failed(Arc<str>),
}

/// A text on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The mark by which its entry is known.
    pub client_id: Arc<str>,
    /// Where it goes.
    pub room: RoomName,
    /// The text as it was typed.
    pub text: Arc<str>,
    /// How far it has come.
    pub state: OutgoingState,
}

impl Outgoing {
    /// The frame that sends it.
    #[must_use]
    pub fn frame(&self) -> ClientFrame {
        ClientFrame::Message {
            room: self.room.to_string(),
            text: self.text.as_ref().to_owned(),
            client_id: Some(self.client_id.as_ref().to_owned()),
        }
    }
}

/// Everything that is on its way, in the order in which it was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    items: Vec<Outgoing>,
}

impl Outbox {
    pub(super) fn push(&mut self, item: Outgoing) {
        self.items.push(item);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.items.iter()
    }

    /// The texts that are to be sent when the connection is there.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Outgoing> {
        self.items.iter().filter(|item| item.state == OutgoingState::Waiting)
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
