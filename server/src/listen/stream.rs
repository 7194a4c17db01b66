//! A connection's stream that fails when the other side takes too long: the adapter between [`Deadlines`], tokio's
//! clock and a socket.

use super::{
    counters::Counters,
    deadlines::{Deadlines, Overdue, Patience},
    places::Place,
};
use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// The response to a request whose head is late. A client that sent nothing gets none, because browsers open
/// connections in advance.
const TOO_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The deadlines of a connection, shared by its stream and its handlers.
#[derive(Debug, Clone)]
pub struct Watch(Arc<Mutex<Watched>>);

#[derive(Debug)]
struct Watched {
    deadlines: Deadlines,
    /// Task that waits for the socket without a deadline.
    waiting: Option<Waker>,
}

impl Watch {
    pub(super) fn new(patience: Patience) -> Self {
        Self(Arc::new(Mutex::new(Watched { deadlines: Deadlines::new(Instant::now(), patience), waiting: None })))
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn asked(&self) {
        self.watched().deadlines.asked();
    }

    pub(super) fn upgraded(&self) {
        self.watched().deadlines.upgraded();
    }

    /// Records the end of a response and wakes the waiting task, because there is a deadline now; hyper would not read
    /// again before there is something to read.
    pub(super) fn answered(&self) {
        let mut watched = self.watched();
        watched.deadlines.answered(Instant::now());
        if let Some(waiting) = watched.waiting.take() {
            waiting.wake();
        }
    }

    /// Records if the received bytes of a WebSocket end within a message, which then has a deadline.
    pub fn within_message(&self, is_within: bool) {
        self.watched().deadlines.within_message(Instant::now(), is_within);
    }
}

/// The count of a connection, from its accept to the drop of its stream.
#[derive(Debug)]
pub(super) struct Counted {
    counters: Arc<Counters>,
    _place: Place,
}

impl Counted {
    pub(super) fn new(counters: Arc<Counters>, place: Place) -> Self {
        counters.accepted();
        Self { counters, _place: place }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counters.closed();
    }
}

/// The stream. See the [module](self).
#[derive(Debug)]
pub(crate) struct Timely<S> {
    stream: S,
    watch: Watch,
    counted: Counted,
    /// Created at the first wait.
    timer: Option<Pin<Box<Sleep>>>,
    /// `true` while the other side does not take what the stream has in its own buffer.
    is_flushing: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Timely<S> {
    pub(super) const fn new(stream: S, watch: Watch, counted: Counted) -> Self {
        Self { stream, watch, counted, timer: None, is_flushing: false }
    }

    /// Replaces the stream under the deadlines. The second value is returned.
    pub(crate) fn map<T, V>(self, split: impl FnOnce(S) -> (T, V)) -> (Timely<T>, V) {
        let Self { stream, watch, counted, timer, is_flushing } = self;
        let (stream, value) = split(stream);
        (Timely { stream, watch, counted, timer, is_flushing }, value)
    }

    /// Handles a pending socket: returns an error once a deadline has passed, and else schedules a wake-up at the next
    /// one.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let mut watched = self.watch.watched();
        let Some((at, overdue)) = watched.deadlines.next() else {
            watched.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        };
        drop(watched);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        ready!(timer.as_mut().poll(cx));
        self.counted.counters.overdue(overdue);
        if overdue == Overdue::Message {
            self.watch.watched().deadlines.gave_up_message();
        }
        if overdue == Overdue::Head {
            // A single write suffices: the new stream's buffer is empty.
            drop(Pin::new(&mut self.stream).poll_write(cx, TOO_LATE));
        }
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, overdue.name()))
    }

    /// Records the result of a write and returns it.
    fn wrote<T>(&mut self, result: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.watch.watched().deadlines.sent(Instant::now());
            return result;
        }
        self.watch.watched().deadlines.stalled(Instant::now());
        self.wait(cx).map(Err)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Timely<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_pending() {
            return self.wait(cx).map(Err);
        }
        if buf.filled().len() > before {
            self.watch.watched().deadlines.received(Instant::now());
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Timely<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // A stream without a buffer of its own is always flushed, which says nothing about the other side.
        if flushed.is_pending() || mem::take(&mut self.is_flushing) {
            self.is_flushing = flushed.is_pending();
            return self.wrote(flushed, cx);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
