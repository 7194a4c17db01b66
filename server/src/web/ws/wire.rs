//! Streams that accept all bytes of a write or none, and a TCP stream of that kind whose writing end is shared by the
//! connection's task and the tasks of other connections.
//!
//! Invariant: the bytes of one writer are written to their end before those of another, so no frame is cut.

use crate::chat::{Outlet, Written};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// The writing end.
#[derive(Debug)]
pub(super) struct Wire(Mutex<WritingEnd>);

#[derive(Debug)]
struct WritingEnd {
    half: OwnedWriteHalf,
    unsent: Unsent,
}

/// Bytes that were accepted and that the stream did not take yet. An idle connection keeps no buffer for them.
#[derive(Debug, Default)]
struct Unsent {
    bytes: Vec<u8>,
    /// Number of bytes that the stream took.
    taken: usize,
}

impl Unsent {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Writes the accepted bytes.
    fn poll(&mut self, stream: &mut (impl AsyncWrite + Unpin), cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.taken < self.bytes.len() {
            let written = ready!(Pin::new(&mut *stream).poll_write(cx, &self.bytes[self.taken..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.taken += written;
        }
        *self = Self::default();
        Poll::Ready(Ok(()))
    }

    /// Accepts all bytes or none: a frame of which the caller kept a part could be cut by another writer.
    fn poll_write(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll(stream, cx))?;
        let written = ready!(Pin::new(stream).poll_write(cx, bytes))?;
        self.add(&bytes[written..]);
        Poll::Ready(Ok(bytes.len()))
    }
}

impl Wire {
    fn end(&self) -> MutexGuard<'_, WritingEnd> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Wire {
    /// See [`Outlet::write`]. An error counts as a full socket: the connection's task meets it and ends.
    fn write(&self, frames: &[IoSlice<'_>]) -> Written {
        let mut end = self.end();
        if !end.unsent.is_empty() {
            return Written { frames: 0, is_whole: true };
        }
        let written = match frames {
            // A system call for one buffer costs less.
            [frame] => end.half.try_write(frame),
            frames => end.half.try_write_vectored(frames),
        };
        let mut written = written.unwrap_or(0);
        for (number, frame) in frames.iter().enumerate() {
            match frame.get(written..) {
                Some(all) if all.len() == frame.len() => return Written { frames: number, is_whole: true },
                Some([]) | None => written -= frame.len(),
                Some(rest) => {
                    end.unsent.add(rest);
                    return Written { frames: number + 1, is_whole: false };
                }
            }
        }
        Written { frames: frames.len(), is_whole: true }
    }
}

/// The stream of the connection's task: the reading end, and a share of the writing end.
#[derive(Debug)]
pub(super) struct Wired {
    reading: OwnedReadHalf,
    wire: Arc<Wire>,
}

impl Wired {
    /// Splits a stream. The second value is the share for others.
    pub(super) fn split(stream: TcpStream) -> (Self, Arc<Wire>) {
        let (reading, half) = stream.into_split();
        let wire = Arc::new(Wire(Mutex::new(WritingEnd { half, unsent: Unsent::default() })));
        (Self { reading, wire: Arc::clone(&wire) }, wire)
    }
}

impl AsyncRead for Wired {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reading).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wired {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let WritingEnd { half, unsent } = &mut *self.wire.end();
        unsent.poll_write(half, cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let WritingEnd { half, unsent } = &mut *self.wire.end();
        unsent.poll(half, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let WritingEnd { half, unsent } = &mut *self.wire.end();
        ready!(unsent.poll(half, cx))?;
        Pin::new(half).poll_shutdown(cx)
    }
}

/// Any other stream, of which the connection's task has both ends.
#[derive(Debug)]
pub(super) struct Whole<S> {
    stream: S,
    unsent: Unsent,
}

impl<S> Whole<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, unsent: Unsent::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Whole<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Whole<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, unsent } = &mut *self;
        unsent.poll_write(stream, cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, unsent } = &mut *self;
        ready!(unsent.poll(stream, cx))?;
        Pin::new(stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, unsent } = &mut *self;
        ready!(unsent.poll(stream, cx))?;
        Pin::new(stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    async fn pair() -> (Wired, Arc<Wire>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, wire) = Wired::split(listener.accept().await.unwrap().0);
        (stream, wire, client)
    }

    /// Writes frames of one letter each until the socket is full. Returns the number of bytes that were taken, the ends
    /// of frames included.
    fn fill(wire: &Wire, letter: u8) -> usize {
        let frame = [letter; 100_000];
        let mut frames = 0;
        loop {
            let written = wire.write(&[IoSlice::new(&frame), IoSlice::new(&frame)]);
            frames += written.frames;
            if !written.is_whole || written.frames < 2 {
                return frames * frame.len();
            }
        }
    }

    #[tokio::test]
    async fn a_frame_that_was_begun_ends_before_the_next_writer_begins() {
        let (mut stream, wire, mut client) = pair().await;
        // A new socket does not know yet that it can be written.
        stream.write_all(b"a").await.unwrap();
        let of_others = 1 + fill(&wire, b'a');
        let none = Written { frames: 0, is_whole: true };
        assert_eq!(wire.write(&[IoSlice::new(b"b")]), none, "the socket is full");
        let own = tokio::spawn(async move {
            stream.write_all(&[b'c'; 1_000_000]).await.unwrap();
            stream.flush().await.unwrap();
            stream.shutdown().await.unwrap();
            stream
        });
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        assert_eq!(read.len(), of_others + 1_000_000);
        assert!(read[..of_others].iter().all(|byte| *byte == b'a'));
        assert!(read[of_others..].iter().all(|byte| *byte == b'c'));
        drop(own.await.unwrap());
    }

    #[tokio::test]
    async fn a_client_that_left_ends_the_task_and_not_the_writer() {
        let (mut stream, wire, client) = pair().await;
        stream.write_all(b"a").await.unwrap();
        client.set_zero_linger().unwrap();
        drop(client);
        let mut byte = [0];
        assert!(stream.read(&mut byte).await.is_err(), "a reset");
        for _ in 0..3 {
            let written = wire.write(&[IoSlice::new(b"a")]);
            assert!(written.is_whole);
        }
        assert!(stream.write_all(b"b").await.is_err());
    }
}
