//! The least that the work can cost: a broadcast of one `epoll` loop without any rule, and SQLite without a server.

use crate::socket::{self, Frame};
use anyhow::{Context, Result};
use memchr::memmem;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use rusqlite::{Connection, params};
use std::{
    collections::HashMap,
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};
use tungstenite::handshake::derive_accept_key;

const LISTENER: Token = Token(usize::MAX);

struct Receiver {
    stream: TcpStream,
    read: Vec<u8>,
    unsent: Vec<u8>,
    is_open: bool,
}

/// Serves WebSocket connections on a port of the system's choice, which is printed. Each text goes to all, in one write
/// for all texts that were read in a turn.
pub(crate) fn broadcast() -> Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("the baseline is listening on http://{} and stores nothing", listener.local_addr()?);
    let mut receivers = HashMap::new();
    let mut events = Events::with_capacity(1_024);
    for token in 0.. {
        poll.poll(&mut events, None)?;
        let mut said = Vec::new();
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut receivers, token)?;
            } else if let Some(receiver) = receivers.get_mut(&event.token())
                && receiver.turn(&mut said).is_err()
            {
                receivers.remove(&event.token());
            }
        }
        if !said.is_empty() {
            for receiver in receivers.values_mut().filter(|receiver| receiver.is_open) {
                receiver.unsent.extend_from_slice(&said);
                receiver.send().ok();
            }
        }
    }
    Ok(())
}

fn accept(listener: &TcpListener, poll: &Poll, receivers: &mut HashMap<Token, Receiver>, turn: usize) -> Result<()> {
    for number in 0.. {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error.into()),
        };
        stream.set_nodelay(true)?;
        let token = Token((turn << 16) + number);
        poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        receivers.insert(token, Receiver { stream, read: Vec::new(), unsent: Vec::new(), is_open: false });
    }
    Ok(())
}

impl Receiver {
    /// Reads what there is, appends the texts as frames for all to `said`, and sends what waits.
    fn turn(&mut self, said: &mut Vec<u8>) -> Result<()> {
        let mut buffer = [0; 16 << 10];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => anyhow::bail!("closed"),
                Ok(length) => self.read.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        if !self.is_open {
            self.shake_hands()?;
        }
        let mut at = 0;
        // The load masks with zeros, so a payload needs no unmasking.
        while let Some((frame, length)) = masked(&self.read[at..]) {
            at += length;
            if let Frame::Text(text) = frame {
                let begin = said.len();
                socket::put_text(said, text);
                unmask(said, begin, text.len());
            }
        }
        self.read.drain(..at);
        self.send()
    }

    fn shake_hands(&mut self) -> Result<()> {
        let Some(end) = memmem::find(&self.read, b"\r\n\r\n") else { return Ok(()) };
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).context("no key")?;
        let accept = derive_accept_key(key.as_bytes());
        self.unsent.extend_from_slice(
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            )
            .as_bytes(),
        );
        self.read.drain(..end + 4);
        self.is_open = true;
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(length) if length == self.unsent.len() => self.unsent.clear(),
                Ok(length) => drop(self.unsent.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Returns the first frame of a client whose mask is zero.
fn masked(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let begin = match bytes.get(1)? & 0x7f {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    // The payload begins behind the mask, so the frame is read as one that is longer by the mask's length.
    let (frame, length) = socket::first(bytes).filter(|(_, length)| bytes.len() >= length + 4)?;
    let payload = &bytes[begin + 4..length + 4];
    Some((if matches!(frame, Frame::Text(_)) { Frame::Text(payload) } else { Frame::Other }, length + 4))
}

/// Makes the frame at `begin`, whose payload has this length, one of a server: without a mask.
fn unmask(frames: &mut Vec<u8>, begin: usize, length: usize) {
    frames[begin + 1] &= 0x7f;
    let mask = frames.len() - length - 4;
    frames.drain(mask..mask + 4);
}

/// Returns the texts that SQLite alone stores in a second, durably, in batches of so many.
pub(crate) fn sqlite_alone(batch: u64, time: Duration) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut connection = Connection::open(folder.path().join("alone.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, room TEXT NOT NULL, author INTEGER NOT NULL, client_id TEXT,
         ts INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
         CREATE UNIQUE INDEX by_client_id ON entries (author, client_id)",
    )?;
    let text = "x".repeat(150);
    let (begun, mut stored) = (Instant::now(), 0_u64);
    while begun.elapsed() < time {
        let transaction = connection.transaction()?;
        for _ in 0..batch {
            stored += 1;
            transaction
                .prepare_cached(
                    "INSERT INTO entries (room, author, client_id, ts, text) VALUES ('general', 1, ?1, ?2, ?3)",
                )?
                .execute(params![stored.to_string(), stored.cast_signed(), text])?;
        }
        transaction.commit()?;
    }
    Ok(stored as f64 / begun.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_frame_becomes_a_servers() {
        for length in [0, 125, 126, 70_000] {
            let text = vec![b'x'; length];
            let mut client = Vec::new();
            socket::put_text(&mut client, &text);
            assert_eq!(masked(&client[..client.len() - 1]), None);
            let (frame, whole) = masked(&client).unwrap();
            assert_eq!((frame, whole), (Frame::Text(&text[..]), client.len()));
            let mut server = b"before".to_vec();
            socket::put_text(&mut server, &text);
            unmask(&mut server, 6, length);
            assert_eq!(socket::first(&server[6..]), Some((Frame::Text(&text[..]), server.len() - 6)));
        }
    }
}
