//! The nearest name to a mistyped one.

use super::Chat;
use crate::chat::steps;
use app::protocol::{NameKey, RoomName, UserId};
use std::sync::Arc;

/// Names before and behind the mistyped one, in the order of all names, that are compared: they begin alike.
const BESIDE: usize = 64;
/// Names of people who are present that are compared, and of people whom the user has talked with.
const PRESENT: usize = 128;

impl Chat {
    /// The name that is nearest to one that nobody has, if one is near. Present users come before others. Not all names
    /// are compared, however many there are, but those that begin alike, those of people who are present, and those of
    /// the user's conversations.
    pub(super) fn nearest_name(&self, user: UserId, name: &str) -> Option<Arc<str>> {
        let wanted = NameKey::of(name);
        let length = wanted.as_str().chars().count();
        let near = |id: UserId| {
            let user = self.users.get(&id).filter(|user| !user.sessions.is_empty())?;
            // Every letter more or less is a slip of its own.
            if user.key.as_str().chars().count().abs_diff(length) > slips(length) {
                return None;
            }
            steps::count();
            let distance = strsim::osa_distance(user.key.as_str(), wanted.as_str());
            (distance <= slips(length)).then(|| (distance, !user.present, user.name.shared()))
        };
        let beside = self.names.near(&wanted, BESIDE).map(|(_, user)| *user);
        let present = self.rooms.get(&RoomName::general()).into_iter().flat_map(|room| &room.present);
        let talks = self.users.get(&user).into_iter().flat_map(|state| state.talks.iter().rev().map(|(_, peer)| peer));
        let known = present.take(PRESENT).chain(talks.take(PRESENT)).copied();
        beside.chain(known).filter_map(near).min().map(|(_, _, name)| name)
    }
}

/// How many letters of a name of this length may be wrong, missing, doubled or swapped.
const fn slips(length: usize) -> usize {
    match length {
        0..=1 => 0,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::slips;

    #[test]
    fn a_short_name_is_near_to_few_others() {
        assert_eq!([1, 2, 4, 5, 8, 9].map(slips), [0, 1, 1, 2, 2, 3]);
    }
}
