//! An orderly restart, as for an update, and the time for which each person is without a connection.

use crate::{
    all_is_well,
    client::{Client, Surroundings, Witness},
    dice::Dice,
    server::Server,
};
use futures::future::join_all;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Returns the blackout of one person: from the loss of the connection until everything missed is there.
async fn blackout(person: &Client) -> Duration {
    person.until("the connection is lost", |person| !person.is_live()).await;
    let since = Instant::now();
    person.until("everything is there again", |person| person.is_live() && person.unsent() == 0).await;
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_comes_back_from_a_restart_and_misses_nothing() {
    let clients: usize = std::env::var("CLIENTS").map_or(50, |clients| clients.parse().expect("CLIENTS is a number"));
    let mut dice = Dice::of_this_run();
    let mut server = Server::start().await;
    let witness = Witness::default();
    let around = Surroundings { address: server.address().to_owned(), speed: 1, witness: witness.clone() };
    let mut people = Vec::new();
    for number in 0..clients {
        let name = format!("P{number:04}");
        people.push(Arc::new(Client::open(&server, &name, "general", around.clone(), dice.split()).await));
    }
    for person in &people {
        person.until("everybody is in", |person| person.is_live()).await;
    }
    let watching: Vec<_> = people
        .iter()
        .map(|person| {
            let person = Arc::clone(person);
            tokio::spawn(async move { blackout(&person).await })
        })
        .collect();
    let since = Instant::now();
    server.stop().await;
    let stopped = since.elapsed();
    // Texts of that time wait in the page.
    people[0].say("while nobody is there");
    server.restart().await;
    let restarted = since.elapsed();
    let mut blackouts: Vec<Duration> = join_all(watching).await.into_iter().map(Result::unwrap).collect();
    blackouts.sort_unstable();
    let at = |hundredth: usize| blackouts[(blackouts.len() - 1) * hundredth / 100].as_millis();
    println!(
        "{clients} clients: stopped in {} ms, there again after {} ms; blackout p50 {} ms, p99 {} ms, at the most {} ms",
        stopped.as_millis(),
        restarted.as_millis(),
        at(50),
        at(99),
        at(100),
    );
    let people: Vec<Client> = people.into_iter().map(|person| Arc::into_inner(person).unwrap()).collect();
    all_is_well(&server, &people, &witness).await;
}
