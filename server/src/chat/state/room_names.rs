//! Lookup of rooms by a name that looks alike, and by the beginning of a word.

use super::names::look;
use crate::chat::steps;
use app::protocol::{RoomName, caseless};
use std::{cmp::Ordering, collections::BTreeSet, ops::Bound};

/// The names of rooms, existing or requested.
#[derive(Debug, Default)]
pub(in crate::chat) struct RoomNames {
    /// Names by their skeleton.
    looks: BTreeSet<(Box<str>, RoomName)>,
    words: BTreeSet<Word>,
}

/// A name from the start of one of its words.
#[derive(Debug, Clone)]
struct Word {
    room: RoomName,
    /// Byte offset of the word.
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
    pub(in crate::chat) fn insert(&mut self, room: &RoomName) {
        self.looks.insert((look_of_room(room), room.clone()));
        self.words.extend(Word::all(room));
    }

    pub(in crate::chat) fn remove(&mut self, room: &RoomName) {
        self.looks.remove(&(look_of_room(room), room.clone()));
        for word in Word::all(room) {
            self.words.remove(&word);
        }
    }

    /// Returns the room whose name looks like this one.
    pub(in crate::chat) fn like(&self, room: &RoomName) -> Option<&RoomName> {
        let look = look_of_room(room);
        // The empty name sorts before every other one.
        let first = (Bound::Included((look.clone(), RoomName::told(""))), Bound::Unbounded);
        self.looks.range(first).next().filter(|(its, _)| *its == look).map(|(_, room)| room)
    }

    /// Yields the rooms with a word that starts with `beginning`, in the order of these words; a room can appear twice.
    pub(in crate::chat) fn find(&self, beginning: &RoomName) -> impl Iterator<Item = &RoomName> {
        let first = Word { room: beginning.clone(), at: 0 };
        let begun = self.words.range((Bound::Included(first), Bound::Unbounded)).inspect(|_| steps::count());
        begun.take_while(move |word| word.as_str().starts_with(beginning.as_str())).map(|word| &word.room)
    }
}

/// Returns the skeleton of a room's name without letter case and repeated underscores, which rooms of older stores
/// have. `m` and `rn` stay distinct although UTS #39 confuses them: both are easy to type and make different words,
/// such as `modem` and `modern`.
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
