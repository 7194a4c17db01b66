//! How much of what a connection missed it is sent at once: [`CATCH_UP_BYTES`], the newest entries of each log first.
//!
//! Invariant: what is sent of a log reaches from its newest entry downwards without a gap, so that `heads` and `prev` say
//! what is missing.

use super::Chat;
use crate::chat::tail::Tail;
use app::protocol::{
    EntryId, RoomName, UserInfo,
    limits::{CATCH_UP_BYTES, JOINED_HISTORY},
};

/// A log of which entries were missed: those after an id, and the most of them.
pub(super) type Missed<'a> = (&'a Tail, EntryId, usize);

/// How many of the newest entries of each log fit into so many bytes, when the logs take turns.
pub(super) fn fair_shares(logs: &[Missed<'_>], bytes: usize) -> Vec<usize> {
    let mut left = bytes;
    let mut shares = vec![0; logs.len()];
    let sizes = |(at, (tail, after, most)): (usize, &Missed<'_>)| {
        (at, tail.newest_first(*after).map(|cached| cached.size).take(*most).collect::<Vec<_>>().into_iter())
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

/// What is left of the bytes for the lists of users in a greeting.
pub(super) struct ListBudget(usize);

impl ListBudget {
    pub(super) const fn new() -> Self {
        Self(CATCH_UP_BYTES)
    }

    /// The list, if there are bytes left for it.
    pub(super) fn fit(&mut self, users: Option<Vec<UserInfo>>) -> Option<Vec<UserInfo>> {
        let bytes = users.as_ref()?.iter().map(|user| user.name.len() + 48).sum();
        self.0 = self.0.checked_sub(bytes)?;
        users
    }
}

impl Chat {
    /// How many of the newest entries of a room are sent to somebody who begins to look at it.
    pub(super) fn first_share(&self, room: &RoomName) -> usize {
        self.rooms.get(room).map_or(0, |state| self.share_alone(&state.tail))
    }

    /// The same of any log.
    pub(super) fn share_alone(&self, tail: &Tail) -> usize {
        fair_shares(&[(tail, 0, JOINED_HISTORY.min(self.settings.tail))], CATCH_UP_BYTES)[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::{Entry, EntryKind, Timestamp};

    fn tail(texts: &[usize]) -> Tail {
        let mut tail = Tail::default();
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
            };
            tail.push(entry, 200);
        }
        tail
    }

    fn shares(tails: &[Tail], bytes: usize) -> Vec<usize> {
        fair_shares(&tails.iter().map(|tail| (tail, 0, 200)).collect::<Vec<_>>(), bytes)
    }

    #[test]
    fn each_log_gets_its_newest_before_any_gets_its_second() {
        let short = |count| tail(&vec![10; count]);
        let entry = tail(&[10]).newest_first(0).next().unwrap().size;
        let tails = [short(100), short(3), short(0), short(100)];
        assert_eq!(shares(&tails, 3 * entry), [1, 1, 0, 1]);
        assert_eq!(shares(&tails, 5 * entry), [2, 2, 0, 1]);
        assert_eq!(shares(&tails, 20 * entry), [9, 3, 0, 8]);
        assert_eq!(shares(&tails, 203 * entry), [100, 3, 0, 100]);
    }

    #[test]
    fn what_does_not_fit_ends_the_share_of_its_log_alone() {
        let tails = [tail(&[10, 100_000, 10]), tail(&[10, 10, 10])];
        assert_eq!(shares(&tails, 10_000), [1, 3], "no gap is left below the newest");
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
