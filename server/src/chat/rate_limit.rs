//! Rate limits by token buckets.
//!
//! A bucket holds a limited number of tokens and refills at a steady rate; each operation takes one. An operation that
//! finds the bucket empty is refused with the time until the next token, and the bucket stays closed for that time. So
//! a sequence of messages is refused from one point on, and can be sent again in the same order.

use std::net::IpAddr;

/// Minimum duration of a refusal in milliseconds, longer than the messages that were sent behind the refused one take
/// to arrive.
const CLOSED_MS: u64 = 1_000;
/// Factor between the limits of an address and those of one user, because several people can share an address.
const PEOPLE_PER_ADDRESS: u32 = 10;

/// Refill rate and capacity of a bucket. A rate of 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens per second.
    pub per_second: u32,
    /// Capacity of the bucket, in tokens.
    pub burst: u32,
}

impl Rate {
    const fn times(self, factor: u32) -> Self {
        Self { per_second: self.per_second.saturating_mul(factor), burst: self.burst.saturating_mul(factor) }
    }
}

/// The limited kinds of operations, each with a bucket of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Messages, actions, private messages and commands.
    Message,
    /// Typing notifications.
    Typing,
    /// Connecting, and joining and leaving rooms.
    Join,
    /// Changes of name, at [`RENAME_TOKENS`] each.
    Rename,
    /// Requests for lists and pages, and read marks.
    Query,
    /// Creation of rooms, at [`ROOM_TOKENS`] each.
    Room,
}

/// The rate of each kind for one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Rate of [`Kind::Message`].
    pub message: Rate,
    /// Rate of [`Kind::Typing`].
    pub typing: Rate,
    /// Rate of [`Kind::Join`].
    pub join: Rate,
    /// Rate of [`Kind::Rename`].
    pub rename: Rate,
    /// Rate of [`Kind::Query`].
    pub query: Rate,
    /// Rate of [`Kind::Room`], made by [`rooms_in_a_day`].
    pub room: Rate,
}

/// Price of a change of name in tokens, which expresses one change in 10 s as a whole number of tokens per second.
const RENAME_TOKENS: u32 = 10;
/// Rate of name changes: a burst of three, then one in 10 s. Each is a line in every room of the user and a frame to
/// everybody.
pub const RENAMES: Rate = Rate { per_second: 1, burst: 3 * RENAME_TOKENS };

/// Price of a room in tokens, the seconds of a day: a rate of `n` tokens per second is a rate of `n` rooms per day.
const ROOM_TOKENS: u32 = 24 * 60 * 60;
/// Upper bound of the setting for rooms per day: their tokens, times [`PEOPLE_PER_ADDRESS`], still fit into a `u32`.
pub const ROOMS_A_DAY_MAX: u32 = 4_000;

/// Returns the rate of `rooms` at once and `rooms` more in each day; 0 means no limit.
#[must_use]
pub const fn rooms_in_a_day(rooms: u32) -> Rate {
    Rate { per_second: rooms, burst: rooms.saturating_mul(ROOM_TOKENS) }
}

impl Kind {
    /// Returns the price of one operation, in tokens.
    const fn price(self) -> u32 {
        match self {
            Self::Rename => RENAME_TOKENS,
            Self::Room => ROOM_TOKENS,
            Self::Message | Self::Typing | Self::Join | Self::Query => 1,
        }
    }
}

impl Rates {
    const fn of(&self, kind: Kind) -> Rate {
        match kind {
            Kind::Message => self.message,
            Kind::Typing => self.typing,
            Kind::Join => self.join,
            Kind::Rename => self.rename,
            Kind::Query => self.query,
            Kind::Room => self.room,
        }
    }
}

/// Fixed-point unit: one token in thousandths.
const WHOLE: i64 = 1_000;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    /// Thousandths of a token at the time `at`; negative after a charge that exceeded the balance.
    tokens: i64,
    at: u64,
    /// End of the current refusal in milliseconds, 0 if there was none.
    closed_until: u64,
}

impl Bucket {
    pub(crate) const fn full(now: u64, rate: Rate) -> Self {
        Self { tokens: rate.burst as i64 * WHOLE, at: now, closed_until: 0 }
    }

    /// Returns the milliseconds until the next token, 0 if there is one. A nonzero answer closes the bucket for that
    /// time.
    pub(crate) fn wait(&mut self, now: u64, rate: Rate) -> u64 {
        self.wait_for(now, rate, 1)
    }

