//! The end of a schedule: the faults are over, people look at their pages, and everything arrives.

use super::{CALM, Node, ROUNDS, WIDE, World};
use crate::{
    broken::Broken,
    check::{self, View},
    person::Tab,
    process::Process,
    wire::Wire,
    world::general,
};
use app::{
    protocol::UserId,
    sync::{Input, OutgoingState, Row, Status},
};
use std::{collections::BTreeSet, sync::atomic::Ordering};

/// Maximum time in milliseconds for which a user of a killed node is shown as present.
const GHOST_MS: u64 = 10_000;
/// Longest grace period in milliseconds that the end waits for.
const GRACE_WAITED_FOR_MS: u64 = 5_000;

/// A person who does not return.
#[derive(Debug)]
pub(super) struct Leaver {
    user: UserId,
    /// Time by which the user must be absent.
    until: u64,
}

impl World {
    /// Ends all faults and lets everything in flight arrive. Half-open connections stay so, because each end has to
    /// notice.
    pub(super) fn heal(&mut self) -> Result<(), Broken> {
        self.tell(|| "everything heals".to_owned());
        self.commits.store(true, Ordering::Relaxed);
        self.capacity = WIDE;
        self.faults.heal();
        self.copies.clear();
        self.let_one_leave();
        for node in 0..self.nodes.len() {
            self.set_frozen(node, false);
            self.nodes[node].is_cut_off = false;
        }
        let mut calm = 0;
        for _ in 0..ROUNDS {
            self.steps += 1;
            self.round()?;
            // Refused requests are repeated after a while.
            calm = if self.is_at_rest() { calm + 1 } else { 0 };
            if calm > CALM && self.leaver.as_ref().is_none_or(|leaver| leaver.until <= self.now) {
                return Ok(());
            }
        }
        Err(Broken(format!("it does not come to rest: {}; {}", self.unrest(), check::restless(&self.people))))
    }

