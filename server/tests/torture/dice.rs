//! Random choices. The seed of a run is printed, and `TORTURE_SEED` repeats its choices; their timing against the
//! traffic depends on the machine.

use std::time::{SystemTime, UNIX_EPOCH};

/// Increment of the generator, the golden ratio of 2^64.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// `SplitMix64`: small, and good enough to choose faults.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Creates the dice of a test.
    pub(crate) fn of_this_run() -> Self {
        let given = std::env::var("TORTURE_SEED").ok().map(|seed| seed.parse().expect("TORTURE_SEED is a number"));
        let seed = given.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::from(now.subsec_nanos()) ^ now.as_secs()
        });
        println!("TORTURE_SEED={seed}");
        Self(seed)
    }

    /// Creates dice whose throws are always the same.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Creates dice that are independent of these.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Draws one of some values.
    pub(crate) fn one_of<T: Clone>(&mut self, things: &[T]) -> T {
        things[usize::try_from(self.below(things.len() as u64)).unwrap()].clone()
    }

    /// Draws a number between 0 and 1.
    pub(crate) fn point(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Draws a text of some length, with letters that need an escape or several bytes. It does not end in white space,
    /// which would be cut.
    pub(crate) fn text(&mut self) -> String {
        let letters = ['a', ' ', 'é', '"', '\\', '\n', '\u{1f642}'];
        (0..self.below(120)).map(|_| self.one_of(&letters)).chain(['.']).collect()
    }
}
