//! Everything that happens in one schedule: people, wires, the server's process and its store, one step after the other,
//! each decided by the seed. In the end all faults heal, and everything must be as it was promised.

mod healing;
mod network;
mod people;
mod server;

use crate::{
    check::{self, Broken, Truth},
    person::Person,
    process::Process,
    random::Random,
    wire::Wire,
};
use app::{
    protocol::{RoomName, Timestamp},
    sync::{Input, Place},
};
use natter_server::{
    chat::{RENAMES, Rate, Rates, Settings},
    journal::Store,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The moment by both clocks of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Milliseconds of the time that never goes back.
    pub(crate) now: u64,
    pub(crate) clock: Timestamp,
}

/// Rooms that people go to.
pub(crate) const ROOMS: [&str; 4] = ["general", "random", "help", "den"];
/// The names that people take.
const NAMES: [&str; 5] = ["Ada", "Bo", "Zoë", "Ελένη", "Cy"];
/// Frames that may wait for a connection once all is well.
const WIDE: usize = 512;
/// Rounds for which nothing may have happened then, of a quarter of a second each: longer than anything is put off.
const CALM: usize = 12;
/// Rounds in which everything must have come to rest after the faults.
const ROUNDS: usize = 600;

/// The room that everybody is in.
pub(crate) fn general() -> Place {
    Place::Room(RoomName::general())
}

/// See the [module](self).
pub(crate) struct World {
    pub(crate) random: Random,
    now: u64,
    /// How far the calendar is off.
    clock_off: u64,
    pub(crate) store: Store,
    commits: Arc<AtomicBool>,
    process: Option<Process>,
    pub(crate) settings: Settings,
    capacity: usize,
    wires: BTreeMap<u64, Wire>,
    pub(crate) people: Vec<Person>,
    truth: Truth,
    next_id: u64,
    next_text: u64,
    /// What happened, if it is to be told.
    story: Option<Vec<String>>,
    pub(crate) steps: u64,
}

/// Plays a schedule; what it came to, and what happened if `tells`.
pub(crate) fn play(seed: u64, tells: bool) -> (Result<u64, Broken>, Vec<String>) {
    let mut world = match World::new(seed, tells) {
        Ok(world) => world,
        Err(broken) => return (Err(broken), Vec::new()),
    };
    let result = world.run();
    (result.map(|()| world.steps), world.story.take().unwrap_or_default())
}

impl World {
    fn new(seed: u64, tells: bool) -> Result<Self, Broken> {
        let mut random = Random::new(seed);
        let commits = Arc::new(AtomicBool::new(true));
        let store = Store::in_memory("epoch", Arc::clone(&commits)).map_err(|error| Broken(error.to_string()))?;
        let pace = if random.chance(70) { Rate { per_second: 0, burst: 0 } } else { Rate { per_second: 2, burst: 4 } };
        let settings = Settings {
            grace_ms: if random.chance(50) { 30_000 } else { 0 },
            forget_after_ms: 30 * 24 * 60 * 60 * 1_000,
            reserve_ms: 30 * 24 * 60 * 60 * 1_000,
            rooms_per_user: 50,
            rates: Rates {
                message: pace,
                typing: pace,
                join: pace,
                rename: if pace.per_second == 0 { pace } else { RENAMES },
                query: pace,
                room: Rate { per_second: 0, burst: 0 },
            },
            tail: 1 + random.below(8),
            // From what one call needs to everything.
            cache_bytes: 24_000 << random.below(3),
            archive_after_ms: if random.chance(50) { 0 } else { 60_000 },
        };
        let capacity = 6 + random.below(40);
        let mut world = Self {
            random,
            now: 0,
            clock_off: 1_700_000_000_000,
            store,
            commits,
            process: None,
            settings,
            capacity,
            wires: BTreeMap::new(),
            people: Vec::new(),
            truth: Truth::default(),
            next_id: 1,
            next_text: 0,
            story: tells.then(Vec::new),
            steps: 0,
        };
        world.start_server();
        for name in NAMES.iter().take(2 + world.random.below(2)) {
            world.come_in(name)?;
        }
        Ok(world)
    }

