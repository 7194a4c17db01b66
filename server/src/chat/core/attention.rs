//! What a user has not read, and where somebody calls them.
//!
//! Both are counted in the tails: of a log, at most [`Settings::tail`](super::Settings::tail) entries, which is enough to say
//! "many". A log that is read to its end costs a comparison, and any other a few for each entry: no text is read here. What
//! is counted has to be in memory: see [`needs`](super::needs).

use super::Chat;
use crate::{
    chat::tail::{Held, Tail},
    journal::Log,
};
use app::{
    protocol::{
        Entry, EntryId, EntryKind, Mention, RoomName, Unread, UserId, caseless,
        limits::{CATCH_UP_BYTES, MENTIONS_LISTED},
    },
    sync::Standing,
};
use std::cmp::Reverse;

impl Chat {
    /// The newest entries that name a user, in the rooms that the user is in, oldest first.
    #[must_use]
    pub fn mentions(&self, user: UserId) -> Vec<Mention> {
        let Some(who) = self.users.get(&user) else {
            return Vec::new();
        };
        let name = caseless(who.name.as_str());
        let tails = who.member_of.iter().filter_map(|room| Some((room, &self.rooms.get(room)?.tail)));
        let mut calls: Vec<_> = tails
            .flat_map(|(room, tail)| {
                let calling = said_by_others(tail, 0, user).filter(|held| held.calls(&name));
                calling.take(MENTIONS_LISTED).map(move |held| (room, &held.entry))
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

    /// Up to where a user has read a log, 0 for nowhere.
    pub(super) fn read_up_to(&self, user: UserId, log: &Log) -> EntryId {
        self.users.get(&user).and_then(|state| state.reads.get(log).copied()).unwrap_or(0)
    }

    /// What is unread in a log. What is said privately is for the user anyway, and no mention.
    pub(super) fn unread(&self, user: UserId, log: &Log) -> Unread {
        match log {
            Log::Room(room) => self.standing(user, room).unread,
            Log::Conversation(pair) => {
                let tail = self.conversation_tail(user, pair.other(user));
                let count = tail.map_or(0, |tail| unread_in(tail, self.read_up_to(user, log), user));
                Unread { count, mentions: 0 }
            }
        }
    }

    /// How far a user is in a room.
    pub(super) fn standing(&self, user: UserId, room: &RoomName) -> Standing {
        let read = self.read_up_to(user, &Log::Room(room.clone()));
        let (Some(who), Some(state)) = (self.users.get(&user), self.rooms.get(room)) else {
            return Standing { read, ..Standing::default() };
        };
        let name = caseless(who.name.as_str());
        let mut unread = Unread::default();
        for held in said_by_others(&state.tail, read, user) {
            unread.count += 1;
            unread.mentions += usize::from(held.calls(&name));
        }
        unread.count = unread.count.max(unknown_in(&state.tail, read));
        Standing { head: state.tail.head(), read, unread }
    }
}

/// How much others have said in a log after an entry.
pub(super) fn unread_in(tail: &Tail, read: EntryId, user: UserId) -> usize {
    said_by_others(tail, read, user).count().max(unknown_in(tail, read))
}

/// The count for a log of which nothing is in memory: one entry, if there is any.
fn unknown_in(tail: &Tail, read: EntryId) -> usize {
    usize::from(tail.is_blank() && tail.head() > read)
}

/// What others have said after an entry, the newest first. Lines of the chat itself are said by nobody.
fn said_by_others(tail: &Tail, after: EntryId, user: UserId) -> impl Iterator<Item = &Held> {
    let is_said = move |held: &&Held| held.entry.kind != EntryKind::System && held.entry.user_id != Some(user);
    tail.newest_first(after).filter(is_said)
}
