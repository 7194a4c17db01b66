//! Natter's server.
//!
//! Reading order, from the outside in; each layer knows only the next:
//! - [`Config`]: all settings;
//! - [`lifespan`]: start and stop;
//! - [`listen`]: TCP connections, their number and their timeouts;
//! - [`web`]: HTTP: the page, the WebSocket, the files;
//! - [`chat`]: users, rooms, presence, fan-out;
//! - [`search`]: queries, and the rules of what they find;
//! - [`journal`]: the durable log.

pub mod chat;
pub mod config;
mod fair_queue;
mod fatal;
mod host_name;
pub mod journal;
pub mod lifespan;
pub mod listen;
pub mod origin;
pub mod search;
mod tally;
pub mod web;

pub use config::{Command, Config};
pub use journal::{Findings, OpenError, check};
pub use lifespan::run;
