//! Boundaries of a WebSocket's messages in the incoming bytes, so that an unfinished message has a deadline: the
//! library reports whole messages only.

use crate::listen::Watch;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Maximum size of a frame's head in bytes: two, the length in eight, the mask in four.
const HEAD_MAX: usize = 14;

/// A follower of a client's frames (RFC 6455, section 5.2). It does not validate them, which is the library's task.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    head: [u8; HEAD_MAX],
    /// Received bytes of the head.
    head_len: usize,
    /// Remaining bytes of the payload.
    payload: u64,
    /// `true` between a message's first frame and its last.
    is_open: bool,
}

impl Boundaries {
    /// Follows the next bytes.
    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.payload > 0 {
                let skipped = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head[self.head_len] = bytes[0];
            self.head_len += 1;
            bytes = &bytes[1..];
            if let Some(payload) = self.head_payload() {
                self.payload = payload;
                self.head_len = 0;
                self.open_or_close();
            }
        }
    }

    /// Returns the length of the payload, once the head is complete.
    fn head_payload(&self) -> Option<u64> {
        let head = &self.head[..self.head_len];
        let (mask, length) = (if head.get(1)? & 0x80 == 0 { 0 } else { 4 }, head[1] & 0x7f);
        let extended = match length {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if head.len() < 2 + extended + mask {
            return None;
        }
        let long = head[2..2 + extended].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        Some(if extended == 0 { u64::from(length) } else { long })
    }

    fn open_or_close(&mut self) {
        let is_control = self.head[0] & 0x08 != 0;
        if !is_control {
            self.is_open = self.head[0] & 0x80 == 0;
        }
    }

    /// Returns `true` if the bytes so far end within a message. A control frame between the frames of one does not end
    /// it.
    const fn is_within(&self) -> bool {
        self.head_len > 0 || self.payload > 0 || self.is_open
    }
}

/// A stream whose messages have deadlines, if its connection has a watch.
#[derive(Debug)]
pub(super) struct Followed<S> {
    stream: S,
    boundaries: Boundaries,
    watch: Option<Watch>,
}

impl<S> Followed<S> {
    /// Follows a stream, of which the `early` bytes were read already.
    pub(super) fn new(stream: S, watch: Option<Watch>, early: &[u8]) -> Self {
        let mut followed = Self { stream, boundaries: Boundaries::default(), watch };
        followed.follow(early);
        followed
    }

    fn follow(&mut self, came: &[u8]) {
        if !came.is_empty() {
            self.boundaries.read(came);
            if let Some(watch) = &self.watch {
                watch.within_message(self.boundaries.is_within());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Followed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.follow(&buf.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Followed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a client's frame with this first byte, and a payload of this length.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
            126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.resize(frame.len() + length, 0xff);
        frame
    }

    /// Returns the numbers of bytes after which no message is unfinished.
    fn ends(bytes: &[u8]) -> Vec<usize> {
        let mut boundaries = Boundaries::default();
        let is_end = |(n, byte): (usize, &u8)| {
            boundaries.read(&[*byte]);
            (!boundaries.is_within()).then_some(n + 1)
        };
        bytes.iter().enumerate().filter_map(is_end).collect()
    }

    #[test]
    fn a_message_ends_with_its_last_byte_whatever_its_length() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 70_000] {
            let one = frame(0x81, length);
            assert_eq!(ends(&one), [one.len()], "{length}");
            let two = [one.clone(), one.clone()].concat();
            assert_eq!(ends(&two), [one.len(), two.len()], "{length} twice");
            let mut at_once = Boundaries::default();
            at_once.read(&two);
            assert!(!at_once.is_within());
            at_once.read(&one[..1]);
            assert!(at_once.is_within());
        }
    }

    #[test]
    fn a_message_in_pieces_ends_with_the_last_and_a_ping_between_them_does_not_end_it() {
        let whole = [frame(0x01, 10), frame(0x89, 4), frame(0x00, 200), frame(0x8a, 0), frame(0x80, 3)].concat();
        assert_eq!(ends(&whole), [whole.len()]);
    }

    #[test]
    fn what_is_no_frame_does_no_harm() {
        let mut boundaries = Boundaries::default();
        boundaries.read(&[0xff; 100]);
        assert!(boundaries.is_within());
        boundaries.read(&frame(0x81, 3));
    }
}
