//! The current time by both clocks of a server.

use app::protocol::Timestamp;

/// The current time. See the [module](self).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Monotonic milliseconds.
    pub(crate) now: u64,
    pub(crate) clock: Timestamp,
}