    fn wait_for(&mut self, now: u64, rate: Rate, tokens: u32) -> u64 {
        if rate.per_second == 0 {
            return 0;
        }
        // One token per second is a thousandth per millisecond, so the product needs no division.
        let gained = now.saturating_sub(self.at).saturating_mul(u64::from(rate.per_second));
        let gained = i64::try_from(gained).unwrap_or(i64::MAX);
        self.tokens = self.tokens.saturating_add(gained).min(i64::from(rate.burst) * WHOLE);
        self.at = now;
        let wanted = i64::from(tokens) * WHOLE;
        if self.closed_until <= now && self.tokens < wanted {
            let wait = wanted.abs_diff(self.tokens).div_ceil(u64::from(rate.per_second));
            self.closed_until = now + wait.max(CLOSED_MS);
        }
        self.closed_until.saturating_sub(now)
    }

    pub(crate) const fn take(&mut self) {
        self.take_many(1);
    }

    /// Takes tokens, even below zero.
    const fn take_many(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_sub(tokens as i64 * WHOLE);
    }

    pub(crate) fn is_full(&mut self, now: u64, rate: Rate) -> bool {
        rate.per_second == 0 || self.wait(now, rate) == 0 && self.tokens >= i64::from(rate.burst) * WHOLE
    }
}

/// The buckets of one user or address, one for each kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buckets {
    message: Bucket,
    typing: Bucket,
    join: Bucket,
    rename: Bucket,
    query: Bucket,
    room: Bucket,
}

impl Buckets {
    pub(super) const fn full(now: u64, rates: &Rates) -> Self {
        Self {
            message: Bucket::full(now, rates.message),
            typing: Bucket::full(now, rates.typing),
            join: Bucket::full(now, rates.join),
            rename: Bucket::full(now, rates.rename),
            query: Bucket::full(now, rates.query),
            room: Bucket::full(now, rates.room),
        }
    }

    const fn of(&mut self, kind: Kind) -> &mut Bucket {
        match kind {
            Kind::Message => &mut self.message,
            Kind::Typing => &mut self.typing,
            Kind::Join => &mut self.join,
            Kind::Rename => &mut self.rename,
            Kind::Query => &mut self.query,
            Kind::Room => &mut self.room,
        }
    }

    /// See [`Bucket::wait`].
    pub(super) fn wait(&mut self, now: u64, rates: &Rates, kind: Kind) -> u64 {
        self.of(kind).wait_for(now, rates.of(kind), kind.price())
    }

    pub(super) const fn take(&mut self, kind: Kind) {
        self.take_many(kind, 1);
    }

    /// Charges `count` operations at once, even below zero: the next operation pays for them, and none waits
    /// beforehand.
    pub(super) const fn take_many(&mut self, kind: Kind, count: u32) {
        self.of(kind).take_many(count.saturating_mul(kind.price()));
    }

    /// Returns the tokens of one operation. The refill caps the balance at the capacity.
    pub(super) const fn give_back(&mut self, kind: Kind) {
        let bucket = self.of(kind);
        bucket.tokens = bucket.tokens.saturating_add(kind.price() as i64 * WHOLE);
    }

    /// Returns `true` if every bucket is full, so that a new one would be equal.
    pub(super) fn is_full(&mut self, now: u64, rates: &Rates) -> bool {
        [Kind::Message, Kind::Typing, Kind::Join, Kind::Rename, Kind::Query, Kind::Room]
            .into_iter()
            .all(|kind| self.of(kind).is_full(now, rates.of(kind)))
    }
}

impl Rates {
    /// Returns the rates of an address, which several people can share.
    pub(super) const fn of_address(&self) -> Self {
        Self {
            message: self.message.times(PEOPLE_PER_ADDRESS),
            typing: self.typing.times(PEOPLE_PER_ADDRESS),
            join: self.join.times(PEOPLE_PER_ADDRESS),
            rename: self.rename.times(PEOPLE_PER_ADDRESS),
            query: self.query.times(PEOPLE_PER_ADDRESS),
            room: self.room.times(PEOPLE_PER_ADDRESS),
        }
    }
}

