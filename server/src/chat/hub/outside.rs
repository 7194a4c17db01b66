//! The hub's journal and queues as the [`Outside`] of its host.

use super::Hub;
use crate::{
    chat::{
        host::{FrameQueue, Outside, PageRequest},
        queue::{Queue, SharedFrames},
    },
    journal::{Change, Journal, JournalError, Ticket},
};
use app::protocol::{CloseCode, ServerFrame};
use std::sync::{Arc, Weak};

/// Adapter between the host and the hub.
pub(super) struct Adapter {
    journal: Arc<dyn Journal>,
    hub: Weak<Hub>,
}

impl Adapter {
    pub(super) const fn new(journal: Arc<dyn Journal>, hub: Weak<Hub>) -> Self {
        Self { journal, hub }
    }
}

impl Outside for Adapter {
    type Queue = Queue;

    fn submit(&mut self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        self.journal.submit(ticket, change)
    }

    /// Reads a page in a task of its own, in the turn of the connection.
    fn read(&mut self, queue: &Queue, page: PageRequest) {
        let Some(hub) = self.hub.upgrade() else { return };
        let (line, PageRequest { connection, name, log, range, sender }) = (queue.line(), page);
        tokio::spawn(async move {
            let read = async {
                let page = hub.stored_page(sender, &log, range).await;
                hub.with(|host, now| host.page_read(now, connection, name, page));
            };
            line.in_turn(read).await
        });
    }
}

impl FrameQueue for Queue {
    fn push(&mut self, frame: Box<ServerFrame>) -> bool {
        Self::push(self, frame)
    }

    fn push_shared(&mut self, frames: &SharedFrames) -> bool {
        Self::push_shared(self, frames.clone())
    }

    fn end_handshake(&mut self) {
        Self::end_handshake(self);
    }

    fn bytes(&self) -> usize {
        Self::bytes(self)
    }

    fn close(self, code: CloseCode) {
        Self::close(self, code);
    }
}
