//! The subscription of one connection to the chat.

use super::{ConnectionId, Hub, Need};
use crate::chat::queue::Frames;
use app::protocol::{ClientFrame, CloseCode};
use futures::{FutureExt, future::BoxFuture};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A connected user's frames. Dropping the subscription disconnects it.
#[derive(Debug)]
pub struct Subscription {
    id: ConnectionId,
    hub: Arc<Hub>,
    /// Frames to send, in order.
    pub frames: Frames,
    /// Resolves with the close code when the chat closes the connection.
    pub closed: oneshot::Receiver<CloseCode>,
}

impl Subscription {
    pub(super) const fn new(
        id: ConnectionId,
        hub: Arc<Hub>,
        frames: Frames,
        closed: oneshot::Receiver<CloseCode>,
    ) -> Self {
        Self { id, hub, frames, closed }
    }

    /// Handles a frame of this connection; a stopping server ignores it. If entries must be loaded first, the returned
    /// future handles the frame, and the caller must complete it before it passes the next one.
    #[must_use]
    pub fn frame(&self, frame: ClientFrame) -> Option<BoxFuture<'static, ()>> {
        let (hub, id) = (&self.hub, self.id);
        if Need::Frame(id, &frame).is_any()
            && hub.with(|host, now| host.call(now, |chat| chat.has_to_read(now, id, &frame)))
        {
            return Some(Arc::clone(hub).frame_when_ready(id, frame).boxed());
        }
        hub.with(|host, now| host.frame(now, id, frame));
        None
    }

    /// See [`Chat::reads_lists`](crate::chat::Chat::reads_lists).
    pub fn reads_lists(&self) {
        self.hub.with(|host, now| host.call(now, |chat| chat.reads_lists(self.id)));
    }

    /// Answers input that is not a valid frame with an error frame.
    pub fn bad_frame(&self, reason: String) {
        self.hub.with(|host, now| host.call(now, |chat| chat.bad_frame(now, self.id, reason)));
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.with(|host, now| host.disconnect(now, self.id));
    }
}

impl Hub {
    async fn frame_when_ready(self: Arc<Self>, connection: ConnectionId, frame: ClientFrame) {
        let address = self.ask(|chat| chat.address(connection));
        match self.ready(address, Need::Frame(connection, &frame)).await {
            Ok(()) => self.with(|host, now| host.frame(now, connection, frame)),
            Err(error) => {
                error.log_reading();
                self.with(|host, now| host.call(now, |chat| chat.unreadable(now, connection, &frame, &error)));
            }
        }
    }
}
