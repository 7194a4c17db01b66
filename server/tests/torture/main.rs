//! The server and the client's state machine under real faults: the real binary is killed under load, and a proxy breaks
//! the network between it and real clients.
//!
//! Whatever happens, three things hold in the end: each text that somebody typed is in the store once, in its author's
//! order; every screen shows what the store holds; and the store is whole.
//!
//! - `server`: the binary, which dies by `kill -9` and comes back with the same folder at the same address;
//! - `proxy`: the network and its faults;
//! - `client`: a person, by the machine that the browser runs;
//! - `store`: the store read from outside, and what has to be true of it;
//! - `dice`: what is left to chance, repeatable by its seed;
//! - `network`: the tests of faults of the network; `kills`: those of `kill -9`; `restarts`: those of a stop in order;
//! - `starts`: a start with a large store.
//!
//! Faults are what is timed here. Whatever is waited for is waited for by its sign, up to [`PATIENCE`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod client;
mod dice;
mod kills;
mod network;
#[path = "../shared/pace.rs"]
mod pace;
mod proxy;
mod restarts;
mod server;
mod starts;
mod store;

use client::{Client, Witness};
use server::Server;
use std::time::Duration;
use store::Store;

/// How long anything that must come may take: only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What has to hold in the end: waits until everything that was typed has arrived on every screen, and proves it.
async fn all_is_well(server: &Server, people: &[Client], witness: &Witness) -> Store {
    for person in people {
        person.until("everything typed is stored", |person| person.is_live() && person.unsent() == 0).await;
    }
    // Nobody types any more, so this is all there will be.
    let store = server.store();
    store.assert_whole();
    store.assert_keeps(witness);
    store.assert_says_what_was_typed(people);
    for person in people {
        person.look_at_all_holes().await;
        person.until("the screen shows the store", |person| store.is_shown_by(person)).await;
    }
    store
}
