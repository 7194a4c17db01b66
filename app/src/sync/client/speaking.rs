//! What the person says, and how it gets to the server once and in the order in which it was typed.
//!
//! Invariants:
//! - one text at a time is under way, and the next one goes out when the one before is stored, refused for good or given
//!   up: so nothing can overtake anything;
//! - of several tabs one sends. A tab that the person writes in claims that; what the one before had under way is sent
//!   again, first, and stored once by its mark.

use super::{COMMANDS_MAX, Client, Effect, Joins, RETRY_MS};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, Entry, ErrorCode, ErrorFrame, RoomName},
    sync::{
        Place,
        input::{Answer, Refusal},
        outbox::{OUTBOX_MAX, Outgoing, OutgoingState},
    },
};
use std::sync::Arc;

/// How often the server is told that the person goes on writing, in milliseconds: well within the lease.
const TYPING_EVERY_MS: u64 = 3_000;

impl Client {
    /// Why a text cannot be taken right now in the shown place, as a sentence; who typed it keeps it.
    #[must_use]
    pub fn cannot_take(&self, text: &str) -> Option<String> {
        let is_conversation = self.place.room().is_none();
        let command = match command::parse(text) {
            Some(Err(error)) => return Some(error.to_string()),
            Some(Ok(command)) => Some(command),
            None => None,
        };
        if let Some(reason) = command.and_then(|command| command.refusal_in_conversation()).filter(|_| is_conversation)
        {
            return Some(reason.to_owned());
        }
        match command {
            Some(Command::Help) => None,
            Some(command) if !command.is_said() && !self.is_live() => {
                Some("You're offline. Try again when you're back.".to_owned())
            }
            Some(command) if !command.is_said() => {
                (self.commands.len() >= COMMANDS_MAX).then(|| "Too much at once. Try again in a moment.".to_owned())
            }
            _ => (self.outbox.len() >= OUTBOX_MAX)
                .then(|| format!("{OUTBOX_MAX} messages are waiting to be sent. Try again when they are gone.")),
        }
    }

    /// A text goes into the outbox, and so does what a command says; any other command is done at once or not at all.
    pub(super) fn say(
        &mut self,
        now: u64,
        place: &Place,
        text: Arc<str>,
        client_id: Arc<str>,
        at: u64,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(reason) = self.cannot_take(&text) {
            return self.warn(&reason);
        }
        self.told_typing_at = None;
        // A command is a command in a conversation too, but what is sent there is said as it is.
        let (room, with) = match place {
            Place::Room(room) => (room.clone(), None),
            Place::With(peer) => (RoomName::general(), Some(*peer)),
        };
        let command = command::parse(&text).and_then(Result::ok);
        if let Some(command) = command.filter(|command| !command.is_said()) {
            return self.run(&room, &text, command, client_id, effects);
        }
        let with = with.filter(|_| command.is_none());
        let address = with.and_then(|_| self.log(place)?.address()).map_or_else(|| room.shared(), Into::into);
        let item = Outgoing { client_id, at, address, with, text, state: OutgoingState::Waiting };
        effects.push(Effect::Keep(self.outbox.push(item)));
        self.divider = None;
        self.send_next(now, effects);
        self.claim(effects);
    }

    pub(super) fn retry(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) {
        if let Some(item) = self.outbox.get_mut(client_id) {
            item.state = OutgoingState::Waiting;
            effects.push(Effect::Keep(item.clone()));
        }
        self.send_next(now, effects);
        self.claim(effects);
    }

    /// Another tab, or an earlier page, has texts on their way. Each may have arrived long since.
    pub(super) fn kept(&mut self, now: u64, items: Vec<Outgoing>, effects: &mut Vec<Effect>) {
        for item in items {
            let mark = &item.client_id;
            let is_it = |entry: &Arc<Entry>| entry.client_id.as_ref() == Some(mark) && self.is_mine(entry);
            if self.logs.iter().flat_map(|log| log.timeline.entries()).any(is_it) {
                effects.push(Effect::LetGo(item.client_id));
            } else {
                self.outbox.put(item);
            }
        }
        self.send_next(now, effects);
    }

    pub(super) fn not_kept(&mut self) {
        if !std::mem::replace(&mut self.told_not_kept, true) {
            self.warn("This browser keeps nothing: what is not sent yet is lost when you close the page.");
        }
    }

