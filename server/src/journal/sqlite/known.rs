//! Rows of users and members that the writer has read, so that an entry of somebody who talks costs no lookup.
//!
//! Invariants:
//! - what is here is what the writer's connection would read: each change of a row removes it, and a transaction that
//!   fails removes all;
//! - at most [`USERS_MAX`] users and [`MEMBERS_MAX`] memberships are here; at the limit all are removed.

use crate::journal::rules::KnownUser;
use app::protocol::UserId;
use rusqlite::Result;
use std::collections::{HashMap, HashSet};

/// Upper bound of the users, some 100 bytes each.
const USERS_MAX: usize = 10_000;

/// Upper bound of the memberships, 16 bytes each.
const MEMBERS_MAX: usize = 50_000;

/// See the [module](self).
#[derive(Default)]
pub(super) struct Known {
    users: HashMap<UserId, KnownUser>,
    /// Members by the key of the room.
    members: HashSet<(UserId, i64)>,
}

impl Known {
    /// Returns a user, or else what `read` finds.
    pub(super) fn user(
        &mut self,
        user: UserId,
        read: impl FnOnce() -> Result<Option<KnownUser>>,
    ) -> Result<Option<KnownUser>> {
        if let Some(known) = self.users.get(&user) {
            return Ok(Some(known.clone()));
        }
        let found = read()?;
        if let Some(found) = &found {
            make_room(self.users.len() < USERS_MAX, || self.users.clear());
            self.users.insert(user, found.clone());
        }
        Ok(found)
    }

    /// Removes a user whose row changes.
    pub(super) fn forget_user(&mut self, user: UserId) {
        self.users.remove(&user);
    }

    /// Returns `true` for a member, or else what `read` finds.
    pub(super) fn is_member(&mut self, user: UserId, room: i64, read: impl FnOnce() -> Result<bool>) -> Result<bool> {
        if self.members.contains(&(user, room)) {
            return Ok(true);
        }
        let found = read()?;
        if found {
            make_room(self.members.len() < MEMBERS_MAX, || self.members.clear());
            self.members.insert((user, room));
        }
        Ok(found)
    }

    /// Removes a membership that ends.
    pub(super) fn forget_member(&mut self, user: UserId, room: i64) {
        self.members.remove(&(user, room));
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) {
        self.users.clear();
        self.members.clear();
    }
}

fn make_room(has_room: bool, clear: impl FnOnce()) {
    if !has_room {
        clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> KnownUser {
        KnownUser { name: "Ada".into(), has_entries: true, has_written: true }
    }

    #[test]
    fn a_row_is_read_once_until_it_changes() {
        let mut known = Known::default();
        assert_eq!(known.user(UserId(1), || Ok(None)).unwrap(), None, "nobody is not remembered");
        assert_eq!(known.user(UserId(1), || Ok(Some(ada()))).unwrap(), Some(ada()));
        assert_eq!(known.user(UserId(1), || unreachable!()).unwrap(), Some(ada()));
        known.forget_user(UserId(1));
        assert_eq!(known.user(UserId(1), || Ok(None)).unwrap(), None);

        assert!(!known.is_member(UserId(1), 7, || Ok(false)).unwrap());
        assert!(known.is_member(UserId(1), 7, || Ok(true)).unwrap());
        assert!(known.is_member(UserId(1), 7, || unreachable!()).unwrap());
        known.forget_member(UserId(1), 7);
        assert!(!known.is_member(UserId(1), 7, || Ok(false)).unwrap());
    }

    #[test]
    fn the_rows_are_bounded() {
        let mut known = Known::default();
        let mut remember = |user: usize| {
            known.user(UserId(user as u64), || Ok(Some(ada()))).unwrap();
            known.is_member(UserId(user as u64), 7, || Ok(true)).unwrap();
            (known.users.len(), known.members.len())
        };
        assert_eq!((1..=USERS_MAX).map(&mut remember).last(), Some((USERS_MAX, USERS_MAX)));
        assert_eq!(remember(USERS_MAX + 1), (1, USERS_MAX + 1), "all users made room for one more");
        assert_eq!((USERS_MAX + 2..=MEMBERS_MAX).map(&mut remember).last().unwrap().1, MEMBERS_MAX);
        assert_eq!(remember(MEMBERS_MAX + 1).1, 1);
    }
}
