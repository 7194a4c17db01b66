//! The rules of the [admission](super), with the time as an argument.

use crate::{
    chat::{Address, Bucket, Rate},
    tally::Tally,
};
use app::protocol::UserId;
use std::{collections::HashMap, hash::Hash};

/// Fraction of the places that is reserved for returning users: an eighth.
const RESERVED: usize = 8;
/// Interval of the removal of full buckets, in milliseconds.
const SWEEP_EVERY_MS: u64 = 10_000;
/// Burst of a user in seconds of the rate: after a restart all windows reconnect together.
const USER_BURST: u32 = 16;
/// Rate of an IP address's newcomers, for each of whom a user is created, in multiples of one user's rate.
const NEWCOMERS: u32 = 16;
/// Rate of an IP address's returning users in multiples of one user's rate: an office behind one address reconnects
/// within 3 s of a restart.
const RETURNING: u32 = 128;
/// Burst of that rate, in seconds.
const RETURNING_BURST: u32 = 8;

/// The kind of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Kind {
    WebSocket,
    EventStream,
}

/// Maximum numbers of connections: of each kind in all, and of both together for a user and for an IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) struct Caps {
    pub(in crate::web) websockets: usize,
    pub(in crate::web) event_streams: usize,
    pub(in crate::web) per_user: usize,
    pub(in crate::web) per_address: usize,
}

impl Caps {
    const fn of(&self, kind: Kind) -> usize {
        match kind {
            Kind::WebSocket => self.websockets,
            Kind::EventStream => self.event_streams,
        }
    }
}

/// Rate limits of opening connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) struct ConnectRates {
    user: Rate,
    newcomers: Rate,
    returning: Rate,
}

impl ConnectRates {
    /// Derives all rates from that of one user in connections per second; 0 means no limit.
    pub(in crate::web) fn of(per_second: u32) -> Self {
        let rate = |times: u32, seconds: u32| {
            let per_second = per_second.saturating_mul(times);
            Rate { per_second, burst: per_second.saturating_mul(seconds) }
        };
        Self {
            user: rate(1, USER_BURST),
            newcomers: rate(NEWCOMERS, USER_BURST),
            returning: rate(RETURNING, RETURNING_BURST),
        }
    }
}

/// The client that opens a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) struct Who {
    /// The session's user; `None` for a newcomer.
    pub(in crate::web) user: Option<UserId>,
    /// IP address of the client; `None` for this machine itself.
    pub(in crate::web) address: Option<Address>,
    pub(in crate::web) kind: Kind,
}

/// The reason for which a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::web) enum Refusal {
    /// All places for the kind are taken, or for a newcomer all that are not reserved.
    #[error("The server is full. Try again later.")]
    All,
    /// The user has reached the limit.
    #[error("You have too many connections open. Try again later.")]
    User,
    /// The address has reached the limit.
    #[error("Your address has too many connections open. Try again later.")]
    Address,
    /// The user or the address has opened too many in a short time.
    #[error("Too many connections in a short time. Try again later.")]
    TooFast {
        /// Time until the next attempt can succeed, in milliseconds.
        wait_ms: u64,
    },
}

/// The places and the tokens.
#[derive(Debug)]
pub(super) struct Ledger {
    caps: Caps,
    rates: ConnectRates,
    taken: [usize; 2],
    by_user: Tally<UserId>,
    by_address: Tally<Address>,
    user_tokens: HashMap<UserId, Bucket>,
    newcomer_tokens: HashMap<Address, Bucket>,
    returning_tokens: HashMap<Address, Bucket>,
    swept_at: u64,
    refused: [u64; 4],
}

impl Ledger {
    pub(super) fn new(caps: Caps, rates: ConnectRates) -> Self {
        Self {
            caps,
            rates,
            taken: [0; 2],
            by_user: Tally::default(),
            by_address: Tally::default(),
            user_tokens: HashMap::new(),
            newcomer_tokens: HashMap::new(),
            returning_tokens: HashMap::new(),
            swept_at: 0,
            refused: [0; 4],
        }
    }

    /// Takes a token, and a place.
    pub(super) fn take(&mut self, now: u64, who: Who) -> Result<(), Refusal> {
        let checked = self.check(now, who);
        if let Err(refusal) = checked {
            self.refused[index(refusal)] += 1;
            return Err(refusal);
        }
        self.taken[who.kind as usize] += 1;
        if let Some(user) = who.user {
            self.belongs_to(user);
        }
        if let Some(address) = who.address {
            self.by_address.add(address);
        }
        Ok(())
    }

