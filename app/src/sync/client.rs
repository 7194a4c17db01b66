//! The state machine itself: inputs in, effects out.

mod amending;
mod attention;
mod catching_up;
mod commands;
mod connection;
mod incoming;
mod link;
mod log;
mod members;
mod mentions;
mod notices;
mod places;
mod private;
mod speaking;

pub use commands::COMMANDS_MAX;
pub use link::{Loss, Status};
pub use notices::{NOTICES_KEPT, Notice};
pub use places::{ConversationLine, RoomLine};

use super::{
    input::{Effect, Input},
    outbox::{Outbox, Outgoing},
    timeline::{Gap, Row},
};
use crate::protocol::{CloseCode, Cursor, Entry, EntryId, ErrorCode, Place, RoomName, Snapshot, UserId, UserInfo};
use attention::Attention;
use connection::{Connection, JoinBefore, Preview};
use link::Link;
use log::{Log, Logs};
use members::Members;
use notices::Notices;
use places::RoomList;
use std::sync::Arc;

/// Retry delay in milliseconds for what the server refused for now, unless its refusal names another one.
const RETRY_MS: u64 = 2_000;

/// The state machine. See the [module](super).
#[derive(Debug, Clone)]
pub struct Client {
    user_id: UserId,
    name: Arc<str>,
    /// Place on the screen. A shown room of the person's own is left by the client if the membership ends.
    place: Place,
    cursor: Cursor,
    logs: Logs,
    room_list: RoomList,
    members: Members,
    attention: Attention,
    notices: Notices,
    outbox: Outbox,
    /// `true` while this tab is the one that sends.
    may_send: bool,
    link: Link,
    connection: Connection,
}

