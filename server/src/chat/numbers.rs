//! Which numbers stand behind names already, so that the smallest free one is found without trying those before it.
//!
//! A name that ends in digits is one of a family: what stands before them, and how many they are. The numbers of a family
//! are kept as runs, so `Bob1` to `Bob40000` are five, however many people have them.

use std::collections::{BTreeMap, HashMap};

/// The most digits that are looked at: more than fit into a number are no suffix that anybody was given.
const DIGITS_MAX: usize = 18;

/// A name up to its digits, and how many digits there are.
type Family = (Box<str>, usize);

/// The numbers that are taken.
#[derive(Debug, Default)]
pub(super) struct Numbers(HashMap<Family, BTreeMap<u64, u64>>);

/// The family of a name and its number in it.
fn family(key: &str) -> Option<(Family, u64)> {
    let digits = key.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > DIGITS_MAX {
        return None;
    }
    let (stem, number) = key.split_at(key.len() - digits);
    Some(((stem.into(), digits), number.parse().ok()?))
}

impl Numbers {
    /// A name is taken that was not.
    pub(super) fn insert(&mut self, key: &str) {
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

    /// A name is free that was taken.
    pub(super) fn remove(&mut self, key: &str) {
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

    /// How much is to be added to the number of this name until it is one that nobody has.
    pub(super) fn to_the_next_free(&self, key: &str) -> u64 {
        let taken = || {
            let (family, number) = family(key)?;
            let (_, last) = self.0.get(&family)?.range(..=number).next_back()?;
            (last + 1).checked_sub(number)
        };
        taken().unwrap_or(0)
    }

    #[cfg(test)]
    pub(super) fn runs(&self) -> usize {
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
