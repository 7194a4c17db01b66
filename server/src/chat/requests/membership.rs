//! Membership of rooms.
//!
//! A membership is requested, stored and then announced. A pending join already grants access (`User::rooms`), so that
//! a message right behind a join need not wait; others learn of it once it is stored (`Room::members`). A room exists
//! from its first member on and is removed when it has neither members nor entries; both are broadcast to `general`, of
//! which everybody is a member, except that the creator gets `joined`.

use crate::{
    chat::{
        Kind, RequestContext,
        engine::Chat,
        refusals::{Refused, nobody, refusal},
        state::Pending,
    },
    journal::Change,
};
use app::protocol::{ErrorCode, RoomName, UserId};

impl Chat {
    /// Submits a join. Returns `false` if the user is a member, or if a join is in flight and this caller does not wait
    /// for its answer. Otherwise the caller gets the answer to the join or to the request that follows it.
    pub(in crate::chat) fn enter(
        &mut self,
        context: RequestContext,
        is_heard: bool,
        room: &RoomName,
    ) -> Result<bool, Refused> {
        let RequestContext { now, user, .. } = context;
        let caller = is_heard.then_some(context.caller);
        let most = self.settings.rooms_per_user;
        let is_member = self.is_member(user, room);
        let state = self.directory.users.get_mut(&user).ok_or_else(nobody)?;
        let is_asked = state.rooms.contains(room);
        // A join of another connection may be in flight, but only that one would learn of a refusal.
        if is_asked && (is_member || caller.is_none()) {
            return Ok(false);
        }
        if !is_asked && state.rooms.len() >= most {
            let message = format!("You are in {most} rooms, and that is the limit. Leave one first.");
            return Err(refusal(ErrorCode::TooManyRooms, message));
        }
        let makes = !is_asked && !self.has_room(room);
        if makes {
            self.may_make_room(context)?;
        }
        let state = self.directory.users.get_mut(&user).ok_or_else(nobody)?;
        state.rooms.insert(room.clone());
        state.asked_rooms.add(room.clone());
        // The reserved name keeps others from creating a room that looks like this one.
        self.logs.room_names.insert(room);
        let change = Change::Join { user, room: room.clone(), at: now.clock };
        let paid = makes.then_some(context);
        self.submit(change, Pending::Join { caller, user, room: room.clone(), paid });
        Ok(true)
    }

    /// Charges a new room. The refusal has no `retry_after_ms`, because no client should wait for hours to repeat a
    /// frame.
    fn may_make_room(&mut self, context: RequestContext) -> Result<(), Refused> {
        self.spend(context, Kind::Room).map_err(|refused| {
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

    /// Restores a user's access to the stored membership once no join or leave of the room is in flight.
    pub(in crate::chat) fn settle(&mut self, user: UserId, room: &RoomName) {
        if self.directory.users.get_mut(&user).is_some_and(|state| state.asked_rooms.subtract(room) > 0) {
            return;
        }
        let is_member = self.is_member(user, room);
        if !self.has_room(room) {
            self.logs.room_names.remove(room);
        }
        if let Some(state) = self.directory.users.get_mut(&user) {
            if is_member {
                state.rooms.insert(room.clone());
            } else {
                state.rooms.remove(room);
            }
        }
    }
}
