//! The world of one schedule: people, wires, one to three nodes and their store. One step follows the other, each drawn
//! from the seed. In the end all faults heal, and all promises must be kept.

mod healing;
mod network;
mod nodes;
mod people;

use crate::{
    broken::Broken,
    check::{self, Truth},
    engine::{Changes, Engine},
    faults::{Faults, Step},
    moment::Moment,
    person::Person,
    process::Process,
    random::Random,
    wire::Wire,
};
use app::{
    protocol::{Place, RoomName, Timestamp},
    sync::Input,
};
use healing::Leaver;
use natter_server::{
    chat::{RENAMES, Rate, Rates, Settings},
    journal::{NodeId, Store},
};
use nodes::Node;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Names that people take.
const NAMES: [&str; 5] = ["Ada", "Bo", "Zoë", "Ελένη", "Cy"];
/// Time in milliseconds that no schedule reaches.
const MONTH_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Capacity of a connection's queue after the faults, in frames.
const WIDE: usize = 512;
/// Maximum time in milliseconds that passes for several nodes without work between them.
const TOGETHER_MS: u64 = 1_000;
/// Idle rounds of a quarter of a second that count as rest: longer than any delay, such as that of the read marks.
const CALM: usize = 24;
/// Maximum number of rounds until rest after the faults.
const ROUNDS: usize = 1_500;

/// The room of which everybody is a member.
pub(crate) fn general() -> Place {
    Place::Room(RoomName::general())
}

/// The world. See the [module](self).
pub(crate) struct World {
    pub(crate) random: Random,
    now: u64,
    /// Offset of the calendar, in milliseconds.
    clock_off: u64,
    pub(crate) engine: Engine,
    commits: Arc<AtomicBool>,
    pub(crate) nodes: Vec<Node>,
    faults: Faults,
    /// Sent batches that can arrive again.
    copies: Vec<(NodeId, u64, Changes)>,
    pub(crate) settings: Settings,
    capacity: usize,
    pub(crate) wires: BTreeMap<u64, Wire>,
    pub(crate) people: Vec<Person>,
    pub(crate) truth: Truth,
    next_id: u64,
    next_text: u64,
    /// Story of the schedule, if it is recorded.
    story: Option<Vec<String>>,
    pub(crate) steps: u64,
    /// A promise that was broken within an input.
    broken: Option<Broken>,
    leaver: Option<Leaver>,
}

