//! Presence: members become present in a room or absent from it, and the room's receivers learn of that.
//!
//! A room with more than [`LISTED_MEMBERS`] present members gets no member lists, and its departures within one moment
//! are merged into one frame. Arrivals are merged above [`TOLD_OF_EACH`], since all clients reconnect together after a
//! restart. So the cost of a storm of joins grows linearly with the room.

use crate::{
    chat::{
        Now, SystemEvent,
        engine::Chat,
        state::{Merged, PresenceBatch, Room, User},
    },
    journal::NodeId,
};
use app::protocol::{
    EntryId, LogId, Presence, RoomName, ServerFrame, UserId,
    limits::{LISTED_MEMBERS, MERGE_MS, TOLD_OF_EACH},
};
use std::{cmp::Reverse, collections::BTreeSet, mem};

/// Upper bound of the grace period for users of a dead node, in milliseconds. With the 5 s after which a node is
/// declared dead and a second for each further step, a user without a connection is shown as present for at most 10 s.
const BURIED_GRACE_MS: u64 = 3_000;

impl Chat {
    /// Applies that a user connected to `node`, or loaded a page that the node `by` sent.
    pub(in crate::chat) fn user_came(
        &mut self,
        now: Now,
        user: UserId,
        node: Option<NodeId>,
        by: NodeId,
        is_new: bool,
    ) {
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.awaited_by = node.is_none().then_some(by);
        if let Some(node) = node {
            state.nodes.insert(node);
            // A connection of this node may have ended while this fact was in flight, and a page may have been loaded
            // since.
            if node != self.node || !state.connections.is_empty() {
                self.stays(user);
            }
        }
        self.plan_forgetting(now, user);
        if is_new {
            self.come_into_sight(user);
            self.announce_arrival(now, user);
        }
    }

    pub(in crate::chat) fn user_went(&mut self, now: Now, user: UserId, node: NodeId, caught_up_to: EntryId) {
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.nodes.remove(&node);
        state.awaited_by = state.nodes.is_empty().then_some(node);
        state.caught_up_to = caught_up_to.max(state.caught_up_to);
        // The node of the last connection runs the grace period. A page that was loaded while this fact was in flight
        // may last longer.
        if node == self.node && !state.is_connected() {
            let at = now.elapsed_ms + self.settings.grace_ms;
            let lease = state.leaves_at.filter(|_| state.is_visiting);
            if lease.is_none_or(|lease| lease < at) {
                self.leaves_at(user, at);
            }
        }
        self.plan_forgetting(now, user);
    }

    pub(in crate::chat) fn user_gone(&mut self, now: Now, user: UserId) {
        let Some(state) = self.directory.users.get(&user) else {
            return;
        };
        let is_here = !state.connections.is_empty();
        let stays_until = state.leaves_at.filter(|_| state.is_visiting);
        let was_elsewhere = state.awaited_by.is_some_and(|by| by != self.node);
        self.end_presence(now, user, false);
        if was_elsewhere {
            // Only that node has heard of the last pages.
            self.plan_forgetting(now, user);
        }
        // The user came back while this fact was in flight; the return is not a fact yet.
        if let Some(at) = stays_until {
            self.leaves_at_as_visitor(user, at);
        }
        if is_here || stays_until.is_some() {
            self.arrives(user);
            self.tell_presence(user);
        }
    }

    /// Removes a dead node from the presence of all users. Users who are now connected nowhere, or for whom that node
    /// ran the grace period, get [`BURIED_GRACE_MS`] to connect to another one.
    pub(in crate::chat) fn node_down(&mut self, now: Now, node: NodeId) {
        let grace = self.settings.grace_ms.min(BURIED_GRACE_MS);
        let mut nowhere = Vec::new();
        for (user, state) in &mut self.directory.users {
            let was_there = state.nodes.remove(&node);
            let is_lost = was_there || state.awaited_by.is_none_or(|by| by == node);
            state.awaited_by = state.awaited_by.filter(|by| *by != node);
            if is_lost && state.present && !state.is_connected() && state.leaves_at.is_none() {
                nowhere.push(*user);
            }
        }
        for user in nowhere {
            self.leaves_at(user, now.elapsed_ms + grace);
            self.plan_forgetting(now, user);
        }
    }

    /// Marks a member as present in a room. Returns `false` if the member was present already or the room is missing.
    pub(in crate::chat) fn mark_present(&mut self, user: UserId, room: &RoomName) -> bool {
        self.clients.room_counts.note(room);
        let Some(state) = self.logs.rooms.get_mut(room).filter(|state| !state.present.contains(&user)) else {
            return false;
        };
        let before = state.present.len();
        state.present.insert(user);
        state.arriving.remove(&user);
        self.rank(room, before, before + 1);
        true
    }

    /// Updates the room's rank by its number of present members.
    fn rank(&mut self, room: &RoomName, before: usize, now: usize) {
        self.logs.ranks.remove(&(Reverse(before), room.clone()));
        self.logs.ranks.insert((Reverse(now), room.clone()));
    }

    /// Marks a user as present in all of the user's rooms.
    fn come_into_sight(&mut self, user: UserId) {
        if let Some(state) = self.directory.users.get_mut(&user) {
            (state.present, state.is_arriving) = (true, false);
            self.directory.online += 1;
        }
        for room in self.rooms_of(user) {
            self.mark_present(user, &room);
        }
    }

