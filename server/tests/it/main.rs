//! The server from outside: the real binary, real sockets, real files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod api;
mod bad_input;
mod commands;
mod durability;
mod events;
mod faults;
mod hello;
mod helpers;
mod lifespan;
mod limits;
mod messages;
mod origin;
mod pages;
mod people;
mod private;
mod resume;
mod rooms;
mod slow_reader;
mod transcript;
mod typing;
