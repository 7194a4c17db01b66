//! `/leave`: the end of the membership of a room. `general` cannot be left.

use crate::{
    chat::{
        Kind, RequestContext,
        engine::Chat,
        refusals::{Refused, refusal},
        state::Pending,
    },
    journal::Change,
};
use app::{bidi::isolated, protocol::ErrorCode};

impl Chat {
    pub(in crate::chat) fn leave(&mut self, context: RequestContext, room: &str) -> Result<(), Refused> {
        self.spend(context, Kind::Join)?;
        let RequestContext { caller, user, .. } = context;
        let room = self.meant_room(room)?;
        if room.is_general() {
            return Err(refusal(ErrorCode::CannotLeave, "Everybody is in general. You can't leave it."));
        }
        let Some(state) = self.directory.users.get_mut(&user).filter(|state| state.rooms.contains(&room)) else {
            return Err(refusal(ErrorCode::NotInRoom, format!("You are not in {}.", isolated(room.as_str()))));
        };
        state.rooms.remove(&room);
        state.asked_rooms.add(room.clone());
        self.submit(Change::Leave { user, room: room.clone() }, Pending::Leave { caller, user, room });
        Ok(())
    }
}