    /// Restores a user who was present when this node started. If the user is connected to no node, the node that ran
    /// the grace period may be gone, too: this node then ends the presence after a grace period of its own.
    pub(in crate::chat) fn restore_presence(&mut self, now: Now, user: UserId, nodes: BTreeSet<NodeId>) {
        let Some(state) = self.directory.users.get_mut(&user) else {
            return;
        };
        state.nodes = nodes;
        // A user who is connected to another node is not forgotten.
        if let Some(at) = state.forgotten_at.take_if(|_| !state.nodes.is_empty()) {
            self.schedule.forgetting.remove(&(at, user));
        }
        let is_nowhere = state.nodes.is_empty();
        self.come_into_sight(user);
        if is_nowhere {
            self.leaves_at(user, now.elapsed_ms + self.settings.grace_ms);
        }
    }

    /// Announces a user's arrival in all of the user's rooms and to the watchers.
    fn announce_arrival(&mut self, now: Now, user: UserId) {
        for room in self.rooms_of(user) {
            self.announce_presence(now, user, &room, true, false);
        }
        if let Some(state) = self.directory.users.get(&user) {
            self.event(SystemEvent::UserConnected { user: state.name.shared(), count: self.directory.online });
        }
    }

    /// Removes a member from a room's present members and announces the departure.
    pub(in crate::chat) fn disappear(&mut self, now: Now, user: UserId, room: &RoomName, is_forgotten: bool) {
        self.stop_typing(user, &LogId::Room(room.clone()));
        let state = self.logs.rooms.get_mut(room);
        let left = state.and_then(|state| state.present.remove(&user).then_some(state.present.len()));
        if let Some(left) = left {
            self.rank(room, left + 1, left);
            self.clients.room_counts.note(room);
            self.announce_presence(now, user, room, false, is_forgotten);
        }
    }

    /// Ends a user's presence everywhere and announces it. An absent user stays absent.
    pub(in crate::chat) fn end_presence(&mut self, now: Now, user: UserId, is_forgotten: bool) {
        let Some(state) = self.directory.users.get_mut(&user).filter(|state| state.present) else {
            return;
        };
        state.present = false;
        let name = state.name.shared();
        self.stays(user);
        for room in self.rooms_of(user) {
            self.disappear(now, user, &room, is_forgotten);
        }
        self.directory.online = self.directory.online.saturating_sub(1);
        self.event(SystemEvent::UserDisconnected { user: name, count: self.directory.online });
    }

    /// Announces an arrival or a departure in a room: at once, or merged with the others of this moment if the room is
    /// large and an announcement was sent just before.
    pub(in crate::chat) fn announce_presence(
        &mut self,
        now: Now,
        user: UserId,
        room: &RoomName,
        came: bool,
        is_forgotten: bool,
    ) {
        let (Some(state), Some(who)) = (self.logs.rooms.get_mut(room), self.directory.users.get(&user)) else {
            return;
        };
        let is_merged = state.present.len() > if came { TOLD_OF_EACH } else { LISTED_MEMBERS };
        let name = who.name.shared();
        let is_away =
            !came && !is_forgotten && state.members.contains(&user) && who.is_listed_away() && state.lists_absent();
        match &mut state.presence_batch {
            Some(batch) if is_merged => return batch.note(user, name, came),
            // The pending batch goes first, to keep the order of events.
            Some(_) => drop(self.flush_presence(room)),
            None if is_merged => {
                state.presence_batch = Some(PresenceBatch::default());
                self.schedule.presence_batches.insert((now.elapsed_ms + MERGE_MS, room.clone()));
            }
            None => {}
        }
        let one = Merged { user, name, others: 0 };
        self.broadcast_presence(one, room, came, is_away);
    }

    /// Sends a room's list of members after an absent author joined or left it, or an absent member became an author: no
    /// arrival or departure announces that. A change that was in flight when its author was found gone does it, and a
    /// text that is posted from a page whose lease is over.
    pub(in crate::chat) fn announce_absent(&mut self, user: UserId, room: &RoomName) {
        let is_absent = |who: &User| who.is_listed_away() && !who.present && who.connections.is_empty();
        if self.directory.users.get(&user).is_some_and(is_absent) {
            self.send_members(room);
        }
    }

    /// Sends a room's list of members, with the absent ones. Clients that ask for each list themselves show no absent
    /// members and get none.
    pub(in crate::chat) fn send_members(&mut self, room: &RoomName) {
        if self.logs.rooms.get(room).is_some_and(Room::lists_absent) {
            let (modern, _) = self.receivers_of_lists(room, None);
            if !modern.is_empty() {
                let list = self.members_of(room.clone());
                self.send_to_all(modern, &ServerFrame::UserList(list));
            }
        }
    }

    /// Announces the batch that was collected so far. Returns `true` if it was not empty.
    pub(in crate::chat) fn flush_presence(&mut self, room: &RoomName) -> bool {
        let Some(batch) = self.logs.rooms.get_mut(room).and_then(|state| state.presence_batch.as_mut()) else {
            return false;
        };
        let batch = mem::take(batch);
        let mut told = false;
        for came in [true, false] {
            if let Some(mut merged) = batch.merged(came) {
                // The frame carries the user's current name.
                if let Some(who) = self.directory.users.get(&merged.user) {
                    merged.name = who.name.shared();
                }
                // Rooms of this size list no absent members.
                self.broadcast_presence(merged, room, came, false);
                told = true;
            }
        }
        told
    }

    fn broadcast_presence(&mut self, who: Merged, room: &RoomName, came: bool, away: bool) {
        let Some(state) = self.logs.rooms.get(room) else {
            return;
        };
        let Merged { user, name, others } = who;
        let (users, count) = (self.listed(room, state), state.count());
        let presence = Presence { room: room.clone(), user: name, users, count, others, away };
        let frame = if came { ServerFrame::UserJoined(presence) } else { ServerFrame::UserLeft(presence) };
        self.broadcast(room, &frame, Some(user));
    }
}
