//! Who is seen in a room, and who hears of it.
//!
//! In a room of more than [`LISTED_MEMBERS`] nobody is sent the list, and the goings of one moment are told of in one frame. The
//! comings are in a room of more than [`TOLD_OF_EACH`]: after a restart everybody comes back at once. What a storm of joins costs
//! grows with the room, not with its square.

use super::{Chat, DEPARTURES_PER_TICK};
use crate::{
    chat::{
        Now, SystemEvent,
        room::{Merged, Moment},
    },
    journal::Log,
};
use app::protocol::{
    Presence, RoomName, ServerFrame, UserId,
    limits::{LISTED_MEMBERS, MERGE_MS, TOLD_OF_EACH},
};
use std::{cmp::Reverse, mem};

/// For how long a user who loads a page is present without a connection, in milliseconds: about as long as somebody reads
/// a page without asking for the next.
const PAGE_LEASE_MS: u64 = 5 * 60 * 1_000;

impl Chat {
    /// A member is seen in a room from now on; whether that is new.
    pub(super) fn enter_sight(&mut self, user: UserId, room: &RoomName) -> bool {
        self.room_counts.note(room);
        let Some(state) = self.rooms.get_mut(room).filter(|state| !state.present.contains(&user)) else {
            return false;
        };
        let before = state.present.len();
        state.present.insert(user);
        self.rank(room, before, before + 1);
        true
    }

    /// So many are present in a room, who were so many before.
    fn rank(&mut self, room: &RoomName, before: usize, now: usize) {
        self.ranks.remove(&(Reverse(before), room.clone()));
        self.ranks.insert((Reverse(now), room.clone()));
    }

    /// A user is seen in all rooms of theirs from now on; whether that is new. See [`Chat::tell_of_arrival`].
    pub(super) fn come_into_sight(&mut self, user: UserId) -> bool {
        let is_new = self.users.get_mut(&user).is_some_and(|state| !mem::replace(&mut state.present, true));
        if is_new {
            for room in self.rooms_of(user) {
                self.enter_sight(user, &room);
            }
        }
        is_new
    }

    /// The others hear that a user is here.
    pub(super) fn tell_of_arrival(&mut self, now: Now, user: UserId) {
        self.online += 1;
        for room in self.rooms_of(user) {
            self.tell_of(now, user, &room, true);
        }
        if let Some(state) = self.users.get(&user) {
            self.event(SystemEvent::UserConnected { user: state.name.shared(), count: self.online });
        }
    }

    /// A user loads a page. Without a connection, which a page without a script never opens, they are present for
    /// [`PAGE_LEASE_MS`], or until the grace ends that is under way; a connection takes the place of both.
    pub fn page_loaded(&mut self, now: Now, user: UserId) {
        let Some(state) = self.users.get_mut(&user).filter(|state| state.connections.is_empty()) else {
            return;
        };
        let at = (now.elapsed_ms + PAGE_LEASE_MS).max(state.leaves_at.unwrap_or(0));
        if let Some(before) = state.leaves_at.replace(at) {
            self.leaving.remove(&(before, user));
        }
        self.leaving.insert((at, user));
        if self.come_into_sight(user) {
            self.tell_of_arrival(now, user);
        }
    }

    /// A member is not seen in a room any more; the others hear of it.
    pub(super) fn disappear(&mut self, now: Now, user: UserId, room: &RoomName) {
        self.stop_typing(user, &Log::Room(room.clone()));
        let state = self.rooms.get_mut(room);
        let left = state.and_then(|state| state.present.remove(&user).then_some(state.present.len()));
        if let Some(left) = left {
            self.rank(room, left + 1, left);
            self.room_counts.note(room);
            self.tell_of(now, user, room, false);
        }
    }

    /// Whose grace is over is gone; `true` when there are more such.
    pub(super) fn end_graces(&mut self, now: Now) -> bool {
        let enough = self.step();
        for _ in 0..DEPARTURES_PER_TICK {
            if self.told >= enough {
                break;
            }
            let Some((at, user)) = self.leaving.first().copied().filter(|(at, _)| *at <= now.elapsed_ms) else {
                return false;
            };
            self.leaving.remove(&(at, user));
            self.gone(now, user);
        }
        self.leaving.first().is_some_and(|(at, _)| *at <= now.elapsed_ms)
    }

