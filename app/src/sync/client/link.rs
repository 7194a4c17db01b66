//! The life of the connection: attempts, timeouts and probes.
//!
//! Invariant: a silent connection is given up within [`CLIENT_PATIENCE_MS`], and within [`QUIET_MS`] + [`ANSWER_MS`]
//! after the person has sent something or returned to the page.

use super::{
    Client, Effect,
    commands::no_answers,
    connection::{Connection, Probe},
};
use crate::{
    protocol::{ClientFrame, CloseCode, limits::CLIENT_PATIENCE_MS},
    sync::backoff,
};

/// Minimum duration of a connection in milliseconds that resets the backoff. A server that accepts connections and
/// drops them at once is thus met with growing delays.
const STABLE_AFTER_MS: u64 = 10_000;
/// Timeout of an attempt to connect, in milliseconds.
const CONNECT_PATIENCE_MS: u64 = 10_000;
/// Silence in milliseconds after a sent text that triggers a probe.
const QUIET_MS: u64 = 3_000;
/// Timeout of a probe, in milliseconds.
const ANSWER_MS: u64 = 5_000;

/// The status of the connection, for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first attempt is in progress.
    Connecting,
    /// The connection is established, and the screen is current.
    Live,
    /// The connection is lost, and another attempt is scheduled.
    Offline {
        /// Time of the next attempt on the client's clock, in milliseconds.
        retry_at: u64,
        /// Reason of the loss.
        loss: Loss,
    },
    /// The connection is lost, and an attempt is in progress.
    Reconnecting,
    /// The session is unknown to the server: the person has to sign in again.
    SignedOut,
}

/// The reason for a lost connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The connection broke, or could not be established.
    Lost,
    /// The browser is offline.
    NoNetwork,
    /// The server stopped, and most likely restarts.
    Restart,
    /// The server has reached its limit of connections.
    Full,
}

impl From<Option<CloseCode>> for Loss {
    fn from(code: Option<CloseCode>) -> Self {
        match code {
            Some(CloseCode::GoingAway) => Self::Restart,
            Some(CloseCode::AtCapacity) => Self::Full,
            _ => Self::Lost,
        }
    }
}

/// The state of the link over all connections. All times are of the client's clock, in milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) phase: Phase,
    /// Reason for the last loss of the connection.
    loss: Loss,
    /// Number of consecutive failed attempts.
    attempt: u32,
    /// `true` once the client was connected.
    was_live: bool,
    last_frame_at: u64,
}

/// The phase of the present connection, or of the wait for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Down { retry_at: u64, loss: Loss },
    Connecting { since: u64 },
    Handshake { since: u64 },
    Up { since: u64 },
    SignedOut,
}

impl Default for Link {
    fn default() -> Self {
        let phase = Phase::Down { retry_at: 0, loss: Loss::Lost };
        Self { phase, loss: Loss::Lost, attempt: 0, was_live: false, last_frame_at: 0 }
    }
}

impl Link {
    /// Returns `true` if the handshake is complete.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Up { .. })
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Handshake { .. } | Phase::Up { .. })
    }

    /// Ends all attempts.
    pub(super) fn sign_out(&mut self) {
        self.phase = Phase::SignedOut;
    }

    /// Notes that the handshake is complete.
    pub(super) fn establish(&mut self, now: u64) {
        self.phase = Phase::Up { since: now };
        self.was_live = true;
    }
}

