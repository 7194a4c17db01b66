//! What happens to the chat as a whole, for whoever watches it: each event has a number, and the last are kept.
//!
//! Invariants:
//! - numbers grow, also over restarts: the upper part counts the starts of the store, the lower the events of this one;
//! - a watcher gets every event from its replay on, in order; one that does not keep up is let go of and comes back with
//!   the number of the last event it has.

use super::SystemEvent;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::broadcast;

/// Events that are kept for who comes later.
pub const KEPT_EVENTS: usize = 50;
/// Events that may wait for a watcher. They are shared by all.
const WAITING: usize = 1_024;
/// How many numbers each start of the store has. 2^21 starts fit below 2^53, which every JSON reader keeps exact.
const PER_RUN: u64 = 1 << 32;

/// An event as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number; statistics have none, for they are no news once there are newer ones.
    pub id: Option<u64>,
    /// What it is called.
    pub name: &'static str,
    /// Its content as JSON.
    pub data: Arc<str>,
}

/// A watcher's end. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watching {
    /// What it is to be told first.
    pub replay: Vec<Event>,
    /// What follows. It ends when the server stops.
    pub live: broadcast::Receiver<Event>,
}

/// The last events, and the way to all watchers.
#[derive(Debug)]
pub(super) struct Events {
    next_id: u64,
    kept: VecDeque<Event>,
    /// Empty once the server stops.
    watchers: Option<broadcast::Sender<Event>>,
}

impl Events {
    /// No events yet, in this start of the store.
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

    /// Tells something that is not kept.
    pub(super) fn tell(&self, event: Event) {
        if let Some(watchers) = &self.watchers {
            // Nobody may be watching.
            watchers.send(event).ok();
        }
    }

    /// Begins to watch after an event, or with all that are kept; a number that was never given out, as one of another
    /// store, counts as none. Nothing once the server stops.
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

    /// Ends all watching, once everything was told.
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
