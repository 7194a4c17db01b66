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
    env,
    hash::{BuildHasher, RandomState},
    io,
    process::{Command, ExitCode},
    thread,
    time::Instant,
};

/// Failures after which a process plays no more.
const ENOUGH: usize = 5;

/// Plays schedules of faults and checks that every screen equals the store.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many schedules to play.
    #[arg(long, default_value_t = 20_000)]
    schedules: u64,
    /// The first seed; the others follow it. Without it one is drawn.
    #[arg(long)]
    first: Option<u64>,
    /// Play this one alone, and tell what happens.
    #[arg(long)]
    seed: Option<u64>,
    /// Play them in this process.
    #[arg(long = "part", hide = true)]
    is_part: bool,
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

    let first = arguments.first.unwrap_or_else(drawn);
    if arguments.is_part {
        return play(first, arguments.schedules);
    }
    match play_side_by_side(first, arguments.schedules) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("The schedules could not be played: {error}.");
            ExitCode::FAILURE
        }
    }
}

/// A first seed that nobody chose, short enough to be typed.
fn drawn() -> u64 {
    RandomState::new().hash_one(()) % 1_000_000_000
}

/// Plays schedules one after the other.
fn play(first: u64, schedules: u64) -> ExitCode {
    let mut failed = 0;
    for seed in first..first + schedules {
        if let Err(broken) = world::play(seed, false).0 {
            println!("seed {seed}: {} (schedule {}; replay with --seed {seed})", broken.0, seed - first);
            failed += 1;
            // A few are enough to see what is wrong.
            if failed == ENOUGH {
                break;
            }
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays all schedules in as many processes as there are processors: within one, SQLite's allocator is a single lock.
/// Whether all were kept.
fn play_side_by_side(first: u64, schedules: u64) -> io::Result<bool> {
    let since = Instant::now();
    println!("{schedules} schedules from seed {first} on (--first {first} plays the same)");
    let parts = thread::available_parallelism().map_or(1, usize::from).try_into().unwrap_or(1);
    let myself = env::current_exe()?;
    let start = |part: u64| {
        let (begin, end) = (schedules * part / parts, schedules * (part + 1) / parts);
        let first = (first + begin).to_string();
        Command::new(&myself).args(["--part", "--first", &first, "--schedules", &(end - begin).to_string()]).spawn()
    };
    let running = (0..parts).map(start).collect::<io::Result<Vec<_>>>()?;
    let mut is_kept = true;
    for mut process in running {
        is_kept &= process.wait()?.success();
    }
    let (verdict, seconds) = (if is_kept { "all kept" } else { "not kept" }, since.elapsed().as_secs_f64());
    println!("{schedules} schedules from seed {first} on: {verdict}, {seconds:.1} s");
    Ok(is_kept)
}
