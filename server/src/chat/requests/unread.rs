//! Unread counts and mentions.
//!
//! Both are computed from at most [`Settings::recent_entries`](crate::chat::Settings::recent_entries) cached entries of
//! a log, enough to say "many". A log without unread entries costs a comparison, and others cost a few comparisons for
//! each entry, since the texts are parsed already. The counted entries must be in memory: see [`needs`](super::needs).

use crate::chat::{
    engine::Chat,
    state::{CachedEntry, RecentEntries},
};
use app::protocol::{
    Entry, EntryId, LogId, Mention, RoomName, Standing, Unread, UserId, caseless,
    limits::{CATCH_UP_BYTES, MENTIONS_LISTED},
};
use std::cmp::Reverse;

impl Chat {
    /// Returns the newest entries that mention a user, in the user's rooms, oldest first.
    #[must_use]
    pub fn mentions(&self, user: UserId) -> Vec<Mention> {
        let Some(who) = self.directory.users.get(&user) else {
            return Vec::new();
        };
        let name = caseless(who.name.as_str());
        let logs_in_memory = who.member_of.iter().filter_map(|room| Some((room, &self.logs.rooms.get(room)?.recent)));
        let mut calls: Vec<_> = logs_in_memory
            .flat_map(|(room, recent)| {
                let calling = said_by_others(recent, 0, user).filter(|cached| cached.calls(&name));
                calling.take(MENTIONS_LISTED).map(move |cached| (room, &cached.entry))
            })
            .collect();
        calls.sort_unstable_by_key(|(_, entry)| Reverse(entry.id));
        calls.truncate(MENTIONS_LISTED);
        let mut bytes = 0;
        let fit = calls.iter().take_while(|(_, entry)| {
            bytes += entry.encoded_at_most();
            bytes <= CATCH_UP_BYTES
        });
        calls.truncate(fit.count());
        let mention = |(room, entry): (&RoomName, &Entry)| Mention { room: room.clone(), entry: entry.clone() };
        calls.into_iter().rev().map(mention).collect()
    }

    /// Returns a user's read mark in a log, 0 if there is none.
    pub(in crate::chat) fn read_up_to(&self, user: UserId, log: &LogId) -> EntryId {
        self.directory.users.get(&user).and_then(|state| state.reads.get(log).copied()).unwrap_or(0)
    }

    /// Returns the unread counts of a log. Private entries do not count as mentions.
    pub(in crate::chat) fn unread(&self, user: UserId, log: &LogId) -> Unread {
        match log {
            LogId::Room(room) => self.standing(user, room).unread,
            LogId::Conversation(pair) => {
                let recent = self.recent_of_conversation(user, pair.other(user));
                let count = recent.map_or(0, |recent| unread_in(recent, self.read_up_to(user, log), user));
                Unread { count, mentions: 0 }
            }
        }
    }

    /// Returns a user's read mark and unread counts in a room.
    pub(in crate::chat) fn standing(&self, user: UserId, room: &RoomName) -> Standing {
        let read = self.read_up_to(user, &LogId::Room(room.clone()));
        let (Some(who), Some(state)) = (self.directory.users.get(&user), self.logs.rooms.get(room)) else {
            return Standing { read, ..Standing::default() };
        };
        let name = caseless(who.name.as_str());
        let mut unread = Unread::default();
        for cached in said_by_others(&state.recent, read, user) {
            unread.count += 1;
            unread.mentions += usize::from(cached.calls(&name));
        }
        unread.count = unread.count.max(unknown_in(&state.recent, read));
        Standing { head: state.recent.head(), read, unread }
    }
}

/// Counts the entries of others after a read mark.
pub(in crate::chat) fn unread_in(recent: &RecentEntries, read: EntryId, user: UserId) -> usize {
    said_by_others(recent, read, user).count().max(unknown_in(recent, read))
}

/// Returns the unread count of a log of which nothing that is shown is cached: 1 if it has a newer entry at all.
fn unknown_in(recent: &RecentEntries, read: EntryId) -> usize {
    usize::from(recent.shows_nothing() && recent.lacks_up_to() > read)
}

/// Yields the entries of others after an entry that count as unread, newest first.
fn said_by_others(recent: &RecentEntries, after: EntryId, user: UserId) -> impl Iterator<Item = &CachedEntry> {
    let is_news = move |cached: &&CachedEntry| cached.entry.is_news() && cached.entry.user_id != Some(user);
    recent.newest_first(after).filter(is_news)
}
