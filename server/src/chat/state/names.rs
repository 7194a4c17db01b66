//! Names of users in use.
//!
//! A name is taken if somebody has it in any spelling, or has a name that looks like it by the skeletons of UTS #39:
//! beside Ada, nobody can be called `Аda` with a Cyrillic `А`. Names are compared as written, in lower case and in
//! upper case, each with the same form of the other: `Lan` does not clash with `Ian`, but `lan` does.
//!
//! Stores that were written before this rule can hold users with clashing names. They keep their names until one of
//! them takes another one.

use super::numbers::Numbers;
use crate::chat::{RequestId, steps};
use app::protocol::{NameKey, RESERVED_NAMES, UserId, UserName};
use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};
use unicode_security::confusable_detection::skeleton;

/// The owner of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::chat) enum Owner {
    /// The chat itself, for reserved words.
    Chat,
    /// A user who has the name or asked for it.
    User(UserId),
    /// A request that is creating a user of this name.
    Request(RequestId),
    /// A forgotten user, whose name stays reserved for a while.
    Reserved(UserId),
}

/// A form of a name that must be unique.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Trait {
    Key(NameKey),
    Written(String),
    Lower(String),
    Upper(String),
}

impl Trait {
    /// Yields the forms of a name, the cheapest first: most lookups are of numbered names and end with it.
    fn all(name: &UserName) -> impl Iterator<Item = Self> {
        let makers: [fn(&UserName) -> Self; 4] = [
            |name| Self::Key(name.key()),
            |name| Self::Written(look(name.as_str())),
            |name| Self::Lower(look(&name.as_str().to_lowercase())),
            |name| Self::Upper(look(&name.as_str().to_uppercase())),
        ];
        makers.into_iter().map(move |make| make(name))
    }
}

/// Returns the UTS #39 skeleton of a name, which is equal for names that look alike.
pub(in crate::chat) fn look(name: &str) -> String {
    skeleton(name).collect()
}

/// Upper bound of attempts per number of digits, if other names only look like the tried ones.
const TRIED: usize = 64;
/// Upper bound of the digits in a number that is appended to a name.
const DIGITS: u32 = 9;

/// The names in use and their owners.
#[derive(Debug, Default)]
pub(in crate::chat) struct Names {
    traits: HashMap<Trait, Vec<Owner>>,
    /// Keys that end in digits, as runs of numbers.
    numbers: Numbers,
    /// Keys of users, in order.
    keys: BTreeSet<(NameKey, UserId)>,
}

impl Names {
    /// Creates the set with the reserved names of the chat.
    pub(in crate::chat) fn new() -> Self {
        let mut names = Self::default();
        for name in RESERVED_NAMES {
            names.insert(&UserName::stored(name), Owner::Chat);
        }
        names
    }

    /// Adds a name for its owner. A name that is inserted twice needs two calls of [`remove`](Self::remove).
    pub(in crate::chat) fn insert(&mut self, name: &UserName, owner: Owner) {
        for one in Trait::all(name) {
            if let Trait::Key(key) = &one {
                if !self.traits.contains_key(&one) {
                    self.numbers.insert(key.as_str());
                }
                if let Owner::User(user) = owner {
                    self.keys.insert((key.clone(), user));
                }
            }
            self.traits.entry(one).or_default().push(owner);
        }
    }

    /// Removes one insertion of a name by its owner.
    pub(in crate::chat) fn remove(&mut self, name: &UserName, owner: Owner) {
        for one in Trait::all(name) {
            let Some(owners) = self.traits.get_mut(&one) else { continue };
            if let Some(at) = owners.iter().position(|other| *other == owner) {
                owners.remove(at);
            }
            let (is_owner, is_free) = (owners.contains(&owner), owners.is_empty());
            if let (Trait::Key(key), Owner::User(user), false) = (&one, owner, is_owner) {
                self.keys.remove(&(key.clone(), user));
            }
            if is_free {
                self.traits.remove(&one);
                if let Trait::Key(key) = &one {
                    self.numbers.remove(key.as_str());
                }
            }
        }
    }

    /// Returns the free name with the smallest number from `first` on, where `make` appends a number to the name. Taken
    /// numbers are skipped in one step. If very many names only look like the tried ones, the number gets more digits,
    /// and at last the result is `None`.
    pub(in crate::chat) fn numbered(&self, first: u64, make: impl Fn(u64) -> UserName) -> Option<UserName> {
        for digits in 1..=DIGITS {
            let mut number = first.max(10_u64.pow(digits - 1));
            for _ in 0..TRIED {
                number += self.numbers.to_the_next_free(make(number).key().as_str());
                if number >= 10_u64.pow(digits) {
                    break;
                }
                let name = make(number);
                if self.taken_by(&name, None::<Owner>).is_none() {
                    return Some(name);
                }
                number += 1;
            }
        }
        None
    }

    /// Returns the owner of a name that equals or resembles this one, apart from `owner`.
    pub(in crate::chat) fn taken_by(&self, name: &UserName, owner: impl Into<Option<Owner>>) -> Option<Owner> {
        let owner = owner.into();
        steps::count();
        let other = |one: Trait| self.traits.get(&one)?.iter().copied().find(|other| Some(*other) != owner);
        Trait::all(name).find_map(other)
    }

