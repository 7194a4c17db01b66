//! Who is in which room.
//!
//! A membership is asked for, stored, and then told. What was asked counts at once for what the user may do next
//! (`User::rooms`), so that a join and a message right behind it need no wait; others hear of it when it is stored
//! (`Room::members`). A room appears with its first member, and one without members and entries vanishes; everybody hears
//! of both, by way of `general`, where everybody is; who made a room hears that they joined it.

use super::{Chat, Pending, Refused, Room, nobody, refusal, unavailable};
use crate::{
    chat::{Asking, Caller, Done, Kind, Now, SystemEvent},
    journal::{Change, JournalError, Outcome},
};
use app::{
    bidi::isolated,
    protocol::{ErrorCode, RoomName, ServerFrame, Timestamp, UserId},
};
use std::{cmp::Reverse, mem, sync::Arc};

/// Names of rooms in one frame that tells that they are gone: at 120 bytes each, the frame is short.
const DELETED_AT_ONCE: usize = 100;

impl Chat {
    pub(super) fn join(&mut self, asking: Asking, room: &str) -> Result<(), Refused> {
        self.spend(asking, Kind::Join)?;
        let Asking { caller, user, .. } = asking;
        let room = self.meant_room(room)?;
        let asked = self.enter(asking, true, &room)?;
        // Who is in it already is told so.
        if !asked {
            if let Some(connection) = caller.connection() {
                let joined = self.just_joined(user, &room);
                self.send(connection, joined);
            }
            self.done(caller, Done::Joined(room));
        }
        Ok(())
    }

    /// Asks for a membership that is not there; `false` when it is, or when it is on its way and nobody waits for it here.
    /// The caller hears what becomes of it, or of what follows it.
    pub(super) fn enter(&mut self, asking: Asking, is_heard: bool, room: &RoomName) -> Result<bool, Refused> {
        let Asking { now, user, .. } = asking;
        let caller = is_heard.then_some(asking.caller);
        let most = self.settings.rooms_per_user;
        let is_member = self.is_member(user, room);
        let state = self.users.get_mut(&user).ok_or_else(nobody)?;
        let is_asked = state.rooms.contains(room);
        // Another connection may have asked, and would be the only one to hear that it could not be stored.
        if is_asked && (is_member || caller.is_none()) {
            return Ok(false);
        }
        if !is_asked && state.rooms.len() >= most {
            let message = format!("You are in {most} rooms, and that is the limit. Leave one first.");
            return Err(refusal(ErrorCode::TooManyRooms, message));
        }
        let makes = !is_asked && !self.has_room(room);
        if makes {
            self.may_make_room(asking)?;
        }
        let state = self.users.get_mut(&user).ok_or_else(nobody)?;
        state.rooms.insert(room.clone());
        state.asked_rooms.add(room.clone());
        // From here on nobody makes another one that looks like it.
        self.room_names.insert(room);
        let change = Change::Join { user, room: room.clone(), at: now.clock };
        let paid = makes.then_some(asking);
        self.submit(change, Pending::Join { caller, user, room: room.clone(), at: now.clock, paid });
        Ok(true)
    }

    /// Takes what a new room takes. The refusal says nothing of when, as a machine would read it: nobody waits for an hour to
    /// send a frame again.
    fn may_make_room(&mut self, asking: Asking) -> Result<(), Refused> {
        self.spend(asking, Kind::Room).map_err(|refused| {
            let minutes = refused.retry_after_ms.unwrap_or_default().div_ceil(60_000);
            let when = match minutes {
                1 => "in a minute".to_owned(),
                2..=120 => format!("in {minutes} minutes"),
                _ => format!("in {} hours", minutes.div_ceil(60)),
            };
            let message = format!("You made as many rooms as you can in a day. Try again {when}.");
            refusal(ErrorCode::TooManyRooms, message)
        })
    }