    /// Checks the rate first, so that repeated attempts are charged.
    fn check(&mut self, now: u64, who: Who) -> Result<(), Refusal> {
        self.spend(now, who)?;
        let all = self.caps.of(who.kind);
        let reserved = if who.user.is_some() { 0 } else { all / RESERVED };
        if self.taken[who.kind as usize] >= all - reserved {
            return Err(Refusal::All);
        }
        if who.user.is_some_and(|user| self.by_user.count(&user) >= self.caps.per_user) {
            return Err(Refusal::User);
        }
        if who.address.is_some_and(|address| self.by_address.count(&address) >= self.caps.per_address) {
            return Err(Refusal::Address);
        }
        Ok(())
    }

    /// Takes a token from the user and one from the address, if both have one.
    fn spend(&mut self, now: u64, who: Who) -> Result<(), Refusal> {
        self.sweep(now);
        let (tokens, rate) = match who.user {
            Some(_) => (&mut self.returning_tokens, self.rates.returning),
            None => (&mut self.newcomer_tokens, self.rates.newcomers),
        };
        let user_tokens = &mut self.user_tokens;
        let user = who.user.map(|user| bucket(user_tokens, user, now, self.rates.user));
        let address = who.address.map(|address| bucket(tokens, address, now, rate));
        let mut of_both = [user.map(|bucket| (bucket, self.rates.user)), address.map(|bucket| (bucket, rate))];
        let waits = of_both.iter_mut().flatten().map(|(bucket, rate)| bucket.wait(now, *rate));
        let wait_ms = waits.max().unwrap_or(0);
        if wait_ms > 0 {
            return Err(Refusal::TooFast { wait_ms });
        }
        of_both.into_iter().flatten().for_each(|(bucket, _)| bucket.take());
        Ok(())
    }

    fn sweep(&mut self, now: u64) {
        if now < self.swept_at + SWEEP_EVERY_MS {
            return;
        }
        self.swept_at = now;
        let ConnectRates { user, newcomers, returning } = self.rates;
        self.user_tokens.retain(|_, bucket| !bucket.is_full(now, user));
        self.newcomer_tokens.retain(|_, bucket| !bucket.is_full(now, newcomers));
        self.returning_tokens.retain(|_, bucket| !bucket.is_full(now, returning));
    }

    /// Counts a taken place for a user.
    pub(super) fn belongs_to(&mut self, user: UserId) {
        self.by_user.add(user);
    }

    pub(super) fn give_back(&mut self, who: Who) {
        let Who { user, address, kind } = who;
        self.taken[kind as usize] -= 1;
        if let Some(user) = user {
            self.by_user.subtract(&user);
        }
        if let Some(address) = address {
            self.by_address.subtract(&address);
        }
    }

    pub(super) const fn taken(&self, kind: Kind) -> usize {
        self.taken[kind as usize]
    }

