//! What the person says, and how it gets to the server once and in the order in which it was typed.
//!
//! Invariants:
//! - one text at a time is under way, and the next one goes out when the one before is stored, refused for good or given
//!   up: so nothing can overtake anything;
//! - of several tabs one sends. A tab that the person writes in claims that; what the one before had under way is sent
//!   again, first, and stored once by its mark.

use super::{COMMANDS_MAX, Client, Effect, JoinBefore, Preview, RETRY_MS, places::is_member};
use crate::{
    command::{self, Command},
    protocol::{ClientFrame, Entry, ErrorCode, ErrorFrame, RoomName, limits::CLIENT_ID_MAX, peer_segment},
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
        self.first_unread_notice = self.next_notice;
        // A command is a command in a conversation too, but what is sent there is said as it is.
        let (room, with) = match place {
            Place::Room(room) => (room.clone(), None),
            Place::With(peer) => (RoomName::general(), Some(*peer)),
            Place::Mentions => (RoomName::general(), None),
        };
        let command = command::parse(&text).and_then(Result::ok);
        if let Some(command) = command.filter(|command| !command.is_said()) {
            return self.run(&room, &text, command, client_id, effects);
        }
        let with = with.filter(|_| command.is_none());
        let address = match with {
            // Whoever it is: the number alone says to whom it goes.
            Some(peer) => ["@", &peer_segment(peer, &self.name_of(place))].concat().into(),
            None => room.shared(),
        };
        let item = Outgoing { client_id, at, address, with, text, state: OutgoingState::Waiting };
        effects.push(Effect::Keep(self.outbox.push(item)));
        self.set_divider(None);
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
                self.list_unsent(&item);
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

    /// A text is stored, or the person gives it up; `false` when it was not on its way.
    pub(super) fn let_go(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) -> bool {
        let item = self.outbox.remove(client_id);
        let was_here = item.is_some();
        if let Some(item) = item {
            effects.push(Effect::LetGo(item.client_id));
            self.send_next(now, effects);
        }
        was_here
    }

    /// How many texts were refused in a place and wait for the person's decision.
    pub(super) fn unsent(&self, place: &Place) -> usize {
        self.outgoing_to(place).filter(|item| item.state != OutgoingState::Waiting).count()
    }

    /// Sees to it that a refused text can be found: its room or conversation is listed.
    fn list_unsent(&mut self, item: &Outgoing) {
        match item.place() {
            _ if item.state == OutgoingState::Waiting => {}
            // Nothing is said there.
            Place::Mentions => {}
            Place::Room(room) => {
                self.known(&room);
            }
            Place::With(peer) => {
                let is_named = self.log(&Place::With(peer)).is_some_and(|log| log.peer.is_some());
                if !is_named {
                    self.call(peer, item.peer_name().into());
                }
            }
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
        if self.outbox.next().is_none() {
            self.held_back = None;
        }
        if let Some(item) = self.outbox.next() {
            // Who writes in a room joins it by that.
            let joins = room_of(item).filter(|room| !is_member(&self.rooms, room));
            self.join_before = if joins.is_some() { JoinBefore::Sent } else { JoinBefore::No };
            effects.extend(joins.map(|room| Effect::Send(ClientFrame::Join { room: room.to_string() })));
            let peer = self.log(&item.place()).and_then(|log| log.peer.as_ref());
            effects.push(Effect::Send(item.frame(peer)));
            self.under_way = Some((Arc::clone(&item.client_id), now));
            self.expect_answer(now);
        }
    }

    pub(super) fn tell_typing(&mut self, now: u64, typing: bool, effects: &mut Vec<Effect>) {
        // In a room that the person is not in nobody is told.
        if self.place.room().is_some_and(|room| !is_member(&self.rooms, room)) {
            return;
        }
        let is_due = self.told_typing_at.is_none_or(|at| now >= at + TYPING_EVERY_MS);
        if !self.is_live() || (typing && !is_due) || (!typing && self.told_typing_at.is_none()) {
            return;
        }
        self.told_typing_at = typing.then_some(now);
        effects.extend(self.typing_frame(typing));
    }

    /// The frame that says whether the person is writing in the shown place.
    pub(super) fn typing_frame(&self, typing: bool) -> Option<Effect> {
        let room = self.log(&self.place)?.address()?;
        Some(Effect::Send(ClientFrame::Typing { room, typing }))
    }

    /// A refusal under a mark concerns that command or text; any other, what the page asked for by itself.
    pub(super) fn refused(&mut self, now: u64, error: &ErrorFrame, effects: &mut Vec<Effect>) {
        if self.refuses_command(error, effects) {
            return;
        }
        match error.client_id.as_deref() {
            Some(client_id) => self.text_refused(now, client_id, error, effects),
            None => self.frame_refused(now, error),
        }
    }

    fn text_refused(&mut self, now: u64, client_id: &str, error: &ErrorFrame, effects: &mut Vec<Effect>) {
        // A text that is not on its way is here by another way, or was given up.
        let Some(item) = self.outbox.get_mut(client_id) else {
            return;
        };
        let held_back = match error.code {
            code @ (ErrorCode::Unavailable | ErrorCode::RateLimited) => Some((retry_at(now, error), code)),
            // The join before it was refused, and for now only.
            ErrorCode::NotInRoom => match std::mem::replace(&mut self.join_before, JoinBefore::No) {
                JoinBefore::Refused(at, code) => Some((at, code)),
                JoinBefore::No | JoinBefore::Sent => None,
            },
            _ => None,
        };
        if let Some((at, code)) = held_back {
            self.under_way = None;
            self.resend_at = Some(at);
            self.held_back = Some(code);
            return;
        }
        if error.code == ErrorCode::ClientIdUsed && item.client_id.len() < CLIENT_ID_MAX {
            return self.send_under_another_mark(now, client_id, effects);
        }
        item.state = OutgoingState::Failed(error.message.as_str().into());
        let item = item.clone();
        effects.push(Effect::Keep(item.clone()));
        self.list_unsent(&item);
        if command::parse(&item.text).is_some() {
            let client_id = Arc::clone(&item.client_id);
            effects.push(Effect::Answered(Answer { client_id, refusal: Some(Refusal::from(error)) }));
        } else if item.place() != self.place {
            self.warn(&format!("Your message to {} was not sent. {}", item.recipient(), error.message));
        }
        self.send_next(now, effects);
    }

    /// Another text of the person is stored under the mark of this one, and none of this one.
    fn send_under_another_mark(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) {
        let Some(item) = self.outbox.remove(client_id) else {
            return;
        };
        let again = Outgoing { client_id: [client_id, "+"].concat().into(), ..item.clone() };
        // First the new one: a page that is closed between the two still has the text.
        effects.push(Effect::Keep(again.clone()));
        effects.push(Effect::LetGo(item.client_id));
        self.outbox.put(again);
        self.send_next(now, effects);
    }

    /// A refusal without a mark does not say what it refuses, so everything that the page does by itself is done again.
    fn frame_refused(&mut self, now: u64, error: &ErrorFrame) {
        if matches!(error.code, ErrorCode::Unavailable | ErrorCode::RateLimited) {
            let again_at = retry_at(now, error);
            self.forget_answered();
            if !self.asked.is_empty() {
                self.refill_at = Some(again_at);
            }
            if self.preview == Preview::Asked {
                self.preview = Preview::AgainAt(again_at);
            }
            if self.join_before != JoinBefore::No {
                self.join_before = JoinBefore::Refused(again_at, error.code);
            }
            if self.awaits_rooms || !self.awaits_users.is_empty() || self.awaits_log() {
                self.list_again_at = Some(again_at);
            }
            // What else a page says by itself, that somebody writes or has read, it says again in its time.
            return;
        }
        // That somebody writes or has read where they are no member any more is nothing to be told of.
        if error.code != ErrorCode::NotInRoom {
            self.warn(&error.message);
        }
    }
}

fn retry_at(now: u64, error: &ErrorFrame) -> u64 {
    now + error.retry_after_ms.unwrap_or(RETRY_MS)
}

/// The room in which a text is said; `None` for what is said to somebody alone.
fn room_of(item: &Outgoing) -> Option<RoomName> {
    let is_private = matches!(command::parse(&item.text), Some(Ok(Command::Pm { .. })));
    item.place().room().filter(|_| !is_private).cloned()
}
