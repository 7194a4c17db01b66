//! `kill -9` of the server while many people talk.

use crate::{
    all_is_well,
    client::{Client, Surroundings, Witness},
    dice::Dice,
    server::Server,
};
use futures::future::join_all;
use std::{sync::Arc, time::Instant};
use tokio_util::sync::CancellationToken;

const SENDERS: usize = 64;
const ROOMS: [&str; 4] = ["general", "random", "help", "den"];
/// Speed of the clients' clocks: they meet more losses in a minute than people in a year, and would otherwise wait long
/// before each attempt.
const SPEED: u32 = 10;
/// Maximum number of a person's texts in flight.
const AT_ONCE: u64 = 4;
/// Maximum number of entries between a start and the next kill. With few the kill meets reconnecting clients, with many
/// the traffic.
const BETWEEN: u64 = 200;

fn name(number: usize) -> String {
    format!("P{number:02}")
}

/// Talks as fast as it is answered.
async fn talk(person: Arc<Client>, mut dice: Dice, stop: CancellationToken) {
    loop {
        let most = usize::try_from(1 + dice.below(AT_ONCE)).unwrap();
        tokio::select! {
            () = stop.cancelled() => return,
            () = person.until("what was said is stored", |person| person.unsent() < most) => {}
        }
        let text = dice.text();
        match dice.below(8) {
            0 => person.act(&text),
            1 => {
                let peer = usize::try_from(dice.below(SENDERS as u64)).unwrap();
                person.whisper(&name(peer), &text);
            }
            2 => person.amend(&mut dice),
            _ => person.say(&text),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_by_kill_minus_nine_under_load() {
    let kills: usize = std::env::var("KILLS").map_or(20, |kills| kills.parse().expect("KILLS is a number"));
    let since = Instant::now();
    let mut dice = Dice::of_this_run();
    let mut server = Server::start().await;
    let witness = Witness::default();
    let around = Surroundings { address: server.address().to_owned(), speed: SPEED, witness: witness.clone() };
    let mut people = Vec::new();
    for number in 0..SENDERS {
        let room = ROOMS[number % ROOMS.len()];
        people.push(Arc::new(Client::open(&server, &name(number), room, around.clone(), dice.split()).await));
    }
    let stop = CancellationToken::new();
    let talking: Vec<_> =
        people.iter().map(|person| tokio::spawn(talk(Arc::clone(person), dice.split(), stop.clone()))).collect();
    let mut at_kills = Vec::new();
    for _ in 0..kills {
        let seen = witness.told().len() + usize::try_from(dice.below(BETWEEN)).unwrap();
        witness.has_seen(seen).await;
        server.kill().await;
        at_kills.push(witness.told().len());
        server.restart().await;
    }
    stop.cancel();
    for talked in join_all(talking).await {
        talked.unwrap();
    }
    let people: Vec<Client> = people.into_iter().map(|person| Arc::into_inner(person).unwrap()).collect();
    let store = all_is_well(&server, &people, &witness).await;
    println!(
        "{kills} kills under {SENDERS} senders: {} acknowledged, {} of them before the last kill, {} stored, 0 lost, \
         0 doubled, {:.1} s",
        witness.told().len(),
        at_kills.last().unwrap_or(&0),
        store.len(),
        since.elapsed().as_secs_f64(),
    );
}
