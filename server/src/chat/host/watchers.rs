//! Subscriptions to the whole chat: its events, and its statistics when they change.

use super::{Host, Outside};
use crate::chat::{Counts, Event, HubError, Now, Watching, events};
use app::protocol::Stats;

/// Interval in milliseconds after which watchers receive the statistics even if only the uptime changed.
const STATS_EVERY_MS: u64 = 10_000;

/// The statistics that the watchers received last, and the time at which they were sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToldStats {
    stats: Stats,
    at: u64,
}

impl<O: Outside> Host<O> {
    /// Returns the statistics of the chat.
    pub fn stats(&self, now: Now) -> Stats {
        let Counts { users_online, rooms_count, messages_total } = self.chat.counts();
        let sse_subscribers = self.events.watchers();
        Stats { uptime: now.elapsed_ms / 1_000, users_online, rooms_count, messages_total, sse_subscribers }
    }

    /// Subscribes to the events after `after`. The replay ends with the current statistics.
    ///
    /// # Errors
    /// Returns [`HubError::AtCapacity`] or [`HubError::Stopping`].
    pub fn watch(&self, now: Now, after: Option<u64>) -> Result<Watching, HubError> {
        if self.events.watchers() >= self.max_connections {
            return Err(HubError::AtCapacity);
        }
        let mut watching = self.events.watch(after).ok_or(HubError::Stopping)?;
        watching.replay.push(stats_event(&self.stats(now)));
        Ok(watching)
    }

    /// Sends the statistics to the watchers if they changed or if the last ones are [`STATS_EVERY_MS`] old.
    pub fn publish_stats(&mut self, now: Now) {
        let stats = self.stats(now);
        let is_news = self.told_stats.is_none_or(|told| {
            Stats { uptime: stats.uptime, ..told.stats } != stats || now.elapsed_ms >= told.at + STATS_EVERY_MS
        });
        if is_news && stats.sse_subscribers > 0 {
            self.told_stats = Some(ToldStats { stats, at: now.elapsed_ms });
            self.events.tell(stats_event(&stats));
        }
    }
}

fn stats_event(stats: &Stats) -> Event {
    Event { id: None, name: "stats", data: events::encode(stats) }
}
