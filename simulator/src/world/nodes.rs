//! The nodes apart from their connections: they write, follow, read, freeze, get cut off, die and start.

use super::World;
use crate::{
    broken::Broken,
    process::{Goes, Process},
    situations::{Situation, reached},
};

/// Maximum number of copies of sent batches in the network.
const COPIES: usize = 4;

/// A machine on which a process can run.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) process: Option<Process>,
    /// `true` if nothing on the machine runs.
    pub(super) is_frozen: bool,
    /// `true` if the machine does not reach the store.
    pub(super) is_cut_off: bool,
}

impl Node {
    /// Returns the process while it runs.
    pub(super) fn running(&mut self) -> Option<&mut Process> {
        self.process.as_mut().filter(|_| !self.is_frozen)
    }

    /// Returns the process while it runs and reaches the store.
    fn running_with_store(&mut self) -> Option<&mut Process> {
        let has_store = !self.is_cut_off;
        self.running().filter(|_| has_store)
    }
}

impl World {
    pub(super) fn some_node(&mut self) -> usize {
        self.random.below(self.nodes.len())
    }

    /// Draws one of the nodes with work to do, or any.
    pub(super) fn some_node_that(&mut self, has_work: impl Fn(&Process) -> bool) -> usize {
        let is_it = |node: &usize| self.nodes[*node].process.as_ref().is_some_and(&has_work);
        let busy: Vec<_> = (0..self.nodes.len()).filter(is_it).collect();
        self.random.pick(&busy).unwrap_or_else(|| self.some_node())
    }

    pub(super) fn write(&mut self, node: usize, most: usize) -> Result<(), Broken> {
        let is_lost = self.random.chance(self.faults.lost_answers);
        let before = self.engine.newest();
        let Some(process) = self.nodes[node].running_with_store() else { return Ok(()) };
        if let Some(copy) = process.write(&mut self.engine, most, is_lost)?
            && self.nodes.len() > 1
        {
            if self.copies.len() == COPIES {
                self.copies.remove(0);
            }
            self.copies.push(copy);
        }
        for fact in self.engine.facts_after(before) {
            self.tell(|| format!("committed for node {node}: {fact:?}"));
        }
        if self.engine.newest() > before {
            for other in 0..self.nodes.len() {
                if !self.random.chance(self.faults.lost_wakes)
                    && let Some(process) = &mut self.nodes[other].process
                {
                    process.wake();
                }
            }
        }
        Ok(())
    }

    /// Delivers a copy of a batch that was sent before.
    pub(super) fn deliver_copy(&mut self) -> Result<(), Broken> {
        if self.copies.is_empty() {
            return Ok(());
        }
        let at = self.random.below(self.copies.len());
        let (node, number, changes) = self.copies.swap_remove(at);
        self.engine.write(node, number, &changes).map(drop)
    }

    pub(super) fn follow(&mut self, node: usize, looks_by_itself: bool) {
        if let Some(process) = self.nodes[node].running_with_store() {
            process.follow(&self.engine, looks_by_itself);
        }
    }

    pub(super) fn complete(&mut self, node: usize) -> Result<(), Broken> {
        let moment = self.moment();
        let Some(process) = self.nodes[node].running() else { return Ok(()) };
        let goes = process.complete(&mut self.engine, moment)?;
        self.go(node, goes);
        Ok(())
    }

    pub(super) fn read(&mut self, node: usize) {
        let (moment, at) = (self.moment(), self.random.below(8));
        if let Some(process) = self.nodes[node].running_with_store() {
            process.read(&self.engine.store, moment, at);
        }
    }

    /// Lets time pass for a node.
    pub(super) fn tick(&mut self, node: usize) -> Result<(), Broken> {
        let (moment, has_store) = (self.moment(), !self.nodes[node].is_cut_off);
        let Some(process) = self.nodes[node].running() else { return Ok(()) };
        process.tick(moment);
        let goes = process.beat(&mut self.engine, moment, has_store);
        if goes == Goes::On {
            process.settle(&self.engine, moment)?;
        } else if !has_store {
            reached(Situation::StartsOver);
        }
        self.go(node, goes);
        Ok(())
    }

    fn go(&mut self, node: usize, goes: Goes) {
        if goes == Goes::StartsOver {
            self.tell(|| format!("node {node} starts over"));
            self.end(node, true);
        }
    }

