//! Network faults between people who talk in one room.

use crate::{
    PATIENCE, all_is_well,
    client::{Client, SILENCE_MS, Surroundings, Witness},
    dice::Dice,
    proxy::{Cut, Direction, Ending, Fault, Proxy},
    server::Server,
};
use futures::future::join_all;
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// Speed of the clients' clocks.
const SPEED: u32 = 20;

/// People in `general`, and the network between them and the server.
struct Stage {
    dice: Dice,
    server: Server,
    proxy: Proxy,
    around: Surroundings,
    people: Vec<Client>,
}

impl Stage {
    async fn of(count: usize) -> Self {
        let mut dice = Dice::of_this_run();
        let server = Server::start().await;
        let proxy = Proxy::start(server.address(), dice.split()).await;
        let around = Surroundings { address: proxy.address(), speed: SPEED, witness: Witness::default() };
        let mut people = Vec::new();
        for number in 0..count {
            let name = format!("P{number:02}");
            people.push(Client::open(&server, &name, "general", around.clone(), dice.split()).await);
        }
        let stage = Self { dice, server, proxy, around, people };
        stage.everybody_is_live().await;
        stage
    }

    async fn everybody_is_live(&self) {
        for person in &self.people {
            person.until("there is a connection", Client::is_live).await;
        }
    }

    fn everybody_says(&mut self, texts: usize) {
        for _ in 0..texts {
            for person in &self.people {
                person.say(&self.dice.text());
            }
        }
    }

    fn attempts(&self) -> Vec<usize> {
        self.people.iter().map(Client::attempts).collect()
    }

    /// Waits until everybody has noticed the loss and tried again.
    async fn everybody_tries_again_after(&self, attempts: &[usize]) {
        for (person, before) in self.people.iter().zip(attempts) {
            person.until("the loss is noticed", |person| person.attempts() > *before).await;
        }
    }

