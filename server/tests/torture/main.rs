//! The server and the client's state machine under real faults: the real binary is killed under load, and a proxy
//! breaks the network between it and real clients.
//!
//! Three invariants hold in the end: each typed text is in the store once, in its author's order; every screen shows
//! what the store holds; and the store is intact.
//!
//! - `server`: the binary, which is killed by `kill -9` and restarted with the same folder at the same address;
//! - `proxy`: the network and its faults;
//! - `client`: a person, with the state machine of the browser;
//! - `store`: the store read from outside, and its invariants;
//! - `dice`: random choices, repeatable by their seed;
//! - `network`: the tests of network faults; `kills`: those of `kill -9`; `restarts`: those of an orderly stop;
//! - `starts`: a start with a large store; `searches`: searches in one.
//!
//! Only the faults are timed. Every wait is for a sign, up to [`PATIENCE`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod dice;
mod kills;
mod network;
#[path = "../shared/pace.rs"]
mod pace;
mod proxy;
mod restarts;
mod searches;
mod server;
mod starts;
mod store;

use client::{Client, Witness};
use server::Server;
use std::time::Duration;
use store::Store;

/// Timeout for anything that must come: only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until all typed texts have arrived on all screens, and checks the invariants.
async fn all_is_well(server: &Server, people: &[Client], witness: &Witness) -> Store {
    for person in people {
        person.until("everything typed is stored", |person| person.is_live() && person.unsent() == 0).await;
    }
    // Nobody types any more, so the store is complete.
    let store = server.store();
    store.assert_whole();
    store.assert_keeps(witness);
    store.assert_says_what_was_typed(people);
    for person in people {
        person.look_at_all_gaps().await;
        person.until("the screen shows the store", |person| store.is_shown_by(person)).await;
    }
    store
}