    pub(super) fn crash(&mut self, node: usize) {
        if self.nodes[node].process.is_some() {
            self.tell(|| format!("node {node} is killed"));
            self.end(node, false);
        }
    }

    /// Ends the process of a node. Its connections are closed in order, or break.
    fn end(&mut self, node: usize, in_order: bool) {
        let Some(process) = self.nodes[node].process.take() else { return };
        process.leave_orphans(&mut self.engine);
        self.nodes[node].is_frozen = false;
        let wires = self.wires.iter_mut().filter(|(_, wire)| wire.node == node && wire.has_server);
        for (_, wire) in wires {
            if in_order {
                wire.has_server = false;
                wire.wait_ms = u64::try_from(self.random.below(5_000)).ok();
            } else {
                let (up, down) = (self.random.below(wire.up.len() + 1), self.random.below(wire.down.len() + 1));
                wire.cut(up, down);
            }
        }
        if self.nodes.len() > 1 && self.nodes.iter().all(|node| node.process.is_none()) {
            reached(Situation::NobodyLeft);
        }
    }

    /// Stops a node in order: it stores and sends what it has accepted, tells clients how long to wait, and declares
    /// itself dead.
    pub(super) fn stop(&mut self, node: usize) -> Result<(), Broken> {
        let is_able = !self.nodes[node].is_frozen && !self.nodes[node].is_cut_off;
        while is_able && self.nodes[node].process.as_ref().is_some_and(Process::has_unwritten) {
            let moment = self.moment();
            let Some(process) = &mut self.nodes[node].process else { break };
            process.write(&mut self.engine, usize::MAX, false)?;
            while process.has_news() {
                let goes = process.complete(&mut self.engine, moment)?;
                if goes == Goes::StartsOver {
                    self.go(node, goes);
                    return Ok(());
                }
            }
        }
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            if self.wires[&id].node == node {
                self.pump_frames(id, usize::MAX);
            }
        }
        if let Some(process) = self.nodes[node].process.as_mut().filter(|_| is_able) {
            process.bury_itself(&mut self.engine)?;
        }
        self.tell(|| format!("node {node} stops"));
        self.end(node, true);
        Ok(())
    }

    pub(super) fn start_node(&mut self, node: usize) -> Result<(), Broken> {
        if self.nodes[node].process.is_none() && !self.nodes[node].is_cut_off {
            self.tell(|| format!("node {node} starts"));
            let (moment, is_alone) = (self.moment(), self.nodes.len() == 1);
            let process = Process::start(&mut self.engine, self.settings, self.capacity, moment, is_alone)?;
            self.nodes[node].process = Some(process);
        }
        Ok(())
    }

    /// Checks that a new node starts with the state that the others reached by facts.
    pub(super) fn start_from_store(&mut self) -> Result<(), Broken> {
        let (moment, is_alone) = (self.moment(), self.nodes.len() == 1);
        if is_alone {
            return Ok(());
        }
        Process::start(&mut self.engine, self.settings, self.capacity, moment, is_alone).map(drop)
    }

    /// Freezes a node, or lets it go on.
    pub(super) fn freeze(&mut self, node: usize) {
        let is_frozen = !self.nodes[node].is_frozen && self.nodes[node].process.is_some();
        self.set_frozen(node, is_frozen);
    }

    pub(super) fn set_frozen(&mut self, node: usize, is_frozen: bool) {
        if self.nodes[node].is_frozen == is_frozen {
            return;
        }
        self.nodes[node].is_frozen = is_frozen;
        self.tell(|| format!("node {node} is frozen: {is_frozen}"));
        let number = self.nodes[node].process.as_ref().map(Process::node);
        if is_frozen {
            return;
        }
        if self.engine.nodes().all(|known| Some(known) != number) {
            reached(Situation::Frozen);
        }
        // Connections that came in the meantime were never accepted.
        if let Some(process) = &self.nodes[node].process {
            for (id, wire) in self.wires.iter_mut().filter(|(_, wire)| wire.node == node) {
                wire.has_server &= process.knows(*id);
            }
        }
    }

    /// Cuts a node off from the store, or reconnects it.
    pub(super) fn cut_off(&mut self, node: usize) {
        let is_cut_off = !self.nodes[node].is_cut_off;
        self.nodes[node].is_cut_off = is_cut_off;
        self.tell(|| format!("node {node} is cut off from the store: {is_cut_off}"));
    }
}
