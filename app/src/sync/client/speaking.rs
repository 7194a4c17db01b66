//! What the person says, and how it gets to the server in the order in which it was typed.

use super::{Client, Effect, NOTICES_KEPT, Notice};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, ErrorCode, ErrorFrame, RoomName},
    sync::{Outgoing, OutgoingState},
};
use std::sync::Arc;

/// How often the server is told that the person goes on writing, in milliseconds: well within the lease.
const TYPING_EVERY_MS: u64 = 3_000;

impl Client {
    /// A text goes into the outbox, and so does what a command says; any other command is done at once or not at all.
    pub(super) fn say(&mut self, room: RoomName, text: Arc<str>, client_id: Arc<str>, effects: &mut Vec<Effect>) {
        self.told_typing_at = None;
        let command = command::parse(&text).and_then(Result::ok);
        let Some(command) = command.filter(|command| !command.is_said()) else {
            let item = Outgoing { client_id, room, text, state: OutgoingState::Waiting };
            if self.is_live() && !self.is_paced {
                effects.push(Effect::Send(item.frame()));
            }
            self.outbox.push(item);
            return;
        };
        if !self.is_live() && command != Command::Help {
            self.notify("There is no connection right now; nothing was done.");
            return;
        }
        let frame = match command {
            Command::Help => return self.notify(&command::help()),
            Command::Rooms => {
                self.wants.rooms = true;
                ClientFrame::GetRooms
            }
            Command::Users => {
                self.wants.users = true;
                ClientFrame::GetUsers { room: room.to_string() }
            }
            Command::Join { room } => {
                self.wants.room = true;
                ClientFrame::Join { room: room.to_owned() }
            }
            Command::Leave => ClientFrame::Leave { room: room.to_string() },
            Command::Nick { name } => ClientFrame::SetNick { name: name.to_owned() },
            // Said above.
            Command::Pm { .. } | Command::Me { .. } => return,
        };
        effects.push(Effect::Send(frame));
    }

    pub(super) fn discard(&mut self, client_id: &str, effects: &mut Vec<Effect>) {
        self.outbox.remove(client_id);
        self.settled(effects);
    }

    pub(super) fn retry(&mut self, client_id: &str, effects: &mut Vec<Effect>) {
        let sends = self.is_live() && !self.is_paced;
        if let Some(item) = self.outbox.get_mut(client_id) {
            item.state = OutgoingState::Waiting;
            if sends {
                effects.push(Effect::Send(item.frame()));
            }
        }
        self.settled(effects);
    }

    /// Sends what waits: all of it, or, when it goes out one by one, the first.
    pub(super) fn send_waiting(&mut self, effects: &mut Vec<Effect>) {
        self.is_paced &= self.outbox.waiting().next().is_some();
        let at_once = if self.is_paced { 1 } else { usize::MAX };
        effects.extend(self.outbox.waiting().take(at_once).map(|item| Effect::Send(item.frame())));
        self.under_way = self.outbox.waiting().next().map(|item| Arc::clone(&item.client_id));
    }

    /// A text may have arrived, or have been refused for good or given up: then the next one goes out.
    pub(super) fn settled(&mut self, effects: &mut Vec<Effect>) {
        let first = self.outbox.waiting().next().map(|item| &item.client_id);
        if self.is_paced && self.is_live() && self.resend_at.is_none() && first != self.under_way.as_ref() {
            self.send_waiting(effects);
        }
    }

    pub(super) fn tell_typing(&mut self, now: u64, typing: bool, effects: &mut Vec<Effect>) {
        let is_due = self.told_typing_at.is_none_or(|at| now >= at + TYPING_EVERY_MS);
        if !self.is_live() || (typing && !is_due) || (!typing && self.told_typing_at.is_none()) {
            return;
        }
        self.told_typing_at = typing.then_some(now);
        effects.push(Effect::Send(ClientFrame::Typing { room: self.room.to_string(), typing }));
    }

    /// A refusal of a text concerns that text; any other is for the person to read.
    pub(super) fn refused(&mut self, now: u64, error: ErrorFrame, effects: &mut Vec<Effect>) {
        self.wants.room = false;
        let item = error.client_id.as_deref().and_then(|client_id| self.outbox.get_mut(client_id));
        match (item, error.code) {
            (Some(_), ErrorCode::Unavailable | ErrorCode::RateLimited) => {
                // One by one from here on, so that nothing overtakes what was refused.
                self.is_paced = true;
                let at = now + error.retry_after_ms.unwrap_or(super::RETRY_MS);
                self.resend_at = Some(self.resend_at.map_or(at, |other| other.max(at)));
            }
            (Some(item), _) => {
                item.state = OutgoingState::Failed(error.message.into());
                self.settled(effects);
            }
            // The text is here by another way, or was given up.
            (None, _) if error.client_id.is_some() => {}
            // A page that was asked for was not given: which one is not said, so all are asked for again.
            (None, ErrorCode::Unavailable | ErrorCode::RateLimited) if !self.asked.is_empty() => {
                self.refill_at = Some(now + error.retry_after_ms.unwrap_or(super::RETRY_MS));
            }
            (None, _) => self.notify(&error.message),
        }
    }

    /// Shows the person a line.
    pub(super) fn notify(&mut self, text: &str) {
        if self.notices.len() == NOTICES_KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { number: self.next_notice, text: text.into() });
        self.next_notice += 1;
    }
}
