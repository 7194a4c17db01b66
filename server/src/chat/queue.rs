//! The frames that wait for a connection, and how much of them the server holds.
//!
//! A frame that several connections are sent is encoded once and shared. A frame for one connection alone is encoded when
//! that connection sends it: until then its entries are those of the cache, and nobody waits for its encoding.
//!
//! Invariants:
//! - what a connection makes wait for itself is at most [`OWN_BYTES`] and one frame;
//! - what others make wait for it is at most [`SHARED_BYTES`], so a connection that reads is not closed for what they do;
//! - what waits for all connections together is counted in a [`Budget`], each shared frame once.

use app::protocol::{CloseCode, Entry, ServerFrame, UserInfo};
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{Notify, oneshot};
use tungstenite::Utf8Bytes;

/// Bytes that may wait for a connection of frames that it alone is sent: answers, and what it missed. Four pages of
/// history fit.
pub const OWN_BYTES: usize = 1024 * 1024;
/// Bytes that may wait for a connection of frames that others are sent too: five seconds of the busiest room that a home
/// connection can follow at all, 25 Mbit/s.
pub const SHARED_BYTES: usize = 16 * 1024 * 1024;
/// Bytes after which a batch of frames is written out before more are taken from the queue.
const BATCH_BYTES: usize = 64 * 1024;
/// What a frame in a queue costs beside its text, in bytes.
const PLACE_BYTES: usize = 64;

/// How many bytes wait for all connections together, and how many may.
#[derive(Debug)]
pub(super) struct Budget {
    held: AtomicUsize,
    most: usize,
}

impl Budget {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { held: AtomicUsize::new(0), most })
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.held() > self.most
    }

    fn add(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A frame that was encoded for several connections. The budget has it until the last of them has taken it.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Held>);

#[derive(Debug)]
struct Held {
    text: Utf8Bytes,
    budget: Arc<Budget>,
}

impl Shared {
    pub(super) fn new(text: Utf8Bytes, budget: &Arc<Budget>) -> Self {
        budget.add(text.len());
        Self(Arc::new(Held { text, budget: Arc::clone(budget) }))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.remove(self.text.len());
    }
}

/// A frame in a queue.
#[derive(Debug)]
enum Waiting {
    Shared(Shared),
    /// With the bytes that it takes until it is encoded.
    Own(Box<ServerFrame>, usize),
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Waiting>,
    own: usize,
    shared: usize,
    /// Bytes that were taken last and are being written.
    in_flight: usize,
    /// See [`OWN_BYTES`]. The greeting may be as long as it is.
    own_most: usize,
    is_closed: bool,
}

/// What both ends of a queue have in common.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
    /// Something waits, or the queue is closed.
    news: Notify,
    /// Something was taken.
    taken: Notify,
    /// Held by whoever reads a page for this connection: one at a time does.
    reading: tokio::sync::Mutex<()>,
    budget: Arc<Budget>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a frame in; `false` when the connection does not keep up with what it is sent.
    fn push(&self, frame: Waiting) -> bool {
        let mut state = self.state();
        // A connection that is just going by itself takes nothing more, and that is no fault.
        if state.is_closed {
            return true;
        }
        match &frame {
            Waiting::Shared(Shared(held)) => {
                if state.shared >= SHARED_BYTES {
                    return false;
                }
                state.shared += held.text.len() + PLACE_BYTES;
                self.budget.add(PLACE_BYTES);
            }
            Waiting::Own(_, bytes) => {
                if state.own >= state.own_most {
                    return false;
                }
                state.own += bytes;
                self.budget.add(*bytes);
            }
        }
        state.frames.push_back(frame);
        drop(state);
        self.news.notify_one();
        true
    }

    /// Takes what a batch has room for, at least one frame if any waits. What was taken before is out by now.
    fn take(&self, limit: usize, bytes: usize) -> Vec<Waiting> {
        let mut state = self.state();
        let written = mem::take(&mut state.in_flight);
        self.budget.remove(written);
        let (mut taken, mut size) = (Vec::new(), 0);
        while taken.len() < limit
            && size < bytes
            && let Some(frame) = state.frames.pop_front()
        {
            match &frame {
                Waiting::Shared(Shared(held)) => {
                    state.shared -= held.text.len() + PLACE_BYTES;
                    self.budget.remove(PLACE_BYTES);
                    size += held.text.len();
                }
                Waiting::Own(_, own) => {
                    state.own -= own;
                    self.budget.remove(*own);
                    size += own;
                }
            }
            taken.push(frame);
        }
        drop(state);
        self.taken.notify_one();
        taken
    }

    fn encode(&self, frames: Vec<Waiting>) -> Vec<Utf8Bytes> {
        let encode = |frame| match frame {
            Waiting::Shared(Shared(held)) => held.text.clone(),
            Waiting::Own(frame, _) => super::effect::encode(&frame),
        };
        let frames: Vec<_> = frames.into_iter().map(encode).collect();
        let bytes = frames.iter().map(|frame| frame.len()).sum();
        self.budget.add(bytes);
        self.state().in_flight += bytes;
        frames
    }

    /// How much waits for the connection or is being written to it.
    fn bytes(&self) -> usize {
        let state = self.state();
        state.own + state.shared + state.in_flight
    }

    /// Whether the connection has read most of what it asked for.
    fn has_room(&self) -> bool {
        self.state().own < OWN_BYTES / 2
    }

    fn close(&self, is_kept: bool) {
        let mut state = self.state();
        state.is_closed = true;
        if !is_kept {
            let frames = mem::take(&mut state.frames);
            let shared = frames.iter().filter(|frame| matches!(frame, Waiting::Shared(_))).count();
            // What is being written is dropped as soon as its task hears of the close.
            let gone = mem::take(&mut state.own) + mem::take(&mut state.in_flight) + shared * PLACE_BYTES;
            state.shared = 0;
            self.budget.remove(gone);
        }
        drop(state);
        self.news.notify_one();
        self.taken.notify_one();
    }

    /// Does something for the connection that makes an answer wait, such as to read a page: one at a time, and not before
    /// most of what it asked for earlier is read. `None` when the connection is gone.
    pub(super) async fn in_turn<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let _turn = self.reading.lock().await;
        loop {
            let taken = self.taken.notified();
            if self.state().is_closed {
                return None;
            }
            if self.has_room() {
                break;
            }
            taken.await;
        }
        Some(work.await)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.close(false);
    }
}