    pub(super) fn round(&mut self) -> Result<(), Broken> {
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            self.deliver_up_bytes(id, usize::MAX);
            self.pump_frames(id, usize::MAX);
            self.deliver_down_bytes(id, usize::MAX);
        }
        for node in 0..self.nodes.len() {
            self.start_node(node)?;
            if let Some(process) = &self.nodes[node].process {
                process.set_capacity(WIDE);
            }
            self.write(node, usize::MAX)?;
            self.follow(node, true);
            self.complete(node)?;
            self.read(node);
        }
        for person in 0..self.people.len() {
            // A page that is signed out leads to another one, and passes the sending on.
            let is_over = |tab: &Tab| tab.client.status() == Status::SignedOut;
            while let Some(tab) = self.people[person].tabs.iter().position(is_over) {
                self.close_tab(person, tab);
            }
            if self.people[person].tabs.is_empty() && !self.people[person].has_left {
                self.open_tab(person, &general());
            }
            for tab in 0..self.people[person].tabs.len() {
                while self.people[person].tabs.get(tab).is_some_and(|tab| !tab.news.is_empty()) {
                    let asks = self.people[person].news(self.now, tab);
                    self.do_asked(person, tab, asks);
                }
                for row in self.people[person].tabs[tab].client.rows() {
                    if let Row::Gap(gap) = row {
                        self.input(person, tab, Input::Fill(gap));
                    }
                }
            }
        }
        check::on_the_way(&mut self.view())?;
        self.gather()?;
        if !self.has_traffic() {
            self.pass(250)?;
        }
        self.watch_leaver()
    }

    pub(super) fn has_traffic(&self) -> bool {
        let waiting = |id: &u64, wire: &Wire| {
            self.nodes[wire.node].process.as_ref().map_or(0, |process| process.waiting_frames(*id))
        };
        let is_moving = |(id, wire): (&u64, &Wire)| {
            let is_open = wire.up.len() + wire.down.len() + waiting(id, wire) > 0 || wire.has_client != wire.has_server;
            is_open && !wire.is_half_open
        };
        let is_busy = |process: &Process| process.is_busy() || process.position() < self.engine.newest();
        self.wires.iter().any(is_moving) || self.nodes.iter().filter_map(|node| node.process.as_ref()).any(is_busy)
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
        let alive: BTreeSet<_> = self.nodes.iter().filter_map(|node| Some(node.process.as_ref()?.node())).collect();
        !self.has_traffic()
            && alive == self.engine.nodes().collect()
            && self.wires.values().all(|wire| !wire.is_half_open)
            && tabs().all(|tab| is_live(tab) && has_sent(tab) && is_whole(tab))
            && tabs().all(|tab| tab.news.is_empty())
    }

    pub(super) fn view(&mut self) -> View<'_> {
        View {
            truth: &mut self.truth,
            engine: &self.engine,
            people: &mut self.people,
            nodes: self.nodes.iter().map(|node| node.process.as_ref()).collect(),
            counted: self.settings.recent_entries,
        }
    }

    /// Describes the unrest for a message.
    fn unrest(&self) -> String {
        let processes = self.nodes.iter().filter_map(|node| node.process.as_ref());
        let alive: Vec<_> = processes.map(Process::node).collect();
        let known: Vec<_> = self.engine.nodes().collect();
        let half_open: Vec<_> = self.wires.iter().filter(|(_, wire)| wire.is_half_open).collect();
        format!("traffic: {}, {alive:?} run, {known:?} are known, {half_open:?}", self.has_traffic())
    }

    /// Makes one person close all pages for good, perhaps because their node is killed.
    fn let_one_leave(&mut self) {
        if !self.random.chance(30) {
            return;
        }
        let person = self.random.below(self.people.len());
        let user = self.people[person].user;
        let stays_until = self.people[person].stays_until;
        // The end of a page's lease is far away.
        if stays_until > self.now && self.random.chance(95) {
            return;
        }
        let at: BTreeSet<_> = self.engine.connected().iter().filter(|(who, _)| *who == user).map(|at| at.1).collect();
        let their = |node: &Node| node.process.as_ref().is_some_and(|process| at.contains(&process.node()));
        let within = match self.nodes.iter().position(their) {
            // A new connection to another node may not be committed yet.
            Some(node) if at.len() == 1 && self.nodes.len() > 1 && !self.is_elsewhere(user, node) => {
                self.crash(node);
                GHOST_MS
            }
            _ if self.settings.grace_ms > GRACE_WAITED_FOR_MS => return,
            _ => GHOST_MS + self.settings.grace_ms,
        };
        self.tell(|| format!("{person} leaves for good"));
        while !self.people[person].tabs.is_empty() {
            self.close_tab(person, 0);
        }
        self.people[person].has_left = true;
        self.leaver = Some(Leaver { user, until: self.now.max(stays_until) + within });
    }

    /// Returns `true` if a user is connected to another node, or was, and that is not committed yet.
    fn is_elsewhere(&self, user: UserId, node: usize) -> bool {
        let others = self.nodes.iter().enumerate().filter(|(at, _)| *at != node);
        let mut processes = others.filter_map(|(_, node)| node.process.as_ref());
        processes.any(|process| process.connected().contains(&user) || process.is_to_tell_of(user))
    }

    /// Checks that no user without a connection is shown as present for long.
    fn watch_leaver(&mut self) -> Result<(), Broken> {
        let Some(leaver) = &mut self.leaver else { return Ok(()) };
        // A half-open connection counts as open until an end notices.
        let is_anywhere = self.nodes.iter().filter_map(|node| node.process.as_ref());
        if is_anywhere.into_iter().any(|process| process.connected().contains(&leaver.user)) {
            leaver.until = leaver.until.max(self.now + GHOST_MS + self.settings.grace_ms);
        }
        if self.now > leaver.until && self.engine.is_present(leaver.user) {
            return Err(Broken(format!("{} is nowhere, and still present", leaver.user)));
        }
        Ok(())
    }
}
