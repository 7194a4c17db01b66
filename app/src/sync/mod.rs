//! The client's state machine: the only place where a client decides anything about order, loss or repetition.
//!
//! It does no I/O. [`Client::handle`] takes an [`Input`] (a frame, a person's action, the connection going up or down,
//! the clock) and `now`, and returns [`Effect`]s for an adapter to carry out; what the screen shows is read from the
//! client afterwards. The browser, the simulator and the tests under faults run exactly this code.
//!
//! Invariants:
//! - a log's entries are in ascending `id` without repeats, and where one is missing the list has a gap that knows its
//!   bounds ([`Timeline`]);
//! - a text that a person sent is in the outbox until its entry is seen, or the person discards it, and texts are stored
//!   in the order in which they were typed (`client/speaking.rs`);
//! - a connection on which nothing is heard is given up (`client/link.rs`).

mod backoff;
mod client;
mod input;
mod outbox;
mod timeline;

pub use backoff::{MAX_MS as BACKOFF_MAX_MS, MIN_MS as BACKOFF_MIN_MS, delay_ms};
pub use client::{COMMANDS_MAX, Client, ConversationLine, Loss, NOTICES_KEPT, Notice, RoomLine, Status};
pub use input::{Alert, Answer, Effect, Input, Order, Refusal};
pub use outbox::{OUTBOX_MAX, Outgoing, OutgoingState};
pub use timeline::{Gap, Row, Timeline};
