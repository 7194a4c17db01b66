//! The person's texts: sent once each, in the order of typing.
//!
//! Invariants:
//! - one text at a time is in flight, and the next one is sent when that is stored, refused for good or discarded, so
//!   no text can overtake another;
//! - of several tabs one sends. A tab in which the person writes claims that; the text in flight of the former sender
//!   is repeated first, and stored once by its `client_id`.

use super::{Client, Effect, JoinBefore, Preview, RETRY_MS};
use crate::{
    command::{self, Command, Reach},
    protocol::{ClientFrame, Entry, ErrorCode, ErrorFrame, Place, RoomName, limits::CLIENT_ID_MAX},
    sync::{
        input::{Answer, Refusal},
        outbox::{OUTBOX_MAX, Outgoing, OutgoingState},
    },
};
use std::sync::Arc;

/// Interval of typing notifications in milliseconds, well within the lease.
const TYPING_EVERY_MS: u64 = 3_000;

impl Client {
    /// Returns a sentence if a text cannot be accepted in the shown place right now; the composer then keeps it.
    #[must_use]
    pub fn cannot_take(&self, text: &str) -> Option<String> {
        let command = match command::parse(text).transpose() {
            Ok(command) => command,
            Err(error) => return Some(error.message),
        };
        self.cannot_do(&self.place, command.as_ref())
    }

    /// The same for a parsed command, or `None` for a plain text, in any place.
    pub(super) fn cannot_do(&self, place: &Place, command: Option<&Command<'_>>) -> Option<String> {
        let refusal = command.filter(|_| place.room().is_none()).and_then(Command::refusal_in_conversation);
        let reach = command.map_or(Reach::Place, Command::reach);
        match (refusal, reach, place) {
            (Some(reason), ..) => Some(reason.to_owned()),
            (None, Reach::Answer, _) if command == Some(&Command::Help) => None,
            (None, Reach::Answer, _) => self.cannot_command().map(ToOwned::to_owned),
            (None, Reach::Place, Place::Mentions) => Some("Nothing can be said here.".to_owned()),
            (None, Reach::Room | Reach::Place | Reach::Person, _) => (self.outbox.len() >= OUTBOX_MAX)
                .then(|| format!("{OUTBOX_MAX} messages are waiting to be sent. Try again when they are gone.")),
        }
    }

    /// Puts a text into the outbox, and so the text of a command that says something; any other command is executed at
    /// once or refused.
    pub(super) fn say(
        &mut self,
        now: u64,
        place: &Place,
        text: Arc<str>,
        client_id: Arc<str>,
        at: u64,
        effects: &mut Vec<Effect>,
    ) {
        let command = match command::parse(&text).transpose() {
            Ok(command) => command,
            Err(error) => return self.notices.warn(&error.message),
        };
        if let Some(reason) = self.cannot_do(place, command.as_ref()) {
            return self.notices.warn(&reason);
        }
        self.connection.told_typing_at = None;
        self.notices.begin_action();
        let room = || place.room().cloned().unwrap_or_else(RoomName::general);
        let here = (room().shared(), Place::Room(room()));
        let (name, to) = match command.as_ref().map_or(Reach::Place, Command::reach) {
            Reach::Answer => {
                if let Some(command) = &command {
                    self.run(room(), &text, command, client_id, effects);
                }
                return;
            }
            // The number alone identifies the peer, whatever the name.
            Reach::Place if matches!(place, Place::With(_)) => (self.name_of(place), place.clone()),
            // The server finds the peer of a private text. Until then it is shown where it was typed.
            Reach::Place | Reach::Room | Reach::Person => here,
        };
        let item = Outgoing { client_id, at, place: to, name, text, target: None, state: OutgoingState::Waiting };
        effects.push(Effect::Persist(self.outbox.push(item)));
        self.attention.set_divider(None);
        self.send_next(now, effects);
        self.claim(effects);
    }

    pub(super) fn retry(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) {
        if let Some(item) = self.outbox.get_mut(client_id) {
            item.state = OutgoingState::Waiting;
            effects.push(Effect::Persist(item.clone()));
        }
        self.send_next(now, effects);
        self.claim(effects);
    }

