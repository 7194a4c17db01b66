//! The network: it delivers bytes in pieces, cuts connections, and notifies their ends.

use super::World;
use crate::{
    broken::Broken,
    check,
    situations::{Situation, reached},
};
use app::{
    protocol::{Amendment, CloseCode, ServerFrame, decode_server_frame},
    sync::{Input, Row},
};

impl World {
    pub(super) fn some_bytes(&mut self, all: usize) -> usize {
        if self.random.chance(60) { all } else { self.random.below(all + 1) }
    }

    pub(super) fn deliver_up(&mut self, id: u64) {
        let Some(length) = self.wires.get(&id).map(|wire| wire.up.len()) else { return };
        let bytes = self.some_bytes(length);
        self.deliver_up_bytes(id, bytes);
    }

    pub(super) fn deliver_up_bytes(&mut self, id: u64, bytes: usize) {
        let moment = self.moment();
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let node = wire.node;
        if wire.is_half_open || !wire.has_server || self.nodes[node].is_frozen {
            return;
        }
        let frames = wire.up.deliver(bytes);
        let is_over = !wire.has_client && wire.up.len() == 0;
        for frame in frames {
            self.tell(|| format!("server hears on {id}: {frame}"));
            if let Some(process) = self.nodes[node].running() {
                process.frame(&self.engine.store, moment, id, &frame);
            }
        }
        if is_over {
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.has_server = false;
            }
            if let Some(process) = self.nodes[node].running() {
                process.disconnect(moment, id);
            }
        }
    }

    pub(super) fn deliver_down(&mut self, id: u64) {
        let Some(length) = self.wires.get(&id).map(|wire| wire.down.len()) else { return };
        let bytes = self.some_bytes(length);
        self.deliver_down_bytes(id, bytes);
    }

    pub(super) fn deliver_down_bytes(&mut self, id: u64, bytes: usize) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        if wire.is_half_open || !wire.has_client {
            return;
        }
        let frames = wire.down.deliver(bytes);
        let is_over = !wire.has_server && wire.down.len() == 0;
        let wait_ms = wire.wait_ms;
        let code = wait_ms.map(|_| CloseCode::GoingAway).or(wire.code);
        for frame in frames {
            let Some((person, tab)) = self.owner(id) else { return };
            self.tell(|| format!("tab {person}.{tab} hears: {frame}"));
            let frame = decode_server_frame(&frame).unwrap_or(ServerFrame::Unknown);
            if let ServerFrame::Amendment(amendment) = &frame {
                self.count_amended(person, tab, amendment);
            }
            self.input(person, tab, Input::Frame(Box::new(frame)));
        }
        if is_over && let Some((person, tab)) = self.owner(id) {
            self.tell(|| format!("tab {person}.{tab} sees its connection closed"));
            self.people[person].tabs[tab].wire = None;
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.has_client = false;
            }
            let jitter = self.random.fraction();
            self.input(person, tab, Input::Closed { jitter, wait_ms, code });
        }
    }

    /// Counts an amendment of an entry that the page does not have.
    fn count_amended(&self, person: usize, tab: usize, amendment: &Amendment) {
        let (place, amendment) = amendment.clone().into_entry();
        let rows = self.people[person].tabs[tab].client.rows_of(&place);
        let is_it = |row: &Row| matches!(row, Row::Entry(entry) if Some(entry.id) == amendment.target);
        if !rows.iter().any(is_it) {
            reached(Situation::AmendmentBehindGap);
        }
    }

    /// Writes queued frames, like the server's task.
    pub(super) fn pump(&mut self, id: u64) {
        let most = 1 + self.random.below(12);
        self.pump_frames(id, most);
    }

    pub(super) fn pump_frames(&mut self, id: u64, most: usize) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let Some(process) = self.nodes[wire.node].running() else { return };
        // A slow client makes the queue grow.
        if wire.has_server && wire.down.len() < 64 * 1_024 {
            for frame in process.frames(id, most) {
                wire.down.send(&frame);
            }
        }
    }

    pub(super) fn cut(&mut self, id: u64) {
        let moment = self.moment();
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let (up, down) = (self.random.below(wire.up.len() + 1), self.random.below(wire.down.len() + 1));
        let (node, had_server) = (wire.node, wire.has_server);
        wire.cut(up, down);
        self.tell(|| format!("wire {id} is cut"));
        // The server learns of its end now; the tab when it has taken what came before.
        if had_server && let Some(process) = self.nodes[node].running() {
            process.disconnect(moment, id);
        }
    }

    /// Collects the connections that the server closed, and removes wires without ends.
    pub(super) fn gather(&mut self) -> Result<(), Broken> {
        for node in 0..self.nodes.len() {
            let Some(process) = &mut self.nodes[node].process else { continue };
            for (id, code) in process.take_closed() {
                if let Some(wire) = self.wires.get_mut(&id) {
                    (wire.has_server, wire.code) = (false, Some(code));
                }
            }
            self.open_taken(node);
        }
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        self.wires.retain(|_, wire| wire.has_client || wire.has_server);
        check::removed(&mut self.view())
    }

    /// Tells the tabs that a node has accepted their connections.
    pub(super) fn open_taken(&mut self, node: usize) {
        let opened = self.nodes[node].process.as_mut().map(|process| process.take_opened()).unwrap_or_default();
        for id in opened {
            if self.wires.get(&id).is_some_and(|wire| wire.has_client)
                && let Some((person, tab)) = self.owner(id)
            {
                self.input(person, tab, Input::Opened);
            }
        }
    }
}
