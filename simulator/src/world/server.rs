//! What the server's process does beside talking: it writes, reads, dies and starts.

use super::World;
use crate::process::Process;

impl World {
    pub(super) fn write(&mut self, most: usize) {
        if let Some(process) = &mut self.process {
            process.write(&mut self.store, most);
        }
    }

    pub(super) fn complete(&mut self) {
        let moment = self.moment();
        if let Some(process) = &mut self.process {
            process.complete(moment);
        }
    }

    pub(super) fn read(&mut self) {
        let (moment, at) = (self.moment(), self.random.below(8));
        if let Some(process) = &mut self.process {
            process.read(&self.store, moment, at);
        }
    }

    pub(super) fn crash(&mut self) {
        if self.process.take().is_none() {
            return;
        }
        self.tell(|| "the server is killed".to_owned());
        for wire in self.wires.values_mut().filter(|wire| wire.has_server) {
            let (up, down) = (self.random.below(wire.up.len() + 1), self.random.below(wire.down.len() + 1));
            wire.cut(up, down);
        }
    }

    /// The server stores and tells what it has accepted, and says how long to wait.
    pub(super) fn stop(&mut self) {
        while self.process.as_ref().is_some_and(Process::has_unwritten) {
            self.write(usize::MAX);
            self.complete();
        }
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            self.pump_frames(id, usize::MAX);
            let wait_ms = u64::try_from(self.random.below(5_000)).ok();
            if let Some(wire) = self.wires.get_mut(&id).filter(|wire| wire.has_server) {
                wire.has_server = false;
                wire.wait_ms = wait_ms;
            }
        }
        self.tell(|| "the server stops".to_owned());
        self.process = None;
    }

    pub(super) fn start_server(&mut self) {
        if self.process.is_none() {
            self.tell(|| "the server starts".to_owned());
            self.process = Some(Process::start(&self.store, self.settings, self.capacity, self.moment()));
        }
    }
}
