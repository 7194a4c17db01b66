//! The outside of a simulated process's host: queues of frames and changes, and pages to read.

use crate::situations::{Situation, reached};
use app::protocol::{CloseCode, ServerFrame};
use natter_server::{
    chat::{ConnectionId, FrameQueue, Outside, PageRequest, SharedFrames},
    journal::{Change, JournalError, QUEUE, Ticket},
};
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::Sender,
    },
};

/// A connection that the host has closed.
pub(crate) type ClosedConnection = (ConnectionId, CloseCode);

/// The queued frames of a connection.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) connection: ConnectionId,
    pub(super) waiting: VecDeque<String>,
    /// Capacity of the queue, in frames.
    pub(super) capacity: Arc<AtomicUsize>,
    pub(super) closed: Sender<ClosedConnection>,
}

impl Frames {
    fn add(&mut self, frame: String) -> bool {
        self.waiting.push_back(frame);
        self.waiting.len() <= self.capacity.load(Ordering::Relaxed)
    }
}

impl FrameQueue for Frames {
    fn push(&mut self, frame: Box<ServerFrame>) -> bool {
        self.add(encoded(&frame))
    }

    fn push_shared(&mut self, frames: &SharedFrames) -> bool {
        frames.texts().iter().all(|text| self.add(text.as_str().to_owned()))
    }

    fn bytes(&self) -> usize {
        self.waiting.iter().map(String::len).sum()
    }

    fn close(self, code: CloseCode) {
        if code == CloseCode::TooSlow {
            reached(Situation::TooSlow);
        }
        // The receiver is gone with its process.
        self.closed.send((self.connection, code)).ok();
    }
}

/// Pending work outside of the host.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) changes: VecDeque<(Ticket, Change)>,
    pub(super) reads: Vec<PageRequest>,
}

impl Outside for Waiting {
    type Queue = Frames;

    fn submit(&mut self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        if self.changes.len() >= QUEUE {
            return Err(JournalError::Busy);
        }
        self.changes.push_back((ticket, change));
        Ok(())
    }

    fn read(&mut self, _: &Frames, page: PageRequest) {
        self.reads.push(page);
    }
}

/// Encodes a frame.
pub(super) fn encoded(frame: &ServerFrame) -> String {
    serde_json::to_string(frame).unwrap_or_default()
}
