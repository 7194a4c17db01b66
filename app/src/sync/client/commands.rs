//! Commands with an answer. Each is sent once under a `client_id` and answered under it, so that the page can show the
//! outcome where the command was typed.
//!
//! Invariant: every command that was sent is answered, by the server or by the loss of the connection.

use super::{Client, Effect};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, ErrorFrame, Place, RoomName},
    sync::input::{Answer, Order, Refusal},
};
use std::sync::Arc;

/// Upper bound of the commands that wait for their answer.
pub const COMMANDS_MAX: usize = 16;

/// A command without an answer so far.
#[derive(Debug, Clone)]
pub(super) struct Given {
    client_id: Arc<str>,
    awaits: PendingReply,
}

/// The frame that shows the result of a command and comes before its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PendingReply {
    Nothing,
    /// The list of all rooms.
    Rooms,
    /// The list of members of this room.
    Users(RoomName),
    /// The `left` of this room.
    Leave(RoomName),
}

impl Client {
    /// Returns a sentence if no command can be sent now.
    #[must_use]
    pub fn cannot_command(&self) -> Option<&'static str> {
        match (self.link.is_live(), self.connection.commands.len() < COMMANDS_MAX) {
            (false, _) => Some("You're offline. Try again when you're back."),
            (true, false) => Some("Too much at once. Try again in a moment."),
            (true, true) => None,
        }
    }

    /// Executes a command with an answer that was typed in `room`. Callers have refused commands about a room that were
    /// typed in a conversation.
    pub(super) fn run(
        &mut self,
        room: RoomName,
        text: &str,
        command: &Command<'_>,
        client_id: Arc<str>,
        effects: &mut Vec<Effect>,
    ) {
        if *command == Command::Help {
            self.notices.succeeded();
            self.notices.tell(&command::help());
            return effects.push(Effect::Answered(Answer { client_id, refusal: None }));
        }
        let frame = ClientFrame::Message {
            room: room.to_string(),
            text: text.to_owned(),
            client_id: Some(client_id.to_string()),
        };
        let awaits = match command {
            Command::Rooms => PendingReply::Rooms,
            Command::Users => PendingReply::Users(room),
            Command::Leave => PendingReply::Leave(room),
            Command::Help | Command::Join { .. } | Command::Nick { .. } | Command::Say(_) => PendingReply::Nothing,
        };
        self.give(client_id, awaits, frame, effects);
    }

    /// Executes a command of a button or a form.
    pub(super) fn order(&mut self, order: Order, client_id: Arc<str>, effects: &mut Vec<Effect>) {
        if let Some(reason) = self.cannot_command() {
            return self.notices.warn(reason);
        }
        let sent_id = Some(client_id.to_string());
        let mut awaits = PendingReply::Nothing;
        let frame = match order {
            Order::Join(room) => ClientFrame::Join { room, client_id: sent_id },
            Order::Nick(name) => ClientFrame::SetNick { name, client_id: sent_id },
            Order::Leave => {
                // A conversation has no such button.
                let Some(room) = self.place.room() else { return };
                awaits = PendingReply::Leave(room.clone());
                ClientFrame::Leave { room: room.to_string(), client_id: sent_id }
            }
        };
        self.notices.begin_action();
        self.give(client_id, awaits, frame, effects);
    }

    fn give(&mut self, client_id: Arc<str>, awaits: PendingReply, frame: ClientFrame, effects: &mut Vec<Effect>) {
        self.connection.commands.push(Given { client_id, awaits });
        effects.push(Effect::Send(frame));
    }

    /// Handles `done`; `joined` is the room to open.
    pub(super) fn done(&mut self, client_id: &str, joined: Option<RoomName>, effects: &mut Vec<Effect>) {
        let is_own = self.answer(client_id, None, effects);
        if let Some(room) = joined.filter(|_| is_own) {
            self.show(Place::Room(room), true, effects);
        }
    }

    /// Returns `true` if a command waits for this frame, once for each command.
    pub(super) fn is_awaited(&mut self, awaits: &PendingReply) -> bool {
        let given = self.connection.commands.iter_mut().find(|given| given.awaits == *awaits);
        given.map(|given| given.awaits = PendingReply::Nothing).is_some()
    }

    /// Returns `true` if a refusal answers a command, which is then reported.
    pub(super) fn refuses_command(&mut self, error: &ErrorFrame, effects: &mut Vec<Effect>) -> bool {
        let Some(client_id) = error.client_id.as_deref() else {
            return false;
        };
        self.answer(client_id, Some(Refusal::from(error)), effects)
    }

    fn answer(&mut self, client_id: &str, refusal: Option<Refusal>, effects: &mut Vec<Effect>) -> bool {
        let Some(at) = self.connection.commands.iter().position(|given| *given.client_id == *client_id) else {
            return false;
        };
        if refusal.is_none() {
            self.notices.succeeded();
        }
        effects.push(Effect::Answered(Answer { client_id: self.connection.commands.remove(at).client_id, refusal }));
        true
    }
}

/// Answers all pending commands when the connection is lost. They may have been executed nevertheless.
pub(super) fn no_answers(commands: Vec<Given>, effects: &mut Vec<Effect>) {
    for Given { client_id, .. } in commands {
        let reason = "You went offline before this was done. Try again when you're back.".into();
        effects.push(Effect::Answered(Answer { client_id, refusal: Some(Refusal { reason, suggestion: None }) }));
    }
}

impl From<&ErrorFrame> for Refusal {
    fn from(error: &ErrorFrame) -> Self {
        Self { reason: error.message.as_str().into(), suggestion: error.suggestion.clone() }
    }
}
