//! Typing notifications: a lease that expires by itself, and ends early with a message in that log, a leave, a new
//! name, or the last connection.

use crate::chat::{
    ConnectionId, Kind, Now, RequestContext,
    engine::Chat,
    refusals::{Refused, no_such_number, not_in_room},
};
use app::protocol::{LogId, RoomName, ServerFrame, Typing, UserId, WireName, limits::TYPING_LEASE_MS};

impl Chat {
    /// Starts or stops a user's typing notification in a room or conversation.
    pub(in crate::chat) fn typing(&mut self, context: RequestContext, name: &str, typing: bool) -> Result<(), Refused> {
        let RequestContext { now, user, .. } = context;
        // A stop must get through even if starts exceed their limit.
        self.spend(context, if typing { Kind::Typing } else { Kind::Query })?;
        let log = match WireName::parse(name).ok_or_else(no_such_number)? {
            WireName::Room(room) => LogId::Room(self.own_room(user, room)?),
            WireName::Conversation(peer) => LogId::Conversation(self.conversation_with_peer(user, peer)?),
        };
        if !typing {
            self.stop_typing(user, &log);
            return Ok(());
        }
        let until = now.elapsed_ms + TYPING_LEASE_MS;
        let Some(state) = self.directory.users.get_mut(&user) else {
            return Ok(());
        };
        match state.typing.insert(log.clone(), until) {
            Some(before) => drop(self.schedule.leases.remove(&(before, user, log.clone()))),
            None => self.tell_typing(user, &log, true),
        }
        self.schedule.leases.insert((until, user, log));
        Ok(())
    }

    /// Returns a room of which the user is a member.
    fn own_room(&self, user: UserId, room: &str) -> Result<RoomName, Refused> {
        let room = self.meant_room(room)?;
        if self.is_member(user, &room) { Ok(room) } else { Err(not_in_room(&room)) }
    }

    pub(in crate::chat) fn stop_typing(&mut self, user: UserId, log: &LogId) {
        let until = self.directory.users.get_mut(&user).and_then(|state| state.typing.remove(log));
        if let Some(until) = until {
            self.schedule.leases.remove(&(until, user, log.clone()));
            self.tell_typing(user, log, false);
        }
    }

    pub(in crate::chat) fn stop_typing_everywhere(&mut self, user: UserId) {
        let logs: Vec<_> =
            self.directory.users.get(&user).into_iter().flat_map(|state| state.typing.keys().cloned()).collect();
        for log in logs {
            self.stop_typing(user, &log);
        }
    }

    /// Ends the leases that have expired. Returns `true` if more are due.
    pub(in crate::chat) fn end_leases(&mut self, now: Now) -> bool {
        let enough = self.step();
        while self.outgoing.told < enough
            && let Some((at, user, log)) = self.schedule.leases.first().cloned()
            && at <= now.elapsed_ms
        {
            self.schedule.leases.remove(&(at, user, log.clone()));
            self.stop_typing(user, &log);
        }
        self.schedule.leases.first().is_some_and(|(at, ..)| *at <= now.elapsed_ms)
    }

    /// Sends a new connection the users who are typing privately to its user. Typing in rooms is part of the member
    /// lists.
    pub(in crate::chat) fn tell_who_is_typing(&mut self, connection: ConnectionId, user: UserId) {
        let Some(state) = self.directory.users.get(&user) else {
            return;
        };
        for peer in state.typing_peers.iter().copied().collect::<Vec<_>>() {
            if let Some(frame) = self.typing_to_peer(peer, true) {
                self.send(connection, frame);
            }
        }
    }

    fn tell_typing(&mut self, user: UserId, log: &LogId, typing: bool) {
        match log {
            LogId::Room(room) => {
                if let Some(state) = self.directory.users.get(&user) {
                    let frame = Typing { room: room.shared(), user: state.name.shared(), user_id: None, typing };
                    self.broadcast(room, &ServerFrame::Typing(frame), Some(user));
                }
            }
            LogId::Conversation(pair) if pair.other(user) != user => {
                if let Some(peer) = self.directory.users.get_mut(&pair.other(user)) {
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
            // A conversation with oneself has no second reader.
            LogId::Conversation(_) => {}
        }
    }

    /// Returns the frame that tells a user's peer of the typing.
    fn typing_to_peer(&self, user: UserId, typing: bool) -> Option<ServerFrame> {
        let name = self.directory.users.get(&user)?.name.shared();
        let room = WireName::with_name(&name).into();
        Some(ServerFrame::Typing(Typing { room, user: name, user_id: Some(user), typing }))
    }
}
