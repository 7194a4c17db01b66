//! Who is writing: a lease, which ends by itself, with a message in that room, with the leave, with the last connection.

use super::{Asking, Chat, Kind, Refused, encode, not_in_room, refusal};
use crate::chat::Now;
use app::protocol::{ErrorCode, RoomName, ServerFrame, Typing, UserId, limits::TYPING_LEASE_MS};

impl Chat {
    pub(super) fn typing(&mut self, asking: Asking, room: &str, typing: bool) -> Result<(), Refused> {
        let Asking { now, user, .. } = asking;
        let room = RoomName::parse(room).map_err(|error| refusal(ErrorCode::BadRoom, error.to_string()))?;
        if !self.is_member(user, &room) {
            return Err(not_in_room(&room));
        }
        if !typing {
            self.stop_typing(user, &room);
            return Ok(());
        }
        self.spend(asking, Kind::Typing)?;
        let until = now.elapsed_ms + TYPING_LEASE_MS;
        let Some(state) = self.rooms.get_mut(&room) else {
            return Ok(());
        };
        let before = state.typing.insert(user, until);
        if let Some(before) = before {
            self.leases.remove(&(before, user, room.clone()));
        } else {
            self.tell_typing(user, &room, true);
        }
        self.leases.insert((until, user, room));
        Ok(())
    }

    pub(super) fn stop_typing(&mut self, user: UserId, room: &RoomName) {
        let until = self.rooms.get_mut(room).and_then(|state| state.typing.remove(&user));
        if let Some(until) = until {
            self.leases.remove(&(until, user, room.clone()));
            self.tell_typing(user, room, false);
        }
    }

    pub(super) fn stop_typing_everywhere(&mut self, user: UserId) {
        for room in self.rooms_of(user) {
            self.stop_typing(user, &room);
        }
    }

    pub(super) fn end_leases(&mut self, now: Now) {
        while let Some((at, user, room)) = self.leases.first().cloned()
            && at <= now.elapsed_ms
        {
            self.leases.remove(&(at, user, room.clone()));
            self.stop_typing(user, &room);
        }
    }

    fn tell_typing(&mut self, user: UserId, room: &RoomName, typing: bool) {
        let Some(state) = self.users.get(&user) else {
            return;
        };
        let frame = ServerFrame::Typing(Typing { room: room.clone(), user: state.name.shared(), typing });
        self.broadcast(room, &encode(&frame), Some(user));
    }
}
