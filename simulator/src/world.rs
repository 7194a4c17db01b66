//! Everything that happens in one schedule: people, wires, the server's process and its store, one step after the other,
//! each decided by the seed. In the end all faults heal, and everything must be as it was promised.

use crate::{
    check::{self, Broken, Truth},
    person::{Ask, Person, Tab, TabId, Typed},
    process::Process,
    random::Random,
    wire::Wire,
};
use app::{
    protocol::{ServerFrame, Timestamp, decode_server_frame},
    sync::{Input, OutgoingState, Row, Status},
};
use natter_server::{
    chat::{Rate, Rates, Settings},
    journal::{Range, Store},
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
/// Rounds in which everything must have come to rest after the faults.
const ROUNDS: usize = 600;

/// See the [module](self).
pub(crate) struct World {
    pub(crate) random: Random,
    now: u64,
    /// How far the calendar is off.
    clock_off: u64,
    pub(crate) store: Store,
    commits: Arc<AtomicBool>,
    process: Option<Process>,
    settings: Settings,
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
            rooms_per_user: 50,
            rates: Rates { message: pace, typing: pace, join: pace, query: pace },
            tail: 1 + random.below(8),
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
        self.open_tab(self.people.len() - 1, "general");
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
        self.meet()
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

    // -- the network ---------------------------------------------------------------------------------------------------

    fn some_bytes(&mut self, all: usize) -> usize {
        if self.random.chance(60) { all } else { self.random.below(all + 1) }
    }

    fn deliver_up(&mut self, id: u64) {
        let Some(length) = self.wires.get(&id).map(|wire| wire.up.len()) else { return };
        let bytes = self.some_bytes(length);
        self.deliver_up_bytes(id, bytes);
    }

    fn deliver_up_bytes(&mut self, id: u64, bytes: usize) {
        let moment = self.moment();
        let Some(wire) = self.wires.get_mut(&id) else { return };
        if wire.is_half_open || !wire.has_server {
            return;
        }
        let frames = wire.up.deliver(bytes);
        let is_over = !wire.has_client && wire.up.len() == 0;
        for frame in frames {
            self.tell(|| format!("server hears on {id}: {frame}"));
            if let Some(process) = &mut self.process {
                process.frame(moment, id, &frame);
            }
        }
        if is_over {
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.has_server = false;
            }
            if let Some(process) = &mut self.process {
                process.disconnect(moment, id);
            }
        }
    }

    fn deliver_down(&mut self, id: u64) {
        let Some(length) = self.wires.get(&id).map(|wire| wire.down.len()) else { return };
        let bytes = self.some_bytes(length);
        self.deliver_down_bytes(id, bytes);
    }

    fn deliver_down_bytes(&mut self, id: u64, bytes: usize) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        if wire.is_half_open || !wire.has_client {
            return;
        }
        let frames = wire.down.deliver(bytes);
        let is_over = !wire.has_server && wire.down.len() == 0;
        let wait_ms = wire.wait_ms;
        for frame in frames {
            let Some((person, tab)) = self.owner(id) else { return };
            self.tell(|| format!("tab {person}.{tab} hears: {frame}"));
            let frame = decode_server_frame(&frame).unwrap_or(ServerFrame::Unknown);
            self.input(person, tab, Input::Frame(Box::new(frame)));
        }
        if is_over && let Some((person, tab)) = self.owner(id) {
            self.tell(|| format!("tab {person}.{tab} sees its connection closed"));
            self.people[person].tabs[tab].wire = None;
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.has_client = false;
            }
            let jitter = self.random.fraction();
            self.input(person, tab, Input::Closed { jitter, wait_ms });
        }
    }

    /// The server's task writes what waits in its queue.
    fn pump(&mut self, id: u64) {
        let most = 1 + self.random.below(12);
        self.pump_frames(id, most);
    }

    fn pump_frames(&mut self, id: u64, most: usize) {
        let (Some(process), Some(wire)) = (&mut self.process, self.wires.get_mut(&id)) else { return };
        // Who is slow to take it makes the queue grow.
        if wire.has_server && wire.down.len() < 64 * 1_024 {
            for frame in process.frames(id, most) {
                wire.down.send(&frame);
            }
        }
    }

    fn cut(&mut self, id: u64) {
        let moment = self.moment();
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let (up, down) = (self.random.below(wire.up.len() + 1), self.random.below(wire.down.len() + 1));
        let had_server = wire.has_server;
        wire.cut(up, down);
        self.tell(|| format!("wire {id} is cut"));
        // The server hears of its end now; the tab when it has taken what came before.
        if had_server && let Some(process) = &mut self.process {
            process.disconnect(moment, id);
        }
    }

    /// The server has closed connections, and wires that both ends have let go of are no more.
    fn gather(&mut self) -> Result<(), Broken> {
        for id in self.process.as_mut().map(Process::take_closed).unwrap_or_default() {
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.has_server = false;
            }
        }
        self.wires.retain(|_, wire| wire.has_client || wire.has_server);
        check::let_go(self)
    }

    // -- the server ----------------------------------------------------------------------------------------------------

    fn write(&mut self, most: usize) {
        if let Some(process) = &mut self.process {
            process.write(&mut self.store, most);
        }
    }

    fn complete(&mut self) {
        let moment = self.moment();
        if let Some(process) = &mut self.process {
            process.complete(moment);
        }
    }

    fn read(&mut self) {
        let (moment, at) = (self.moment(), self.random.below(8));
        if let Some(process) = &mut self.process {
            process.read(&self.store, moment, at);
        }
    }

    fn crash(&mut self) {
        if self.process.take().is_none() {
            return;
        }
        self.tell(|| "the server is killed".to_owned());
        for wire in self.wires.values_mut().filter(|wire| wire.has_server) {
            let (up, down) = (self.random.below(wire.up.len() + 1), self.random.below(wire.down.len() + 1));
            wire.cut(up, down);
        }
    }

    fn start_server(&mut self) {
        if self.process.is_none() {
            self.tell(|| "the server starts".to_owned());
            self.process = Some(Process::start(&self.store, self.settings, self.capacity, self.moment()));
        }
    }

    // -- time ----------------------------------------------------------------------------------------------------------

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

    // -- people --------------------------------------------------------------------------------------------------------

    fn owner(&self, wire: u64) -> Option<(usize, usize)> {
        self.people
            .iter()
            .enumerate()
            .find_map(|(at, person)| person.tabs.iter().position(|tab| tab.wire == Some(wire)).map(|tab| (at, tab)))
    }

    fn input(&mut self, person: usize, tab: usize, input: Input) {
        let asks = self.people[person].input(self.now, tab, input);
        self.do_asked(person, tab, asks);
    }

    fn do_asked(&mut self, person: usize, tab: usize, asks: Vec<Ask>) {
        for ask in asks {
            let Some(state) = self.people[person].tabs.get_mut(tab) else { return };
            match ask {
                Ask::Load(room) => state.loads = Some(room),
                Ask::Send(frame) => {
                    let json = serde_json::to_string(&frame).unwrap_or_default();
                    if let Some(wire) = state.wire.and_then(|id| self.wires.get_mut(&id)) {
                        wire.up.send(&json);
                    }
                }
                Ask::Disconnect => {
                    if let Some(wire) = state.wire.take().and_then(|id| self.wires.get_mut(&id)) {
                        wire.has_client = false;
                    }
                }
                Ask::Connect(cursor) => self.connect(person, tab, &cursor),
            }
        }
    }

    fn connect(&mut self, person: usize, tab: usize, cursor: &app::sync::Cursor) {
        let id = self.number();
        let moment = self.moment();
        let session = self.people[person].session;
        let wire = Wire { has_client: true, has_server: self.process.is_some(), ..Wire::default() };
        let is_taken = wire.has_server;
        self.wires.insert(id, wire);
        if let Some(former) = self.people[person].tabs[tab].wire.replace(id)
            && let Some(wire) = self.wires.get_mut(&former)
        {
            wire.has_client = false;
        }
        self.tell(|| format!("tab {person}.{tab} connects by wire {id} from {}", cursor.last_id));
        if let Some(process) = &mut self.process {
            process.connect(moment, id, &session, cursor);
        }
        if is_taken {
            self.input(person, tab, Input::Opened);
        }
    }

    fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// A page is loaded, of the newest entries or of older ones.
    fn open_tab(&mut self, person: usize, room: &str) -> bool {
        let (moment, is_older) = (self.moment(), self.random.chance(20));
        let Some(process) = &mut self.process else { return false };
        let Some(user) = process.session(&self.people[person].session) else { return false };
        let snapshot = process.snapshot(moment, user, room).or_else(|| process.snapshot(moment, user, "general"));
        let Some(mut snapshot) = snapshot else { return false };
        if is_older && let Some(newest) = snapshot.entries.last() {
            let range = Range { after: 0, before: newest.id, limit: 2 };
            let log = natter_server::journal::Log::Room(snapshot.room.clone());
            snapshot.entries = self.store.page(&log, range).unwrap_or_default().entries;
        }
        let id: TabId = self.number();
        self.tell(|| format!("{person} opens a page of {room}, older: {is_older}"));
        let asks = self.people[person].open(self.now, id, snapshot);
        let tab = self.people[person].tabs.len() - 1;
        self.do_asked(person, tab, asks);
        true
    }

    fn close_tab(&mut self, person: usize, tab: usize) {
        if let Some(Tab { wire, .. }) = self.people[person].close(tab) {
            self.tell(|| format!("{person} closes page {tab}"));
            if let Some(wire) = wire.and_then(|id| self.wires.get_mut(&id)) {
                wire.has_client = false;
                let behind = self.random.below(wire.up.len() + 1);
                wire.up.cut(behind);
            }
        }
    }

    fn open_or_close(&mut self) {
        let person = self.random.below(self.people.len());
        let tabs = self.people[person].tabs.len();
        if tabs == 0 || (tabs < 3 && self.random.chance(50)) {
            let room = self.random.pick(&ROOMS).unwrap_or("general");
            self.open_tab(person, room);
        } else {
            let tab = self.random.below(tabs);
            self.close_tab(person, tab);
        }
    }

    /// Pages that are to be replaced are, once the server gives them.
    fn meet(&mut self) -> Result<(), Broken> {
        for person in 0..self.people.len() {
            let waiting = self.people[person].tabs.iter().position(|tab| tab.loads.is_some());
            if let Some(tab) = waiting.filter(|_| self.process.is_some()) {
                let room = self.people[person].tabs[tab].loads.take().unwrap_or_default();
                if self.open_tab(person, &room) {
                    self.close_tab(person, tab);
                }
            }
        }
        check::on_the_way(self)
    }

    /// A person does something on a page.
    fn act(&mut self, person: usize, tab: usize) {
        match self.random.below(20) {
            0..=8 => self.say(person, tab),
            9 => self.run_command(person, tab),
            10..=11 => self.look_at_a_hole(person, tab),
            12 => self.input(person, tab, Input::Nudged),
            13 => self.input(person, tab, Input::Slept),
            14 => self.input(person, tab, Input::NetworkLost),
            15 => {
                let newest = self.people[person].tabs[tab].client.rows().iter().rev().find_map(|row| match row {
                    Row::Entry(entry) => Some(entry.id),
                    Row::Hole(_) => None,
                });
                newest.into_iter().for_each(|id| self.input(person, tab, Input::Seen(id)));
            }
            16 => self.input(person, tab, Input::Typing(true)),
            17..=18 => self.decide(person, tab, true),
            _ => self.decide(person, tab, false),
        }
    }

    fn say(&mut self, person: usize, tab: usize) {
        self.next_text += 1;
        let number = self.next_text;
        let text: Arc<str> = match self.random.below(10) {
            0 => format!("/me does {number}").into(),
            1 | 2 => format!("/pm {} {number}", self.random.pick(&NAMES).unwrap_or("Bo")).into(),
            _ => format!("text {number} Ελληνικά 🧑‍🚀").into(),
        };
        let state = &self.people[person].tabs[tab];
        if state.client.cannot_take(&text).is_some() {
            return;
        }
        let (room, tab_id) = (state.client.room().clone(), state.id);
        let client_id: Arc<str> = format!("mark-{number}").into();
        self.tell(|| format!("tab {person}.{tab} says in {room}: {text} ({client_id})"));
        let typed = Typed { tab: tab_id, client_id: Arc::clone(&client_id), is_discarded: false, is_retried: false };
        self.people[person].typed.push(typed);
        // No two texts are typed in one millisecond.
        self.now += 1;
        let say = Input::Say { room, text, client_id, at: self.now };
        let asks = self.people[person].say(self.now, tab, say);
        self.do_asked(person, tab, asks);
    }

    fn run_command(&mut self, person: usize, tab: usize) {
        let room = self.random.pick(&ROOMS).unwrap_or("general");
        let text: Arc<str> = match self.random.below(3) {
            0 => format!("/join {room}").into(),
            1 => "/leave".into(),
            _ => format!("/nick {}{}", NAMES[self.random.below(NAMES.len())], self.random.below(3)).into(),
        };
        let state = &self.people[person].tabs[tab];
        if state.client.cannot_take(&text).is_none() {
            let (room, at) = (state.client.room().clone(), self.now);
            self.tell(|| format!("tab {person}.{tab} runs in {room}: {text}"));
            self.input(person, tab, Input::Say { room, text, client_id: "command".into(), at });
        }
    }

    fn look_at_a_hole(&mut self, person: usize, tab: usize) {
        let rows = self.people[person].tabs[tab].client.rows();
        let holes: Vec<_> = rows
            .into_iter()
            .filter_map(|row| match row {
                Row::Hole(hole) => Some(hole),
                Row::Entry(_) => None,
            })
            .collect();
        if let Some(hole) = self.random.pick(&holes) {
            self.input(person, tab, Input::Fill(hole));
        }
    }

    /// A refused text is sent again or given up.
    fn decide(&mut self, person: usize, tab: usize, again: bool) {
        let is_failed = |state: &OutgoingState| matches!(state, OutgoingState::Failed(_));
        let mut outbox = self.people[person].tabs[tab].client.outbox();
        let Some(client_id) = outbox.find(|item| is_failed(&item.state)).map(|item| Arc::clone(&item.client_id)) else {
            return;
        };
        drop(outbox);
        if let Some(typed) = self.people[person].typed.iter_mut().find(|typed| typed.client_id == client_id) {
            typed.is_retried = true;
            typed.is_discarded |= !again;
        }
        self.tell(|| format!("tab {person}.{tab} gives {client_id} another try: {again}"));
        self.input(person, tab, if again { Input::Retry(client_id) } else { Input::Discard(client_id) });
    }

    // -- the end -------------------------------------------------------------------------------------------------------

    /// All faults end, everybody looks at their pages, and everything that is under way arrives.
    fn heal(&mut self) -> Result<(), Broken> {
        self.tell(|| "everything heals".to_owned());
        self.commits.store(true, Ordering::Relaxed);
        self.capacity = WIDE;
        self.start_server();
        if let Some(process) = &mut self.process {
            process.set_capacity(WIDE);
        }
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            if self.wires.get(&id).is_some_and(|wire| wire.is_half_open) {
                if let Some(wire) = self.wires.get_mut(&id) {
                    wire.is_half_open = false;
                }
                self.cut(id);
            }
        }
        for person in 0..self.people.len() {
            if self.people[person].tabs.is_empty() {
                self.open_tab(person, "general");
            }
        }
        for _ in 0..ROUNDS {
            self.steps += 1;
            self.round()?;
            if self.is_at_rest() {
                return Ok(());
            }
        }
        Err(Broken(format!("it does not come to rest: {}", check::restless(self))))
    }

    fn round(&mut self) -> Result<(), Broken> {
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            self.deliver_up_bytes(id, usize::MAX);
            self.pump_frames(id, usize::MAX);
            self.deliver_down_bytes(id, usize::MAX);
        }
        self.write(usize::MAX);
        self.complete();
        self.read();
        for person in 0..self.people.len() {
            for tab in 0..self.people[person].tabs.len() {
                while self.people[person].tabs.get(tab).is_some_and(|tab| !tab.news.is_empty()) {
                    let asks = self.people[person].news(self.now, tab);
                    self.do_asked(person, tab, asks);
                }
                for row in self.people[person].tabs[tab].client.rows() {
                    if let Row::Hole(hole) = row {
                        self.input(person, tab, Input::Fill(hole));
                    }
                }
            }
        }
        self.meet()?;
        self.gather()?;
        if !self.has_traffic() {
            self.pass(250);
        }
        Ok(())
    }

    fn has_traffic(&self) -> bool {
        let is_moving = |(id, wire): (&u64, &Wire)| {
            let waiting = self.process.as_ref().map_or(0, |process| process.waiting_frames(*id));
            wire.up.len() + wire.down.len() + waiting > 0 || wire.has_client != wire.has_server
        };
        self.wires.iter().any(is_moving) || self.process.as_ref().is_some_and(Process::is_busy)
    }

    fn is_at_rest(&self) -> bool {
        let tabs = || self.people.iter().flat_map(|person| &person.tabs);
        let is_live = |tab: &Tab| matches!(tab.client.status(), Status::Live | Status::SignedOut);
        let has_sent = |tab: &Tab| {
            tab.client.status() == Status::SignedOut
                || tab.client.outbox().all(|item| item.state != OutgoingState::Waiting)
        };
        let is_whole = |tab: &Tab| {
            tab.client.status() == Status::SignedOut || tab.client.rows().iter().all(|row| matches!(row, Row::Entry(_)))
        };
        !self.has_traffic()
            && tabs().all(|tab| is_live(tab) && has_sent(tab) && is_whole(tab))
            && tabs().all(|tab| tab.loads.is_none() && tab.news.is_empty())
    }

    pub(crate) fn truth(&mut self) -> (&mut Truth, &Store, &[Person]) {
        (&mut self.truth, &self.store, &self.people)
    }

    /// For a message about what does not come to rest.
    pub(crate) fn unrest(&self) -> (bool, bool) {
        (self.has_traffic(), self.process.as_ref().is_some_and(Process::has_unwritten))
    }
}
