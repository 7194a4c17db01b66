//! Natter under load, beside the least that the same work can cost.
//!
//! The server runs on the first core and the load on the last one. The cost of a delivery is the server's processor time
//! by the operating system's count, so it does not depend on the speed of the load. Each figure of Natter stands beside
//! one of a baseline that was measured just before, in the same run: a machine that is slower today is so for both.
//!
//! - [`fleet`]: many WebSocket connections on one thread;
//! - [`socket`]: the client's side of the WebSocket protocol;
//! - [`process`]: a server's process, its processor time and its memory;
//! - [`baseline`]: a broadcast server of one `epoll` loop, and SQLite alone;
//! - [`page_load`]: requests for pages;
//! - [`report`]: the table.

mod baseline;
mod fleet;
mod page_load;
mod process;
mod report;
mod socket;

use anyhow::Result;
use clap::{Parser, Subcommand};
use fleet::{Fleet, Load};
use process::{Kind, Server};
use report::{Bound, Figure};
use std::{path::PathBuf, time::Duration};

/// Measures Natter beside baselines and prints the figures with their bounds.
#[derive(Debug, Parser)]
struct Arguments {
    /// Binary to measure
    #[arg(long, default_value = "target/release/natter")]
    natter: PathBuf,
    /// Seconds of load for each figure
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Receivers in the room
    #[arg(long, default_value_t = 1_000)]
    receivers: usize,
    /// Rounds; the figures of the round with the least cost are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[command(subcommand)]
    only: Option<Only>,
}

/// A single group of figures, or the baseline's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
enum Only {
    /// Processor time of a delivery
    Fanout,
    /// Memory of a connection
    Idle,
    /// Durable acknowledgements
    Acknowledgements,
    /// Pages of a full room
    Pages,
    /// Serve the baseline's broadcast on a port that is printed
    Broadcast,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.only == Some(Only::Broadcast) {
        return baseline::broadcast();
    }
    process::pin_load()?;
    let runs = |group| arguments.only.is_none_or(|only| only == group);
    let mut figures = Vec::new();
    if runs(Only::Fanout) {
        figures.extend(fan_out(&arguments)?);
    }
    if runs(Only::Idle) {
        figures.push(idle(&arguments)?);
    }
    if runs(Only::Acknowledgements) {
        figures.extend(acknowledgements(&arguments)?);
    }
    if runs(Only::Pages) {
        figures.extend(pages(&arguments)?);
    }
    report::print(&figures);
    Ok(())
}

/// Bounds of the processor time of a delivery, as multiples of the baseline's, by the messages in flight.
const FAN_OUT: [(u64, Bound); 3] =
    [(1, Bound { must: 1.6, goal: 1.2 }), (16, Bound { must: 2.0, goal: 1.3 }), (64, Bound { must: 2.5, goal: 1.3 })];

fn fan_out(arguments: &Arguments) -> Result<Vec<Figure>> {
    let figure = |(in_flight, bound)| {
        let mut least = [f64::INFINITY; 2];
        for _ in 0..arguments.rounds {
            for (kind, least) in [Kind::Broadcast, Kind::Natter].into_iter().zip(&mut least) {
                let server = Server::start(kind, &arguments.natter)?;
                let mut fleet = Fleet::connect(&server, arguments.receivers)?;
                let load = Load { in_flight, time: Duration::from_secs(arguments.seconds) };
                let before = server.processor_time()?;
                let told = fleet.talk(&load)?;
                let cost = (server.processor_time()? - before).as_secs_f64() * 1e6 / told.deliveries as f64;
                anyhow::ensure!(told.lost == 0 && told.doubled == 0, "lost {}, doubled {}", told.lost, told.doubled);
                *least = least.min(cost);
            }
        }
        let name = format!("processor time of a delivery, {in_flight} in flight");
        Ok(Figure { name, unit: "us", baseline: least[0], natter: least[1], bound, is_cost: true })
    };
    FAN_OUT.into_iter().map(figure).collect()
}

/// Idle connections of which the memory is measured.
const IDLE: usize = 5_000;

fn idle(arguments: &Arguments) -> Result<Figure> {
    let server = Server::start(Kind::Natter, &arguments.natter)?;
    let before = server.memory()?;
    let _fleet = Fleet::connect(&server, IDLE)?;
    let grown = server.memory()?.saturating_sub(before) as f64 / 1_024.0 / IDLE as f64;
    let name = format!("memory of an idle connection, of {IDLE}");
    let bound = Bound { must: 8.0, goal: 4.0 };
    Ok(Figure { name, unit: "KiB", baseline: 1.0, natter: grown, bound, is_cost: true })
}

fn acknowledgements(arguments: &Arguments) -> Result<Vec<Figure>> {
    let figure = |in_flight| {
        let mut most = [0.0_f64; 2];
        let time = Duration::from_secs(arguments.seconds);
        for _ in 0..arguments.rounds {
            most[0] = most[0].max(baseline::sqlite_alone(in_flight, time)?);
            let server = Server::start(Kind::Natter, &arguments.natter)?;
            let mut fleet = Fleet::connect(&server, 1)?;
            let told = fleet.talk(&Load { in_flight, time })?;
            most[1] = most[1].max(told.acknowledged as f64 / time.as_secs_f64());
        }
        let name = format!("durable acknowledgements, {in_flight} in flight");
        let bound = Bound { must: 0.8, goal: 0.95 };
        Ok(Figure { name, unit: "/s", baseline: most[0], natter: most[1], bound, is_cost: false })
    };
    [1, 64, 512].into_iter().map(figure).collect()
}

fn pages(arguments: &Arguments) -> Result<Vec<Figure>> {
    let figure = |encoding: &str| {
        let server = Server::start(Kind::Natter, &arguments.natter)?;
        let cookie = page_load::fill_room(&server, 60)?;
        let before = server.processor_time()?;
        let count = page_load::load(&server, &cookie, encoding, Duration::from_secs(arguments.seconds))?;
        let per_core = count as f64 / (server.processor_time()? - before).as_secs_f64();
        let name = format!("pages of a full room for a second of a core, {encoding}");
        let bound = Bound { must: 4_000.0, goal: 10_000.0 };
        Ok(Figure { name, unit: "", baseline: 1.0, natter: per_core, bound, is_cost: false })
    };
    ["identity", "br"].into_iter().map(figure).collect()
}
