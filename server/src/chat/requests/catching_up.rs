//! Sizes of what a connection gets at once of the entries that it missed: [`CATCH_UP_BYTES`] in all, the newest entries
//! of each log first.
//!
//! Invariant: the entries sent of a log reach from its newest one downwards without a gap, so `heads` and `prev` tell
//! the client what is missing.

use crate::chat::{engine::Chat, state::RecentEntries};
use app::protocol::{
    EntryId, RoomName, UserInfo,
    limits::{CATCH_UP_BYTES, JOINED_HISTORY},
};

/// A log, the identifier after which its entries were missed, and the maximum number of entries to send that are shown.
pub(in crate::chat) type Missed<'a> = (&'a RecentEntries, EntryId, usize);

/// Returns how many of the newest entries of each log, amendments included, fit into `bytes`, where the logs take turns.
pub(in crate::chat) fn fair_shares(logs: &[Missed<'_>], bytes: usize) -> Vec<usize> {
    let mut left = bytes;
    let mut shares = vec![0; logs.len()];
    let sizes = |(at, (recent, after, most)): (usize, &Missed<'_>)| {
        (at, recent.sizes(*after, *most).collect::<Vec<_>>().into_iter())
    };
    let mut open: Vec<_> = logs.iter().enumerate().map(sizes).collect();
    while !open.is_empty() {
        open.retain_mut(|(at, sizes)| match sizes.next() {
            Some(size) if size <= left => {
                left -= size;
                shares[*at] += 1;
                true
            }
            _ => false,
        });
    }
    shares
}

/// Remaining bytes for member lists in a handshake.
pub(in crate::chat) struct ListBudget(usize);

impl ListBudget {
    pub(in crate::chat) const fn new() -> Self {
        Self(CATCH_UP_BYTES)
    }

    /// Returns the list if it fits into the remaining bytes.
    pub(in crate::chat) fn fit(&mut self, users: Option<Vec<UserInfo>>) -> Option<Vec<UserInfo>> {
        let bytes = users.as_ref()?.iter().map(|user| user.name.len() + 48).sum();
        self.0 = self.0.checked_sub(bytes)?;
        users
    }
}

impl Chat {
    /// Returns how many of a room's newest entries a user gets who joins or previews it.
    pub(in crate::chat) fn first_share(&self, room: &RoomName) -> usize {
        self.logs.rooms.get(room).map_or(0, |state| self.share_alone(&state.recent))
    }

    /// The same for any log.
    pub(in crate::chat) fn share_alone(&self, recent: &RecentEntries) -> usize {
        fair_shares(&[(recent, 0, JOINED_HISTORY.min(self.settings.recent_entries))], CATCH_UP_BYTES)[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::{Entry, EntryKind, Timestamp};

    fn recent(texts: &[usize]) -> RecentEntries {
        let mut recent = RecentEntries::default();
        for (at, length) in texts.iter().enumerate() {
            let entry = Entry {
                id: at as u64 + 1,
                prev: at as u64,
                ts: Timestamp::default(),
                from: "Ada".into(),
                user_id: None,
                text: "x".repeat(*length).into(),
                kind: EntryKind::Message,
                client_id: None,
                amended: None,
                target: None,
            };
            recent.push(entry, 200);
        }
        recent
    }

    fn shares(logs_in_memory: &[RecentEntries], bytes: usize) -> Vec<usize> {
        fair_shares(&logs_in_memory.iter().map(|recent| (recent, 0, 200)).collect::<Vec<_>>(), bytes)
    }

    #[test]
    fn each_log_gets_its_newest_before_any_gets_its_second() {
        let short = |count| recent(&vec![10; count]);
        let entry = recent(&[10]).newest_first(0).next().unwrap().size;
        let logs_in_memory = [short(100), short(3), short(0), short(100)];
        assert_eq!(shares(&logs_in_memory, 3 * entry), [1, 1, 0, 1]);
        assert_eq!(shares(&logs_in_memory, 5 * entry), [2, 2, 0, 1]);
        assert_eq!(shares(&logs_in_memory, 20 * entry), [9, 3, 0, 8]);
        assert_eq!(shares(&logs_in_memory, 203 * entry), [100, 3, 0, 100]);
    }

    #[test]
    fn what_does_not_fit_ends_the_share_of_its_log_alone() {
        let logs_in_memory = [recent(&[10, 100_000, 10]), recent(&[10, 10, 10])];
        assert_eq!(shares(&logs_in_memory, 10_000), [1, 3], "no gap is left below the newest");
    }

    #[test]
    fn lists_of_users_are_sent_while_there_is_room_for_them() {
        let mut budget = ListBudget::new();
        let list = || Some(vec![UserInfo { id: app::protocol::UserId(1), name: "Ada".into(), typing: false }; 200]);
        let sent = (0..50).filter(|_| budget.fit(list()).is_some()).count();
        assert_eq!(sent, CATCH_UP_BYTES / (200 * 51));
        assert_eq!(budget.fit(None), None);
    }
}