    /// Takes texts of another tab or an earlier page. Each may have been stored long ago.
    pub(super) fn kept(&mut self, now: u64, items: Vec<Outgoing>, effects: &mut Vec<Effect>) {
        for item in items {
            let client_id = &item.client_id;
            let is_it = |entry: &Arc<Entry>| entry.client_id.as_ref() == Some(client_id) && self.is_mine(entry);
            if self.logs.all.iter().flat_map(|log| log.timeline.entries()).any(is_it) {
                effects.push(Effect::Remove(item.client_id));
            } else {
                self.list_unsent(&item);
                self.outbox.put(item);
            }
        }
        self.send_next(now, effects);
    }

    pub(super) fn is_mine(&self, entry: &Entry) -> bool {
        entry.user_id.is_none_or(|author| author == self.user_id)
    }

    pub(super) fn may_send(&mut self, now: u64, may_send: bool, effects: &mut Vec<Effect>) {
        self.may_send = may_send;
        self.connection.in_flight = None;
        self.send_next(now, effects);
    }

    /// Claims the sending for this tab if a text waits.
    pub(super) fn claim(&self, effects: &mut Vec<Effect>) {
        if !self.may_send && self.outbox.next().is_some() {
            effects.push(Effect::ClaimSending);
        }
    }

    /// Removes a text that was stored or discarded. Returns `false` if it was not in the outbox.
    pub(super) fn remove_text(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) -> bool {
        let item = self.outbox.remove(client_id);
        let was_here = item.is_some();
        if let Some(item) = item {
            effects.push(Effect::Remove(item.client_id));
            self.send_next(now, effects);
        }
        was_here
    }

    /// Returns the number of refused texts in a place.
    pub(super) fn unsent(&self, place: &Place) -> usize {
        self.outgoing_to(place).filter(|item| item.state != OutgoingState::Waiting).count()
    }

    /// Lists the room or conversation of a refused text, so that the person can find it.
    fn list_unsent(&mut self, item: &Outgoing) {
        match &item.place {
            _ if item.state == OutgoingState::Waiting => {}
            // Mentions accept no texts.
            Place::Mentions => {}
            Place::Room(room) => {
                self.room_list.known(room);
            }
            Place::With(peer) => {
                let is_named = self.logs.get(&item.place).is_some_and(|log| log.peer.is_some());
                if !is_named {
                    self.logs.set_peer_name(*peer, Arc::clone(&item.name));
                }
            }
        }
    }

    /// Sends the next text, unless one is in flight.
    pub(super) fn send_next(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let still_waits = |outbox: &super::Outbox, client_id: &str| {
            outbox.iter().any(|item| &*item.client_id == client_id && item.state == OutgoingState::Waiting)
        };
        self.connection.in_flight =
            self.connection.in_flight.take().filter(|(client_id, _)| still_waits(&self.outbox, client_id));
        if !self.link.is_live()
            || !self.may_send
            || self.connection.in_flight.is_some()
            || self.connection.resend_at.is_some()
        {
            return;
        }
        if self.outbox.next().is_none() {
            self.connection.held_back = None;
        }
        if let Some(item) = self.outbox.next() {
            // A text in another room joins that room first.
            let joins = room_of(item).filter(|room| !self.room_list.is_member(room));
            self.connection.join_before = if joins.is_some() { JoinBefore::Sent } else { JoinBefore::No };
            effects
                .extend(joins.map(|room| Effect::Send(ClientFrame::Join { room: room.to_string(), client_id: None })));
            let peer = self.logs.get(&item.place).and_then(|log| log.peer.as_ref());
            effects.push(Effect::Send(item.frame(peer)));
            self.connection.in_flight = Some((Arc::clone(&item.client_id), now));
            self.expect_answer(now);
        }
    }

    pub(super) fn tell_typing(&mut self, now: u64, typing: bool, effects: &mut Vec<Effect>) {
        // Previewed rooms get no typing notifications.
        if self.place.room().is_some_and(|room| !self.room_list.is_member(room)) {
            return;
        }
        let is_due = self.connection.told_typing_at.is_none_or(|at| now >= at + TYPING_EVERY_MS);
        if !self.link.is_live() || (typing && !is_due) || (!typing && self.connection.told_typing_at.is_none()) {
            return;
        }
        self.connection.told_typing_at = typing.then_some(now);
        effects.extend(self.typing_frame(typing));
    }

