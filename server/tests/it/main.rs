//! Black-box tests of the server: the real binary, real sockets, real files.
//!
//! Tests of each part of `docs/protocol.md`:
//! - names, texts, limits: `hello`, `people`, `messages`, `bad_input`, `limits`;
//! - rooms and presence: `rooms`, `previews`, `events`, and `chat::tests::crowd` beside the code;
//! - entries, the cursor, resuming: `messages`, `amendments`, `resume`, `slow_reader`; through crashes and broken networks, the tests
//!   in `torture`;
//! - frames: `messages`, `rooms`, `people` (`set_nick`), `private` (`pm`, `read`), `typing`, `resume` (`get_history`),
//!   `attention` (`unread`, `away`);
//! - sessions: `hello`, `resume`, `origin`, `door`, `sign_out`; tests of time alone (`ping`, silence) are in
//!   `web::ws::tests`;
//! - close codes: `bad_input`, `limits`, `slow_reader`, `hello`, `lifespan`;
//! - sizes and timeouts of requests: `edge`, and `listen` beside the code;
//! - commands: `commands`; HTTP: `api`, `pages`, `links`, `search`, `conversations`, `site`; events: `events`; start and stop: `lifespan`;
//! - a store that cannot be written, `unavailable` and `/readyz`: `full_disk`; a damaged one: `damage`;
//! - everything together, for a whole afternoon: `transcript`; faults of other programs: `faults`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod amendments;
mod api;
mod attention;
mod bad_input;
mod commands;
mod conversations;
mod damage;
mod door;
mod edge;
mod events;
mod faults;
#[cfg(target_os = "linux")] // limits the disk of one process by means of Linux
mod full_disk;
mod hello;
mod helpers;
mod lifespan;
mod limits;
mod links;
mod messages;
mod origin;
#[path = "../shared/pace.rs"]
mod pace;
mod pages;
mod people;
mod previews;
mod private;
mod resume;
mod rooms;
mod search;
mod sign_out;
mod site;
mod slow_reader;
mod strangers;
mod transcript;
mod typing;
