//! Loading of entries before a call. The host lists what is missing and takes what was read; its caller does the
//! reading.

use super::{Host, Outside};
use crate::{
    chat::{Missing, Need, Now},
    journal::Page,
};
use app::protocol::LogId;

/// Upper bound of reads before a call proceeds with what is in memory. A page of the store holds at most
/// [`CATCH_UP_BYTES`](app::protocol::limits::CATCH_UP_BYTES) of JSON, which takes a sixth of that in memory when the
/// text consists of control characters.
const ROUNDS: usize = 6;

/// The state of loading for a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Everything is in memory: the call can be made.
    Nothing,
    /// These parts must be read and passed to [`Host::fill`] before the host is asked again.
    Parts(Vec<Missing>),
    /// The parts exceed the cache, which evicts them before all are in memory: the call fails for now.
    TooMuch,
}

impl<O: Outside> Host<O> {
    /// Returns what a call still needs, after `rounds` rounds of loading.
    pub fn lacking(&mut self, now: Now, need: Need<'_>, rounds: usize) -> Lacking {
        if !need.is_any() {
            return Lacking::Nothing;
        }
        let missing = self.call(now, |chat| chat.missing(now, need));
        if rounds < ROUNDS && !missing.is_empty() {
            Lacking::Parts(missing)
        } else if missing.iter().any(|part| part.is_blank) {
            Lacking::TooMuch
        } else {
            Lacking::Nothing
        }
    }

    /// Stores a part that was read from the journal in the cache.
    pub fn fill(&mut self, now: Now, log: &LogId, page: Page) {
        self.call(now, |chat| chat.fill(log, page.entries));
    }
}