/// The chat's end.
#[derive(Debug)]
pub(super) struct Queue {
    line: Arc<Line>,
    close: oneshot::Sender<CloseCode>,
}

impl Queue {
    /// A queue, its other end, and what tells that end of the close.
    pub(super) fn new(budget: &Arc<Budget>) -> (Self, Frames, oneshot::Receiver<CloseCode>) {
        let (close, closed) = oneshot::channel();
        let state =
            State { frames: VecDeque::new(), own: 0, shared: 0, in_flight: 0, own_most: usize::MAX, is_closed: false };
        let line = Arc::new(Line {
            state: Mutex::new(state),
            news: Notify::new(),
            taken: Notify::new(),
            reading: tokio::sync::Mutex::new(()),
            budget: Arc::clone(budget),
        });
        (Self { line: Arc::clone(&line), close }, Frames { line }, closed)
    }

    /// The greeting is in the queue; from here on [`OWN_BYTES`] hold.
    pub(super) fn is_greeted(&self) {
        self.line.state().own_most = OWN_BYTES;
    }

    /// Puts a frame in that others are sent too; `false` when the connection does not keep up.
    pub(super) fn push_shared(&self, frame: Shared) -> bool {
        self.line.push(Waiting::Shared(frame))
    }

    /// Puts a frame in for this connection alone; `false` when it does not read what it asked for.
    pub(super) fn push(&self, frame: Box<ServerFrame>) -> bool {
        let bytes = size(&frame);
        self.line.push(Waiting::Own(frame, bytes))
    }

    /// See [`Line::bytes`].
    pub(super) fn bytes(&self) -> usize {
        self.line.bytes()
    }

    pub(super) fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }

    /// Closes the queue. What waits in it is sent before a [`CloseCode::GoingAway`] and dropped otherwise.
    pub(super) fn close(self, code: CloseCode) {
        self.line.close(code == CloseCode::GoingAway);
        // Nobody waits for it when the connection is just going by itself.
        self.close.send(code).ok();
    }
}

/// The connection's end: what waits, in order.
#[derive(Debug)]
pub struct Frames {
    line: Arc<Line>,
}

impl Frames {
    /// The next frames to send, in order, at least one and at most `limit` or some 64 KiB of them, into `batch`; none when
    /// the connection is to be closed. Those of the call before count as sent. Nothing is lost when this is dropped
    /// before it is done.
    pub async fn next(&mut self, batch: &mut VecDeque<Utf8Bytes>, limit: usize) -> usize {
        loop {
            let news = self.line.news.notified();
            let taken = self.line.take(limit, BATCH_BYTES);
            if !taken.is_empty() {
                let frames = self.line.encode(taken);
                let count = frames.len();
                batch.extend(frames);
                return count;
            }
            if self.line.state().is_closed {
                return 0;
            }
            news.await;
        }
    }

    /// Everything that waits, without waiting for more.
    pub fn rest(&mut self) -> Vec<Utf8Bytes> {
        let taken = self.line.take(usize::MAX, usize::MAX);
        self.line.encode(taken)
    }

    /// Whether the connection may ask for more: not while half of [`OWN_BYTES`] wait for it already.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.line.has_room()
    }
}

/// Bytes of memory that a frame takes until it is encoded.
fn size(frame: &ServerFrame) -> usize {
    let entries = |entries: &[Entry]| entries.iter().map(|entry| 200 + entry.text.len()).sum::<usize>();
    let users = |users: &[UserInfo]| users.len() * (size_of::<UserInfo>() + 48);
    let listed = |listed: &Option<Vec<UserInfo>>| listed.as_deref().map_or(0, users);
    PLACE_BYTES
        + size_of::<ServerFrame>()
        + match frame {
            ServerFrame::Connected(connected) => connected.rooms.len() * 32,
            ServerFrame::Resumed(resumed) => {
                let missed = resumed.missed_messages.iter().map(|(_, missed)| entries(missed)).sum::<usize>();
                let private = resumed.missed_pms.iter().map(|(_, missed)| entries(missed)).sum::<usize>();
                let lists = resumed.rooms.len() + resumed.heads.len() + resumed.conversations.len() * 2;
                missed + private + 32 * (lists + resumed.read.len() + resumed.unread.len())
            }
            ServerFrame::Joined(joined) => entries(&joined.history) + listed(&joined.users),
            ServerFrame::Preview(preview) => entries(&preview.history) + listed(&preview.users) + users(&preview.away),
            ServerFrame::History(history) => entries(&history.messages),
            ServerFrame::Mentions { mentions } => {
                mentions.iter().map(|mention| 232 + mention.entry.text.len()).sum::<usize>()
            }
            ServerFrame::RoomList { rooms, .. } => rooms.len() * 32,
            ServerFrame::UserList(list) => users(&list.users) + users(&list.away),
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => line.text.len(),
            ServerFrame::System(line) => line.text.len(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests;
