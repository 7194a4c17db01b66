//! The connection: when it is made, when it is given up.
//!
//! Invariant: a connection on which nothing is heard is given up within [`CLIENT_PATIENCE_MS`], and within
//! [`QUIET_MS`] + [`ANSWER_MS`] when the person has said something or looks at the page again.

use super::{Client, Effect, JoinBefore, Preview};
use crate::{
    protocol::{ClientFrame, CloseCode, limits::CLIENT_PATIENCE_MS},
    sync::backoff,
};

/// How long a connection must have held for the next loss of it to count as the first, in milliseconds. A server that
/// takes connections and drops them at once is thus met with growing delays.
const STABLE_AFTER_MS: u64 = 10_000;
/// How long the server gets to answer the attempt to connect, in milliseconds.
const CONNECT_PATIENCE_MS: u64 = 10_000;
/// How long after a text was sent the server is asked whether it is there, if nothing is heard, in milliseconds.
const QUIET_MS: u64 = 3_000;
/// How long the answer to that may take, in milliseconds.
const ANSWER_MS: u64 = 5_000;

/// How the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first attempt is under way.
    Connecting,
    /// What happens is shown as it happens.
    Live,
    /// The connection was lost; the next attempt is at this moment of the client's clock.
    Offline {
        /// In milliseconds.
        retry_at: u64,
        /// Why.
        loss: Loss,
    },
    /// The connection was lost and an attempt is under way.
    Reconnecting,
    /// The server does not know the session any more: the person has to sign in again.
    SignedOut,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It broke, or could not be made.
    Lost,
    /// The browser has no network.
    NoNetwork,
    /// The server stops, and most likely starts again.
    Restart,
    /// The server has as many connections as it takes.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Down { retry_at: u64, loss: Loss },
    Connecting { since: u64 },
    Greeting { since: u64 },
    Up { since: u64 },
    SignedOut,
}

/// A question to the server whether it is there. Whatever it says is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// To be asked at this moment.
    Due(u64),
    /// Asked, and to be answered before this moment.
    Asked(u64),
}

