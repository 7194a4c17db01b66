//! Many WebSocket connections on one thread, of which the first one talks to all.
//!
//! Every text carries its number. A connection expects the numbers in order, so one that is skipped is a lost delivery
//! and one that comes again a doubled one.

use crate::{
    process::{Kind, Server},
    socket::{self, Frame},
};
use anyhow::{Context, Result, ensure};
use memchr::memmem;
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

/// Length of a text in bytes, its number included.
const TEXT: usize = 150;
/// Time within which the server has to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Text in front of a number.
const NUMBER: &[u8] = b"number ";

/// A load of one speaker, who keeps so many texts in flight for so long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) in_flight: u64,
    pub(crate) time: Duration,
}

/// The outcome of a load.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Told {
    /// Texts that came back to their speaker.
    pub(crate) acknowledged: u64,
    /// Texts that arrived, at all connections.
    pub(crate) deliveries: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Frames of all kinds but pings.
    texts: u64,
}

#[derive(Debug)]
struct Member {
    stream: TcpStream,
    /// Bytes of an incomplete frame.
    rest: Vec<u8>,
    /// Bytes that the server did not take yet.
    unsent: Vec<u8>,
    /// Number of the next text.
    next: u64,
}

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Fleet {
    kind: Kind,
    poll: Poll,
    members: Vec<Member>,
}

impl Fleet {
    /// Opens connections and returns once each has shaken hands.
    pub(crate) fn connect(server: &Server, count: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let mut members = Vec::with_capacity(count);
        for number in 0..count {
            let mut stream = std::net::TcpStream::connect(server.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let rest = shake_hands(&mut stream, server, number)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(number), Interest::READABLE)?;
            members.push(Member { stream, rest, unsent: Vec::new(), next: 1 });
        }
        let mut fleet = Self { kind: server.kind, poll, members };
        fleet.rest()?;
        Ok(fleet)
    }

    /// Reads until the server has sent nothing but pings for a second.
    pub(crate) fn rest(&mut self) -> Result<()> {
        let mut told = Told::default();
        let begun = Instant::now();
        let (mut texts, mut since) = (0, begun);
        while since.elapsed() < Duration::from_secs(1) {
            ensure!(begun.elapsed() < 10 * PATIENCE, "the server never rests");
            self.turn(Duration::from_secs(1), &mut told)?;
            if told.texts > texts {
                (texts, since) = (told.texts, Instant::now());
            }
        }
        Ok(())
    }

    /// Lets the first connection talk, and returns what arrived once every text has arrived everywhere.
    pub(crate) fn talk(&mut self, load: &Load) -> Result<Told> {
        let mut told = Told::default();
        let mut sent = 0;
        let begun = Instant::now();
        while begun.elapsed() < load.time {
            while sent < told.acknowledged + load.in_flight {
                sent += 1;
                let text = self.text(sent);
                socket::put_text(&mut self.members[0].unsent, &text);
            }
            self.members[0].send()?;
            ensure!(self.turn(PATIENCE, &mut told)?, "the server is silent");
        }
        while told.deliveries + told.lost < sent * self.members.len() as u64 {
            ensure!(self.turn(PATIENCE, &mut told)?, "{} of {sent} texts arrived", told.deliveries);
        }
        Ok(told)
    }

    /// The frame of a text. The baseline's has the length of the one that Natter sends to the others.
    fn text(&self, number: u64) -> Vec<u8> {
        let text = format!("number {number:08} ");
        let text = format!("{text:x<TEXT$}");
        match self.kind {
            Kind::Natter => {
                format!(r#"{{"type":"message","room":"general","text":"{text}","client_id":"{number}"}}"#).into_bytes()
            }
            Kind::Broadcast => format!(
                r#"{{"type":"message","room":"general","from":"Load0000","user_id":"1000","text":"{text}","ts":1764215000.123,"id":1000000,"prev":1000000}}"#
            )
            .into_bytes(),
        }
    }

    /// Waits for something to read and reads it. Returns `false` if nothing came in time.
    fn turn(&mut self, patience: Duration, told: &mut Told) -> Result<bool> {
        let mut events = Events::with_capacity(1_024);
        self.poll.poll(&mut events, Some(patience))?;
        for event in &events {
            let Token(number) = event.token();
            self.members[number].read(number == 0, told)?;
        }
        Ok(!events.is_empty())
    }
}

impl Member {
    fn read(&mut self, is_speaker: bool, told: &mut Told) -> Result<()> {
        let mut buffer = [0; 64 << 10];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => anyhow::bail!("the server closed a connection"),
                Ok(length) => self.take(&buffer[..length], is_speaker, told)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8], is_speaker: bool, told: &mut Told) -> Result<()> {
        let mut begun = std::mem::take(&mut self.rest);
        begun.extend_from_slice(bytes);
        let mut at = 0;
        while let Some((frame, length)) = socket::first(&begun[at..]) {
            at += length;
            match frame {
                Frame::Text(text) => {
                    told.texts += 1;
                    self.count(text, is_speaker, told)?;
                }
                Frame::Ping(payload) => {
                    socket::put_pong(&mut self.unsent, payload);
                    self.send()?;
                }
                Frame::Other => {}
            }
        }
        begun.drain(..at);
        self.rest = begun;
        Ok(())
    }

    fn count(&mut self, text: &[u8], is_speaker: bool, told: &mut Told) -> Result<()> {
        if text.starts_with(br#"{"type":"error""#) {
            anyhow::bail!("the server refuses: {}", String::from_utf8_lossy(text));
        }
        if !text.starts_with(br#"{"type":"message""#) {
            return Ok(());
        }
        let at = memmem::find(text, NUMBER).context("a text without a number")? + NUMBER.len();
        let number = text.get(at..at + 8).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok());
        let number = number.context("a text without a number")?;
        if number < self.next {
            told.doubled += 1;
            return Ok(());
        }
        told.lost += number - self.next;
        told.deliveries += 1;
        told.acknowledged += u64::from(is_speaker);
        self.next = number + 1;
        Ok(())
    }

    /// Sends as much as the server takes.
    fn send(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(length) => drop(self.unsent.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Upgrades a connection and returns the bytes that came after the answer's head.
fn shake_hands(stream: &mut std::net::TcpStream, server: &Server, number: usize) -> Result<Vec<u8>> {
    // A key of 16 bytes. Only its answer depends on it, which a load need not check.
    let request = format!(
        "GET /ws/chat?name=Load{number:04} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    loop {
        let mut buffer = [0; 4_096];
        let length = stream.read(&mut buffer)?;
        ensure!(length > 0, "the server closed a connection");
        answer.extend_from_slice(&buffer[..length]);
        if let Some(end) = memmem::find(&answer, b"\r\n\r\n") {
            ensure!(answer.starts_with(b"HTTP/1.1 101 "), "no upgrade: {}", String::from_utf8_lossy(&answer[..end]));
            return Ok(answer.split_off(end + 4));
        }
    }
}