    pub(crate) const fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now, clock: Timestamp::from_millis(self.clock_off + self.now) }
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(story) = &mut self.story {
            story.push(format!("{now:>7} {}", what()));
        }
    }

    fn come_in(&mut self, name: &str) -> Result<(), Broken> {
        let moment = self.moment();
        let mut session = [0; 32];
        session[..8].copy_from_slice(&self.random.next().to_be_bytes());
        let process = self.process.as_mut();
        let user = process.and_then(|process| process.sign_in(&mut self.store, moment, name, session));
        let user = user.ok_or_else(|| Broken(format!("{name} could not come in")))?;
        let has_locks = self.random.chance(80);
        self.people.push(Person::new(user, session, has_locks));
        self.open_tab(self.people.len() - 1, &general());
        Ok(())
    }

    fn run(&mut self) -> Result<(), Broken> {
        for _ in 0..60 + self.random.below(160) {
            self.steps += 1;
            self.step()?;
            self.gather()?;
        }
        self.heal()?;
        check::at_rest(self)
    }

    /// One thing happens.
    fn step(&mut self) -> Result<(), Broken> {
        match self.random.below(100) {
            0..=17 => self.some_wire(Self::deliver_up),
            18..=37 => self.some_wire(Self::deliver_down),
            38..=45 => self.some_wire(Self::pump),
            46..=53 => {
                let most = 1 + self.random.below(6);
                self.write(most);
            }
            54..=60 => self.complete(),
            61..=63 => self.read(),
            64..=70 => {
                let wait = [1, 40, 300, 1_000, 3_000, 8_000, 26_000, 40_000];
                let wait = self.random.pick(&wait).unwrap_or(1);
                self.pass(wait);
            }
            71..=75 => self.some_tab(|world, person, tab| {
                let asks = world.people[person].news(world.now, tab);
                world.do_asked(person, tab, asks);
            }),
            76..=91 => self.some_tab(Self::act),
            92..=93 => self.some_wire(|world, id| world.cut(id)),
            94 => self.some_wire(|world, id| {
                if let Some(wire) = world.wires.get_mut(&id) {
                    wire.is_half_open = true;
                    world.tell(|| format!("wire {id} is half open"));
                }
            }),
            95 if self.random.chance(30) => self.stop(),
            95 => self.crash(),
            96 => self.start_server(),
            97 => {
                let works = !self.commits.load(Ordering::Relaxed) || self.random.chance(30);
                self.commits.store(works, Ordering::Relaxed);
                self.tell(|| format!("the store works: {works}"));
            }
            98 => {
                // The calendar is set, forth or back, by up to an hour.
                let by = u64::try_from(self.random.below(7_200_000)).unwrap_or(0);
                self.clock_off = (self.clock_off + by).saturating_sub(3_600_000);
            }
            _ => self.open_or_close(),
        }
        check::on_the_way(self)
    }

    fn some_wire(&mut self, what: impl FnOnce(&mut Self, u64)) {
        let ids: Vec<u64> = self.wires.keys().copied().collect();
        if let Some(id) = self.random.pick(&ids) {
            what(self, id);
        }
    }

    fn some_tab(&mut self, what: impl FnOnce(&mut Self, usize, usize)) {
        let person = self.random.below(self.people.len());
        let tabs = self.people[person].tabs.len();
        if tabs > 0 {
            let tab = self.random.below(tabs);
            what(self, person, tab);
        }
    }

    fn pass(&mut self, wait: u64) {
        self.now += wait;
        self.tell(|| format!("{wait} ms pass"));
        let moment = self.moment();
        if let Some(process) = &mut self.process {
            process.tick(moment);
        }
        for person in 0..self.people.len() {
            for tab in 0..self.people[person].tabs.len() {
                if self.people[person].tabs[tab].wakes_at.is_some_and(|at| at <= self.now) {
                    self.people[person].tabs[tab].wakes_at = None;
                    self.input(person, tab, Input::Woke);
                }
            }
        }
    }
}
