//! A socket that takes frames from any task, and the form of the frames.

use std::{fmt::Debug, io::IoSlice};

/// The result of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Number of frames that were taken, the last one possibly in part.
    pub frames: usize,
    /// `false` if the outlet holds the end of the last taken frame. The connection's task has to flush it.
    pub is_whole: bool,
}

/// The writing end of a socket.
pub trait Outlet: Debug + Send + Sync {
    /// Writes encoded frames as far as the socket takes them at once. It takes none while it holds the end of a frame.
    fn write(&self, frames: &[IoSlice<'_>]) -> Written;
}

/// Maximum size of a frame's head in bytes, without a mask.
pub const HEAD_MAX: usize = 10;

/// Appends a text message in one frame without a mask (RFC 6455, section 5.2).
pub fn put_text(bytes: &mut Vec<u8>, text: &str) {
    const TEXT: u8 = 0x81;
    let length = text.len();
    bytes.push(TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => bytes.push(short),
        (_, Ok(medium)) => {
            bytes.push(126);
            bytes.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };

    #[test]
    fn a_frame_is_that_of_the_library_for_every_kind_of_length() {
        for length in [0, 1, 125, 126, 255, 256, 65_535, 65_536, 70_000] {
            let text = "x".repeat(length);
            let (mut own, mut made) = (Vec::new(), Vec::new());
            put_text(&mut own, &text);
            Frame::message(text, OpCode::Data(Data::Text), true).format(&mut made).unwrap();
            assert!(own == made, "{length}");
            assert!(own.len() <= length + HEAD_MAX);
        }
    }
}