    pub(super) fn is_mine(&self, entry: &Entry) -> bool {
        entry.user_id.is_none_or(|author| author == self.user_id)
    }

    pub(super) fn may_send(&mut self, now: u64, may_send: bool, effects: &mut Vec<Effect>) {
        self.may_send = may_send;
        self.under_way = None;
        self.send_next(now, effects);
    }

    /// Sees to it that what waits is sent from here.
    pub(super) fn claim(&self, effects: &mut Vec<Effect>) {
        if !self.may_send && self.outbox.next().is_some() {
            effects.push(Effect::ClaimSending);
        }
    }

    /// A text is stored, or the person gives it up.
    pub(super) fn let_go(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) {
        if let Some(item) = self.outbox.remove(client_id) {
            effects.push(Effect::LetGo(item.client_id));
            self.send_next(now, effects);
        }
    }

    /// Sends the text that is next, unless one is under way.
    pub(super) fn send_next(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let still_waits = |outbox: &super::Outbox, mark: &str| {
            outbox.iter().any(|item| &*item.client_id == mark && item.state == OutgoingState::Waiting)
        };
        self.under_way = self.under_way.take().filter(|(mark, _)| still_waits(&self.outbox, mark));
        if !self.is_live() || !self.may_send || self.under_way.is_some() || self.resend_at.is_some() {
            return;
        }
        if let Some(item) = self.outbox.next() {
            let peer = self.log(&item.place()).and_then(|log| log.peer.as_ref());
            effects.push(Effect::Send(item.frame(peer)));
            self.under_way = Some((Arc::clone(&item.client_id), now));
            self.expect_answer(now);
        }
    }

    pub(super) fn tell_typing(&mut self, now: u64, typing: bool, effects: &mut Vec<Effect>) {
        // In a conversation nobody is told.
        let Place::Room(room) = &self.place else {
            return;
        };
        let is_due = self.told_typing_at.is_none_or(|at| now >= at + TYPING_EVERY_MS);
        if !self.is_live() || (typing && !is_due) || (!typing && self.told_typing_at.is_none()) {
            return;
        }
        self.told_typing_at = typing.then_some(now);
        effects.push(Effect::Send(ClientFrame::Typing { room: room.to_string(), typing }));
    }

    /// A refusal of a text concerns that text; any other is for the person to read.
    pub(super) fn refused(&mut self, now: u64, error: &ErrorFrame, effects: &mut Vec<Effect>) {
        if self.refuses_command(error, effects) {
            return;
        }
        let again_at = now + error.retry_after_ms.unwrap_or(RETRY_MS);
        let item = error.client_id.as_deref().and_then(|client_id| self.outbox.get_mut(client_id));
        match (item, error.code) {
            (Some(_), ErrorCode::Unavailable | ErrorCode::RateLimited) => {
                self.under_way = None;
                self.resend_at = Some(again_at);
            }
            (Some(item), _) => {
                let (client_id, is_command) = (Arc::clone(&item.client_id), command::parse(&item.text).is_some());
                item.state = OutgoingState::Failed(error.message.as_str().into());
                effects.push(Effect::Keep(item.clone()));
                if is_command {
                    let refusal = Some(Refusal::from(error));
                    effects.push(Effect::Answered(Answer { client_id, refusal }));
                }
                self.send_next(now, effects);
            }
            // The text is here by another way, or was given up.
            (None, _) if error.client_id.is_some() => {}
            // Which of the things that have no mark was refused is not said: all that the page does by itself are done
            // again.
            (None, ErrorCode::Unavailable | ErrorCode::RateLimited) => {
                self.forget_answered();
                let asks = !self.asked.is_empty();
                if asks {
                    self.refill_at = Some(again_at);
                }
                let joins = self.joins != Joins::No;
                if joins {
                    self.joins = Joins::AgainAt(again_at);
                }
                // What else a page says by itself, that somebody writes or has read, it says again in its time.
            }
            (None, _) => {
                self.warn(&error.message);
                // A room that the person may not join can be read all the same. Any other refusal is of something else.
                let is_of_join = matches!(error.code, ErrorCode::BadRoom | ErrorCode::TooManyRooms);
                if is_of_join && std::mem::replace(&mut self.joins, Joins::No) == Joins::Asked {
                    self.ask_for_newest(effects);
                }
            }
        }
    }
}