    /// Returns the typing notification for the shown place.
    pub(super) fn typing_frame(&self, typing: bool) -> Option<Effect> {
        let room = self.logs.get(&self.place)?.wire_name()?;
        Some(Effect::Send(ClientFrame::Typing { room, typing }))
    }

    /// Handles a refusal: under a `client_id` it concerns that command or text, otherwise a request of the page itself.
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
        // The text was acknowledged in another way, or discarded.
        let Some(item) = self.outbox.get_mut(client_id) else {
            return;
        };
        let held_back = match error.code {
            code @ (ErrorCode::Unavailable | ErrorCode::RateLimited) => Some((retry_at(now, error), code)),
            // The join before the text was refused for now.
            ErrorCode::NotInRoom => match std::mem::replace(&mut self.connection.join_before, JoinBefore::No) {
                JoinBefore::Refused(at, code) => Some((at, code)),
                JoinBefore::No | JoinBefore::Sent => None,
            },
            _ => None,
        };
        if let Some((at, code)) = held_back {
            self.connection.in_flight = None;
            self.connection.resend_at = Some(at);
            self.connection.held_back = Some(code);
            return;
        }
        if error.code == ErrorCode::ClientIdUsed && item.client_id.len() < CLIENT_ID_MAX {
            return self.send_under_another_client_id(now, client_id, effects);
        }
        if error.code == ErrorCode::NoSuchEntry && item.is_deletion() {
            self.remove_text(now, client_id, effects);
            return;
        }
        item.state = OutgoingState::Failed(error.message.as_str().into());
        let item = item.clone();
        effects.push(Effect::Persist(item.clone()));
        self.list_unsent(&item);
        if item.target.is_none() && command::is_command(&item.text) {
            let client_id = Arc::clone(&item.client_id);
            effects.push(Effect::Answered(Answer { client_id, refusal: Some(Refusal::from(error)) }));
        } else if item.place != self.place {
            let what = match item.target {
                None => "Your message to",
                Some(_) if item.is_deletion() => "Your deletion in",
                Some(_) => "Your edit in",
            };
            self.notices.warn(&format!("{what} {} was not sent. {}", item.recipient(), error.message));
        }
        self.send_next(now, effects);
    }

    /// Sends a text under a new `client_id` if another text of the person is stored under its own.
    fn send_under_another_client_id(&mut self, now: u64, client_id: &str, effects: &mut Vec<Effect>) {
        let Some(item) = self.outbox.remove(client_id) else {
            return;
        };
        let again = Outgoing { client_id: [client_id, "+"].concat().into(), ..item.clone() };
        // The new one is stored first: a page that is closed between the two effects still has the text.
        effects.push(Effect::Persist(again.clone()));
        effects.push(Effect::Remove(item.client_id));
        self.outbox.put(again);
        self.send_next(now, effects);
    }

    /// Schedules all pending requests of the page again, because a refusal without a `client_id` does not say what it
    /// refuses.
    fn frame_refused(&mut self, now: u64, error: &ErrorFrame) {
        if matches!(error.code, ErrorCode::Unavailable | ErrorCode::RateLimited) {
            let again_at = retry_at(now, error);
            self.logs.forget_answered();
            if !self.logs.asked.is_empty() {
                self.connection.refill_at = Some(again_at);
            }
            if self.connection.preview == Preview::Asked {
                self.connection.preview = Preview::AgainAt(again_at);
            }
            if self.connection.join_before != JoinBefore::No {
                self.connection.join_before = JoinBefore::Refused(again_at, error.code);
            }
            if self.connection.awaits_rooms || !self.connection.awaits_users.is_empty() || self.awaits_log() {
                self.connection.list_again_at = Some(again_at);
            }
            self.tell_reads_again();
            // Typing notifications are repeated anyway.
            return;
        }
        // A lost membership makes typing notifications and read marks fail, which needs no warning.
        if error.code != ErrorCode::NotInRoom {
            self.notices.warn(&error.message);
        }
    }
}

fn retry_at(now: u64, error: &ErrorFrame) -> u64 {
    now + error.retry_after_ms.unwrap_or(RETRY_MS)
}

/// Returns the room in which a text is said, or `None` for a private one.
fn room_of(item: &Outgoing) -> Option<RoomName> {
    let is_heard_there = item.target.is_none() && matches!(command::reach(&item.text), Reach::Room | Reach::Place);
    item.place.room().filter(|_| is_heard_there).cloned()
}
