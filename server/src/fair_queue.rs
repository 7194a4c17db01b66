//! A fair queue for work with few slots, such as rendering pages: addresses take turns, and the waiting is bounded in
//! number and in time.
//!
//! [`Turns`] has the rules; this is the adapter around them with the lock, the wake-ups and the deadline.

mod turns;

pub(crate) use turns::Caps;

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};
use turns::{Full, Ticket, Turns};

/// Timeout of the wait for a turn.
pub(crate) const TURN_WITHIN: Duration = Duration::from_secs(5);
/// Limits of the waiting: an office of 500 people behind one address, and as many others.
pub(crate) const WAITING: Caps = Caps { per_key: 512, in_all: 1_024 };

/// The queue. See the [module](self).
#[derive(Debug)]
pub(crate) struct FairQueue<K: Copy + Eq + Hash> {
    state: Mutex<State<K>>,
    within: Duration,
}

#[derive(Debug)]
struct State<K> {
    turns: Turns<K>,
    /// Channels that tell the waiting tasks of their turn.
    wakers: HashMap<Ticket, oneshot::Sender<()>>,
    refusals: Refusals,
}

/// Counts of requests that got no turn, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Refusals {
    /// Requests beyond the limit of their address.
    per_key: u64,
    /// Requests beyond the limit of all addresses.
    in_all: u64,
    /// Requests that waited too long.
    late: u64,
}

impl Refusals {
    /// Yields the counts with their labels.
    pub(crate) fn by_reason(self) -> impl Iterator<Item = (&'static str, u64)> {
        [("address", self.per_key), ("all", self.in_all), ("time", self.late)].into_iter()
    }
}

/// The error of a request that gets no turn soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

/// A turn, or the wait for one. Dropping it passes the turn on.
#[derive(Debug)]
pub(crate) struct Turn<K: Copy + Eq + Hash> {
    queue: Arc<FairQueue<K>>,
    key: K,
    ticket: Ticket,
}

impl<K: Copy + Eq + Hash> FairQueue<K> {
    /// Creates a queue for work with `slots` concurrent turns.
    pub(crate) fn new(slots: usize, caps: Caps, within: Duration) -> Arc<Self> {
        let state = State { turns: Turns::new(slots, caps), wakers: HashMap::new(), refusals: Refusals::default() };
        Arc::new(Self { state: Mutex::new(state), within })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// Returns [`Busy`] if too many requests wait already, or the turn does not come in time.
    pub(crate) async fn turn(self: &Arc<Self>, key: K) -> Result<Turn<K>, Busy> {
        let (turn, granted) = self.enter(key)?;
        let Some(granted) = granted else { return Ok(turn) };
        match timeout(self.within, granted).await {
            Ok(Ok(())) => Ok(turn),
            // A request of an address with a shorter line took the place.
            Ok(Err(_)) => Err(Busy),
            Err(_) => {
                self.state().refusals.late += 1;
                Err(Busy)
            }
        }
    }

    /// Returns the number of waiting requests.
    pub(crate) fn waiting(&self) -> usize {
        self.state().turns.waiting()
    }

    /// Returns the counts of requests that got no turn.
    pub(crate) fn refusals(&self) -> Refusals {
        self.state().refusals
    }

    /// Takes a turn if one is free, or a place in the queue.
    fn enter(self: &Arc<Self>, key: K) -> Result<(Turn<K>, Option<oneshot::Receiver<()>>), Busy> {
        let mut state = self.state();
        let entered = state.turns.enter(key).map_err(|full| {
            match full {
                Full::Key => state.refusals.per_key += 1,
                Full::All => state.refusals.in_all += 1,
            }
            Busy
        })?;
        if let Some(evicted) = entered.instead_of {
            state.refusals.in_all += 1;
            state.wakers.remove(&evicted);
        }
        let granted = (!entered.works).then(|| {
            let (wake, granted) = oneshot::channel();
            state.wakers.insert(entered.ticket, wake);
            granted
        });
        Ok((Turn { queue: Arc::clone(self), key, ticket: entered.ticket }, granted))
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.wakers.remove(&self.ticket);
        if let Some(next) = state.turns.leave(&self.key, self.ticket)
            && let Some(wake) = state.wakers.remove(&next)
        {
            // A task that gives up at this moment passes the turn on when it drops its own.
            wake.send(()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{task::yield_now, time::Instant};

    const CAPS: Caps = Caps { per_key: 2, in_all: 3 };
    const WITHIN: Duration = Duration::from_secs(5);

    fn queue() -> Arc<FairQueue<u8>> {
        FairQueue::new(1, CAPS, WITHIN)
    }

    fn waiter(queue: &Arc<FairQueue<u8>>, key: u8) -> tokio::task::JoinHandle<Result<Turn<u8>, Busy>> {
        let queue = Arc::clone(queue);
        tokio::spawn(async move { queue.turn(key).await })
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_too_long_is_told_so_and_the_next_has_the_turn() {
        let queue = queue();
        let held = queue.turn(1).await.unwrap();
        let since = Instant::now();
        assert_eq!(queue.turn(2).await.unwrap_err(), Busy);
        assert_eq!((since.elapsed(), queue.waiting()), (WITHIN, 0));
        assert!(queue.refusals().by_reason().eq([("address", 0), ("all", 0), ("time", 1)]));
        let next = waiter(&queue, 2);
        yield_now().await;
        drop(held);
        assert!(next.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn waiters_that_are_given_up_cost_the_others_nothing() {
        let queue = queue();
        for _ in 0..50 {
            let held = queue.turn(1).await.unwrap();
            let given_up = waiter(&queue, 1);
            let next = waiter(&queue, 2);
            yield_now().await;
            assert_eq!(queue.waiting(), 2);
            given_up.abort();
            assert!(given_up.await.unwrap_err().is_cancelled());
            assert_eq!(queue.waiting(), 1);
            drop(held);
            drop(next.await.unwrap().unwrap());
        }
        assert!(queue.state().wakers.is_empty());
    }

    #[tokio::test]
    async fn a_turn_that_comes_to_whoever_has_just_gone_is_the_next_ones() {
        let queue = queue();
        let held = queue.turn(1).await.unwrap();
        let (gone, granted) = queue.enter(1).unwrap();
        drop(granted);
        let next = waiter(&queue, 2);
        yield_now().await;
        drop(held);
        drop(gone);
        assert!(next.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn the_newest_of_the_longest_line_hears_that_it_lost_its_place() {
        let queue = queue();
        let _held = queue.turn(1).await.unwrap();
        let [first, last, other] = [1, 1, 2].map(|key| waiter(&queue, key));
        yield_now().await;
        assert_eq!(queue.turn(1).await.unwrap_err(), Busy);
        assert!(queue.refusals().by_reason().eq([("address", 1), ("all", 0), ("time", 0)]));
        let newcomer = waiter(&queue, 3);
        assert_eq!(last.await.unwrap().unwrap_err(), Busy);
        assert!(queue.refusals().by_reason().eq([("address", 1), ("all", 1), ("time", 0)]));
        assert_eq!(queue.waiting(), 3);
        assert!(![first, other, newcomer].iter().any(tokio::task::JoinHandle::is_finished));
    }
}
