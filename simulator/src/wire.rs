//! A connection as bytes: what is sent arrives in order, in pieces of any size, up to where the connection is cut.

use std::collections::VecDeque;

/// One direction. A frame is its length in four bytes and its text.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    in_flight: VecDeque<u8>,
    /// What has arrived of a frame that is not whole yet.
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

    /// So many bytes arrive: the frames that are whole by that.
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

    /// Everything behind so many bytes is lost.
    pub(crate) fn cut(&mut self, behind: usize) {
        self.in_flight.truncate(behind);
    }
}

/// A connection between a tab and the server, as far as each of the two knows.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) up: Stream,
    pub(crate) down: Stream,
    /// Whether the tab still has its end.
    pub(crate) has_client: bool,
    /// Whether the server still has its end.
    pub(crate) has_server: bool,
    /// Nothing arrives any more in either direction, and neither end is told.
    pub(crate) is_half_open: bool,
    /// How long the server asked to wait when it closed its end.
    pub(crate) wait_ms: Option<u64>,
}

impl Wire {
    /// Bytes are lost from some point on in both directions, and each end will notice.
    pub(crate) fn cut(&mut self, up: usize, down: usize) {
        self.up.cut(up);
        self.down.cut(down);
        self.has_server = false;
    }
}
