//! The client's state machine: the only place where a client decides anything about order, loss or repetition.
//!
//! It does no I/O. [`Client::handle`] takes an [`Input`] (a frame, a person's action, the connection going up or down,
//! the clock) and `now`, and returns [`Effect`]s for an adapter to carry out; what the screen shows is read from the
//! client afterwards. The browser runs exactly this code.
//!
//! Invariants:
//! - a room's entries are in ascending `id` without repeats, and where one is missing the list has a hole that knows
//!   its bounds ([`Timeline`]);
//! - a text that a person sent is in the outbox until its entry is in a timeline, or the person discards it.

mod backoff;
mod client;
mod outbox;
mod timeline;

pub use backoff::{MAX_MS as BACKOFF_MAX_MS, MIN_MS as BACKOFF_MIN_MS, delay_ms};
pub use client::{Client, Cursor, Effect, Input, NOTICES_KEPT, Notice, PRIVATE_KEPT, Snapshot, Status};
pub use outbox::{Outgoing, OutgoingState};
pub use timeline::{Hole, Row, Timeline};
