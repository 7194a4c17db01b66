//! Who is in which room, and who of them is seen there.
//!
//! A membership is asked for, stored, and then told. What was asked counts at once for what the user may do next
//! (`User::rooms`), so that a join and a message right behind it need no wait; others hear of it when it is stored
//! (`Room::members`).

use super::{Chat, Pending, Refused, encode, refusal, unavailable};
use crate::{
    chat::{Caller, ConnectionId, Now},
    journal::{Change, JournalError},
};
use app::protocol::{ErrorCode, Presence, RoomName, ServerFrame, UserId, limits::ROOMS_PER_USER};

impl Chat {
    pub(super) fn join(&mut self, now: Now, connection: ConnectionId, user: UserId, room: &str) -> Result<(), Refused> {
        let room = RoomName::parse(room).map_err(|error| refusal(ErrorCode::BadRoom, error.to_string()))?;
        let asked = self.enter(now, Some(Caller::Connection(connection)), user, &room)?;
        // Who is in it already is told so; who is on the way in will be.
        if !asked && self.is_member(user, &room) {
            let joined = self.joined(&room);
            self.send(connection, &joined);
        }
        Ok(())
    }

    /// Asks for a membership that is not there; `false` when it is, or is on its way.
    pub(super) fn enter(
        &mut self,
        now: Now,
        caller: Option<Caller>,
        user: UserId,
        room: &RoomName,
    ) -> Result<bool, Refused> {
        let Some(state) = self.users.get_mut(&user) else {
            return Ok(false);
        };
        if state.rooms.contains(room) {
            return Ok(false);
        }
        if state.rooms.len() >= ROOMS_PER_USER {
            let message = format!("You are in {ROOMS_PER_USER} rooms, which is the most. Leave one first.");
            return Err(refusal(ErrorCode::TooManyRooms, message));
        }
        state.rooms.insert(room.clone());
        let change = Change::Join { user, room: room.clone(), at: now.clock };
        self.submit(change, Pending::Join { caller, user, room: room.clone() });
        Ok(true)
    }

    pub(super) fn entered(&mut self, user: UserId, room: &RoomName) {
        if !self.rooms.entry(room.clone()).or_default().members.insert(user) {
            return;
        }
        if self.users.get(&user).is_some_and(|state| state.present) {
            self.appear(user, room);
            let frame = encode(&self.joined(room));
            self.send_to_user(user, &frame);
        }
    }

    pub(super) fn leave(&mut self, caller: Caller, user: UserId, room: &str) -> Result<(), Refused> {
        let room = RoomName::parse(room).map_err(|error| refusal(ErrorCode::BadRoom, error.to_string()))?;
        if room.is_general() {
            return Err(refusal(ErrorCode::CannotLeave, "Everybody is in general; it cannot be left."));
        }
        if !self.users.get_mut(&user).is_some_and(|state| state.rooms.remove(&room)) {
            return Err(refusal(ErrorCode::NotInRoom, format!("You are not in {room}.")));
        }
        self.submit(Change::Leave { user, room: room.clone() }, Pending::Leave { caller, user, room });
        Ok(())
    }

    pub(super) fn left(&mut self, user: UserId, room: &RoomName) {
        if !self.rooms.get_mut(room).is_some_and(|state| state.members.remove(&user)) {
            return;
        }
        let frame = encode(&ServerFrame::Left { room: room.clone() });
        self.send_to_user(user, &frame);
        self.disappear(user, room);
    }

    pub(super) fn refuse_membership(&mut self, caller: Option<Caller>, error: &JournalError) {
        if let Some(caller) = caller {
            self.refuse(caller, unavailable(error));
        }
    }

    /// Once all is answered that a user asked of a room, what the user may do there is what is stored.
    pub(super) fn settle(&mut self, user: UserId, room: &RoomName) {
        let is_asked = self.pending.values().any(|pending| match pending {
            Pending::Join { user: who, room: to, .. } | Pending::Leave { user: who, room: to, .. } => {
                *who == user && to == room
            }
            Pending::SignIn { .. } | Pending::Append { .. } => false,
        });
        if is_asked {
            return;
        }
        let is_member = self.is_member(user, room);
        if let Some(state) = self.users.get_mut(&user) {
            if is_member {
                state.rooms.insert(room.clone());
            } else {
                state.rooms.remove(room);
            }
        }
    }

    /// A member is seen in a room; the others hear of it.
    pub(super) fn appear(&mut self, user: UserId, room: &RoomName) {
        if self.rooms.get_mut(room).is_some_and(|state| state.present.insert(user)) {
            self.announce_presence(user, room, ServerFrame::UserJoined);
        }
    }

    /// A member is not seen in a room any more; the others hear of it.
    pub(super) fn disappear(&mut self, user: UserId, room: &RoomName) {
        if self.rooms.get_mut(room).is_some_and(|state| state.present.remove(&user)) {
            self.announce_presence(user, room, ServerFrame::UserLeft);
        }
    }

    fn announce_presence(&mut self, user: UserId, room: &RoomName, frame: fn(Presence) -> ServerFrame) {
        let (Some(state), Some(who)) = (self.rooms.get(room), self.users.get(&user)) else {
            return;
        };
        let presence = Presence {
            room: room.clone(),
            user: who.name.shared(),
            users: self.listed(state),
            count: state.present.len(),
        };
        let frame = encode(&frame(presence));
        self.broadcast(room, &frame, Some(user));
    }
}