    async fn all_is_well(&self) {
        all_is_well(&self.server, &self.people, &self.around.witness).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_around_a_cut_arrives_once_and_in_its_order() {
    let mut stage = Stage::of(4).await;
    for ending in [Ending::Reset, Ending::Orderly, Ending::Reset, Ending::Orderly] {
        let attempts = stage.attempts();
        stage.everybody_says(3);
        stage.proxy.on_present(Cut::now(ending));
        stage.everybody_says(3);
        stage.everybody_tries_again_after(&attempts).await;
    }
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_in_the_middle_of_a_frame_loses_and_doubles_nothing() {
    let mut stage = Stage::of(4).await;
    for round in 0..8 {
        stage.everybody_is_live().await;
        let attempts = stage.attempts();
        let direction = if round % 2 == 0 { Direction::ToServer } else { Direction::ToClient };
        let ending = stage.dice.one_of(&[Ending::Reset, Ending::Orderly]);
        // The texts are longer than that in both directions, whatever is in flight already.
        let after = 1 + stage.dice.below(250);
        stage.proxy.on_present(Cut { direction, after, ending });
        stage.everybody_says(5);
        stage.everybody_tries_again_after(&attempts).await;
    }
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_greeting_that_breaks_off_anywhere_is_asked_for_again() {
    let mut stage = Stage::of(3).await;
    for _ in 0..6 {
        let attempts = stage.attempts();
        let after = 1 + stage.dice.below(700);
        stage.proxy.on_future(Cut { direction: Direction::ToClient, after, ending: Ending::Orderly });
        stage.proxy.on_present(Cut::now(Ending::Reset));
        stage.everybody_says(2);
        stage.everybody_tries_again_after(&attempts.iter().map(|before| before + 1).collect::<Vec<_>>()).await;
    }
    stage.proxy.heal();
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_and_uneven_network_changes_no_order() {
    let mut stage = Stage::of(6).await;
    stage.proxy.on_all(Fault { delay: (20, 80), ..Fault::default() });
    for _ in 0..3 {
        stage.everybody_says(5);
        for person in &stage.people {
            person.until("everything typed is stored", |person| person.unsent() == 0).await;
        }
    }
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrow_network_delivers_everything_in_small_pieces() {
    let mut stage = Stage::of(4).await;
    stage.proxy.on_all(Fault { bytes_per_second: Some(20_000), ..Fault::default() });
    stage.everybody_says(20);
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_the_door_shut_comes_in_when_it_opens() {
    let mut stage = Stage::of(4).await;
    let attempts = stage.attempts();
    stage.proxy.refuse(true);
    stage.proxy.on_present(Cut::now(Ending::Orderly));
    stage.everybody_says(30);
    stage.everybody_tries_again_after(&attempts.iter().map(|before| before + 2).collect::<Vec<_>>()).await;
    stage.proxy.heal();
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_away_for_long_finds_all_that_was_said_meanwhile() {
    // More than a handshake carries, and than one page of history.
    const MISSED: usize = 450;
    let mut stage = Stage::of(2).await;
    let around = Surroundings { address: stage.server.address().to_owned(), ..stage.around.clone() };
    let near = Client::open(&stage.server, "Near", "general", around, stage.dice.split()).await;
    stage.everybody_says(2);
    stage.proxy.refuse(true);
    stage.proxy.on_present(Cut::now(Ending::Reset));
    stage.everybody_says(2);
    for _ in 0..MISSED {
        near.say(&stage.dice.text());
    }
    near.until("everything typed is stored", |near| near.unsent() == 0).await;
    stage.people.push(near);
    stage.proxy.heal();
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_connection_is_given_up_in_time_and_what_was_typed_into_it_arrives() {
    let mut stage = Stage::of(3).await;
    stage.everybody_says(1);
    let attempts = stage.attempts();
    stage.proxy.on_present(Fault { is_half_open: true, ..Fault::default() });
    let since = Instant::now();
    stage.everybody_says(4);
    stage.everybody_tries_again_after(&attempts).await;
    // A second more for a busy machine.
    let patience = Duration::from_millis(SILENCE_MS) / SPEED + Duration::from_secs(1);
    assert!(since.elapsed() <= patience, "it took {:?}", since.elapsed());
    stage.all_is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_never_answered_is_given_up_for_another() {
    let mut stage = Stage::of(3).await;
    let attempts = stage.attempts();
    stage.proxy.on_future(Fault { is_half_open: true, ..Fault::default() });
    stage.proxy.on_present(Cut::now(Ending::Reset));
    stage.everybody_says(3);
    stage.everybody_tries_again_after(&attempts.iter().map(|before| before + 1).collect::<Vec<_>>()).await;
    stage.proxy.heal();
    stage.all_is_well().await;
}

/// Draws any fault.
fn any_fault(dice: &mut Dice) -> Fault {
    let direction = dice.one_of(&[Direction::ToServer, Direction::ToClient]);
    let ending = dice.one_of(&[Ending::Reset, Ending::Orderly]);
    match dice.below(6) {
        0 => Cut::now(ending).into(),
        1 => Cut { direction, after: 1 + dice.below(2_000), ending }.into(),
        2 => Fault { is_half_open: true, ..Fault::default() },
        3 => Fault { delay: (dice.below(50), dice.below(100)), ..Fault::default() },
        4 => Fault { bytes_per_second: Some(5_000 + dice.below(50_000)), ..Fault::default() },
        _ => Fault::default(),
    }
}

/// Sends one message after another, at a person's speed, until `stop`.
async fn chat(person: &Client, mut dice: Dice, mut stop: watch::Receiver<bool>) {
    let pause = |dice: &mut Dice| Duration::from_millis(20 + dice.below(100));
    while timeout(pause(&mut dice), stop.wait_for(|stop| *stop)).await.is_err() {
        person.say(&dice.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_all_faults_with_a_crash_in_it_loses_and_doubles_nothing() {
    const FAULTS: u32 = 40;
    let Stage { mut dice, mut server, proxy, around, people } = Stage::of(8).await;
    let (stop, stopped) = watch::channel(false);
    let chatting = join_all(people.iter().map(|person| chat(person, dice.split(), stopped.clone())));
    let mut weather = dice.split();
    let storm = async {
        for fault in 0..FAULTS {
            let wrong = any_fault(&mut weather);
            match weather.below(4) {
                0 => proxy.on_future(wrong),
                1 => proxy.on_all(wrong),
                _ => proxy.on_present(wrong),
            }
            proxy.refuse(weather.below(8) == 0);
            sleep(Duration::from_millis(50 + weather.below(250))).await;
            if fault == FAULTS / 2 {
                server.kill().await;
                server.restart().await;
            }
        }
        proxy.heal();
        stop.send_replace(true);
    };
    timeout(PATIENCE, async { tokio::join!(chatting, storm) }).await.expect("the storm ends");
    let store = all_is_well(&server, &people, &around.witness).await;
    println!("{} entries through {FAULTS} faults", store.len());
}