/// A client's network address as the limits count it: a full IPv4 address, or the upper 64 bits of an IPv6 address,
/// since a subscriber usually gets a whole /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(IpAddr);

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 3 };

    fn spend(bucket: &mut Bucket, now: u64) -> u64 {
        let wait = bucket.wait(now, RATE);
        if wait == 0 {
            bucket.take();
        }
        wait
    }

    #[test]
    fn a_burst_is_given_and_then_the_pace() {
        let mut bucket = Bucket::full(0, RATE);
        assert_eq!([0; 3].map(|now| spend(&mut bucket, now)), [0, 0, 0]);
        assert_eq!(spend(&mut bucket, 0), CLOSED_MS, "one more is told when");
        assert_eq!(spend(&mut bucket, CLOSED_MS - 1), 1, "and refused until then");
        assert_eq!([CLOSED_MS; 4].map(|now| spend(&mut bucket, now)), [0, 0, 0, CLOSED_MS]);
        assert_eq!([10_000; 4].map(|now| spend(&mut bucket, now)), [0, 0, 0, CLOSED_MS], "no more than the burst");
    }

    #[test]
    fn a_slow_pace_is_told_as_it_is() {
        let rate = Rate { per_second: 1, burst: 1 };
        let mut bucket = Bucket::full(0, rate);
        bucket.take();
        assert_eq!(bucket.wait(0, rate), 1_000);
        assert_eq!(bucket.wait(1_000, rate), 0);
    }

    #[test]
    fn a_name_may_change_three_times_at_once_and_then_once_in_ten_seconds() {
        let rates = Rates { message: RATE, typing: RATE, join: RATE, rename: RENAMES, query: RATE, room: RATE };
        let mut buckets = Buckets::full(0, &rates);
        for _ in 0..3 {
            assert_eq!(buckets.wait(0, &rates, Kind::Rename), 0);
            buckets.take(Kind::Rename);
        }
        assert_eq!(buckets.wait(0, &rates, Kind::Rename), 10_000);
        assert_eq!(buckets.wait(9_999, &rates, Kind::Rename), 1);
        assert_eq!(buckets.wait(10_000, &rates, Kind::Rename), 0);
        buckets.take(Kind::Rename);
        assert_eq!(buckets.wait(10_000, &rates, Kind::Rename), 10_000);
    }

    #[test]
    fn so_many_rooms_are_made_at_once_and_then_as_many_in_a_day() {
        let rates =
            Rates { message: RATE, typing: RATE, join: RATE, rename: RENAMES, query: RATE, room: rooms_in_a_day(20) };
        let hour = 60 * 60 * 1_000;
        for (rates, most) in [(rates, 20), (rates.of_address(), 200)] {
            let mut buckets = Buckets::full(0, &rates);
            let mut make = |now| {
                let wait = buckets.wait(now, &rates, Kind::Room);
                if wait == 0 {
                    buckets.take(Kind::Room);
                }
                wait
            };
            assert!((0..most).all(|_| make(0) == 0));
            assert_eq!(make(0), 24 * hour / most);
            assert_eq!((make(24 * hour / most - 1), make(24 * hour / most)), (1, 0));
            assert!((0..most).all(|_| make(48 * hour) == 0), "as many the day after");
            assert!(make(48 * hour) > 0);
        }
        assert_eq!(rooms_in_a_day(ROOMS_A_DAY_MAX).times(PEOPLE_PER_ADDRESS).burst % ROOM_TOKENS, 0, "it fits");
    }

    #[test]
    fn what_counts_as_many_is_paid_for_afterwards() {
        let mut bucket = Bucket::full(0, RATE);
        bucket.take_many(53);
        assert_eq!(bucket.wait(0, RATE), 5_100, "50 that were not there, and one");
        assert_eq!(bucket.wait(5_100, RATE), 0);
    }

    #[test]
    fn what_comes_in_a_row_is_refused_from_one_point_on() {
        let mut bucket = Bucket::full(0, RATE);
        let refused: Vec<bool> = (0..200).map(|n| spend(&mut bucket, n * 8) > 0).collect();
        let first = refused.iter().position(|refused| *refused).unwrap();
        let again = refused[first..].iter().position(|refused| !refused).map(|n| n + first).unwrap();
        assert!((again - first) as u64 * 8 >= CLOSED_MS, "not before the moment that was told");
    }

    #[test]
    fn a_pace_of_nothing_is_no_limit() {
        let rate = Rate { per_second: 0, burst: 0 };
        let mut bucket = Bucket::full(0, rate);
        assert!((0..1_000).all(|_| bucket.wait(0, rate) == 0));
    }

    #[test]
    fn addresses_of_one_household_are_one() {
        let of = |text: &str| Address::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
