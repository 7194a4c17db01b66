//! A connection as bytes: data arrives in order, in pieces of any size, up to the place of a cut.

use app::protocol::CloseCode;
use std::collections::VecDeque;

/// One direction. A frame is its length in four bytes and its text.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    in_flight: VecDeque<u8>,
    /// Arrived bytes of an incomplete frame.
    arrived: Vec<u8>,
}

impl Stream {
    pub(crate) fn send(&mut self, frame: &str) {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        self.in_flight.extend(length.to_be_bytes());
        self.in_flight.extend(frame.as_bytes());
    }

    pub(crate) fn len(&self) -> usize {
        self.in_flight.len()
    }

    /// Delivers some bytes and returns the frames that they complete.
    pub(crate) fn deliver(&mut self, bytes: usize) -> Vec<String> {
        self.arrived.extend(self.in_flight.drain(..bytes.min(self.in_flight.len())));
        let mut frames = Vec::new();
        let mut rest = &self.arrived[..];
        while let Some((length, body)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let Some((frame, behind)) = body.split_at_checked(length) else { break };
            frames.push(String::from_utf8_lossy(frame).into_owned());
            rest = behind;
        }
        self.arrived = rest.to_vec();
        frames
    }

    /// Loses all bytes after the first `behind`.
    pub(crate) fn cut(&mut self, behind: usize) {
        self.in_flight.truncate(behind);
    }
}

/// A connection between a tab and the server, with the knowledge of each end.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) up: Stream,
    pub(crate) down: Stream,
    /// Node with the server's end.
    pub(crate) node: usize,
    /// `true` while the tab has its end.
    pub(crate) has_client: bool,
    /// `true` while the server has its end.
    pub(crate) has_server: bool,
    /// `true` if nothing arrives in either direction, and neither end notices.
    pub(crate) is_half_open: bool,
    /// Delay in milliseconds that the server asked for when it closed its end.
    pub(crate) wait_ms: Option<u64>,
    /// Reason for which the server closed its end, if it gave one.
    pub(crate) code: Option<CloseCode>,
}

impl Wire {
    /// Loses the bytes after a point in both directions; each end will notice.
    pub(crate) fn cut(&mut self, up: usize, down: usize) {
        self.up.cut(up);
        self.down.cut(down);
        self.has_server = false;
    }
}
