//! Events of the whole chat for its watchers: each event has a number, and the newest are kept for replay.
//!
//! Invariants:
//! - numbers grow, even over restarts: the upper bits count the starts of the store, the lower bits the events since
//!   this start;
//! - a watcher receives every event after its replay, in order; a watcher that lags is dropped, and resumes with the
//!   number of the last event that it has.

use super::SystemEvent;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::broadcast;

/// Number of events that are kept for replay.
pub const KEPT_EVENTS: usize = 50;
/// Capacity of the broadcast channel, which all watchers share.
const WAITING: usize = 1_024;
/// Numbers reserved for each start of the store: 2^21 starts fit below 2^53, the largest integer that every JSON reader
/// keeps exact.
const PER_RUN: u64 = 1 << 32;

/// An event, encoded for Server-Sent Events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Number of the event, or `None` for statistics, which are never replayed: newer ones replace them.
    pub id: Option<u64>,
    /// Name of the event, such as `room_created`.
    pub name: &'static str,
    /// Payload as JSON.
    pub data: Arc<str>,
}

/// A watcher's subscription, which ends when it is dropped.
#[derive(Debug)]
pub struct Watching {
    /// Kept events to send first.
    pub replay: Vec<Event>,
    /// Events that follow the replay. The channel closes when the server stops.
    pub live: broadcast::Receiver<Event>,
}

/// The kept events and the channel to all watchers.
#[derive(Debug)]
pub(super) struct Events {
    next_id: u64,
    kept: VecDeque<Event>,
    /// `None` once the server stops.
    watchers: Option<broadcast::Sender<Event>>,
}

impl Events {
    /// Creates an empty list of events for this start of the store.
    pub(super) fn new(run: u64) -> Self {
        Self {
            next_id: run.saturating_mul(PER_RUN) + 1,
            kept: VecDeque::with_capacity(KEPT_EVENTS),
            watchers: Some(broadcast::channel(WAITING).0),
        }
    }

    pub(super) fn push(&mut self, event: &SystemEvent) {
        let event = Event { id: Some(self.next_id), name: event.name(), data: encode(event) };
        self.next_id += 1;
        if self.kept.len() == KEPT_EVENTS {
            self.kept.pop_front();
        }
        self.kept.push_back(event.clone());
        self.tell(event);
    }

    /// Sends an event to the watchers without keeping it for a replay.
    pub(super) fn tell(&self, event: Event) {
        if let Some(watchers) = &self.watchers {
            // `send` fails when there are no watchers.
            watchers.send(event).ok();
        }
    }

    /// Subscribes to the events after `after`, with a replay of those that are kept. `None` replays all kept events,
    /// and so does a number that was never assigned, such as one of another store. Returns `None` once the server
    /// stops.
    pub(super) fn watch(&self, after: Option<u64>) -> Option<Watching> {
        let after = after.filter(|id| *id < self.next_id);
        let is_newer = |event: &&Event| event.id > after;
        Some(Watching {
            replay: self.kept.iter().filter(is_newer).cloned().collect(),
            live: self.watchers.as_ref()?.subscribe(),
        })
    }

    pub(super) fn watchers(&self) -> usize {
        self.watchers.as_ref().map_or(0, broadcast::Sender::receiver_count)
    }

    /// Closes every subscription after the events that were sent.
    pub(super) fn end(&mut self) {
        self.watchers = None;
    }
}

pub(super) fn encode(content: &impl serde::Serialize) -> Arc<str> {
    #[expect(clippy::expect_used, reason = "events have string keys and no fallible serializers")]
    serde_json::to_string(content).expect("an event is JSON").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(count: usize) -> SystemEvent {
        SystemEvent::UserConnected { user: "Ada".into(), count }
    }

    fn ids(events: &Events, after: Option<u64>) -> Vec<u64> {
        events.watch(after).unwrap().replay.into_iter().map(|event| event.id.unwrap() % PER_RUN).collect()
    }

    #[test]
    fn the_last_fifty_are_kept_and_one_more_pushes_the_first_out() {
        let mut events = Events::new(1);
        for count in 0..50 {
            events.push(&came(count));
        }
        assert_eq!(ids(&events, None), (1..=50).collect::<Vec<_>>());
        events.push(&came(50));
        assert_eq!(ids(&events, None), (2..=51).collect::<Vec<_>>());
        assert_eq!(ids(&events, Some(PER_RUN + 49)), [50, 51]);
        assert!(ids(&events, Some(PER_RUN + 51)).is_empty());
        assert_eq!(ids(&events, Some(PER_RUN + 52)).len(), 50, "of another store");
    }

    #[test]
    fn numbers_grow_over_a_restart() {
        let (mut before, mut after) = (Events::new(1), Events::new(2));
        for count in 0..100 {
            before.push(&came(count));
        }
        after.push(&came(0));
        let last = before.watch(None).unwrap().replay.pop().unwrap();
        assert_eq!(after.watch(last.id).unwrap().replay.len(), 1, "who saw all of the first start sees the second's");
    }

    #[tokio::test]
    async fn what_happens_is_told_at_once_and_the_end_comes_after_it() {
        let mut events = Events::new(0);
        let mut watching = events.watch(None).unwrap();
        assert_eq!(events.watchers(), 1);
        events.push(&came(7));
        events.end();
        let told = watching.live.recv().await.unwrap();
        assert_eq!((told.name, &*told.data), ("user_connected", r#"{"user":"Ada","count":7}"#));
        assert!(watching.live.recv().await.is_err());
        assert!(events.watch(None).is_none());
    }
}
