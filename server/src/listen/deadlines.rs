//! How long each step of a connection may take: the rules alone, without a clock or a socket.
//!
//! Invariant: at every moment at which the server waits for the other side, there is a deadline, but for a WebSocket on
//! which no message has begun. That one is pinged, and given up by [`web`](crate::web) when it stays silent.

use std::time::Duration;
use tokio::time::Instant;

/// How long a client may take for each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the connection to the first byte, and from the first byte of a request to the end of its head.
    pub head: Duration,
    /// For the body of a request, and for a WebSocket message from its first byte to its last.
    pub body: Duration,
    /// For reading on, where an answer waits.
    pub answer: Duration,
    /// Between an answer and the next request.
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
    /// An answer, or frames of a WebSocket, that the client does not read.
    Reading,
}

impl Overdue {
    /// Every step, in the order of [`index`](Self::index).
    pub const ALL: [Self; 5] = [Self::FirstByte, Self::Head, Self::Message, Self::NextRequest, Self::Reading];

    /// The step's place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The step's name in the metrics.
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

/// What a connection is doing, as far as its reading half is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Silent {
        since: Instant,
    },
    Head {
        since: Instant,
    },
    /// The handlers have the request. They bound the time for its body themselves.
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
    /// Since when the other side takes no more bytes.
    stalled_since: Option<Instant>,
}

impl Deadlines {
    /// Those of a connection that was just accepted.
    #[must_use]
    pub const fn new(now: Instant, patience: Patience) -> Self {
        Self { patience, step: Step::Silent { since: now }, stalled_since: None }
    }

    /// Bytes came.
    pub const fn received(&mut self, now: Instant) {
        if matches!(self.step, Step::Silent { .. } | Step::Idle { .. }) {
            self.step = Step::Head { since: now };
        }
    }

    /// A whole head was handed to the handlers.
    pub const fn asked(&mut self) {
        self.step = Step::Answering;
    }

    /// The last byte of an answer was handed over. Some may still wait for the socket.
    pub const fn answered(&mut self, now: Instant) {
        self.step = Step::Idle { since: now };
    }

    /// The connection is a WebSocket from here on.
    pub const fn upgraded(&mut self) {
        self.step = Step::WebSocket { message_since: None };
    }

    /// Whether the bytes of a WebSocket that came so far end within a message.
    pub const fn within_message(&mut self, now: Instant, is_within: bool) {
        if let Step::WebSocket { message_since } = &mut self.step {
            *message_since = match *message_since {
                since @ Some(_) if is_within => since,
                _ if is_within => Some(now),
                _ => None,
            };
        }
    }

    /// The rest of a message was overdue, and this was told. Who serves the WebSocket says goodbye in its own time.
    pub const fn gave_up_message(&mut self) {
        if let Step::WebSocket { message_since } = &mut self.step {
            *message_since = None;
        }
    }

    /// The socket took no bytes, since the other side does not read.
    pub const fn stalled(&mut self, now: Instant) {
        if self.stalled_since.is_none() {
            self.stalled_since = Some(now);
        }
    }

    /// The socket took bytes. Time to idle begins with the last of them.
    pub const fn sent(&mut self, now: Instant) {
        self.stalled_since = None;
        if let Step::Idle { since } = &mut self.step {
            *since = now;
        }
    }

    /// Until when the other side has to act, and what is overdue then.
    #[must_use]
    pub fn next(&self) -> Option<(Instant, Overdue)> {
        let Patience { head, body, answer, idle } = self.patience;
        // Nobody is to say anything more before they have read what they are told.
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
