//! A fair queue for work of which little can be done at once, such as rendering pages: turn by turn over the addresses it
//! is done for, bounded in number and in time.
//!
//! The rules are in [`Turns`]; this is the adapter around them: the lock, the wake-ups and the deadline.

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

/// How long somebody waits for a turn at the most, whatever is done in it.
pub(crate) const TURN_WITHIN: Duration = Duration::from_secs(5);
/// How many wait for a turn: an office of 500 behind one address, and as many others.
pub(crate) const WAITING: Caps = Caps { per_key: 512, in_all: 1_024 };

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct FairQueue<K: Copy + Eq + Hash> {
    state: Mutex<State<K>>,
    within: Duration,
}

#[derive(Debug)]
struct State<K> {
    turns: Turns<K>,
    /// How those who wait hear that it is their turn.
    wakers: HashMap<Ticket, oneshot::Sender<()>>,
    refusals: Refusals,
}

/// How many did not get a turn, by the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Refusals {
    /// As many of their address waited as may.
    per_key: u64,
    /// As many waited in all as may.
    in_all: u64,
    /// They waited for too long.
    late: u64,
}

impl Refusals {
    /// The counts with their labels.
    pub(crate) fn by_reason(self) -> impl Iterator<Item = (&'static str, u64)> {
        [("address", self.per_key), ("all", self.in_all), ("time", self.late)].into_iter()
    }
}

/// There is no turn to be had soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

/// A turn, or a wait for one. Dropping it lets the next have theirs.
#[derive(Debug)]
pub(crate) struct Turn<K: Copy + Eq + Hash> {
    queue: Arc<FairQueue<K>>,
    key: K,
    ticket: Ticket,
}

impl<K: Copy + Eq + Hash> FairQueue<K> {
    /// A queue for work of which `slots` are done at once.
    pub(crate) fn new(slots: usize, caps: Caps, within: Duration) -> Arc<Self> {
        let state = State { turns: Turns::new(slots, caps), wakers: HashMap::new(), refusals: Refusals::default() };
        Arc::new(Self { state: Mutex::new(state), within })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Busy`] when too many wait already, or when the turn does not come in time.
    pub(crate) async fn turn(self: &Arc<Self>, key: K) -> Result<Turn<K>, Busy> {
        let (turn, granted) = self.enter(key)?;
        let Some(granted) = granted else { return Ok(turn) };
        match timeout(self.within, granted).await {
            Ok(Ok(())) => Ok(turn),
            // Somebody of whose address fewer wait took the place.
            Ok(Err(_)) => Err(Busy),
            Err(_) => {
                self.state().refusals.late += 1;
                Err(Busy)
            }
        }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.state().turns.waiting()
    }

    /// How many did not get a turn.
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
            // A waiter that gives up at this very moment passes the turn on when its own is dropped.
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
