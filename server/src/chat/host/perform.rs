//! Execution of the effects of the rules.

use super::{FrameQueue, Host, Outside, PageRequest};
use crate::{
    chat::{ConnectionId, Effect, Now, queue::SharedFrames},
    journal::{Change, JournalError, PROBE, Ticket},
};
use app::protocol::{CloseCode, ServerFrame};
use std::{mem, sync::Arc};
use tungstenite::Utf8Bytes;

/// Maximum number of frames in a row.
const ROW_FRAMES: usize = 64;
/// Size of a row in bytes beyond which it takes no further frame. A slow reader has ten seconds for one.
const ROW_BYTES: usize = 16 * 1024;

/// Frames in a row for the same receivers, which are queued together: the cost for each receiver is that of one frame.
#[derive(Debug)]
struct Row {
    to: Arc<[ConnectionId]>,
    frames: Vec<Utf8Bytes>,
    bytes: usize,
}

impl Default for Row {
    fn default() -> Self {
        Self { to: Arc::new([]), frames: Vec::new(), bytes: 0 }
    }
}

impl Row {
    fn takes(&self, to: &Arc<[ConnectionId]>) -> bool {
        Arc::ptr_eq(&self.to, to) && self.frames.len() < ROW_FRAMES && self.bytes < ROW_BYTES
    }
}

impl<O: Outside> Host<O> {
    pub(super) fn perform(&mut self, now: Now) {
        // An effect can cause others: a full queue disconnects its connection, and a full journal answers at once.
        loop {
            let effects = self.chat.take_effects();
            if effects.is_empty() && !self.close_largest() {
                break;
            }
            let mut row = Row::default();
            for effect in effects {
                self.carry_out(now, effect, &mut row);
            }
            self.send_row(&mut row);
        }
        self.probe(now);
    }

    fn carry_out(&mut self, now: Now, effect: Effect, row: &mut Row) {
        match effect {
            Effect::Broadcast { to, frame } => {
                if !row.takes(&to) {
                    self.send_row(row);
                    row.to = to;
                }
                row.bytes += frame.len();
                row.frames.push(frame);
            }
            Effect::Send { to, frame } => {
                self.send_row(row);
                self.send(to, frame);
            }
            // The row need not end for what follows, which puts nothing into a queue.
            Effect::Submit { ticket, change } => self.submit(now, ticket, change),
            Effect::Read { connection, name, log, range } => {
                if let Some(queue) = self.queues.get(&connection) {
                    let sender = self.chat.sender(connection);
                    self.outside.read(queue, PageRequest { connection, name, log, range, sender });
                }
            }
            Effect::Close { connection, code } => {
                self.send_row(row);
                self.close(connection, code);
            }
            Effect::Event(event) => self.events.push(&event),
            Effect::Reply { request, reply } => {
                if let Some(answering) = self.requests.remove(&request) {
                    answering(reply);
                }
            }
        }
    }

    fn submit(&mut self, now: Now, ticket: Ticket, change: Change) {
        if let Err(error) = self.outside.submit(ticket, change) {
            if error == JournalError::Closed {
                self.note(now, ticket, Some(&error));
            }
            self.chat.answered(now, ticket, Err(error));
        }
    }

    /// Submits a probe to a failed store if one is due.
    fn probe(&mut self, now: Now) {
        if !self.is_stopping
            && self.store_health.take_probe(now.elapsed_ms)
            && let Err(error) = self.outside.submit(PROBE, Change::Probe)
        {
            self.note(now, PROBE, Some(&error));
        }
    }

    /// Queues a frame. A connection whose queue is full is closed and resumes from its cursor, so nobody waits for it.
    fn send(&mut self, to: ConnectionId, frame: Box<ServerFrame>) {
        if self.queues.get_mut(&to).is_some_and(|queue| !queue.push(frame)) {
            self.close_slow(to);
        }
    }

    fn send_row(&mut self, row: &mut Row) {
        let Row { to, frames, .. } = mem::take(row);
        if frames.is_empty() {
            return;
        }
        let frames = SharedFrames::new(&frames, &self.budget);
        for to in to.iter() {
            if self.queues.get_mut(to).is_some_and(|queue| !queue.push_shared(&frames)) {
                self.close_slow(*to);
            }
        }
    }

    fn close_slow(&mut self, to: ConnectionId) {
        self.closed.too_slow += 1;
        self.close(to, CloseCode::TooSlow);
    }

    /// Closes the connection with the largest queue while all queues together exceed their budget. Returns `true` if
    /// one was closed.
    fn close_largest(&mut self) -> bool {
        if !self.budget.is_exceeded() {
            return false;
        }
        let sizes = self.queues.iter().map(|(connection, queue)| (queue.bytes(), *connection));
        let Some((_, connection)) = sizes.max().filter(|(bytes, _)| *bytes > 0) else {
            return false;
        };
        self.closed.for_memory += 1;
        self.close(connection, CloseCode::TooSlow);
        true
    }

    fn close(&mut self, connection: ConnectionId, code: CloseCode) {
        if let Some(queue) = self.queues.remove(&connection) {
            queue.close(code);
            self.chat.disconnect(connection);
        }
    }
}
