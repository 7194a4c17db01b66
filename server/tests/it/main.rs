//! The server from outside: the real binary, real sockets, real files.
//!
//! Where each part of `docs/protocol.md` is proved:
//! - names, texts, limits: `hello`, `people`, `messages`, `bad_input`, `limits`;
//! - rooms and presence: `rooms`, `previews`, `events`, and `chat::tests::crowd` beside the code;
//! - entries, the cursor, coming back: `messages`, `resume`, `slow_reader`; through crashes and broken networks, the
//!   tests in `torture`;
//! - frames: `messages`, `rooms`, `people` (`set_nick`), `private` (`pm`, `read`), `typing`, `resume` (`get_history`),
//!   `attention` (`unread`, `away`);
//! - sessions: `hello`, `resume`, `origin`, `door`, `sign_out`; what depends on time alone (`ping`, silence) is in `web::ws::tests`;
//! - close codes: `bad_input`, `limits`, `slow_reader`, `hello`, `lifespan`;
//! - what one may send and how slowly: `edge`, and `listen` beside the code;
//! - commands: `commands`; HTTP: `api`, `pages`, `conversations`, `site`; events: `events`; the start and the stop: `lifespan`;
//! - a store that cannot be written, `unavailable` and `/readyz`: `full_disk`; one that is damaged: `damage`;
//! - everything together, for a whole afternoon: `transcript`; what went wrong elsewhere: `faults`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

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
#[cfg(target_os = "linux")] // what makes a disk full for one process alone is Linux's
mod full_disk;
mod hello;
mod helpers;
mod lifespan;
mod limits;
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
mod sign_out;
mod site;
mod slow_reader;
mod strangers;
mod transcript;
mod typing;
