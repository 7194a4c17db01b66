//! The nearest name to a mistyped one.

use crate::chat::{engine::Chat, steps};
use app::protocol::{NameKey, RoomName, UserId};
use std::sync::Arc;

/// Number of names on each side of the mistyped one, in alphabetical order, that are compared.
const BESIDE: usize = 64;
/// Number of present users, and of conversation peers, that are compared.
const PRESENT: usize = 128;

impl Chat {
    /// Returns the existing name nearest to a mistyped one, if one is near enough; present users come first. The
    /// candidates are limited to alphabetical neighbours, present users and the user's conversation peers, so the cost
    /// does not grow with the number of names.
    pub(in crate::chat) fn nearest_name(&self, user: UserId, name: &str) -> Option<Arc<str>> {
        let wanted = NameKey::of(name);
        let length = wanted.as_str().chars().count();
        let near = |id: UserId| {
            let user = self.directory.users.get(&id).filter(|user| user.is_there())?;
            // Each difference in length counts as one edit at least.
            if user.key.as_str().chars().count().abs_diff(length) > slips(length) {
                return None;
            }
            steps::count();
            let distance = strsim::osa_distance(user.key.as_str(), wanted.as_str());
            (distance <= slips(length)).then(|| (distance, !user.present, user.name.shared()))
        };
        let beside = self.directory.names.near(&wanted, BESIDE).map(|(_, user)| *user);
        let present = self.logs.rooms.get(&RoomName::general()).into_iter().flat_map(|room| &room.present);
        let talks = self
            .directory
            .users
            .get(&user)
            .into_iter()
            .flat_map(|state| state.talks.iter().rev().map(|(_, peer)| peer));
        let known = present.take(PRESENT).chain(talks.take(PRESENT)).copied();
        beside.chain(known).filter_map(near).min().map(|(_, _, name)| name)
    }
}

/// Returns the maximum edit distance for a name of this length.
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
