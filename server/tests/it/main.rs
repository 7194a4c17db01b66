//! The server from outside: the real binary, real sockets, real files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod durability;
mod hello;
mod helpers;
mod lifespan;
mod messages;
mod origin;
mod pages;
mod resume;
mod rooms;
mod slow_reader;
