//! The members of the shown place.
//!
//! Invariants: both lists are those of the shown place, and empty until they arrive; each is ordered by name.

use crate::protocol::{UserId, UserInfo, caseless};
use std::sync::Arc;

/// The listed members of the shown place.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    pub(super) present: Vec<UserInfo>,
    /// Absent members, as far as they are listed.
    pub(super) away: Vec<UserInfo>,
}

impl Members {
    /// Empties both lists for another place.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Lists a user as absent.
    pub(super) fn add_away(&mut self, user: UserInfo) {
        insert_by_name(&mut self.away, user);
    }

    /// Gives a listed user another name, which changes the position in the list.
    pub(super) fn rename(&mut self, id: UserId, name: &Arc<str>) {
        for users in [&mut self.present, &mut self.away] {
            if let Some(at) = users.iter().position(|user| user.id == id) {
                let user = UserInfo { name: Arc::clone(name), ..users.remove(at) };
                insert_by_name(users, user);
            }
        }
    }
}

fn insert_by_name(list: &mut Vec<UserInfo>, user: UserInfo) {
    let name = caseless(&user.name);
    let at = list.iter().position(|other| caseless(&other.name) > name).unwrap_or(list.len());
    list.insert(at, user);
}
