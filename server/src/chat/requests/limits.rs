//! Rate limits of users and addresses, and the limit of refusals per connection.

use crate::chat::{
    Address, ConnectionId, Effect, Kind, Now, Rate, RequestContext,
    engine::Chat,
    rate_limit::Buckets,
    refusals::{Refused, nobody, too_fast},
    steps,
};
use app::protocol::{CloseCode, UserId};
use std::ops::Bound;

/// Refusals that a connection can cause, and the rate at which they are forgiven. Beyond that the connection is closed.
pub(in crate::chat) const STRIKES: Rate = Rate { per_second: 10, burst: 500 };

/// Addresses that one tick checks for full buckets: about 1,000 per second, more than can appear in that time.
const SWEPT_PER_TICK: usize = 256;

impl Chat {
    /// Takes a token from the user and from the address, or refuses with the time until there is one.
    pub(in crate::chat) fn spend(&mut self, context: RequestContext, kind: Kind) -> Result<(), Refused> {
        self.spend_all(context, &[(kind, 1)])
    }

    /// Charges an operation that counts as several of some kinds. One token of each kind must be there, then all are
    /// taken.
    pub(in crate::chat) fn spend_all(&mut self, context: RequestContext, costs: &[(Kind, u32)]) -> Result<(), Refused> {
        let mut wait = 0;
        for (kind, _) in costs {
            wait = wait.max(self.wait_of(context, *kind).ok_or_else(nobody)?);
        }
        if wait > 0 {
            return Err(too_fast(wait));
        }
        costs.iter().for_each(|(kind, count)| self.charge(context, *kind, *count));
        Ok(())
    }

    /// Takes tokens from the user and from the address, even below zero.
    pub(in crate::chat) fn charge(&mut self, context: RequestContext, kind: Kind, count: u32) {
        self.buckets(Some(context.user), context.address).for_each(|buckets| buckets.take_many(kind, count));
    }

    /// Returns the tokens of an operation that was not carried out.
    pub(in crate::chat) fn give_back(&mut self, context: RequestContext, kind: Kind) {
        self.buckets(Some(context.user), context.address).for_each(|buckets| buckets.give_back(kind));
    }

    /// Yields the existing buckets of a user and of an address.
    pub(in crate::chat) fn buckets(
        &mut self,
        user: Option<UserId>,
        address: Option<Address>,
    ) -> impl Iterator<Item = &mut Buckets> {
        let user = user.and_then(|user| self.directory.users.get_mut(&user)).map(|state| &mut state.buckets);
        let address = address.and_then(|address| self.limits.addresses.get_mut(&address));
        user.into_iter().chain(address)
    }

    /// Returns the milliseconds until the next token, 0 if there is one, or `None` if the user does not exist.
    pub(in crate::chat) fn wait_of(&mut self, context: RequestContext, kind: Kind) -> Option<u64> {
        let of_address = self.wait_of_address(context.now, context.address, kind);
        let state = self.directory.users.get_mut(&context.user)?;
        Some(of_address.max(state.buckets.wait(context.now.elapsed_ms, &self.settings.rates, kind)))
    }

    /// Counts an HTTP request as `count` of them, for the user, if signed in, and for the address. One that counts as
    /// several is served if one would be, and the next ones wait for it.
    ///
    /// # Errors
    /// Returns the milliseconds until the next token.
    pub fn count_request(
        &mut self,
        now: Now,
        user: Option<UserId>,
        address: Option<Address>,
        count: u32,
    ) -> Result<(), u64> {
        let of_address = self.wait_of_address(now, address, Kind::Query);
        let rates = self.settings.rates;
        let of_user = self.buckets(user, None).map(|buckets| buckets.wait(now.elapsed_ms, &rates, Kind::Query)).max();
        let wait = of_address.max(of_user.unwrap_or(0));
        if wait > 0 {
            return Err(wait);
        }
        self.buckets(user, address).for_each(|buckets| buckets.take_many(Kind::Query, count));
        Ok(())
    }

    pub(in crate::chat) fn wait_of_address(&mut self, now: Now, address: Option<Address>, kind: Kind) -> u64 {
        let rates = self.settings.rates.of_address();
        address.map_or(0, |address| {
            let buckets = self.limits.addresses.entry(address).or_insert_with(|| Buckets::full(now.elapsed_ms, &rates));
            buckets.wait(now.elapsed_ms, &rates, kind)
        })
    }

    /// Removes addresses with full buckets, a part of them in each tick.
    pub(in crate::chat) fn sweep_addresses(&mut self, now: Now) {
        let rates = self.settings.rates.of_address();
        let begin = self.limits.swept_after.map_or(Bound::Unbounded, Bound::Excluded);
        let some = self.limits.addresses.range_mut((begin, Bound::Unbounded)).take(SWEPT_PER_TICK);
        let (mut full, mut last, mut count) = (Vec::new(), None, 0);
        for (address, buckets) in some {
            steps::count();
            (last, count) = (Some(*address), count + 1);
            if buckets.is_full(now.elapsed_ms, &rates) {
                full.push(*address);
            }
        }
        self.limits.swept_after = last.filter(|_| count == SWEPT_PER_TICK);
        for address in full {
            self.limits.addresses.remove(&address);
        }
    }

    /// Counts a refusal that a correct client would not cause; too many of them close the connection.
    pub(in crate::chat) fn strike(&mut self, now: Now, connection: ConnectionId) {
        let Some(state) = self.clients.connections.get_mut(&connection) else {
            return;
        };
        if state.strikes.wait(now.elapsed_ms, STRIKES) > 0 {
            self.outgoing.effects.push(Effect::Close { connection, code: CloseCode::Policy });
        } else {
            state.strikes.take();
        }
    }
}