impl Client {
    /// Returns the status of the connection.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.link.phase {
            Phase::Up { .. } => Status::Live,
            Phase::SignedOut => Status::SignedOut,
            Phase::Down { .. } if !self.link.was_live && self.link.attempt == 0 => Status::Connecting,
            Phase::Down { retry_at, loss } => Status::Offline { retry_at, loss },
            Phase::Connecting { .. } | Phase::Handshake { .. } if self.link.was_live || self.link.attempt > 0 => {
                Status::Reconnecting
            }
            Phase::Connecting { .. } | Phase::Handshake { .. } => Status::Connecting,
        }
    }

    pub(super) fn link_wakes_at(&self) -> Option<u64> {
        match self.link.phase {
            Phase::Down { retry_at, .. } => Some(retry_at),
            Phase::Connecting { since } => Some(since + CONNECT_PATIENCE_MS),
            // On a slow line the missed entries can take long.
            Phase::Handshake { since } => Some(since + CLIENT_PATIENCE_MS),
            Phase::Up { .. } => {
                let probe = self.connection.probe.map(|(Probe::Due(at) | Probe::Asked(at))| at);
                let answer = self.connection.in_flight.as_ref().map(|(_, since)| since + CLIENT_PATIENCE_MS);
                [probe, answer].into_iter().flatten().chain([self.link.last_frame_at + CLIENT_PATIENCE_MS]).min()
            }
            Phase::SignedOut => None,
        }
    }

    pub(super) fn connect(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.link.phase = Phase::Connecting { since: now };
        effects.push(Effect::Connect(self.cursor.clone()));
    }

    fn connect_anew(&mut self, now: u64, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disconnect);
        self.replace_connection(effects);
        self.connect(now, effects);
    }

    pub(super) fn opened(&mut self, now: u64) {
        // In other states the connection was given up before it opened.
        if matches!(self.link.phase, Phase::Connecting { .. }) {
            self.link.phase = Phase::Handshake { since: now };
            self.heard(now);
        }
    }

    pub(super) fn heard(&mut self, now: u64) {
        self.link.last_frame_at = now;
        self.connection.probe = None;
    }

    /// Schedules a probe after a text was sent.
    pub(super) fn expect_answer(&mut self, now: u64) {
        if self.connection.probe.is_none() {
            self.connection.probe = Some(Probe::Due(now + QUIET_MS));
        }
    }

    pub(super) fn closed(
        &mut self,
        now: u64,
        jitter: f64,
        wait_ms: Option<u64>,
        loss: Loss,
        effects: &mut Vec<Effect>,
    ) {
        // A server that announced its restart cannot be reached for a while, so the reason stays.
        let loss = if loss == Loss::Lost && !self.link.is_connected() { self.link.loss } else { loss };
        self.link.loss = loss;
        match self.link.phase {
            Phase::Down { .. } | Phase::SignedOut => return,
            Phase::Up { since } if now.saturating_sub(since) >= STABLE_AFTER_MS => self.link.attempt = 0,
            Phase::Up { .. } | Phase::Connecting { .. } | Phase::Handshake { .. } => {}
        }
        let delay = wait_ms.map_or_else(|| backoff::delay_ms(self.link.attempt, jitter), |ms| ms.min(backoff::MAX_MS));
        self.link.attempt = self.link.attempt.saturating_add(1);
        self.link.phase = Phase::Down { retry_at: now + delay, loss };
        self.replace_connection(effects);
    }

    /// Discards the state of the connection. Its pending commands are answered as failed.
    fn replace_connection(&mut self, effects: &mut Vec<Effect>) {
        let Connection { commands, .. } = std::mem::take(&mut self.connection);
        no_answers(commands, effects);
    }

    /// Handles a sign-out, here or elsewhere: this page does not reconnect.
    pub(super) fn signed_out(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.closed(now, 1.0, None, Loss::Lost, effects);
        self.link.sign_out();
    }

    pub(super) fn network_lost(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if !matches!(self.link.phase, Phase::Down { .. } | Phase::SignedOut) {
            self.give_up(now, Loss::NoNetwork, effects);
        }
    }

    pub(super) fn check_link(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link.phase {
            Phase::Down { retry_at, .. } if retry_at <= now => self.connect(now, effects),
            Phase::Connecting { since } if since + CONNECT_PATIENCE_MS <= now => self.give_up(now, Loss::Lost, effects),
            Phase::Handshake { since } if since + CLIENT_PATIENCE_MS <= now => self.give_up(now, Loss::Lost, effects),
            Phase::Up { .. } if self.is_stale(now) => self.connect_anew(now, effects),
            Phase::Up { .. } if matches!(self.connection.probe, Some(Probe::Due(at)) if at <= now) => {
                self.ask(now, effects);
            }
            Phase::Down { .. }
            | Phase::Connecting { .. }
            | Phase::Handshake { .. }
            | Phase::Up { .. }
            | Phase::SignedOut => {}
        }
    }

    fn give_up(&mut self, now: u64, loss: Loss, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disconnect);
        self.closed(now, 1.0, None, loss, effects);
    }

    /// Returns `true` if the connection counts as dead: the server was silent for too long, or a text got no answer.
    fn is_stale(&self, now: u64) -> bool {
        let unanswered = self.connection.in_flight.as_ref().is_some_and(|(_, since)| since + CLIENT_PATIENCE_MS <= now);
        let silent = matches!(self.connection.probe, Some(Probe::Asked(until)) if until <= now);
        unanswered || silent || self.link.last_frame_at + CLIENT_PATIENCE_MS <= now
    }

    fn ask(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.connection.probe = Some(Probe::Asked(now + ANSWER_MS));
        effects.push(Effect::Send(ClientFrame::Ping { ts: None }));
    }

    pub(super) fn retry_now(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link.phase {
            Phase::Down { .. } => self.connect(now, effects),
            Phase::Up { .. } if self.is_stale(now) => self.connect_anew(now, effects),
            Phase::Up { .. } if !matches!(self.connection.probe, Some(Probe::Asked(_))) => self.ask(now, effects),
            Phase::Up { .. } | Phase::Connecting { .. } | Phase::Handshake { .. } | Phase::SignedOut => {}
        }
        self.claim(effects);
    }

    pub(super) fn slept(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link.phase {
            Phase::Down { .. } => self.connect(now, effects),
            Phase::Connecting { .. } | Phase::Handshake { .. } | Phase::Up { .. } => self.connect_anew(now, effects),
            Phase::SignedOut => {}
        }
    }
}
