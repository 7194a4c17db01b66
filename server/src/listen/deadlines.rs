//! Deadlines of a connection's steps: the rules alone, without a clock or a socket.
//!
//! Invariant: whenever the server waits for the other side, there is a deadline, except for a WebSocket between two
//! messages. That one is pinged by [`web`](crate::web), and closed if it stays silent.

use std::time::Duration;
use tokio::time::Instant;

/// The timeout of each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Timeout from the connection to the first byte, and from the first byte of a request to the end of its head.
    pub head: Duration,
    /// Timeout for the body of a request, and for a WebSocket message from its first byte to its last.
    pub body: Duration,
    /// Timeout without progress for a client that does not read its response.
    pub answer: Duration,
    /// Timeout between a response and the next request.
    pub idle: Duration,
}

/// The step for which a client took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overdue {
    /// The first byte of a connection.
    FirstByte,
    /// The rest of a request's head.
    Head,
    /// The rest of a WebSocket message.
    Message,
    /// The next request.
    NextRequest,
    /// Reading a response, or the frames of a WebSocket.
    Reading,
}

impl Overdue {
    /// All steps, in the order of [`index`](Self::index).
    pub const ALL: [Self; 5] = [Self::FirstByte, Self::Head, Self::Message, Self::NextRequest, Self::Reading];

    /// Returns the step's index in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns the step's name in the metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstByte => "first_byte",
            Self::Head => "head",
            Self::Message => "message",
            Self::NextRequest => "next_request",
            Self::Reading => "reading",
        }
    }
}

/// The current step of a connection's reading half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Silent {
        since: Instant,
    },
    Head {
        since: Instant,
    },
    /// The handlers have the request, and enforce the timeout for its body themselves.
    Answering,
    Idle {
        since: Instant,
    },
    WebSocket {
        message_since: Option<Instant>,
    },
}

/// The deadlines of one connection.
#[derive(Debug)]
pub struct Deadlines {
    patience: Patience,
    step: Step,
    /// Time since which the other side takes no more bytes.
    stalled_since: Option<Instant>,
}

impl Deadlines {
    /// Starts the deadlines of a connection that was just accepted.
    #[must_use]
    pub const fn new(now: Instant, patience: Patience) -> Self {
        Self { patience, step: Step::Silent { since: now }, stalled_since: None }
    }

    /// Records received bytes.
    pub const fn received(&mut self, now: Instant) {
        if matches!(self.step, Step::Silent { .. } | Step::Idle { .. }) {
            self.step = Step::Head { since: now };
        }
    }

    /// Records that a whole head was passed to the handlers.
    pub const fn asked(&mut self) {
        self.step = Step::Answering;
    }

    /// Records that the last byte of a response was passed on. Some bytes may still wait for the socket.
    pub const fn answered(&mut self, now: Instant) {
        self.step = Step::Idle { since: now };
    }

    /// Records that the connection has become a WebSocket.
    pub const fn upgraded(&mut self) {
        self.step = Step::WebSocket { message_since: None };
    }

    /// Records received bytes of a WebSocket; `is_within` tells if they end within a message.
    pub const fn within_message(&mut self, now: Instant, is_within: bool) {
        if let Step::WebSocket { message_since } = &mut self.step {
            *message_since = match *message_since {
                since @ Some(_) if is_within => since,
                _ if is_within => Some(now),
                _ => None,
            };
        }
    }

    /// Records that an overdue message was reported. The WebSocket's handler then closes it in its own time.
    pub const fn gave_up_message(&mut self) {
        if let Step::WebSocket { message_since } = &mut self.step {
            *message_since = None;
        }
    }

    /// Records that the socket took no bytes, because the other side does not read.
    pub const fn stalled(&mut self, now: Instant) {
        if self.stalled_since.is_none() {
            self.stalled_since = Some(now);
        }
    }

    /// Records that the socket took bytes, from the last of which the idle time counts.
    pub const fn sent(&mut self, now: Instant) {
        self.stalled_since = None;
        if let Step::Idle { since } = &mut self.step {
            *since = now;
        }
    }

