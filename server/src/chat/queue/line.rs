//! A queue of frames between the chat and a connection, and the two ways out of it.
//!
//! Frames leave in the order in which they were queued, by two ways:
//! - the connection's task takes a batch, encodes it, and writes it; a slow socket makes nobody else wait;
//! - where the socket has an [`Outlet`], any task writes the shared frames at the front through it, without waking the
//!   connection's task. A fan-out costs one system call for each connection then, and nothing else.
//!
//! Invariant: nothing is written through the outlet while the connection's task has a batch, or the outlet holds the end
//! of a frame.

use super::{
    OWN_BYTES, PLACE_BYTES, SHARED_BYTES,
    budget::{Budget, SharedFrames},
    outlet::{Outlet, Written},
};
use app::protocol::ServerFrame;
use std::{
    collections::VecDeque,
    io::IoSlice,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use tungstenite::Utf8Bytes;

/// Maximum number of rows in one write through an outlet.
const FLUSHED_AT_ONCE: usize = 64;
/// Size of such a write in bytes beyond which it takes no further row. The connection's task writes what is left.
const FLUSHED_BYTES: usize = 256 * 1024;

/// A queued frame.
#[derive(Debug)]
pub(super) enum Waiting {
    Shared(SharedFrames),
    /// The frame and its estimated size in bytes before encoding.
    Own(Box<ServerFrame>, usize),
}

impl Waiting {
    fn bytes(&self) -> usize {
        match self {
            Self::Shared(frames) => frames.bytes().len(),
            Self::Own(_, bytes) => *bytes,
        }
    }
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Waiting>,
    own: usize,
    shared: usize,
    /// Bytes of the batch that is being written.
    in_flight: usize,
    /// Limit of `own` in bytes: unlimited for the handshake, then [`OWN_BYTES`].
    own_most: usize,
    is_closed: bool,
    /// The socket, if it takes frames from any task.
    outlet: Option<Arc<dyn Outlet>>,
    /// `true` from the time the connection's task takes a batch until the batch is written.
    is_writing: bool,
    /// `true` if the line waits in [`Flushes`].
    is_due: bool,
    /// `true` if the outlet holds the end of a frame, which the connection's task has to write.
    is_stuck: bool,
}

/// The state that both ends of a queue share.
#[derive(Debug)]
pub(in crate::chat) struct Line {
    state: Mutex<State>,
    /// Notified when the connection's task has something to write, or the queue is closed.
    pub(super) news: Notify,
    /// Notified when frames are taken.
    taken: Notify,
    /// Held while a page is read for this connection, so reads happen one at a time.
    reading: tokio::sync::Mutex<()>,
    budget: Arc<Budget>,
}

/// The lines whose shared frames are written once the chat's lock is free.
#[derive(Debug, Default)]
pub(in crate::chat) struct Flushes(Mutex<Vec<Arc<Line>>>);

impl Flushes {
    fn lines(&self) -> MutexGuard<'_, Vec<Arc<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes to up to `limit` sockets what they take at once, and leaves the rest to the connections' tasks. Returns
    /// `true` if further lines wait.
    pub(in crate::chat) fn run(&self, limit: usize) -> bool {
        let (lines, is_left) = {
            let mut lines = self.lines();
            let first = limit.min(lines.len());
            let rest = lines.split_off(first);
            let is_left = !rest.is_empty();
            (mem::replace(&mut *lines, rest), is_left)
        };
        lines.iter().for_each(|line| line.flush());
        is_left
    }
}

impl Line {
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        let state = State {
            frames: VecDeque::new(),
            own: 0,
            shared: 0,
            in_flight: 0,
            own_most: usize::MAX,
            is_closed: false,
            outlet: None,
            is_writing: false,
            is_due: false,
            is_stuck: false,
        };
        Self {
            state: Mutex::new(state),
            news: Notify::new(),
            taken: Notify::new(),
            reading: tokio::sync::Mutex::new(()),
            budget: Arc::clone(budget),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the handshake: from here on [`OWN_BYTES`] applies.
    pub(super) fn end_handshake(&self) {
        self.state().own_most = OWN_BYTES;
    }

    /// Lets shared frames be written through `outlet` by any task.
    pub(super) fn write_through(&self, outlet: Arc<dyn Outlet>) {
        self.state().outlet = Some(outlet);
    }

    /// Queues a frame. Returns `false` if the queue is full.
    pub(super) fn push(self: &Arc<Self>, frame: Waiting, flushes: &Flushes) -> bool {
        let mut state = self.state();
        // A connection that is closing ignores further frames, which is not an overflow.
        if state.is_closed {
            return true;
        }
        match &frame {
            Waiting::Shared(frame) => {
                if state.shared >= SHARED_BYTES {
                    return false;
                }
                state.shared += frame.bytes().len() + PLACE_BYTES;
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
        let is_shared = matches!(frame, Waiting::Shared(_));
        state.frames.push_back(frame);
        if !is_shared || state.outlet.is_none() {
            drop(state);
            self.news.notify_one();
        } else if !mem::replace(&mut state.is_due, true) {
            drop(state);
            flushes.lines().push(Arc::clone(self));
        }
        true
    }

    /// Writes the shared frames at the front through the outlet. Frames that the socket does not take, or that stand
    /// behind one that is not encoded yet, are left to the connection's task.
    fn flush(&self) {
        let mut state = self.state();
        state.is_due = false;
        // A task that writes comes back for the rest, and a closed connection's task takes it.
        if state.is_writing || state.is_closed {
            return;
        }
        let Some(outlet) = state.outlet.take() else { return };
        self.write(&mut state, &*outlet);
        state.outlet = Some(outlet);
        let is_left = state.is_stuck || !state.frames.is_empty();
        drop(state);
        if is_left {
            self.news.notify_one();
        }
    }

    /// Writes one group of shared frames, at most [`FLUSHED_AT_ONCE`] and some [`FLUSHED_BYTES`]: the chat's lock can
    /// wait for this one meanwhile.
    fn write(&self, state: &mut State, outlet: &dyn Outlet) {
        let mut group = [IoSlice::new(&[]); FLUSHED_AT_ONCE];
        let (mut count, mut bytes) = (0, 0);
        for (slice, frame) in group.iter_mut().zip(&state.frames) {
            let Waiting::Shared(frame) = frame else { break };
            if bytes >= FLUSHED_BYTES {
                break;
            }
            *slice = IoSlice::new(frame.bytes());
            bytes += frame.bytes().len();
            count += 1;
        }
        if count == 0 {
            return;
        }
        let Written { frames, is_whole } = outlet.write(&group[..count]);
        state.is_stuck |= !is_whole;
        for frame in state.frames.drain(..frames) {
            if let Waiting::Shared(frame) = frame {
                state.shared -= frame.bytes().len() + PLACE_BYTES;
                self.budget.remove(PLACE_BYTES);
            }
        }
    }

    /// Leaves all writing to the connection's task until its next batch.
    pub(super) fn hold(&self) {
        self.state().is_writing = true;
    }

    /// Leaves all writing to the connection's task for good.
    pub(super) fn detach(&self) {
        let outlet = self.state().outlet.take();
        drop(outlet);
    }

    /// Returns `true`, once, if the outlet holds the end of a frame.
    pub(super) fn take_stuck(&self) -> bool {
        mem::take(&mut self.state().is_stuck)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Takes up to `limit` frames or rows and `bytes` bytes, at least one of them if any is queued. A call implies that the
    /// batch before it was written.
    pub(super) fn take(&self, limit: usize, bytes: usize) -> Vec<Waiting> {
        let mut state = self.state();
        let written = mem::take(&mut state.in_flight);
        self.budget.remove(written);
        let (mut taken, mut size) = (Vec::new(), 0);
        while taken.len() < limit
            && let Some(frame) = state.frames.pop_front_if(|frame| size == 0 || size + frame.bytes() <= bytes)
        {
            size += frame.bytes();
            match &frame {
                Waiting::Shared(frame) => {
                    state.shared -= frame.bytes().len() + PLACE_BYTES;
                    self.budget.remove(PLACE_BYTES);
                }
                Waiting::Own(_, own) => {
                    state.own -= own;
                    self.budget.remove(*own);
                }
            }
            taken.push(frame);
        }
        state.is_writing = !taken.is_empty();
        drop(state);
        self.taken.notify_one();
        taken
    }

    pub(super) fn encode(&self, frames: Vec<Waiting>) -> Vec<Utf8Bytes> {
        let mut texts = Vec::with_capacity(frames.len());
        for frame in frames {
            match frame {
                Waiting::Shared(frames) => texts.extend_from_slice(frames.texts()),
                Waiting::Own(frame, _) => texts.push(crate::chat::effect::encode(&frame)),
            }
        }
        let bytes = texts.iter().map(|text| text.len()).sum();
        self.budget.add(bytes);
        self.state().in_flight += bytes;
        texts
    }

    /// Returns the bytes that are queued or being written.
    pub(super) fn bytes(&self) -> usize {
        let state = self.state();
        state.own + state.shared + state.in_flight
    }

    /// Returns `true` if less than half of [`OWN_BYTES`] is queued of the connection's own answers.
    pub(super) fn has_room(&self) -> bool {
        self.state().own < OWN_BYTES / 2
    }

    pub(super) fn close(&self, is_kept: bool) {
        let mut state = self.state();
        state.is_closed = true;
        // The socket closes with the connection's task, whoever still holds the line.
        let outlet = state.outlet.take();
        if !is_kept {
            let frames = mem::take(&mut state.frames);
            let shared = frames.iter().filter(|frame| matches!(frame, Waiting::Shared(_))).count();
            // The connection's task drops its batch when it sees the close.
            let gone = mem::take(&mut state.own) + mem::take(&mut state.in_flight) + shared * PLACE_BYTES;
            state.shared = 0;
            self.budget.remove(gone);
        }
        drop(state);
        drop(outlet);
        self.news.notify_one();
        self.taken.notify_one();
    }

    /// Runs work that will queue an answer for the connection, such as reading a page: one at a time, and only once
    /// most of the earlier answers are sent. Returns `None` if the connection is closed.
    pub(in crate::chat) async fn in_turn<T>(&self, work: impl Future<Output = T>) -> Option<T> {
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
