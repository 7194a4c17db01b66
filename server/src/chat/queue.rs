//! Queues of outgoing frames, and the memory that they take.
//!
//! A frame for several connections is encoded once and shared. A frame for one connection is encoded when that
//! connection sends it: until then its entries are shared with the cache, and no other connection waits for the
//! encoding.
//!
//! Invariants:
//! - frames that a connection causes for itself take at most [`OWN_BYTES`] and one frame more;
//! - frames that others cause for it take at most [`SHARED_BYTES`], so a connection that reads is not closed for what
//!   others do;
//! - the bytes of all queues are counted in a [`Budget`], each shared frame once. The end of a row of frames that a
//!   socket has begun to take, at most 16 KiB and a frame, is not counted.

mod budget;
mod line;
mod outlet;
mod size;

pub(super) use budget::Budget;
pub use budget::SharedFrames;
pub(super) use line::Flushes;
pub use outlet::{HEAD_MAX, Outlet, Written, put_text};

use app::protocol::{CloseCode, ServerFrame};
use line::{Line, Waiting};
use size::size;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::oneshot;
use tungstenite::Utf8Bytes;

/// Capacity of a queue for frames to one connection alone (answers and missed entries), in bytes: four pages of
/// history.
pub const OWN_BYTES: usize = 1024 * 1024;
/// Capacity of a queue for frames that others receive too, in bytes: five seconds of the busiest room that a home
/// connection of 25 Mbit/s can follow.
pub const SHARED_BYTES: usize = 16 * 1024 * 1024;
/// Size in bytes after which a batch of frames is flushed before more are taken.
const BATCH_BYTES: usize = 64 * 1024;
/// Overhead of a queued frame beside its text, in bytes.
const PLACE_BYTES: usize = 64;

/// The chat's end of a queue.
#[derive(Debug)]
pub(super) struct Queue {
    line: Arc<Line>,
    flushes: Arc<Flushes>,
    close: oneshot::Sender<CloseCode>,
}

impl Queue {
    /// Creates a queue: the chat's end, the connection's end, and the receiver of the close code.
    pub(super) fn new(budget: &Arc<Budget>, flushes: &Arc<Flushes>) -> (Self, Frames, oneshot::Receiver<CloseCode>) {
        let (close, closed) = oneshot::channel();
        let line = Arc::new(Line::new(budget));
        let frames = Frames { line: Arc::clone(&line), taken: VecDeque::new() };
        (Self { line, flushes: Arc::clone(flushes), close }, frames, closed)
    }

    /// Ends the handshake, whose size is unlimited: [`OWN_BYTES`] applies from here on.
    pub(super) fn end_handshake(&self) {
        self.line.end_handshake();
    }

    /// Queues a frame that others receive too. Returns `false` if the connection does not keep up.
    pub(super) fn push_shared(&self, frame: SharedFrames) -> bool {
        self.line.push(Waiting::Shared(frame), &self.flushes)
    }

    /// Queues a frame for this connection alone. Returns `false` if the connection does not read its answers.
    pub(super) fn push(&self, frame: Box<ServerFrame>) -> bool {
        let bytes = size(&frame);
        self.line.push(Waiting::Own(frame, bytes), &self.flushes)
    }

    /// See [`Line::bytes`].
    pub(super) fn bytes(&self) -> usize {
        self.line.bytes()
    }

    pub(super) fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }

    /// Closes the queue. Queued frames are sent before a [`CloseCode::GoingAway`] and dropped for other codes.
    pub(super) fn close(self, code: CloseCode) {
        self.line.close(code == CloseCode::GoingAway);
        // `send` fails if the connection's task has already ended.
        self.close.send(code).ok();
    }
}

/// The connection's end of a queue.
#[derive(Debug)]
pub struct Frames {
    line: Arc<Line>,
    /// Frames that were taken beyond the limit of the last call.
    taken: VecDeque<Utf8Bytes>,
}

impl Drop for Frames {
    /// Ends the line, so that a page that is being read for it waits no longer, and the socket is not held.
    fn drop(&mut self) {
        self.line.close(false);
    }
}

impl Frames {
    /// Lets frames for several connections be written through the connection's socket by any task.
    pub fn write_through(&self, outlet: Arc<dyn Outlet>) {
        self.line.write_through(outlet);
    }

    /// Leaves all writing to the connection's task until the next call of [`next`](Self::next), so that what it writes
    /// beside its frames does not have to compete for the socket.
    pub fn hold(&self) {
        self.line.hold();
    }

    /// Leaves all writing to the connection's task for good, because the close has begun: no frame may follow it.
    pub fn detach(&self) {
        self.line.detach();
    }

    /// Waits for something to write, and appends frames to `batch` in order: at most `limit` frames or some 64 KiB. None
    /// are appended if the outlet has to be flushed. Returns `false` if the queue is closed. The frames of the previous
    /// call count as written. This future is cancel safe.
    pub async fn next(&mut self, batch: &mut VecDeque<Utf8Bytes>, limit: usize) -> bool {
        while self.taken.is_empty() {
            let news = self.line.news.notified();
            let taken = self.line.take(limit, BATCH_BYTES);
            // A batch that is written flushes the outlet, too.
            let is_stuck = self.line.take_stuck();
            if is_stuck || !taken.is_empty() {
                self.taken.extend(self.line.encode(taken));
                break;
            }
            if self.line.is_closed() {
                return false;
            }
            news.await;
        }
        batch.extend(self.taken.drain(..limit.min(self.taken.len())));
        true
    }

    /// Returns all queued frames without waiting for more.
    pub fn rest(&mut self) -> Vec<Utf8Bytes> {
        let taken = self.line.take(usize::MAX, usize::MAX);
        let mut rest: Vec<_> = self.taken.drain(..).collect();
        rest.extend(self.line.encode(taken));
        rest
    }

    /// Returns `true` if the connection may ask for more, that is while less than half of [`OWN_BYTES`] is queued for
    /// it.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.line.has_room()
    }
}

#[cfg(test)]
mod tests;
