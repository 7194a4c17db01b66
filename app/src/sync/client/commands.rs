//! Commands that are no messages. Each is sent once under a `client_id` and answered under it, so that the page can show
//! the outcome where the command was typed.
//!
//! Invariant: every command that was sent is answered, by the server or by the loss of the connection.

use super::{Client, Effect};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, ErrorFrame, RoomName},
    sync::input::{Answer, Refusal},
};
use std::sync::Arc;

/// Most commands that may wait for their answer at once.
pub const COMMANDS_MAX: usize = 16;

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
        match command {
            Command::Help => {
                self.succeeded();
                self.tell(&command::help());
                return effects.push(Effect::Answered(Answer { client_id, refusal: None }));
            }
            Command::Rooms => self.wants.rooms = true,
            Command::Users => self.wants.users = Some(room.clone()),
            Command::Join { room } => self.wants.room = RoomName::parse(room).ok(),
            Command::Leave => self.wants.leave = Some(room.clone()),
            Command::Nick { .. } | Command::Pm { .. } | Command::Me { .. } => {}
        }
        let mark = Some(client_id.to_string());
        self.commands.push(client_id);
        effects.push(Effect::Send(ClientFrame::Message {
            room: room.to_string(),
            text: text.to_owned(),
            client_id: mark,
        }));
    }

    /// The server has done what a command said.
    pub(super) fn done(&mut self, client_id: &str, effects: &mut Vec<Effect>) {
        self.answer(client_id, None, effects);
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
        for client_id in std::mem::take(&mut self.commands) {
            let reason = "You went offline before this was done. Try again when you're back.".into();
            effects.push(Effect::Answered(Answer { client_id, refusal: Some(Refusal { reason, suggestion: None }) }));
        }
    }

    fn answer(&mut self, client_id: &str, refusal: Option<Refusal>, effects: &mut Vec<Effect>) -> bool {
        let Some(at) = self.commands.iter().position(|mark| **mark == *client_id) else {
            return false;
        };
        match &refusal {
            Some(_) => self.wants = super::Wants::default(),
            None => self.succeeded(),
        }
        effects.push(Effect::Answered(Answer { client_id: self.commands.remove(at), refusal }));
        true
    }
}

impl From<&ErrorFrame> for Refusal {
    fn from(error: &ErrorFrame) -> Self {
        Self { reason: error.message.as_str().into(), suggestion: error.suggestion.clone() }
    }
}
