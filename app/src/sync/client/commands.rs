//! Commands that are no messages. Each is sent once under a `client_id` and answered under it, so that the page can show
//! the outcome where the command was typed.
//!
//! Invariant: every command that was sent is answered, by the server or by the loss of the connection.

use super::{Client, Effect};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, ErrorFrame, RoomName},
    sync::{
        Place,
        input::{Answer, Refusal},
    },
};
use std::sync::Arc;

/// Most commands that may wait for their answer at once.
pub const COMMANDS_MAX: usize = 16;

/// A command that was sent and is not answered yet.
#[derive(Debug, Clone)]
pub(super) struct Given {
    client_id: Arc<str>,
    wants: Wants,
}

/// What a frame that comes before the answer is for the person because of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wants {
    Nothing,
    /// The list of all rooms.
    Rooms,
    /// Who is in this room.
    Users(RoomName),
    /// That this room was left.
    Leave(RoomName),
}

impl Client {
    /// Does what a command says.
    pub(super) fn run(
        &mut self,
        room: &RoomName,
        text: &str,
        command: Command<'_>,
        client_id: Arc<str>,
        effects: &mut Vec<Effect>,
    ) {
        if let Command::Help = command {
            self.succeeded();
            self.tell(&command::help());
            return effects.push(Effect::Answered(Answer { client_id, refusal: None }));
        }
        let wants = match command {
            Command::Rooms => Wants::Rooms,
            Command::Users => Wants::Users(room.clone()),
            Command::Leave => Wants::Leave(room.clone()),
            _ => Wants::Nothing,
        };
        let mark = Some(client_id.to_string());
        self.commands.push(Given { client_id, wants });
        effects.push(Effect::Send(ClientFrame::Message {
            room: room.to_string(),
            text: text.to_owned(),
            client_id: mark,
        }));
    }

    /// The server has done what a command said; `joined` is the room that this leads to.
    pub(super) fn done(&mut self, client_id: &str, joined: Option<RoomName>, effects: &mut Vec<Effect>) {
        let is_own = self.answer(client_id, None, effects);
        if let Some(room) = joined.filter(|_| is_own) {
            self.show(Place::Room(room), true, effects);
        }
    }

    /// Whether a command wants this. Each is answered once.
    pub(super) fn is_wanted(&mut self, wants: &Wants) -> bool {
        let given = self.commands.iter_mut().find(|given| given.wants == *wants);
        given.map(|given| given.wants = Wants::Nothing).is_some()
    }

    /// Whether a refusal is the answer to a command, which hears it then.
    pub(super) fn refuses_command(&mut self, error: &ErrorFrame, effects: &mut Vec<Effect>) -> bool {
        let Some(client_id) = error.client_id.as_deref() else {
            return false;
        };
        self.answer(client_id, Some(Refusal::from(error)), effects)
    }

    /// The connection is gone, and with it all answers. The commands may have been done all the same.
    pub(super) fn no_answers(&mut self, effects: &mut Vec<Effect>) {
        for Given { client_id, .. } in std::mem::take(&mut self.commands) {
            let reason = "You went offline before this was done. Try again when you're back.".into();
            effects.push(Effect::Answered(Answer { client_id, refusal: Some(Refusal { reason, suggestion: None }) }));
        }
    }

    fn answer(&mut self, client_id: &str, refusal: Option<Refusal>, effects: &mut Vec<Effect>) -> bool {
        let Some(at) = self.commands.iter().position(|given| *given.client_id == *client_id) else {
            return false;
        };
        if refusal.is_none() {
            self.succeeded();
        }
        effects.push(Effect::Answered(Answer { client_id: self.commands.remove(at).client_id, refusal }));
        true
    }
}

impl From<&ErrorFrame> for Refusal {
    fn from(error: &ErrorFrame) -> Self {
        Self { reason: error.message.as_str().into(), suggestion: error.suggestion.clone() }
    }
}
