//! The outbox: texts and amendments that the person sent and the server has not acknowledged yet.

use crate::{
    command,
    protocol::{ClientFrame, EntryId, Fields, FromJson, Json, Place, RoomName, UserId, WireName, Writer, field},
};
use std::sync::Arc;

/// Capacity of the outbox. Beyond it a text stays in the composer with a warning.
pub const OUTBOX_MAX: usize = 500;

/// The state of a text in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutgoingState {
    /// The text waits for the connection or for its echo.
    Waiting,
    /// The text was refused with this sentence, and stays until the person sends it again or discards it.
    Failed(Arc<str>),
}

/// A text in the outbox, and as an adapter stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Identifier of the text, which its entry carries, too.
    pub client_id: Arc<str>,
    /// Time of typing in Unix milliseconds by the browser's clock, moved behind all other texts of the outbox if it is
    /// not later anyway.
    pub at: u64,
    /// Destination: a room or a conversation.
    pub place: Place,
    /// Name of the destination at the time of typing, which for a room is that of `place`.
    pub name: Arc<str>,
    /// Text as typed; empty for a deletion.
    pub text: Arc<str>,
    /// Entry that the text replaces, or that is deleted; `None` for a text of its own.
    pub target: Option<EntryId>,
    /// State of the text.
    pub state: OutgoingState,
}

impl FromJson for Outgoing {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        let mut fields = Fields::of(value);
        let log: Arc<str> = fields.take("room");
        let with: Option<UserId> = fields.take("with");
        let target: Option<EntryId> = fields.take("target");
        let made = Self {
            client_id: fields.take("client_id"),
            at: fields.take("at"),
            place: with.map_or_else(|| Place::Room(RoomName::told(&log)), Place::With),
            name: if with.is_some() { WireName::readable(&log).into() } else { Arc::clone(&log) },
            text: fields.take(text_field(target)),
            target,
            state: fields.take("state"),
        };
        fields.checked(made)
    }

    fn blank() -> Self {
        let (client_id, name, text) = Default::default();
        Self { client_id, at: 0, place: Place::Mentions, name, text, target: None, state: OutgoingState::Waiting }
    }
}

/// Returns the field of the text. That of an amendment has another name, so that a page of an earlier version does not
/// take it for a message.
const fn text_field(target: Option<EntryId>) -> &'static str {
    if target.is_some() { "new_text" } else { "text" }
}

impl FromJson for OutgoingState {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        match value.as_text() {
            Some(state) => (state == "waiting").then_some(Self::Waiting),
            None => field(value, "failed").map(Self::Failed),
        }
    }

    fn blank() -> Self {
        Self::Waiting
    }
}

impl Outgoing {
    /// Returns the JSON that is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Writer::default();
        json.texts(&[("client_id", &self.client_id), (text_field(self.target), &self.text)]);
        json.number("at", self.at);
        if let Some(target) = self.target {
            json.number("target", target);
        }
        if let Place::With(peer) = self.place {
            json.text("with", &peer.to_string());
            json.text("room", &WireName::with_number(peer, &self.name));
        } else {
            json.text("room", &self.name);
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

    /// Returns `true` if an entry is to be deleted.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.target.is_some() && self.text.is_empty()
    }

    /// Returns the destination for people: `#room` or `@name`.
    #[must_use]
    pub fn recipient(&self) -> String {
        let sign = if matches!(self.place, Place::With(_)) { "@" } else { "#" };
        [sign, &self.name].concat()
    }

    /// Returns the frame that sends the text. `peer` is the current name of the peer, if known; the frame also carries
    /// the peer's identifier, because names change hands.
    #[must_use]
    pub fn frame(&self, peer: Option<&Arc<str>>) -> ClientFrame {
        let (text, client_id) = (self.text.as_ref().to_owned(), Some(self.client_id.as_ref().to_owned()));
        if let Some(target) = self.target {
            let name = peer.unwrap_or(&self.name);
            let room = match self.place {
                Place::With(id) => WireName::with_number(id, name),
                Place::Room(_) | Place::Mentions => self.name.as_ref().to_owned(),
            };
            return match self.is_deletion() {
                true => ClientFrame::Delete { room, target, client_id },
                false => ClientFrame::Edit { room, target, text, client_id },
            };
        }
        match self.place {
            Place::With(id) => ClientFrame::Pm {
                to: peer.unwrap_or(&self.name).as_ref().to_owned(),
                user_id: Some(id),
                text: command::said(&text).as_ref().to_owned(),
                client_id,
            },
            Place::Room(_) | Place::Mentions => {
                ClientFrame::Message { room: self.name.as_ref().to_owned(), text, client_id }
            }
        }
    }
}

/// All texts that are not acknowledged, in the order of typing over all tabs of the person.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    items: Vec<Outgoing>,
}

impl Outbox {
    /// Appends a new text behind all others.
    pub(super) fn push(&mut self, mut item: Outgoing) -> Outgoing {
        if let Some(newest) = self.items.last() {
            item.at = item.at.max(newest.at + 1);
        }
        self.items.push(item.clone());
        item
    }

    /// Inserts or replaces a text of another tab or an earlier page, in the order of typing.
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

    /// Returns the next text to send.
    pub(super) fn next(&self) -> Option<&Outgoing> {
        self.items.iter().find(|item| item.state == OutgoingState::Waiting)
    }

    /// Removes a text that was stored or discarded.
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
        let room = (Place::Room(RoomName::general()), "general", OutgoingState::Waiting);
        let conversation = (Place::With(UserId(7)), "Bo", OutgoingState::Failed("No.".into()));
        for ((place, name, state), target) in [(room.clone(), None), (conversation, None), (room, Some(7))] {
            let (text, name) = ("x \"y\"".into(), name.into());
            let item = Outgoing { client_id: "c".into(), at: 5, place, name, text, target, state };
            assert_eq!(read_json(&item.to_json()), Some(item));
        }
        let without_number = r#"{"client_id":"c","room":"@Bo","text":"x","at":5,"with":"7","state":"waiting"}"#;
        let item: Outgoing = read_json(without_number).unwrap();
        assert_eq!((item.place, &*item.name), (Place::With(UserId(7)), "Bo"), "as an earlier version stored it");
        assert_eq!(read_json::<Outgoing>(r#"{"client_id":"c"}"#), None);
    }
}
