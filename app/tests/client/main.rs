//! The client's state machine as a page drives it: inputs in, effects out.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod amending;
mod commands;
mod conversations;
mod link;
mod mentions;
mod notices;
mod presence;
mod preview;
mod speaking;
mod support;