    /// Returns the next deadline of the client, and the step that is overdue then.
    #[must_use]
    pub fn next(&self) -> Option<(Instant, Overdue)> {
        let Patience { head, body, answer, idle } = self.patience;
        // A client need not send anything before it has read its response.
        if let Some(since) = self.stalled_since {
            return Some((since + answer, Overdue::Reading));
        }
        match self.step {
            Step::Silent { since } => Some((since + head, Overdue::FirstByte)),
            Step::Head { since } => Some((since + head, Overdue::Head)),
            Step::Idle { since } => Some((since + idle, Overdue::NextRequest)),
            Step::WebSocket { message_since } => message_since.map(|since| (since + body, Overdue::Message)),
            Step::Answering => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(10),
        body: Duration::from_secs(20),
        answer: Duration::from_secs(30),
        idle: Duration::from_secs(60),
    };

    fn start() -> (Instant, Deadlines) {
        let now = Instant::now();
        (now, Deadlines::new(now, PATIENCE))
    }

    fn seconds(from: Instant, deadlines: &Deadlines) -> Option<(u64, Overdue)> {
        deadlines.next().map(|(at, overdue)| ((at - from).as_secs(), overdue))
    }

    fn at(from: Instant, seconds: u64) -> Instant {
        from + Duration::from_secs(seconds)
    }

    #[test]
    fn a_head_has_ten_seconds_from_its_first_byte_however_many_follow() {
        let (now, mut deadlines) = start();
        assert_eq!(seconds(now, &deadlines), Some((10, Overdue::FirstByte)));
        deadlines.received(at(now, 9));
        assert_eq!(seconds(now, &deadlines), Some((19, Overdue::Head)));
        deadlines.received(at(now, 18));
        assert_eq!(seconds(now, &deadlines), Some((19, Overdue::Head)), "a byte now and then gains nothing");
    }

    #[test]
    fn a_connection_may_idle_between_an_answer_and_the_next_request() {
        let (now, mut deadlines) = start();
        deadlines.received(now);
        deadlines.asked();
        deadlines.received(at(now, 1));
        assert_eq!(deadlines.next(), None, "the handlers have the request");
        deadlines.answered(at(now, 5));
        assert_eq!(seconds(now, &deadlines), Some((65, Overdue::NextRequest)));
        deadlines.received(at(now, 60));
        assert_eq!(seconds(now, &deadlines), Some((70, Overdue::Head)));
    }

    #[test]
    fn an_answer_that_is_not_read_is_given_up_and_one_that_is_read_slowly_is_not() {
        let (now, mut deadlines) = start();
        deadlines.asked();
        deadlines.stalled(at(now, 1));
        deadlines.stalled(at(now, 25));
        assert_eq!(seconds(now, &deadlines), Some((31, Overdue::Reading)));
        deadlines.sent(at(now, 30));
        assert_eq!(deadlines.next(), None);
        deadlines.answered(at(now, 31));
        deadlines.stalled(at(now, 32));
        assert_eq!(seconds(now, &deadlines), Some((62, Overdue::Reading)));
        deadlines.sent(at(now, 61));
        assert_eq!(seconds(now, &deadlines), Some((121, Overdue::NextRequest)), "from the last byte that was taken");
    }

    #[test]
    fn a_websocket_may_be_silent_but_a_message_that_began_has_to_end() {
        let (now, mut deadlines) = start();
        deadlines.upgraded();
        deadlines.received(now);
        assert_eq!(deadlines.next(), None);
        deadlines.within_message(at(now, 1), true);
        deadlines.within_message(at(now, 15), true);
        assert_eq!(seconds(now, &deadlines), Some((21, Overdue::Message)));
        deadlines.within_message(at(now, 16), false);
        assert_eq!(deadlines.next(), None);
        deadlines.within_message(at(now, 17), true);
        assert_eq!(seconds(now, &deadlines), Some((37, Overdue::Message)));
        deadlines.gave_up_message();
        assert_eq!(deadlines.next(), None, "once is enough");
    }

    #[test]
    fn what_is_overdue_has_an_index_of_its_own() {
        assert_eq!(Overdue::ALL.map(Overdue::index), [0, 1, 2, 3, 4]);
    }
}
