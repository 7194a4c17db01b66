//! The clock of a running chat. A test passes one of its own to the [`Hub`](super::Hub).

use super::effect::Now;
use app::protocol::Timestamp;
use std::{
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A source of the time. Its milliseconds never go back; its calendar may.
pub struct Clock(Box<dyn Fn() -> Now + Send + Sync>);

impl Clock {
    /// A clock that reads the time by calling `read`.
    pub fn new(read: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }

    /// The machine's clock. Its milliseconds count from this call.
    #[must_use]
    pub fn of_the_machine() -> Self {
        let started = Instant::now();
        Self::new(move || Now { elapsed_ms: millis(started.elapsed()), clock: calendar() })
    }

    /// Reads the time.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}

/// The machine's calendar. A time before 1970 counts as 1970.
#[must_use]
pub fn calendar() -> Timestamp {
    Timestamp::from_millis(millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
