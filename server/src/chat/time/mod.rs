//! Timers: each tick handles everything that is due. Others see the result once it is a fact.

mod archive;
mod arrivals;
mod forgetting;
mod reserved_names;
mod room_counts;
mod seen;

pub use arrivals::PAGE_LEASE_MS;

use crate::chat::{Now, engine::Chat};
use app::protocol::limits::MERGE_MS;

impl Chat {
    /// Runs the timers that are due. Returns `true` if more is due: call again after other tasks had their turn.
    pub fn tick(&mut self, now: Now) -> bool {
        let mut is_more = self.end_leases(now);
        is_more |= self.announce_batches(now);
        self.tell_untold(now);
        self.end_graces(now);
        self.archive(now, archive::ARCHIVED_PER_TICK);
        self.tell_room_counts(now);
        self.forget_who_is_due(now);
        self.release_names(now);
        self.store_who_was_seen(now);
        self.sweep_addresses(now);
        is_more
    }

    /// Announces the merged presence of rooms whose moment is over. Returns `true` if more rooms are due.
    fn announce_batches(&mut self, now: Now) -> bool {
        let enough = self.step();
        while self.outgoing.told < enough
            && let Some((at, room)) = self.schedule.presence_batches.first().cloned()
            && at <= now.elapsed_ms
        {
            self.schedule.presence_batches.remove(&(at, room.clone()));
            if self.flush_presence(&room) {
                self.schedule.presence_batches.insert((now.elapsed_ms + MERGE_MS, room));
            } else if let Some(state) = self.logs.rooms.get_mut(&room) {
                state.presence_batch = None;
            }
        }
        self.schedule.presence_batches.first().is_some_and(|(at, _)| *at <= now.elapsed_ms)
    }
}
