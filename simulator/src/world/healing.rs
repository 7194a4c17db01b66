//! The end of a schedule: the faults are over, everybody looks at their pages, and everything arrives.

use super::{CALM, ROUNDS, WIDE, World};
use crate::{
    check::{self, Broken, Truth},
    person::{Person, Tab},
    process::Process,
    wire::Wire,
    world::general,
};
use app::sync::{Input, OutgoingState, Row, Status};
use natter_server::journal::Store;
use std::sync::atomic::Ordering;

impl World {
    /// All faults end, everybody looks at their pages, and everything that is under way arrives. What is half open stays so,
    /// as it would: each end has to notice.
    pub(super) fn heal(&mut self) -> Result<(), Broken> {
        self.tell(|| "everything heals".to_owned());
        self.commits.store(true, Ordering::Relaxed);
        self.capacity = WIDE;
        self.start_server();
        if let Some(process) = &mut self.process {
            process.set_capacity(WIDE);
        }
        for person in 0..self.people.len() {
            if self.people[person].tabs.is_empty() {
                self.open_tab(person, &general());
            }
        }
        let mut calm = 0;
        for _ in 0..ROUNDS {
            self.steps += 1;
            self.round()?;
            // What was refused for now is tried again after a while.
            calm = if self.is_at_rest() { calm + 1 } else { 0 };
            if calm > CALM {
                return Ok(());
            }
        }
        Err(Broken(format!("it does not come to rest: {}", check::restless(self))))
    }

    pub(super) fn round(&mut self) -> Result<(), Broken> {
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
        check::on_the_way(self)?;
        self.gather()?;
        if !self.has_traffic() {
            self.pass(250);
        }
        Ok(())
    }

    pub(super) fn has_traffic(&self) -> bool {
        let is_moving = |(id, wire): (&u64, &Wire)| {
            let waiting = self.process.as_ref().map_or(0, |process| process.waiting_frames(*id));
            let is_open = wire.up.len() + wire.down.len() + waiting > 0 || wire.has_client != wire.has_server;
            is_open && !wire.is_half_open
        };
        self.wires.iter().any(is_moving) || self.process.as_ref().is_some_and(Process::is_busy)
    }

    pub(super) fn is_at_rest(&self) -> bool {
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
            && self.wires.values().all(|wire| !wire.is_half_open)
            && tabs().all(|tab| is_live(tab) && has_sent(tab) && is_whole(tab))
            && tabs().all(|tab| tab.news.is_empty())
    }

    pub(crate) fn truth(&mut self) -> (&mut Truth, &Store, &[Person]) {
        (&mut self.truth, &self.store, &self.people)
    }

    /// For a message about what does not come to rest.
    pub(crate) fn unrest(&self) -> (bool, bool) {
        (self.has_traffic(), self.process.as_ref().is_some_and(Process::has_unwritten))
    }
}
