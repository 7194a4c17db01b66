//! Which names of users are taken.
//!
//! A name is taken when somebody has it in any spelling, and when somebody has one that looks like it (UTS #39): nobody
//! can be called `Аda` with a Cyrillic `А` beside Ada. A name is compared as it is written, in lower and in upper case,
//! each with the same of the others: `Lan` is no `Ian`, but `lan` is.
//!
//! Stores that were written before this rule may hold users whose names clash. They keep them; the clash ends when one
//! of them takes another name.

use super::{RequestId, numbers::Numbers, steps};
use app::protocol::{NameKey, RESERVED_NAMES, UserId, UserName};
use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
};
use unicode_security::confusable_detection::skeleton;

/// Whose a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The chat's own.
    Chat,
    /// A user's, or one that the user is about to take.
    User(UserId),
    /// That of a user who is being made.
    Request(RequestId),
    /// Nobody's, since its user was forgotten.
    Reserved(UserId),
}

/// What two names must not have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Trait {
    Key(NameKey),
    Written(String),
    Lower(String),
    Upper(String),
}

impl Trait {
    /// The cheapest comes first: the name that is looked for is often one of many with a number behind it.
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

/// What a name looks like: the same for all that look alike.
pub(super) fn look(name: &str) -> String {
    skeleton(name).collect()
}

/// Names of one family and count of digits that are tried, when others only look like them.
const TRIED: usize = 64;
/// The most digits of a number behind a name that are tried in this way.
const DIGITS: u32 = 9;

/// The names of users.
#[derive(Debug, Default)]
pub(super) struct Names {
    traits: HashMap<Trait, Vec<Owner>>,
    /// The keys of those that end in digits.
    numbers: Numbers,
    /// The keys of users, in order.
    keys: BTreeSet<(NameKey, UserId)>,
}

impl Names {
    /// Only the chat has names.
    pub(super) fn new() -> Self {
        let mut names = Self::default();
        for name in RESERVED_NAMES {
            names.insert(&UserName::stored(name), Owner::Chat);
        }
        names
    }

    /// Notes that somebody has a name, or is about to take it. A name may be noted twice, and then goes with the second
    /// [`remove`](Self::remove).
    pub(super) fn insert(&mut self, name: &UserName, owner: Owner) {
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

    /// Takes a name from its owner.
    pub(super) fn remove(&mut self, name: &UserName, owner: Owner) {
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

    /// The name with the smallest number from `first` on that is free; `make` puts a number behind it. Numbers that others
    /// have are not tried one by one. Where very many names only look like these, the number has more digits, and in the
    /// end there is none.
    pub(super) fn numbered(&self, first: u64, make: impl Fn(u64) -> UserName) -> Option<UserName> {
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

    /// Who has a name that this one could be taken for, if anybody but `owner` has.
    pub(super) fn taken_by(&self, name: &UserName, owner: impl Into<Option<Owner>>) -> Option<Owner> {
        let owner = owner.into();
        steps::count();
        let other = |one: Trait| self.traits.get(&one)?.iter().copied().find(|other| Some(*other) != owner);
        Trait::all(name).find_map(other)
    }

    /// The names of users that stand next to one in order, so many on each side, with who has them or is about to take
    /// them.
    pub(super) fn near(&self, key: &NameKey, most: usize) -> impl Iterator<Item = &(NameKey, UserId)> {
        let here = (key.clone(), UserId(0));
        let before = self.keys.range((Bound::Unbounded, Bound::Excluded(&here))).rev().take(most);
        before.chain(self.keys.range(here..).take(most))
    }

    /// The users who have a name in some spelling, in the order in which they took it: one, but for the clashes of an
    /// old store.
    pub(super) fn users(&self, name: &str) -> impl Iterator<Item = UserId> {
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
