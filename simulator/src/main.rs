//! A simulator that plays schedules of faults and checks Natter's promise after each: every screen equals the store.
//!
//! The code under test is the shipped one: `app::sync::Client` in every tab, `server::chat::Chat` and the SQLite writer
//! in the server. Simulated are the network (bytes, cut anywhere), the disk (commits that fail), the clocks, the
//! browser's storage and lock, and the people. The seed alone determines a schedule; a seed that fails is printed and
//! can be replayed with its story: `simulator --seed 42`.
//!
//! Reading order: `world` (the steps), `faults` (their frequency), `check` (the checks), `situations` (what must be
//! reached), then `engine`, `process`, `person`, `wire`, `random`.

mod broken;
mod check;
mod engine;
mod faults;
mod moment;
mod person;
mod process;
mod random;
mod situations;
mod wire;
mod world;

use clap::Parser;
use situations::{Totals, WHOLE_RUN};
use std::{
    env,
    hash::{BuildHasher, RandomState},
    io::{self, BufRead, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc::channel,
    thread,
    time::Instant,
};

/// Number of failures after which a process stops.
const ENOUGH: usize = 5;

/// Plays schedules of faults and checks that every screen equals the store.
#[derive(Debug, Parser)]
struct Arguments {
    /// Number of schedules.
    #[arg(long, default_value_t = 20_000)]
    schedules: u64,
    /// First seed; the others follow it. By default it is drawn.
    #[arg(long)]
    first: Option<u64>,
    /// Play this schedule alone, and print its story.
    #[arg(long)]
    seed: Option<u64>,
    /// Play the schedules in this process.
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

/// Draws a first seed that is short enough to be typed.
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
            // A few failures are enough to see what is wrong.
            if failed == ENOUGH {
                break;
            }
        }
    }
    for line in situations::lines() {
        println!("{line}");
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays all schedules in as many processes as there are processors: within one, SQLite's allocator is a single lock.
/// Returns `true` if all promises were kept.
fn play_side_by_side(first: u64, schedules: u64) -> io::Result<bool> {
    let since = Instant::now();
    println!("{schedules} schedules from seed {first} on (--first {first} plays the same)");
    let parts = thread::available_parallelism().map_or(1, usize::from).try_into().unwrap_or(1);
    let myself = env::current_exe()?;
    let start = |part: u64| {
        let (begin, end) = (schedules * part / parts, schedules * (part + 1) / parts);
        let first = (first + begin).to_string();
        Command::new(&myself)
            .args(["--part", "--first", &first, "--schedules", &(end - begin).to_string()])
            .stdout(Stdio::piped())
            .spawn()
    };
    let running = (0..parts).map(start).collect::<io::Result<Vec<_>>>()?;
    let mut totals = Totals::default();
    let is_kept = listen(running, &mut totals)?;
    let missed = totals.print();
    for text in &missed {
        println!("never reached: {text}");
    }
    let is_kept = is_kept && (missed.is_empty() || schedules < WHOLE_RUN);
    let (verdict, seconds) = (if is_kept { "all kept" } else { "not kept" }, since.elapsed().as_secs_f64());
    println!("{schedules} schedules from seed {first} on: {verdict}, {seconds:.1} s");
    Ok(is_kept)
}

/// Prints the output of the processes and adds up the reached situations. Returns `true` if all promises were kept.
fn listen(running: Vec<Child>, totals: &mut Totals) -> io::Result<bool> {
    let (sender, said) = channel();
    let mut readers = Vec::new();
    for mut process in running {
        let (sender, stdout) = (sender.clone(), process.stdout.take());
        readers.push(thread::spawn(move || {
            for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines().map_while(Result::ok)) {
                sender.send(line).ok();
            }
            process.wait()
        }));
    }
    drop(sender);
    for line in said {
        if !totals.take(&line) {
            println!("{line}");
        }
    }
    let mut is_kept = true;
    for reader in readers {
        is_kept &= reader.join().map_err(|_| io::Error::other("a reader panicked"))??.success();
    }
    Ok(is_kept)
}
