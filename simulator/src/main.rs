//! Plays schedules of faults and checks the promise of Natter after each: every screen equals the store.
//!
//! What runs is what is shipped: `app::sync::Client` in every tab, `server::chat::Chat` and the SQLite writer in the
//! server. Simulated are the network (bytes, cut anywhere), the disk (commits that fail), the clocks, the browser's storage
//! and lock, and the people. A schedule is decided by its seed alone, and a seed that fails is printed and replays:
//! `simulator --seed 42` tells what happened.
//!
//! Reading order: `world` (what can happen), `check` (what must be so), then `process`, `person`, `wire`, `random`.

mod check;
mod person;
mod process;
mod random;
mod wire;
mod world;

use clap::Parser;
use std::{
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

/// Plays schedules of faults and checks that every screen equals the store.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many schedules to play.
    #[arg(long, default_value_t = 20_000)]
    schedules: u64,
    /// The first seed; the others follow it.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Play this one alone, and tell what happens.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let (result, story) = world::play(seed, true);
        for line in story {
            println!("{line}");
        }
        return match result {
            Ok(steps) => {
                println!("seed {seed}: kept, {steps} steps");
                ExitCode::SUCCESS
            }
            Err(broken) => {
                println!("seed {seed}: {}", broken.0);
                ExitCode::FAILURE
            }
        };
    }

    let since = Instant::now();
    let (next, failed, steps) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    // A few failures are enough to see what is wrong.
                    if number >= arguments.schedules || failed.load(Ordering::Relaxed) >= 5 {
                        return;
                    }
                    let seed = arguments.first + number;
                    match world::play(seed, false).0 {
                        Ok(taken) => drop(steps.fetch_add(taken, Ordering::Relaxed)),
                        Err(broken) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            println!("seed {seed}: {} (schedule {number}; replay with --seed {seed})", broken.0);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    let played = next.into_inner().min(arguments.schedules);
    let seconds = since.elapsed().as_secs_f64();
    println!("{played} schedules, {} steps, {failed} failed, {seconds:.1} s", steps.into_inner());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
