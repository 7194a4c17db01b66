//! The frames that wait for a connection: bounded in number and in bytes, so that who does not read costs so much and no
//! more.

use app::protocol::CloseCode;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};
use tungstenite::Utf8Bytes;

/// Frames that may wait for a connection. A connection that has as many waiting does not keep up and is closed.
pub const QUEUE: usize = 512;
/// Bytes of frames that may wait for a connection, in the same way. Frames to a whole room are shared, but pages of
/// history are its own: five pages of the longest texts.
pub const QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// The chat's end.
#[derive(Debug)]
pub(super) struct Queue {
    frames: mpsc::Sender<Utf8Bytes>,
    /// How many bytes wait.
    bytes: Arc<AtomicUsize>,
    close: oneshot::Sender<CloseCode>,
}

impl Queue {
    /// A queue, its other end, and what tells that end of the close.
    pub(super) fn new() -> (Self, Frames, oneshot::Receiver<CloseCode>) {
        let (frames, queue) = mpsc::channel(QUEUE);
        let (close, closed) = oneshot::channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        (Self { frames, bytes: Arc::clone(&bytes), close }, Frames { queue, bytes }, closed)
    }

    /// Puts a frame in; `false` when it is full, and the connection does not keep up.
    pub(super) fn push(&self, frame: Utf8Bytes) -> bool {
        let bytes = frame.len();
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // A single frame may be as large as it is.
        let fits = waiting <= QUEUE_BYTES || waiting == bytes;
        // A connection that is just going by itself takes nothing more, and that is no fault.
        let is_full = matches!(self.frames.try_send(frame), Err(mpsc::error::TrySendError::Full(_)));
        fits && !is_full
    }

    pub(super) fn close(self, code: CloseCode) {
        // Nobody waits for it when the connection is just going by itself.
        self.close.send(code).ok();
    }
}

/// The connection's end: what waits, in order.
#[derive(Debug)]
pub struct Frames {
    queue: mpsc::Receiver<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Frames {
    /// The next frames to send, in order, at least one and at most `limit`, into `batch`; none when the connection is
    /// to be closed. Nothing is lost when this is dropped before it is done.
    pub async fn next(&mut self, batch: &mut VecDeque<Utf8Bytes>, limit: usize) -> usize {
        let mut frames = Vec::new();
        let count = self.queue.recv_many(&mut frames, limit).await;
        self.took(&frames);
        batch.extend(frames);
        count
    }

    /// Everything that waits, without waiting for more.
    pub fn rest(&mut self) -> Vec<Utf8Bytes> {
        let rest: Vec<_> = std::iter::from_fn(|| self.queue.try_recv().ok()).collect();
        self.took(&rest);
        rest
    }

    fn took(&self, frames: &[Utf8Bytes]) {
        self.bytes.fetch_sub(frames.iter().map(|frame| frame.len()).sum(), Ordering::Relaxed);
    }
}