impl Client {
    /// Creates a client that shows what the page already shows.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut client = Self {
            user_id: snapshot.user_id,
            name: snapshot.name,
            place: snapshot.place,
            cursor: Cursor { last_id: snapshot.cursor, epoch: snapshot.epoch },
            logs: Logs::default(),
            room_list: RoomList::default(),
            members: Members { present: snapshot.users, away: snapshot.away },
            attention: Attention::default(),
            notices: Notices::default(),
            outbox: Outbox::default(),
            may_send: true,
            link: Link::default(),
            connection: Connection::default(),
        };
        for room in snapshot.rooms {
            client.listed(room);
        }
        client.room_list.more = snapshot.more_rooms;
        for conversation in snapshot.conversations {
            client.conversation(conversation);
        }
        let shown = client.place.clone();
        client.logs.get_or_insert(&shown).timeline.extend(snapshot.entries);
        client.divide();
        let present = &client.members.present;
        if shown == Place::Room(RoomName::general()) && present.len() == snapshot.count {
            client.room_list.here = Some(present.iter().map(|user| user.id).collect());
        }
        client
    }

    /// Returns the person's user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Returns the person's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the log's epoch.
    #[must_use]
    pub fn epoch(&self) -> &Arc<str> {
        &self.cursor.epoch
    }

    /// Returns the shown place.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Returns the rows of the shown log, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.rows_of(&self.place)
    }

    /// Returns `true` if nothing is known of the shown log yet: neither an entry nor its end.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.logs.get(&self.place).is_none_or(|log| !log.is_known && log.timeline.newest() == 0)
    }

    /// Returns a number that grows with each change of the shown rows.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.logs.get(&self.place).map_or(0, |log| log.timeline.revision())
    }

    /// Returns the newest loaded entry of the shown log, 0 if there is none.
    #[must_use]
    pub fn newest(&self) -> EntryId {
        self.logs.get(&self.place).map_or(0, |log| log.timeline.newest())
    }

    /// Yields the entries of others after `id` in the shown log, newest first.
    pub fn said_after(&self, id: EntryId) -> impl Iterator<Item = &Arc<Entry>> {
        // Mentions are announced in their rooms.
        let log = self.logs.get(&self.place).filter(|log| log.place != Place::Mentions);
        let entries = log.map(|log| log.timeline.entries().rev());
        let newer = entries.into_iter().flatten().take_while(move |entry| entry.id > id);
        newer.filter(|entry| entry.is_news() && !self.is_mine(entry))
    }

    /// Returns the gaps of the shown log that were requested.
    #[must_use]
    pub fn asked(&self) -> Vec<Gap> {
        self.logs.asked.iter().filter(|(place, _)| *place == self.place).map(|(_, gap)| *gap).collect()
    }

    /// Returns the rows of any log, oldest first.
    #[must_use]
    pub fn rows_of(&self, place: &Place) -> Vec<Row> {
        let rows = |log: &Log| match place {
            // Mentions stem from many logs, so nothing is missing between two of them.
            Place::Mentions => log.timeline.entries().cloned().map(Row::Entry).collect(),
            Place::Room(_) | Place::With(_) => log.timeline.rows().collect(),
        };
        self.logs.get(place).map(rows).unwrap_or_default()
    }

    /// Yields the outbox, in the order of typing.
    pub fn outbox(&self) -> impl Iterator<Item = &Outgoing> {
        self.outbox.iter()
    }

    /// Returns the texts of the outbox for the shown place, refused ones included.
    #[must_use]
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.outgoing_to(&self.place).cloned().collect()
    }

    /// Yields the texts of the outbox for any place.
    pub fn outgoing_to<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Outgoing> {
        self.outbox.iter().filter(move |item| item.place == *place)
    }

    /// Returns the reason for which the server delays the outbox, if it does.
    #[must_use]
    pub const fn held_back(&self) -> Option<ErrorCode> {
        self.connection.held_back
    }

    /// Returns the present members of the shown room by name, and their number; the list is empty in a room too large
    /// for it.
    #[must_use]
    pub fn users(&self) -> (&[UserInfo], usize) {
        (&self.members.present, self.count())
    }

    /// Returns the number of present members of the shown place. For a room that is the number in the room list,
    /// wherever it is shown.
    fn count(&self) -> usize {
        let room = self.place.room().and_then(|room| self.room_list.get(room));
        room.map_or(self.members.present.len(), |known| known.users)
    }

    /// Returns the absent members of the shown room, as far as they are listed.
    #[must_use]
    pub fn away(&self) -> &[UserInfo] {
        &self.members.away
    }

    /// Yields the names of other users who are typing in the shown place.
    pub fn typing(&self) -> impl Iterator<Item = &Arc<str>> {
        let log = self
            .logs
            .get(&self.place)
            .filter(|log| self.connection.typing_peers.iter().any(|peer| log.place == Place::With(*peer)));
        self.connection.typing.iter().chain(log.and_then(|log| log.peer.as_ref()))
    }

    /// Handles an input at time `now` of the client's monotonic clock in milliseconds, and returns the effects in
    /// order.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Start => self.connect(now, &mut effects),
            Input::Opened => self.opened(now),
            // A frame of a connection that was given up.
            Input::Frame(_) if !self.link.is_connected() => {}
            Input::Frame(frame) => {
                self.heard(now);
                self.frame(now, *frame, &mut effects);
            }
            Input::Closed { code: Some(CloseCode::SignedOut), .. } => self.signed_out(now, &mut effects),
            Input::Closed { jitter, wait_ms, code } => {
                self.closed(now, jitter, wait_ms, Loss::from(code), &mut effects);
            }
            Input::Woke => self.woke(now, &mut effects),
            Input::RetryNow => self.retry_now(now, &mut effects),
            Input::Slept => self.slept(now, &mut effects),
            Input::NetworkLost => self.network_lost(now, &mut effects),
            Input::Say { place, text, client_id, at } => self.say(now, &place, text, client_id, at, &mut effects),
            Input::Amend { place, target, text, client_id, at } => {
                self.amend(now, (&place, target), text, client_id, at, &mut effects);
            }
            Input::Command { order, client_id } => self.order(order, client_id, &mut effects),
            Input::Retry(client_id) => self.retry(now, &client_id, &mut effects),
            Input::Discard(client_id) => {
                self.remove_text(now, &client_id, &mut effects);
            }
            Input::Restored(items) => self.kept(now, items, &mut effects),
            Input::Removed(client_id) => {
                self.outbox.remove(&client_id);
                self.send_next(now, &mut effects);
            }
            Input::NotKept => self.notices.warn_not_kept(),
            Input::Warn(text) => self.notices.warn(&text),
            Input::MaySend(may_send) => self.may_send(now, may_send, &mut effects),
            Input::Typing(typing) => self.tell_typing(now, typing, &mut effects),
            Input::Dismiss(number) => self.notices.dismiss(number),
            Input::Show(place) => self.show(place, true, &mut effects),
            Input::Talk(user, name) => self.talk(user, name, &mut effects),
            Input::Watched(is_watched) => self.watched(now, is_watched, &mut effects),
            Input::Seen(id) => self.seen(now, id, &mut effects),
            Input::Looked { is_at_end, is_divider_in_view } => self.looked(now, is_at_end, is_divider_in_view),
            Input::Fill(gap) => self.look_at(gap, &mut effects),
            Input::Browse => self.browse(&mut effects),
        }
        if let Some(at) = self.next_wake() {
            effects.push(Effect::WakeAt(at));
        }
        effects
    }

    fn next_wake(&self) -> Option<u64> {
        let link = self.link_wakes_at()?;
        let read_at = self.tells_reads_at();
        let preview_at = if let Preview::AgainAt(at) = self.connection.preview { Some(at) } else { None };
        [
            self.connection.resend_at,
            self.connection.refill_at,
            preview_at,
            read_at,
            self.connection.list_again_at,
            self.attention.divider_goes_at(),
        ]
        .into_iter()
        .flatten()
        .chain([link])
        .min()
    }

    fn woke(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if self.connection.resend_at.is_some_and(|at| at <= now) {
            self.connection.resend_at = None;
            self.send_next(now, effects);
        }
        if self.connection.refill_at.is_some_and(|at| at <= now) {
            self.connection.refill_at = None;
            self.fill_again(effects);
        }
        if matches!(self.connection.preview, Preview::AgainAt(at) if at <= now) {
            self.load_place(effects);
        }
        if self.connection.list_again_at.is_some_and(|at| at <= now) {
            self.list_again(effects);
        }
        self.attention.divider_was_seen(now);
        self.tell_reads(now, effects);
        self.check_link(now, effects);
    }

    /// Starts a connection after its handshake: sends the outbox, requests a preview of the shown room if necessary,
    /// and fills gaps. Repeated texts are safe, because the server recognizes a stored `client_id`.
    fn live(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.link.establish(now);
        self.browse(effects);
        self.load_place(effects);
        self.send_next(now, effects);
        self.fill_again(effects);
        self.tell_reads(now, effects);
    }
}