    pub(super) fn entered(
        &mut self,
        now: Now,
        caller: Option<Caller>,
        user: UserId,
        room: &RoomName,
        at: Timestamp,
        outcome: &Outcome,
    ) {
        let is_new = matches!(outcome, Outcome::Joined { is_new: true });
        let state = self.rooms.entry(room.clone()).or_insert_with(|| Room::new(at));
        let is_member = !state.members.insert(user);
        let Some(who) = self.users.get_mut(&user) else {
            return;
        };
        who.member_of.insert(room.clone());
        if !is_member {
            who.has_read_all(room, &state.tail);
        }
        let (name, present) = (who.name.shared(), who.present);
        self.note_life(room);
        if is_new {
            self.room_counts.note(room);
            self.room_counts.note_rooms();
            self.room_names.insert(room);
            // One of this name may have gone just before.
            self.tell_deleted();
            let created = ServerFrame::RoomCreated { room: room.clone(), created_by: Arc::clone(&name) };
            self.broadcast(&RoomName::general(), &created, Some(user));
            self.event(SystemEvent::RoomCreated { room: room.clone(), created_by: name });
        }
        if !is_member && present {
            self.end_previews_of(user, room);
            self.enter_sight(user, room);
            let joined = self.just_joined(user, room);
            let connections = self.users.get(&user).map(|state| state.connections.clone()).unwrap_or_default();
            for connection in connections {
                self.send(connection, joined.clone());
            }
            self.tell_of(now, user, room, true);
        }
        if let Some(caller) = caller {
            self.done(caller, Done::Joined(room.clone()));
        }
    }

    pub(super) fn leave(&mut self, asking: Asking, room: &str) -> Result<(), Refused> {
        self.spend(asking, Kind::Join)?;
        let Asking { caller, user, .. } = asking;
        let room = self.meant_room(room)?;
        if room.is_general() {
            return Err(refusal(ErrorCode::CannotLeave, "Everybody is in general. You can't leave it."));
        }
        let Some(state) = self.users.get_mut(&user).filter(|state| state.rooms.contains(&room)) else {
            return Err(refusal(ErrorCode::NotInRoom, format!("You are not in {}.", isolated(room.as_str()))));
        };
        state.rooms.remove(&room);
        state.asked_rooms.add(room.clone());
        self.submit(Change::Leave { user, room: room.clone() }, Pending::Leave { caller, user, room });
        Ok(())
    }

    pub(super) fn left(&mut self, now: Now, caller: Caller, user: UserId, room: &RoomName, outcome: Outcome) {
        if let Some(state) = self.users.get_mut(&user) {
            state.member_of.remove(room);
        }
        if self.rooms.get_mut(room).is_some_and(|state| state.members.remove(&user)) {
            self.send_to_user(user, &ServerFrame::Left { room: room.clone() }, None);
            self.disappear(now, user, room);
            self.note_life(room);
        }
        self.remove_rooms(outcome);
        self.done(caller, Done::Left(room.clone()));
    }

    /// The store has removed rooms.
    pub(super) fn remove_rooms(&mut self, outcome: Outcome) {
        let Outcome::Left(removed) = outcome else {
            return;
        };
        for room in removed {
            if let Some(state) = self.rooms.remove(&room) {
                self.ranks.remove(&(Reverse(state.present.len()), room.clone()));
                self.listed.remove(&room);
                self.idle.remove(&(state.active_at, room.clone()));
            }
            self.room_counts.note_rooms();
            self.room_names.remove(&room);
            self.deleted.push(room.clone());
            self.event(SystemEvent::RoomDeleted { room });
        }
    }

    /// Everybody hears of the rooms that are gone, of many in one frame.
    pub(super) fn tell_deleted(&mut self) {
        let deleted = mem::take(&mut self.deleted);
        if deleted.is_empty() {
            return;
        }
        let (modern, plain) = self.receivers_of_lists(&RoomName::general(), None);
        if !plain.is_empty() {
            for room in &deleted {
                self.send_to_all(plain.clone(), &ServerFrame::RoomDeleted { room: room.clone(), rooms: Vec::new() });
            }
        }
        for rooms in deleted.chunks(DELETED_AT_ONCE) {
            if let [room, rooms @ ..] = rooms {
                let frame = ServerFrame::RoomDeleted { room: room.clone(), rooms: rooms.to_vec() };
                self.send_to_all(modern.clone(), &frame);
            }
        }
    }

    pub(super) fn refuse_membership(&mut self, caller: Option<Caller>, error: &JournalError) {
        if let Some(caller) = caller {
            self.refuse(caller, unavailable(error));
        }
    }

    /// Once all is answered that a user asked of a room, what the user may do there is what is stored.
    pub(super) fn settle(&mut self, user: UserId, room: &RoomName) {
        if self.users.get_mut(&user).is_some_and(|state| state.asked_rooms.subtract(room) > 0) {
            return;
        }
        let is_member = self.is_member(user, room);
        if !self.has_room(room) {
            self.room_names.remove(room);
        }
        if let Some(state) = self.users.get_mut(&user) {
            if is_member {
                state.rooms.insert(room.clone());
            } else {
                state.rooms.remove(room);
            }
        }
    }
}