    /// Returns the numbers of refused connections, by reason.
    pub(super) fn refusals(&self) -> [(&'static str, u64); 4] {
        let [all, user, address, too_fast] = self.refused;
        [("all", all), ("user", user), ("address", address), ("pace", too_fast)]
    }
}

const fn index(refusal: Refusal) -> usize {
    match refusal {
        Refusal::All => 0,
        Refusal::User => 1,
        Refusal::Address => 2,
        Refusal::TooFast { .. } => 3,
    }
}

fn bucket<K: Hash + Eq>(buckets: &mut HashMap<K, Bucket>, key: K, now: u64, rate: Rate) -> &mut Bucket {
    buckets.entry(key).or_insert_with(|| Bucket::full(now, rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const CAPS: Caps = Caps { websockets: 10_000, event_streams: 2_048, per_user: 32, per_address: 1_024 };

    fn address(last: u8) -> Option<Address> {
        Some(IpAddr::from([192, 0, 2, last]).into())
    }

    fn known(user: u64, address: Option<Address>) -> Who {
        Who { user: Some(UserId(user)), address, kind: Kind::WebSocket }
    }

    fn newcomer(address: Option<Address>) -> Who {
        Who { user: None, address, kind: Kind::WebSocket }
    }

    /// Returns the number of admitted clients, and the refusal of the next.
    fn admitted(ledger: &mut Ledger, now: u64, who: impl IntoIterator<Item = Who>) -> (usize, Option<Refusal>) {
        let mut count = 0;
        for who in who {
            match ledger.take(now, who) {
                Ok(()) => count += 1,
                Err(refusal) => return (count, Some(refusal)),
            }
        }
        (count, None)
    }

    #[test]
    fn a_user_has_so_many_connections_wherever_from() {
        let mut ledger = Ledger::new(CAPS, ConnectRates::of(0));
        let everywhere = (0..).map(|n: u8| known(1, address(n)));
        assert_eq!(admitted(&mut ledger, 0, everywhere), (32, Some(Refusal::User)));
        assert_eq!(ledger.take(0, known(2, address(0))), Ok(()), "another one is not touched");
        ledger.give_back(known(1, address(3)));
        let listener = Who { kind: Kind::EventStream, ..known(1, None) };
        assert_eq!(ledger.take(0, listener), Ok(()));
        assert_eq!(ledger.take(0, known(1, None)), Err(Refusal::User), "the kinds are counted together");
        assert_eq!(ledger.refusals(), [("all", 0), ("user", 2), ("address", 0), ("pace", 0)]);
    }

    #[test]
    fn an_address_has_so_many_and_this_machine_any_number() {
        let mut ledger = Ledger::new(CAPS, ConnectRates::of(0));
        assert_eq!(admitted(&mut ledger, 0, (0..).map(|n| known(n, address(1)))), (1_024, Some(Refusal::Address)));
        assert_eq!(ledger.take(0, newcomer(address(1))), Err(Refusal::Address));
        assert_eq!(admitted(&mut ledger, 0, (0..2_000).map(|n| known(n, None))), (2_000, None));
    }

    #[test]
    fn an_office_of_five_hundred_comes_back_at_once_behind_any_number_of_newcomers() {
        let mut ledger = Ledger::new(CAPS, ConnectRates::of(2));
        let (came, refusal) = admitted(&mut ledger, 0, (0..).map(|_| newcomer(address(1))));
        assert_eq!((came, refusal), (512, Some(Refusal::TooFast { wait_ms: 1_000 })));
        assert_eq!(admitted(&mut ledger, 0, (1..=500).map(|user| known(user, address(1)))), (500, None));
    }

    #[test]
    fn newcomers_leave_an_eighth_to_those_who_come_back() {
        let mut ledger = Ledger::new(Caps { websockets: 80, ..CAPS }, ConnectRates::of(0));
        assert_eq!(admitted(&mut ledger, 0, (0..).map(|_| newcomer(None))), (70, Some(Refusal::All)));
        assert_eq!(admitted(&mut ledger, 0, (0..).map(|user| known(user, None))), (10, Some(Refusal::All)));
        let listener = Who { kind: Kind::EventStream, ..newcomer(None) };
        assert_eq!(ledger.take(0, listener), Ok(()), "the kinds are counted apart");
    }

    #[test]
    fn one_who_connects_again_and_again_is_told_when_to_come() {
        let mut ledger = Ledger::new(CAPS, ConnectRates::of(2));
        let mut again = |now| match ledger.take(now, known(1, None)) {
            Ok(()) => {
                ledger.give_back(known(1, None));
                0
            }
            Err(Refusal::TooFast { wait_ms }) => wait_ms,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!((0..33).map(|_| again(0)).collect::<Vec<_>>(), [vec![0; 32], vec![1_000]].concat());
        assert_eq!((0..3).map(|_| again(1_000)).collect::<Vec<_>>(), [0, 0, 1_000], "two in a second");
    }

    #[test]
    fn a_newcomer_becomes_a_user_and_nothing_is_left_of_either() {
        let mut ledger = Ledger::new(Caps { per_user: 1, ..CAPS }, ConnectRates::of(2));
        ledger.take(0, newcomer(address(1))).unwrap();
        ledger.belongs_to(UserId(7));
        assert_eq!(ledger.take(0, known(7, address(1))), Err(Refusal::User));
        ledger.give_back(known(7, address(1)));
        assert!(ledger.taken == [0, 0] && ledger.by_user.is_empty() && ledger.by_address.is_empty());
        ledger.take(SWEEP_EVERY_MS, newcomer(address(2))).unwrap();
        assert_eq!((ledger.user_tokens.len(), ledger.newcomer_tokens.len()), (0, 1), "what is full again is swept");
    }
}
