//! The nearest name to a mistyped one.

use super::Chat;
use app::protocol::{NameKey, UserId, UserName};
use std::sync::Arc;

/// Most names that are compared, so that a mistyped name costs little on a full server.
const COMPARED: usize = 10_000;

impl Chat {
    /// The name that is nearest to one that nobody has, if one is near. Present users come before others.
    pub(super) fn nearest_name(&self, name: &str) -> Option<Arc<str>> {
        let wanted = UserName::stored(name).key();
        let length = wanted.as_str().chars().count();
        let near = |(key, user): (&NameKey, &UserId)| {
            // Every letter more or less is a slip of its own.
            if key.as_str().chars().count().abs_diff(length) > slips(length) {
                return None;
            }
            let distance = strsim::osa_distance(key.as_str(), wanted.as_str());
            let user = self.users.get(user).filter(|user| !user.sessions.is_empty())?;
            (distance <= slips(length)).then(|| (distance, !user.present, user.name.shared()))
        };
        self.names.iter().take(COMPARED).filter_map(near).min().map(|(_, _, name)| name)
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
