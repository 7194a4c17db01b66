//! Outgoing effects of the rules: frames, events, replies and changes, in order.

use crate::{
    chat::{
        Caller, ConnectionId, Effect, Outcome, Reply, RequestId, SystemEvent,
        effect::encode,
        engine::{Chat, TOLD_AT_ONCE, TOLD_PER_STEP},
        refusals::Refused,
        state::Pending,
    },
    journal::Change,
};
use app::protocol::{Entry, RoomName, ServerFrame, UserId};
use std::{mem, sync::Arc};

impl Chat {
    /// Takes the effects that were queued since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        self.tell_deleted();
        self.outgoing.told = 0;
        mem::take(&mut self.outgoing.effects)
    }

    /// Returns `true` if one receiver may have got so many frames since the effects were taken that it needs time to
    /// read before more is applied.
    #[must_use]
    pub const fn has_told_enough(&self) -> bool {
        self.outgoing.told >= TOLD_AT_ONCE
    }

    /// Returns the value of `Outgoing::told` at which a step that begins now must stop.
    pub(in crate::chat) const fn step(&self) -> usize {
        self.outgoing.told + TOLD_PER_STEP
    }

    /// Submits a change to the journal and remembers what to do with its answer.
    pub(in crate::chat) fn submit(&mut self, change: Change, pending: Pending) {
        let ticket = self.asked.next_ticket;
        self.asked.next_ticket += 1;
        self.asked.pending.insert(ticket, pending);
        self.outgoing.effects.push(Effect::Submit { ticket, change });
    }

    /// Sends a frame to one connection, which encodes it when it is sent.
    pub(in crate::chat) fn send(&mut self, to: ConnectionId, mut frame: ServerFrame) {
        if !self.clients.reads_amendments.contains(&to) {
            remove_amendments(&mut frame);
        }
        self.outgoing.effects.push(Effect::Send { to, frame: Box::new(frame) });
    }

    /// Sends one encoded frame to all connections of a user.
    pub(in crate::chat) fn send_to_user(&mut self, user: UserId, frame: &ServerFrame, except: Option<ConnectionId>) {
        let connections = self.directory.users.get(&user).into_iter().flat_map(|state| &state.connections);
        let to = connections.copied().filter(|to| Some(*to) != except).collect::<Vec<_>>().into();
        self.send_to_all(to, frame);
    }

    /// Sends one encoded frame to the connected members of a room and to the connections that preview the room.
    pub(in crate::chat) fn broadcast(&mut self, room: &RoomName, frame: &ServerFrame, except: Option<UserId>) {
        match except {
            None => {
                let to = self.all_receivers(room);
                self.send_to_all(to, frame);
            }
            Some(_) => self.send_to_all(self.receivers(room, except).into(), frame),
        }
    }

    /// Returns the connections that receive a room's frames. They are computed anew only after a change: a message to
    /// many costs a look at none of them.
    fn all_receivers(&mut self, room: &RoomName) -> Arc<[ConnectionId]> {
        let version = self.clients.receivers_version;
        let known = self.logs.rooms.get(room).and_then(|state| state.receivers.clone());
        if let Some((_, receivers)) = known.filter(|(computed_at, _)| *computed_at == version) {
            debug_assert!(*receivers == *self.receivers(room, None), "a change of the receivers was not counted");
            return receivers;
        }
        let receivers: Arc<[ConnectionId]> = self.receivers(room, None).into();
        if let Some(state) = self.logs.rooms.get_mut(room) {
            state.receivers = Some((version, Arc::clone(&receivers)));
        }
        receivers
    }

    /// Returns the connections that receive a room's frames: those of its connected members and those that preview it.
    pub(in crate::chat) fn receivers(&self, room: &RoomName, except: Option<UserId>) -> Vec<ConnectionId> {
        let Some(state) = self.logs.rooms.get(room) else {
            return Vec::new();
        };
        let watchers = self.clients.previews.get(room).into_iter().flatten();
        let receivers = state.listening.iter().filter(|user| Some(**user) != except);
        let connections =
            receivers.filter_map(|user| self.directory.users.get(user)).flat_map(|user| &user.connections);
        watchers.chain(connections).copied().collect()
    }

    /// Returns the receivers of a room in two groups: connections that read a list of changes in one frame, and plain
    /// connections that need one frame for each room.
    pub(in crate::chat) fn receivers_of_lists(
        &self,
        room: &RoomName,
        except: Option<UserId>,
    ) -> (Arc<[ConnectionId]>, Arc<[ConnectionId]>) {
        let receivers = self.receivers(room, except).into_iter();
        let (modern, plain): (Vec<_>, Vec<_>) = receivers.partition(|to| !self.clients.plain.contains(to));
        (modern.into(), plain.into())
    }

    pub(in crate::chat) fn send_to_all(&mut self, to: Arc<[ConnectionId]>, frame: &ServerFrame) {
        if !to.is_empty() {
            self.outgoing.told += 1;
            self.outgoing.effects.push(Effect::Broadcast { to, frame: encode(frame) });
        }
    }

    pub(in crate::chat) fn event(&mut self, event: SystemEvent) {
        self.outgoing.told += 1;
        self.outgoing.effects.push(Effect::Event(event));
    }

    /// Tells a request, or the sender of a command with a `client_id`, that the change is done. A connection without
    /// one sees the change itself.
    pub(in crate::chat) fn done(&mut self, caller: Caller, done: Outcome) {
        match caller {
            Caller::Connection(_) => {}
            Caller::Command(connection, command) => {
                if let Some(client_id) = self.asked.commands.remove(&command) {
                    let joined = if let Outcome::Joined(room) = done { Some(room) } else { None };
                    self.send(connection, ServerFrame::Done { client_id, joined });
                }
            }
            Caller::Request(request) => self.reply(request, Ok(done)),
        }
    }

    pub(in crate::chat) fn refuse(&mut self, caller: Caller, refused: Refused) {
        match caller {
            Caller::Connection(connection) => self.send(connection, ServerFrame::Error(refused)),
            Caller::Command(connection, command) => {
                let client_id = self.asked.commands.remove(&command);
                self.send(connection, ServerFrame::Error(Refused { client_id, ..refused }));
            }
            Caller::Request(request) => self.reply(request, Err(refused)),
        }
    }

    pub(in crate::chat) fn reply(&mut self, request: RequestId, reply: Reply) {
        self.outgoing.effects.push(Effect::Reply { request, reply });
    }
}

/// Removes the amendments from the entries of a frame.
fn remove_amendments(frame: &mut ServerFrame) {
    match frame {
        ServerFrame::Joined(joined) => joined.history.retain(Entry::is_shown),
        ServerFrame::Preview(preview) => preview.history.retain(Entry::is_shown),
        ServerFrame::History(history) => history.messages.retain(Entry::is_shown),
        ServerFrame::Resumed(resumed) => {
            resumed.missed_messages.iter_mut().for_each(|(_, entries)| entries.retain(Entry::is_shown));
            resumed.missed_pms.iter_mut().for_each(|(_, entries)| entries.retain(Entry::is_shown));
        }
        _ => {}
    }
}
