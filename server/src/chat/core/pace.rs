//! How much anybody may ask for: tokens of the user and of the address, and an end to patience.

use super::{Chat, Refused, nobody, refusal};
use crate::chat::{Address, Asking, ConnectionId, Effect, Kind, Now, Rate, rates::Buckets, steps};
use app::protocol::{CloseCode, ErrorCode, ErrorFrame, UserId};
use std::ops::Bound;

/// Refusals that a connection may collect, and how many are forgiven in a second. One that goes on is closed.
pub(super) const STRIKES: Rate = Rate { per_second: 10, burst: 500 };

/// Addresses that are looked at in one tick: 1,000 new ones in a second, which is more than may come, are thrown out as fast
/// as they come.
const SWEPT_PER_TICK: usize = 256;

impl Chat {
    /// Takes a token of a kind from the user and from the address, or says when there will be one.
    pub(super) fn spend(&mut self, asking: Asking, kind: Kind) -> Result<(), Refused> {
        self.spend_all(asking, &[(kind, 1)])
    }

    /// The same for something that counts as so many of each of some kinds: when there is one of each, all are taken.
    pub(super) fn spend_all(&mut self, asking: Asking, costs: &[(Kind, u32)]) -> Result<(), Refused> {
        let mut wait = 0;
        for (kind, _) in costs {
            wait = wait.max(self.wait_of(asking, *kind).ok_or_else(nobody)?);
        }
        if wait > 0 {
            return Err(too_fast(wait));
        }
        costs.iter().for_each(|(kind, count)| self.charge(asking, *kind, *count));
        Ok(())
    }

    /// Takes tokens from the user and from the address, also those that are not there yet.
    pub(super) fn charge(&mut self, asking: Asking, kind: Kind, count: u32) {
        self.buckets(Some(asking.user), asking.address).for_each(|buckets| buckets.take_many(kind, count));
    }

    /// Gives back what was taken for something that did not come to pass.
    pub(super) fn give_back(&mut self, asking: Asking, kind: Kind) {
        self.buckets(Some(asking.user), asking.address).for_each(|buckets| buckets.give_back(kind));
    }

    /// The buckets of a user and of an address, of those that are there.
    fn buckets(&mut self, user: Option<UserId>, address: Option<Address>) -> impl Iterator<Item = &mut Buckets> {
        let user = user.and_then(|user| self.users.get_mut(&user)).map(|state| &mut state.buckets);
        let address = address.and_then(|address| self.addresses.get_mut(&address));
        user.into_iter().chain(address)
    }

    /// Milliseconds until there is a token of a kind for a user who is there, 0 when there is one.
    pub(super) fn wait_of(&mut self, asking: Asking, kind: Kind) -> Option<u64> {
        let of_address = self.wait_of_address(asking.now, asking.address, kind);
        let state = self.users.get_mut(&asking.user)?;
        Some(of_address.max(state.buckets.wait(asking.now.elapsed_ms, &self.settings.rates, kind)))
    }

    /// Takes a token for a request over HTTP from the user, if it is one's, and from the address.
    ///
    /// # Errors
    /// The milliseconds until there is one.
    pub fn count_request(&mut self, now: Now, user: Option<UserId>, address: Option<Address>) -> Result<(), u64> {
        let of_address = self.wait_of_address(now, address, Kind::Query);
        let rates = self.settings.rates;
        let of_user = self.buckets(user, None).map(|buckets| buckets.wait(now.elapsed_ms, &rates, Kind::Query)).max();
        let wait = of_address.max(of_user.unwrap_or(0));
        if wait > 0 {
            return Err(wait);
        }
        self.buckets(user, address).for_each(|buckets| buckets.take(Kind::Query));
        Ok(())
    }

    pub(super) fn wait_of_address(&mut self, now: Now, address: Option<Address>, kind: Kind) -> u64 {
        let rates = self.settings.rates.of_address();
        address.map_or(0, |address| {
            let buckets = self.addresses.entry(address).or_insert_with(|| Buckets::full(now.elapsed_ms, &rates));
            buckets.wait(now.elapsed_ms, &rates, kind)
        })
    }

    /// Throws out addresses whose buckets are full, some in each tick, in turn.
    pub(super) fn sweep_addresses(&mut self, now: Now) {
        let rates = self.settings.rates.of_address();
        let begin = self.swept_after.map_or(Bound::Unbounded, Bound::Excluded);
        let some = self.addresses.range_mut((begin, Bound::Unbounded)).take(SWEPT_PER_TICK);
        let (mut full, mut last, mut count) = (Vec::new(), None, 0);
        for (address, buckets) in some {
            steps::count();
            (last, count) = (Some(*address), count + 1);
            if buckets.is_full(now.elapsed_ms, &rates) {
                full.push(*address);
            }
        }
        self.swept_after = last.filter(|_| count == SWEPT_PER_TICK);
        for address in full {
            self.addresses.remove(&address);
        }
    }

    /// A connection was refused for what it should know; one that goes on with it is closed.
    pub(super) fn strike(&mut self, now: Now, connection: ConnectionId) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if state.strikes.wait(now.elapsed_ms, STRIKES) > 0 {
            self.effects.push(Effect::Close { connection, code: CloseCode::Policy });
        } else {
            state.strikes.take();
        }
    }
}

pub(super) fn too_fast(wait_ms: u64) -> Refused {
    let message = match wait_ms.div_ceil(1_000) {
        0..=2 => "Too fast. Wait a moment and try again.".to_owned(),
        seconds => format!("Too fast. Try again in {seconds} seconds."),
    };
    ErrorFrame { retry_after_ms: Some(wait_ms), ..refusal(ErrorCode::RateLimited, message) }
}