/// Plays a schedule. Returns the result, and the story if `tells`.
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
            grace_ms: random.pick(&[0, 0, 5_000, 30_000]).unwrap_or(0),
            forget_after_ms: random.pick(&[MONTH_MS, MONTH_MS, MONTH_MS, 10_000]).unwrap_or(MONTH_MS),
            reserve_ms: MONTH_MS,
            rooms_per_user: 50,
            rates: Rates {
                message: pace,
                typing: pace,
                join: pace,
                rename: if pace.per_second == 0 { pace } else { RENAMES },
                query: pace,
                room: Rate { per_second: 0, burst: 0 },
            },
            recent_entries: 1 + random.below(8),
            // From what one call needs to everything.
            cache_bytes: 24_000 << random.below(3),
            archive_after_ms: if random.chance(50) { 0 } else { 60_000 },
        };
        let capacity = 3 + random.below(24);
        let nodes = random.pick(&[1, 1, 2, 2, 3]).unwrap_or(1);
        let faults = Faults::draw(&mut random, nodes);
        let mut world = Self {
            random,
            now: 0,
            clock_off: 1_700_000_000_000,
            engine: Engine::new(store),
            commits,
            nodes: (0..nodes).map(|_| Node::default()).collect(),
            faults,
            copies: Vec::new(),
            settings,
            capacity,
            wires: BTreeMap::new(),
            people: Vec::new(),
            truth: Truth::default(),
            next_id: 1,
            next_text: 0,
            story: tells.then(Vec::new),
            steps: 0,
            broken: None,
            leaver: None,
        };
        for node in 0..nodes {
            world.start_node(node)?;
        }
        for name in NAMES.iter().take(2 + world.random.below(2)) {
            world.come_in(name)?;
        }
        Ok(world)
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
        let Some(process) = self.nodes.first_mut().and_then(Node::running) else { return Ok(()) };
        let user = process.sign_in(&mut self.engine, moment, name, session)?;
        let user = user.ok_or_else(|| Broken(format!("{name} could not come in")))?;
        let has_locks = self.random.chance(80);
        self.people.push(Person::new(user, session, has_locks));
        for node in 0..self.nodes.len() {
            if self.random.chance(80) {
                self.follow(node, true);
                self.complete(node)?;
            }
        }
        self.open_tab(self.people.len() - 1, &general());
        self.gather()
    }

    fn run(&mut self) -> Result<(), Broken> {
        for _ in 0..60 + self.random.below(160) {
            self.steps += 1;
            self.step()?;
            self.gather()?;
        }
        self.heal()?;
        check::at_rest(&mut self.view())?;
        self.start_from_store()
    }

    /// Plays one step.
    fn step(&mut self) -> Result<(), Broken> {
        match self.faults.next(&mut self.random) {
            Step::DeliverUp => self.some_wire(Self::deliver_up),
            Step::DeliverDown => self.some_wire(Self::deliver_down),
            Step::Pump => self.some_wire(Self::pump),
            Step::Pass => {
                let wait = [1, 40, 300, 1_000, 3_000, 8_000, 26_000, 40_000];
                let wait = self.random.pick(&wait).unwrap_or(1);
                self.pass(wait)?;
            }
            Step::News => self.some_tab(|world, person, tab| {
                let asks = world.people[person].news(world.now, tab);
                world.do_asked(person, tab, asks);
            }),
            Step::Act => self.some_tab(Self::act),
            Step::OpenOrClose => self.open_or_close(),
            Step::Visit => self.visit(),
            Step::CutWire => self.some_wire(|world, id| world.cut(id)),
            Step::HalfOpen => self.some_wire(|world, id| {
                if let Some(wire) = world.wires.get_mut(&id) {
                    wire.is_half_open = true;
                    world.tell(|| format!("wire {id} is half open"));
                }
            }),
            Step::StoreFails => {
                let works = !self.commits.load(Ordering::Relaxed) || self.random.chance(30);
                self.commits.store(works, Ordering::Relaxed);
                self.tell(|| format!("the store works: {works}"));
            }
            Step::SetCalendar => {
                // Forward or back, by up to an hour.
                let by = u64::try_from(self.random.below(7_200_000)).unwrap_or(0);
                self.clock_off = (self.clock_off + by).saturating_sub(3_600_000);
            }
            Step::LateCopy => self.deliver_copy()?,
            step => self.step_of_node(step)?,
        }
        check::on_the_way(&mut self.view())
    }

    /// Plays one step of a node.
    fn step_of_node(&mut self, step: Step) -> Result<(), Broken> {
        let node = match step {
            Step::Write => self.some_node_that(Process::has_unwritten),
            Step::Complete => self.some_node_that(Process::has_news),
            _ => self.some_node(),
        };
        match step {
            Step::Write => {
                let most = 1 + self.random.below(6);
                self.write(node, most)?;
            }
            Step::Follow => {
                let looks_by_itself = self.random.chance(50);
                self.follow(node, looks_by_itself);
            }
            Step::Complete => self.complete(node)?,
            Step::Read => self.read(node),
            Step::Stop => self.stop(node)?,
            Step::Crash => self.crash(node),
            Step::Start => self.start_node(node)?,
            Step::Freeze => self.freeze(node),
            _ => self.cut_off(node),
        }
        Ok(())
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

    /// Lets time pass, for several nodes a second at a time, because they must hear of each other.
    fn pass(&mut self, wait: u64) -> Result<(), Broken> {
        self.tell(|| format!("{wait} ms pass"));
        let mut rest = wait;
        while rest > 0 {
            let part = if self.nodes.len() == 1 { rest } else { rest.min(TOGETHER_MS) };
            rest -= part;
            self.now += part;
            for node in 0..self.nodes.len() {
                self.tick(node)?;
                if self.nodes.len() > 1 && self.random.chance(self.faults.follows) {
                    self.follow(node, true);
                    self.complete(node)?;
                }
            }
        }
        for person in 0..self.people.len() {
            for tab in 0..self.people[person].tabs.len() {
                if self.people[person].tabs[tab].wakes_at.is_some_and(|at| at <= self.now) {
                    self.people[person].tabs[tab].wakes_at = None;
                    self.input(person, tab, Input::Woke);
                }
            }
        }
        Ok(())
    }
}
