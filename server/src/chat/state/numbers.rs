//! Numbers at the end of names in use, to find the smallest free one without trying each.
//!
//! A name that ends in digits belongs to a family: the text before the digits, and their count. The numbers of a family
//! are kept as runs: `Bob1` to `Bob40000` are five runs.

use std::collections::{BTreeMap, HashMap};

/// Upper bound of the digits of a number: longer ones do not fit into a `u64`, and the server never appends them.
const DIGITS_MAX: usize = 18;

/// The name without its digits, and the number of digits.
type Family = (Box<str>, usize);

/// Runs of taken numbers, as first and last number, by family.
#[derive(Debug, Default)]
pub(in crate::chat) struct Numbers(HashMap<Family, BTreeMap<u64, u64>>);

/// Returns the family of a name and its number in the family.
fn family(key: &str) -> Option<(Family, u64)> {
    let digits = key.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > DIGITS_MAX {
        return None;
    }
    let (stem, number) = key.split_at(key.len() - digits);
    Some(((stem.into(), digits), number.parse().ok()?))
}

impl Numbers {
    /// Adds a name that was free.
    pub(in crate::chat) fn insert(&mut self, key: &str) {
        let Some((family, number)) = family(key) else { return };
        let runs = self.0.entry(family).or_default();
        let (mut first, mut last) = (number, number);
        if let Some((before, end)) = runs.range(..=number).next_back().map(|(first, last)| (*first, *last))
            && end + 1 >= number
        {
            first = before;
            last = last.max(end);
        }
        if let Some(end) = runs.remove(&(last + 1)) {
            last = end;
        }
        runs.insert(first, last);
    }

    /// Removes a name that was taken.
    pub(in crate::chat) fn remove(&mut self, key: &str) {
        let Some((family, number)) = family(key) else { return };
        let Some(runs) = self.0.get_mut(&family) else { return };
        let run = runs.range(..=number).next_back().map(|(first, last)| (*first, *last));
        let Some((first, last)) = run.filter(|(_, last)| *last >= number) else { return };
        runs.remove(&first);
        if first < number {
            runs.insert(first, number - 1);
        }
        if number < last {
            runs.insert(number + 1, last);
        }
        if runs.is_empty() {
            self.0.remove(&family);
        }
    }

    /// Returns the distance from this name's number to the next free one, 0 if it is free.
    pub(in crate::chat) fn to_the_next_free(&self, key: &str) -> u64 {
        let taken = || {
            let (family, number) = family(key)?;
            let (_, last) = self.0.get(&family)?.range(..=number).next_back()?;
            (last + 1).checked_sub(number)
        };
        taken().unwrap_or(0)
    }

    #[cfg(test)]
    pub(in crate::chat) fn runs(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn many_in_a_row_are_a_few_runs() {
        let mut numbers = Numbers::default();
        for number in 1..=40_000 {
            numbers.insert(&format!("bob{number}"));
        }
        assert_eq!(numbers.runs(), 5, "one for each count of digits");
        assert_eq!(numbers.to_the_next_free("bob10000"), 30_001);
        assert_eq!(numbers.to_the_next_free("bob1"), 9, "with as many digits");
        assert_eq!(["bob0", "bob40001", "bob", "bo1", "bob00001"].map(|key| numbers.to_the_next_free(key)), [0; 5]);
        numbers.remove("bob20000");
        assert_eq!(numbers.to_the_next_free("bob10000"), 10_000);
    }

    proptest! {
        #[test]
        fn runs_know_what_a_set_knows(steps in proptest::collection::vec((0_u64..30, any::<bool>()), 0..200)) {
            let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
            for (number, comes) in steps {
                let key = format!("x{number:03}");
                if comes {
                    set.insert(number);
                    numbers.insert(&key);
                } else {
                    set.remove(&number);
                    numbers.remove(&key);
                }
                for from in 0..31 {
                    let free = (from..).find(|number| !set.contains(number)).unwrap();
                    prop_assert_eq!(numbers.to_the_next_free(&format!("x{from:03}")), free - from);
                }
            }
            set.iter().for_each(|number| numbers.remove(&format!("x{number:03}")));
            prop_assert_eq!(numbers.0.len(), 0);
        }
    }
}
