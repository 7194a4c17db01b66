//! Who is writing: a lease, which ends by itself, with a message in that room or conversation, with the leave, with a new
//! name, with the last connection.

use super::{Asking, Chat, Kind, Refused, not_in_room};
use crate::{
    chat::{ConnectionId, Now},
    journal::Log,
};
use app::protocol::{RoomName, ServerFrame, Typing, UserId, limits::TYPING_LEASE_MS};

impl Chat {
    /// A user says whether they are writing in a room or conversation.
    pub(super) fn typing(&mut self, asking: Asking, address: &str, typing: bool) -> Result<(), Refused> {
        let Asking { now, user, .. } = asking;
        // That somebody stops has to be told though they began too often.
        self.spend(asking, if typing { Kind::Typing } else { Kind::Query })?;
        let log = match address.strip_prefix('@') {
            Some(segment) => Log::Conversation(self.conversation_at(user, segment)?),
            None => Log::Room(self.own_room(user, address)?),
        };
        if !typing {
            self.stop_typing(user, &log);
            return Ok(());
        }
        let until = now.elapsed_ms + TYPING_LEASE_MS;
        let Some(state) = self.users.get_mut(&user) else {
            return Ok(());
        };
        match state.typing.insert(log.clone(), until) {
            Some(before) => drop(self.leases.remove(&(before, user, log.clone()))),
            None => self.tell_typing(user, &log, true),
        }
        self.leases.insert((until, user, log));
        Ok(())
    }

    /// A room that a user is a member of.
    fn own_room(&self, user: UserId, room: &str) -> Result<RoomName, Refused> {
        let room = self.meant_room(room)?;
        if self.is_member(user, &room) { Ok(room) } else { Err(not_in_room(&room)) }
    }

    pub(super) fn stop_typing(&mut self, user: UserId, log: &Log) {
        let until = self.users.get_mut(&user).and_then(|state| state.typing.remove(log));
        if let Some(until) = until {
            self.leases.remove(&(until, user, log.clone()));
            self.tell_typing(user, log, false);
        }
    }

    pub(super) fn stop_typing_everywhere(&mut self, user: UserId) {
        let logs: Vec<_> = self.users.get(&user).into_iter().flat_map(|state| state.typing.keys().cloned()).collect();
        for log in logs {
            self.stop_typing(user, &log);
        }
    }

    /// Who has not said for long that they are writing is told of as not writing; `true` when there are more such.
    pub(super) fn end_leases(&mut self, now: Now) -> bool {
        let enough = self.step();
        while self.told < enough
            && let Some((at, user, log)) = self.leases.first().cloned()
            && at <= now.elapsed_ms
        {
            self.leases.remove(&(at, user, log.clone()));
            self.stop_typing(user, &log);
        }
        self.leases.first().is_some_and(|(at, ..)| *at <= now.elapsed_ms)
    }

    /// Tells a new connection of a user who is writing to that user alone. Who writes in a room is told with its members.
    pub(super) fn tell_who_is_typing(&mut self, connection: ConnectionId, user: UserId) {
        let Some(state) = self.users.get(&user) else {
            return;
        };
        for peer in state.typing_peers.iter().copied().collect::<Vec<_>>() {
            if let Some(frame) = self.typing_to_peer(peer, true) {
                self.send(connection, frame);
            }
        }
    }

    fn tell_typing(&mut self, user: UserId, log: &Log, typing: bool) {
        match log {
            Log::Room(room) => {
                if let Some(state) = self.users.get(&user) {
                    let frame = Typing { room: room.shared(), user: state.name.shared(), user_id: None, typing };
                    self.broadcast(room, &ServerFrame::Typing(frame), Some(user));
                }
            }
            Log::Conversation(pair) if pair.other(user) != user => {
                if let Some(peer) = self.users.get_mut(&pair.other(user)) {
                    if typing {
                        peer.typing_peers.insert(user);
                    } else {
                        peer.typing_peers.remove(&user);
                    }
                }
                if let Some(frame) = self.typing_to_peer(user, typing) {
                    self.send_to_user(pair.other(user), &frame, None);
                }
            }
            // Nobody else reads what somebody writes to themselves.
            Log::Conversation(_) => {}
        }
    }

    /// The frame that tells the other one of a conversation that a user is writing there.
    fn typing_to_peer(&self, user: UserId, typing: bool) -> Option<ServerFrame> {
        let name = self.users.get(&user)?.name.shared();
        let room = format!("@{name}").into();
        Some(ServerFrame::Typing(Typing { room, user: name, user_id: Some(user), typing }))
    }
}