    /// Yields up to `most` names of users on each side of a key in alphabetical order, including names that were asked
    /// for.
    pub(in crate::chat) fn near(&self, key: &NameKey, most: usize) -> impl Iterator<Item = &(NameKey, UserId)> {
        let here = (key.clone(), UserId(0));
        let before = self.keys.range((Bound::Unbounded, Bound::Excluded(&here))).rev().take(most);
        before.chain(self.keys.range(here..).take(most))
    }

    /// Yields the users with a name in any spelling, in the order in which they took it: more than one only in an old
    /// store with clashes.
    pub(in crate::chat) fn users(&self, name: &str) -> impl Iterator<Item = UserId> {
        let owners = self.traits.get(&Trait::Key(NameKey::of(name)));
        owners.into_iter().flatten().filter_map(|owner| match owner {
            Owner::User(user) => Some(*user),
            Owner::Chat | Owner::Request(_) | Owner::Reserved(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Owner = Owner::User(UserId(1));
    const BO: Owner = Owner::User(UserId(2));

    fn name(name: &str) -> UserName {
        UserName::stored(name)
    }

    fn is_taken(taken: &str, wanted: &str) -> bool {
        let mut names = Names::new();
        names.insert(&name(taken), ADA);
        assert_eq!(names.taken_by(&name(wanted), ADA), None, "{wanted} is one's own");
        names.taken_by(&name(wanted), BO).is_some()
    }

    #[test]
    fn a_name_that_looks_like_one_in_use_is_taken() {
        for (taken, wanted) in [
            ("Ada", "ada"),
            ("Ada", "Аda"),
            ("Ada", "АDА"),
            ("Bo", "Во"),
            ("Bo", "ВО"),
            ("Ian", "lan"),
            ("paypal", "раураl"),
            ("Bill", "Bi11"),
            ("mike", "rnike"),
            ("Ολγα", "Oλγα"),
            ("Straße", "STRASSE"),
            ("zoë", "ZOЁ"),
            ("ニコ", "二コ"),
        ] {
            assert!(is_taken(taken, wanted), "{wanted} beside {taken}");
            assert!(is_taken(wanted, taken), "{taken} beside {wanted}");
        }
    }

    #[test]
    fn names_that_can_be_told_apart_are_free() {
        for (taken, wanted) in [
            ("Ian", "Lan"),
            ("Ada", "Ada1"),
            ("Zoe", "Zoë"),
            ("Anna", "Анна"),
            ("Анна", "Аня"),
            ("Мария", "Марія"),
            ("Ada", "Adam"),
            ("user1", "user2"),
            ("田中", "田口"),
        ] {
            assert!(!is_taken(taken, wanted), "{wanted} beside {taken}");
        }
    }

    #[test]
    fn what_the_chat_keeps_for_itself_is_taken_in_every_look() {
        let names = Names::new();
        for wanted in ["system", "SYSTEM", "sуstem", "ѕystem", "аdmin", "аdmіn", "ADMIΝ", "serνer", "nаtter", "ｎatter"]
        {
            assert_eq!(names.taken_by(&name(wanted), ADA), Some(Owner::Chat), "{wanted}");
        }
        for wanted in ["Анна", "systems", "Administrator", "nutter"] {
            assert_eq!(names.taken_by(&name(wanted), ADA), None, "{wanted}");
        }
    }

    #[test]
    fn a_name_is_free_again_when_it_was_removed_as_often_as_it_was_noted() {
        let mut names = Names::new();
        names.insert(&name("Ada"), ADA);
        names.insert(&name("ADA"), ADA);
        names.remove(&name("Ada"), ADA);
        assert_eq!(names.taken_by(&name("ada"), BO), Some(ADA));
        names.remove(&name("ADA"), BO);
        assert_eq!(names.taken_by(&name("ada"), BO), Some(ADA));
        names.remove(&name("ADA"), ADA);
        assert_eq!(names.taken_by(&name("ada"), BO), None);
        assert_eq!((names.traits.len(), names.keys.len()), (Names::new().traits.len(), 0));
    }

    #[test]
    fn the_smallest_free_number_is_found_and_a_crowd_of_similar_names_is_passed_by() {
        let mut names = Names::new();
        let make = |number: u64| name(&format!("Bob{number}"));
        let given = |names: &Names| names.numbered(1, make).map(|name| name.to_string());
        assert_eq!(given(&names).as_deref(), Some("Bob1"));
        for number in (1..=500).filter(|number| *number != 77) {
            names.insert(&make(number), ADA);
        }
        assert_eq!(given(&names).as_deref(), Some("Bob77"));
        names.insert(&make(77), BO);
        assert_eq!(given(&names).as_deref(), Some("Bob501"));
        names.remove(&make(8), ADA);
        assert_eq!(given(&names).as_deref(), Some("Bob8"), "what is given back comes again");
        names.insert(&make(8), ADA);
        for number in 501..=999 {
            names.insert(&name(&format!("B0b{number}")), BO);
        }
        assert_eq!(given(&names).as_deref(), Some("Bob1000"));
    }

    #[test]
    fn users_of_an_old_store_whose_names_clash_are_all_there() {
        let mut names = Names::new();
        names.insert(&name("Ada"), ADA);
        names.insert(&name("Ada\u{3164}"), BO);
        assert_eq!(names.users("@ADA").collect::<Vec<_>>(), [UserId(1), UserId(2)]);
        names.remove(&name("Ada"), ADA);
        assert_eq!(names.users("ada").collect::<Vec<_>>(), [UserId(2)]);
    }
}