    /// The grace of a user, or the lease of their page, is over.
    fn gone(&mut self, now: Now, user: UserId) {
        self.end_presence(now, user);
        // A user without entries is forgotten soon.
        if self.users.get(&user).is_some_and(|state| state.has_entries) {
            self.store_seen(now, [user]);
        }
    }

    /// A user is not seen anywhere any more, and everybody hears of it. One who is not seen already stays so.
    pub(super) fn end_presence(&mut self, now: Now, user: UserId) {
        let Some(state) = self.users.get_mut(&user).filter(|state| state.present) else {
            return;
        };
        state.present = false;
        if let Some(at) = state.leaves_at.take() {
            self.leaving.remove(&(at, user));
        }
        let name = state.name.shared();
        for room in self.rooms_of(user) {
            self.disappear(now, user, &room);
        }
        self.online = self.online.saturating_sub(1);
        self.event(SystemEvent::UserDisconnected { user: name, count: self.online });
    }

    /// Tells the others in a room that a user came or went: at once, or, when that was just told of another in a large
    /// room, with all others of this moment.
    pub(super) fn tell_of(&mut self, now: Now, user: UserId, room: &RoomName, came: bool) {
        let (Some(state), Some(who)) = (self.rooms.get_mut(room), self.users.get(&user)) else {
            return;
        };
        let is_merged = state.present.len() > if came { TOLD_OF_EACH } else { LISTED_MEMBERS };
        let name = who.name.shared();
        // Neither a user who is forgotten now nor one who is not listed as away.
        let may_return = who.has_written && who.forgotten_at.is_some_and(|at| at > now.elapsed_ms);
        let is_away = !came && state.members.contains(&user) && may_return;
        match &mut state.moment {
            Some(moment) if is_merged => return moment.note(user, name, came),
            // In the order in which it happened.
            Some(_) => drop(self.tell_moment(room)),
            None if is_merged => {
                state.moment = Some(Moment::default());
                self.moments.insert((now.elapsed_ms + MERGE_MS, room.clone()));
            }
            None => {}
        }
        let one = Merged { user, name, others: 0 };
        self.announce_presence(one, room, came, is_away);
    }

    /// The moments of rooms that are over are told of; `true` when there are more such.
    pub(super) fn end_moments(&mut self, now: Now) -> bool {
        let enough = self.step();
        while self.told < enough
            && let Some((at, room)) = self.moments.first().cloned()
            && at <= now.elapsed_ms
        {
            self.moments.remove(&(at, room.clone()));
            if self.tell_moment(&room) {
                self.moments.insert((now.elapsed_ms + MERGE_MS, room));
            } else if let Some(state) = self.rooms.get_mut(&room) {
                state.moment = None;
            }
        }
        self.moments.first().is_some_and(|(at, _)| *at <= now.elapsed_ms)
    }

    /// Tells of what a moment has gathered up to now; whether there was anything.
    fn tell_moment(&mut self, room: &RoomName) -> bool {
        let Some(moment) = self.rooms.get_mut(room).and_then(|state| state.moment.as_mut()) else {
            return false;
        };
        let moment = mem::take(moment);
        let mut told = false;
        for came in [true, false] {
            if let Some(mut merged) = moment.merged(came) {
                // By the name that the user has now.
                if let Some(who) = self.users.get(&merged.user) {
                    merged.name = who.name.shared();
                }
                // Nobody lists who is away of so many.
                self.announce_presence(merged, room, came, false);
                told = true;
            }
        }
        told
    }

    fn announce_presence(&mut self, who: Merged, room: &RoomName, came: bool, away: bool) {
        let Some(state) = self.rooms.get(room) else {
            return;
        };
        let Merged { user, name, others } = who;
        let (users, count) = (self.listed(room, state), state.present.len());
        let presence = Presence { room: room.clone(), user: name, users, count, others, away };
        let frame = if came { ServerFrame::UserJoined(presence) } else { ServerFrame::UserLeft(presence) };
        self.broadcast(room, &frame, Some(user));
    }
}
