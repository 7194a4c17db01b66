//! Which room is meant by a name, and which are found by the beginning of a word.

use super::{names::look, steps};
use app::protocol::{RoomName, caseless};
use std::{cmp::Ordering, collections::BTreeSet, ops::Bound};

/// The names of the rooms, and of those that somebody asked for.
#[derive(Debug, Default)]
pub(super) struct RoomNames {
    /// By how they look.
    looks: BTreeSet<(Box<str>, RoomName)>,
    words: BTreeSet<Word>,
}

/// A name from one of its words on.
#[derive(Debug, Clone)]
struct Word {
    room: RoomName,
    /// Where the word begins, in bytes.
    at: usize,
}

impl Word {
    fn all(room: &RoomName) -> impl Iterator<Item = Self> {
        let name = room.as_str();
        let behind_signs = name.match_indices(['_', '-', '.', '·']).map(|(at, sign)| at + sign.len());
        let begins = std::iter::once(0).chain(behind_signs).filter(|at| *at < name.len());
        begins.map(|at| Self { room: room.clone(), at })
    }

    fn as_str(&self) -> &str {
        self.room.as_str().get(self.at..).unwrap_or_default()
    }
}

impl Ord for Word {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str()).then_with(|| self.room.cmp(&other.room))
    }
}

impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Word {}

impl RoomNames {
    pub(super) fn insert(&mut self, room: &RoomName) {
        self.looks.insert((look_of_room(room), room.clone()));
        self.words.extend(Word::all(room));
    }

    pub(super) fn remove(&mut self, room: &RoomName) {
        self.looks.remove(&(look_of_room(room), room.clone()));
        for word in Word::all(room) {
            self.words.remove(&word);
        }
    }

    /// The room that this name would be taken for.
    pub(super) fn like(&self, room: &RoomName) -> Option<&RoomName> {
        let look = look_of_room(room);
        // No name comes before the empty one.
        let first = (Bound::Included((look.clone(), RoomName::told(""))), Bound::Unbounded);
        self.looks.range(first).next().filter(|(its, _)| *its == look).map(|(_, room)| room)
    }

    /// The rooms in whose names a word begins like this, in the order of these words; one may come twice.
    pub(super) fn find(&self, beginning: &RoomName) -> impl Iterator<Item = &RoomName> {
        let first = Word { room: beginning.clone(), at: 0 };
        let begun = self.words.range((Bound::Included(first), Bound::Unbounded)).inspect(|_| steps::count());
        begun.take_while(move |word| word.as_str().starts_with(beginning.as_str())).map(|word| &word.room)
    }
}

/// Letter case and the number of underscores do not count; older stores have rooms with many. The `m` stays what it is,
/// though it looks like `rn`: both are on every keyboard and make words (`modem`, `modern`), and who types the name of a
/// room means that one.
fn look_of_room(room: &RoomName) -> Box<str> {
    let plain = caseless(room.as_str());
    let words: Vec<_> = plain.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_").split('m').map(look).collect::<Vec<_>>().join("m").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_found_by_what_looks_like_its_name() {
        let mut rooms = RoomNames::default();
        for room in ["general", "straße", "café___bar", "modern"] {
            rooms.insert(&RoomName::told(room));
        }
        for (like, room) in [
            ("gеneral", "general"),
            ("genera1", "general"),
            ("strasse", "straße"),
            ("café_bar", "café___bar"),
            ("modern", "modern"),
            ("mоdern", "modern"),
        ] {
            assert_eq!(rooms.like(&RoomName::parse(like).unwrap()).map(RoomName::as_str), Some(room), "{like}");
        }
        for other in ["generals", "modem", "cafe_bar", "генерал"] {
            assert_eq!(rooms.like(&RoomName::parse(other).unwrap()), None, "{other}");
        }
        rooms.remove(&RoomName::told("modern"));
        assert_eq!(rooms.like(&RoomName::told("modern")), None);
    }

    #[test]
    fn rooms_are_found_by_the_beginning_of_any_word() {
        let mut rooms = RoomNames::default();
        for room in ["rust", "rust-help", "help_with_rust", "trust", "日本語_rust", "thirsty"] {
            rooms.insert(&RoomName::told(room));
        }
        let found = |rooms: &RoomNames, beginning: &str| -> Vec<String> {
            rooms.find(&RoomName::told(beginning)).map(ToString::to_string).collect()
        };
        assert_eq!(found(&rooms, "rus"), ["help_with_rust", "rust", "日本語_rust", "rust-help"]);
        assert_eq!(found(&rooms, "rust-"), ["rust-help"]);
        assert_eq!(found(&rooms, "日本"), ["日本語_rust"]);
        assert_eq!(found(&rooms, "ust"), [""; 0]);
        rooms.remove(&RoomName::told("rust-help"));
        assert_eq!(found(&rooms, "rust-"), [""; 0]);
        assert_eq!(found(&rooms, "help"), ["help_with_rust"]);
    }
}
