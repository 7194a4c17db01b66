//! Counts by a key, such as the connections of each address.
//!
//! Invariant: a key whose count is 0 takes no memory, so strangers cannot fill it.

use std::{collections::HashMap, hash::Hash};

/// The counts. See the [module](self).
#[derive(Debug)]
pub(crate) struct Tally<K>(HashMap<K, usize>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Tally<K> {
    pub(crate) fn count(&self, key: &K) -> usize {
        self.0.get(key).copied().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, key: K) {
        *self.0.entry(key).or_default() += 1;
    }

    /// Decrements a count that is not 0, and returns the rest.
    pub(crate) fn subtract(&mut self, key: &K) -> usize {
        let rest = self.count(key).saturating_sub(1);
        if rest == 0 {
            self.0.remove(key);
        } else if let Some(count) = self.0.get_mut(key) {
            *count = rest;
        }
        rest
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_forgotten_with_its_last_one() {
        let mut tally = Tally::default();
        tally.add("a");
        tally.add("a");
        assert_eq!((tally.count(&"a"), tally.count(&"b")), (2, 0));
        assert_eq!((tally.subtract(&"a"), tally.subtract(&"a"), tally.subtract(&"a")), (1, 0, 0));
        assert!(tally.is_empty());
    }
}