impl Client {
    /// How the connection is.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.link {
            Link::Up { .. } => Status::Live,
            Link::SignedOut => Status::SignedOut,
            Link::Down { .. } if !self.was_live && self.attempt == 0 => Status::Connecting,
            Link::Down { retry_at, loss } => Status::Offline { retry_at, loss },
            Link::Connecting { .. } | Link::Greeting { .. } if self.was_live || self.attempt > 0 => {
                Status::Reconnecting
            }
            Link::Connecting { .. } | Link::Greeting { .. } => Status::Connecting,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.link, Link::Greeting { .. } | Link::Up { .. })
    }

    pub(super) fn link_wakes_at(&self) -> Option<u64> {
        match self.link {
            Link::Down { retry_at, .. } => Some(retry_at),
            Link::Connecting { since } => Some(since + CONNECT_PATIENCE_MS),
            // What was missed may take its time on a slow line.
            Link::Greeting { since } => Some(since + CLIENT_PATIENCE_MS),
            Link::Up { .. } => {
                let probe = self.probe.map(|(Probe::Due(at) | Probe::Asked(at))| at);
                let answer = self.under_way.as_ref().map(|(_, since)| since + CLIENT_PATIENCE_MS);
                [probe, answer].into_iter().flatten().chain([self.last_frame_at + CLIENT_PATIENCE_MS]).min()
            }
            Link::SignedOut => None,
        }
    }

    pub(super) fn connect(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.link = Link::Connecting { since: now };
        self.under_way = None;
        self.resend_at = None;
        self.refill_at = None;
        self.preview = Preview::No;
        self.is_here_fresh = false;
        self.awaits_rooms = false;
        self.awaits_users.clear();
        self.list_again_at = None;
        self.probe = None;
        self.typing.clear();
        self.typing_peers.clear();
        self.told_typing_at = None;
        self.held_back = None;
        self.join_before = JoinBefore::No;
        self.told_read_at = None;
        self.no_answers(effects);
        effects.push(Effect::Connect(self.cursor.clone()));
    }

    fn connect_anew(&mut self, now: u64, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disconnect);
        self.connect(now, effects);
    }

    pub(super) fn opened(&mut self, now: u64) {
        // Any other is from a connection that was given up.
        if matches!(self.link, Link::Connecting { .. }) {
            self.link = Link::Greeting { since: now };
            self.heard(now);
        }
    }

    pub(super) fn heard(&mut self, now: u64) {
        self.last_frame_at = now;
        self.probe = None;
    }

    /// A text was sent, and silence would mean something.
    pub(super) fn expect_answer(&mut self, now: u64) {
        if self.probe.is_none() {
            self.probe = Some(Probe::Due(now + QUIET_MS));
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
        // A server that said that it restarts cannot be reached for a while, which is no other loss.
        let loss = if loss == Loss::Lost && !self.is_connected() { self.loss } else { loss };
        self.loss = loss;
        match self.link {
            Link::Down { .. } | Link::SignedOut => return,
            Link::Up { since } if now.saturating_sub(since) >= STABLE_AFTER_MS => self.attempt = 0,
            Link::Up { .. } | Link::Connecting { .. } | Link::Greeting { .. } => {}
        }
        let delay = wait_ms.map_or_else(|| backoff::delay_ms(self.attempt, jitter), |ms| ms.min(backoff::MAX_MS));
        self.attempt = self.attempt.saturating_add(1);
        self.link = Link::Down { retry_at: now + delay, loss };
        self.under_way = None;
        self.resend_at = None;
        self.refill_at = None;
        self.probe = None;
        self.no_answers(effects);
    }

    /// The person has signed out, here or elsewhere: this page does not come back.
    pub(super) fn signed_out(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.closed(now, 1.0, None, Loss::Lost, effects);
        self.link = Link::SignedOut;
    }

    pub(super) fn network_lost(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if !matches!(self.link, Link::Down { .. } | Link::SignedOut) {
            self.give_up(now, Loss::NoNetwork, effects);
        }
    }

    pub(super) fn check_link(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link {
            Link::Down { retry_at, .. } if retry_at <= now => self.connect(now, effects),
            Link::Connecting { since } if since + CONNECT_PATIENCE_MS <= now => self.give_up(now, Loss::Lost, effects),
            Link::Greeting { since } if since + CLIENT_PATIENCE_MS <= now => self.give_up(now, Loss::Lost, effects),
            Link::Up { .. } if self.is_stale(now) => self.connect_anew(now, effects),
            Link::Up { .. } if matches!(self.probe, Some(Probe::Due(at)) if at <= now) => self.ask(now, effects),
            Link::Down { .. } | Link::Connecting { .. } | Link::Greeting { .. } | Link::Up { .. } | Link::SignedOut => {
            }
        }
    }

    fn give_up(&mut self, now: u64, loss: Loss, effects: &mut Vec<Effect>) {
        effects.push(Effect::Disconnect);
        self.closed(now, 1.0, None, loss, effects);
    }

    /// Whether the connection is as good as gone: the server was silent for too long, or a text got no answer.
    fn is_stale(&self, now: u64) -> bool {
        let unanswered = self.under_way.as_ref().is_some_and(|(_, since)| since + CLIENT_PATIENCE_MS <= now);
        let silent = matches!(self.probe, Some(Probe::Asked(until)) if until <= now);
        unanswered || silent || self.last_frame_at + CLIENT_PATIENCE_MS <= now
    }

    fn ask(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.probe = Some(Probe::Asked(now + ANSWER_MS));
        effects.push(Effect::Send(ClientFrame::Ping { ts: None }));
    }

    pub(super) fn nudged(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link {
            Link::Down { .. } => self.connect(now, effects),
            Link::Up { .. } if self.is_stale(now) => self.connect_anew(now, effects),
            Link::Up { .. } if !matches!(self.probe, Some(Probe::Asked(_))) => self.ask(now, effects),
            Link::Up { .. } | Link::Connecting { .. } | Link::Greeting { .. } | Link::SignedOut => {}
        }
        self.claim(effects);
    }

    pub(super) fn slept(&mut self, now: u64, effects: &mut Vec<Effect>) {
        match self.link {
            Link::Down { .. } => self.connect(now, effects),
            Link::Connecting { .. } | Link::Greeting { .. } | Link::Up { .. } => self.connect_anew(now, effects),
            Link::SignedOut => {}
        }
    }
}
