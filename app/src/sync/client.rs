//! The machine itself: inputs in, effects out.

mod attention;
mod catching_up;
mod commands;
mod incoming;
mod link;
mod mentions;
mod places;
mod private;
mod speaking;

pub use commands::COMMANDS_MAX;
pub use link::{Loss, Status};
pub use places::{ConversationLine, RoomLine};

use super::{
    input::{Cursor, Effect, Input, Snapshot},
    outbox::{Outbox, Outgoing},
    place::Place,
    timeline::{Hole, Row, Timeline},
};
use crate::protocol::{CloseCode, Entry, EntryId, ErrorCode, Peer, RoomName, Unread, UserId, UserInfo, peer_segment};
use attention::DividerSeen;
use commands::Given;
use link::Link;
use std::{collections::VecDeque, sync::Arc};

/// How long to wait before the server is asked again for what it could not do, in milliseconds, where it does not say.
const RETRY_MS: u64 = 2_000;
/// Lines for the person alone that are kept: more would cover what they are about.
pub const NOTICES_KEPT: usize = 2;

/// A line for the person alone, which is not stored anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// Grows by one with each.
    pub number: u64,
    /// What it says.
    pub text: Arc<str>,
    /// Whether something could not be done, as opposed to an answer.
    pub is_problem: bool,
    /// The room that was left, which can be joined again from here.
    pub left: Option<RoomName>,
}

/// The state machine. See the [module](super).
#[derive(Debug, Clone)]
pub struct Client {
    user_id: UserId,
    name: Arc<str>,
    /// What is shown. The client sees to it that it is in a room that is.
    place: Place,
    cursor: Cursor,
    /// The logs of which anything is known. They are few.
    logs: Vec<Log>,
    /// The rooms that are listed, by name: the person's own, and the [`LISTED_ROOMS`](crate::protocol::limits::LISTED_ROOMS)
    /// fullest others.
    rooms: Vec<places::Known>,
    /// How many there are beside them, as far as that was told.
    more_rooms: usize,
    /// Who is present at all, which is in the room that everybody is in, if they are not too many to be listed.
    here: Option<Vec<UserId>>,
    /// Whether that was said on this connection.
    is_here_fresh: bool,
    /// Behind which entry of the shown log the person was away.
    divider: Option<EntryId>,
    divider_seen: DividerSeen,
    /// Whether somebody looks at the page.
    is_watched: bool,
    /// When the server was last told up to where the person has read.
    told_read_at: Option<u64>,
    /// In which room each of the mentions was said that are here.
    mentioned_in: Vec<(EntryId, RoomName)>,
    /// Those present in the shown room, and members of it who are not.
    users: Vec<UserInfo>,
    away: Vec<UserInfo>,
    /// Who is writing in the shown room, in the order in which they began.
    typing: Vec<Arc<str>>,
    /// Who is writing to the person alone.
    typing_peers: Vec<UserId>,
    /// When the server was last told that the person is writing.
    told_typing_at: Option<u64>,
    notices: VecDeque<Notice>,
    next_notice: u64,
    /// The first notice that came after the person last wrote something. Those before it go when that succeeds.
    first_unread_notice: u64,
    /// The commands that are not answered yet.
    commands: Vec<Given>,
    outbox: Outbox,
    /// Whether the person was told that this browser keeps nothing.
    told_not_kept: bool,
    may_send: bool,
    /// The text that was sent on this connection and has not been answered, and since when.
    under_way: Option<(Arc<str>, u64)>,
    /// When the text is sent again that the server could not take.
    resend_at: Option<u64>,
    /// Why the server could not take a text, until all that waits is stored.
    held_back: Option<ErrorCode>,
    /// The join that was sent before the text under way.
    join_before: JoinBefore,
    /// The holes that were asked for and are still there. An answer makes a hole smaller or closes it; one that changes
    /// nothing is not asked for again on the same connection.
    asked: Vec<(Place, Hole)>,
    /// When what was asked for in vain is asked for again.
    refill_at: Option<u64>,
    /// The lists that were asked for on this connection and have not come: of all rooms, of who is in a room.
    awaits_rooms: bool,
    awaits_users: Vec<RoomName>,
    /// When the lists that were refused for now are asked for again.
    list_again_at: Option<u64>,
    preview: Preview,
    link: Link,
    /// Why the connection was lost last.
    loss: Loss,
    /// Failed attempts in a row.
    attempt: u32,
    /// Whether the connection was ever there.
    was_live: bool,
    last_frame_at: u64,
    probe: Option<link::Probe>,
}

/// What is known of a log.
#[derive(Debug, Clone)]
struct Log {
    place: Place,
    /// What the other one of a conversation is called.
    peer: Option<Arc<str>>,
    /// Whether that is a former name: the other one was forgotten, or somebody else is called so by now.
    is_former: bool,
    timeline: Timeline,
    /// Up to where the person has read.
    read: EntryId,
    /// Whether the server has not been told so.
    is_read_untold: bool,
    /// What others said since.
    unread: Unread,
    /// Whether it is known where the log ends.
    is_known: bool,
}

impl Log {
    fn new(place: Place) -> Self {
        Self {
            place,
            peer: None,
            is_former: false,
            timeline: Timeline::default(),
            read: 0,
            is_read_untold: false,
            unread: Unread::default(),
            is_known: false,
        }
    }

    /// What it is called when it is asked for. The number of the other one stays, whatever becomes of the name meanwhile.
    fn address(&self) -> Option<String> {
        match &self.place {
            Place::Room(room) => Some(room.to_string()),
            Place::With(id) => self.peer.as_ref().map(|name| ["@", &peer_segment(*id, name)].concat()),
            Place::Mentions => None,
        }
    }
}

/// A join that was sent before a text, because the person was not in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JoinBefore {
    /// There was none.
    No,
    /// It was sent.
    Sent,
    /// A frame was refused for now, which may have been the join: why, and when it can be sent again.
    Refused(u64, ErrorCode),
}

/// What the server was asked about the shown room, when the person is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preview {
    /// Nothing.
    No,
    /// A preview, which has not come.
    Asked,
    /// A preview; it was refused for now, and is asked for again at this moment.
    AgainAt(u64),
    /// A preview, which came: what happens in the room is told to this connection.
    Live,
}

impl Client {
    /// A client that shows what the page already shows.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut client = Self {
            user_id: snapshot.user_id,
            name: snapshot.name,
            logs: Vec::new(),
            rooms: Vec::new(),
            more_rooms: 0,
            here: None,
            is_here_fresh: false,
            divider: None,
            divider_seen: DividerSeen::No,
            is_watched: true,
            told_read_at: None,
            place: snapshot.place,
            cursor: Cursor { last_id: snapshot.cursor, epoch: snapshot.epoch },
            users: snapshot.users,
            away: snapshot.away,
            mentioned_in: Vec::new(),
            typing: Vec::new(),
            typing_peers: Vec::new(),
            told_typing_at: None,
            notices: VecDeque::new(),
            next_notice: 0,
            first_unread_notice: 0,
            commands: Vec::new(),
            outbox: Outbox::default(),
            told_not_kept: false,
            may_send: true,
            under_way: None,
            resend_at: None,
            held_back: None,
            join_before: JoinBefore::No,
            asked: Vec::new(),
            refill_at: None,
            awaits_rooms: false,
            awaits_users: Vec::new(),
            list_again_at: None,
            preview: Preview::No,
            link: Link::Down { retry_at: 0, loss: Loss::Lost },
            loss: Loss::Lost,
            attempt: 0,
            was_live: false,
            last_frame_at: 0,
            probe: None,
        };
        for room in snapshot.rooms {
            client.listed(room);
        }
        client.more_rooms = snapshot.more_rooms;
        for conversation in snapshot.conversations {
            client.conversation(conversation);
        }
        let shown = client.place.clone();
        client.log_mut(&shown).timeline.extend(snapshot.entries);
        client.divide();
        if shown == Place::Room(RoomName::general()) && client.users.len() == snapshot.count {
            client.here = Some(client.users.iter().map(|user| user.id).collect());
        }
        client
    }

    /// Who the person is.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// What the person is called.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The log's life.
    #[must_use]
    pub fn epoch(&self) -> &Arc<str> {
        &self.cursor.epoch
    }

    /// What is shown.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What the shown log shows, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.rows_of(&self.place)
    }

    /// Whether nothing is known yet of the shown log: neither an entry nor that there is none.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.log(&self.place).is_none_or(|log| !log.is_known && log.timeline.newest() == 0)
    }

    /// Grows with each change of what the shown log shows.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.log(&self.place).map_or(0, |log| log.timeline.revision())
    }

    /// The newest entry that is here of the shown log, 0 for none.
    #[must_use]
    pub fn newest(&self) -> EntryId {
        self.log(&self.place).map_or(0, |log| log.timeline.newest())
    }

    /// What others said in the shown log after an entry, the newest first.
    pub fn said_after(&self, id: EntryId) -> impl Iterator<Item = &Arc<Entry>> {
        // A mention is announced where it is said.
        let log = self.log(&self.place).filter(|log| log.place != Place::Mentions);
        let entries = log.map(|log| log.timeline.entries().rev());
        entries.into_iter().flatten().take_while(move |entry| entry.id > id).filter(|entry| !self.is_mine(entry))
    }

    /// The holes of the shown log that were asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<Hole> {
        self.asked.iter().filter(|(place, _)| *place == self.place).map(|(_, hole)| *hole).collect()
    }

    /// The same of any log.
    #[must_use]
    pub fn rows_of(&self, place: &Place) -> Vec<Row> {
        let rows = |log: &Log| match place {
            // They are of many logs, and between two of them nothing is missing.
            Place::Mentions => log.timeline.entries().cloned().map(Row::Entry).collect(),
            Place::Room(_) | Place::With(_) => log.timeline.rows().collect(),
        };
        self.log(place).map(rows).unwrap_or_default()
    }

    /// Everything that is on its way, in the order in which it was typed.
    pub fn outbox(&self) -> impl Iterator<Item = &Outgoing> {
        self.outbox.iter()
    }

    /// What of it goes to the shown log, or was refused there.
    #[must_use]
    pub fn outgoing(&self) -> Vec<Outgoing> {
        self.outgoing_to(&self.place).cloned().collect()
    }

    /// The same of any log.
    pub fn outgoing_to<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Outgoing> {
        self.outbox.iter().filter(move |item| item.place() == *place)
    }

    /// Why what waits is sent later than it could be, if the server asked for that.
    #[must_use]
    pub const fn held_back(&self) -> Option<ErrorCode> {
        self.held_back
    }

    /// Those present in the shown room, by name, and how many they are; the list is empty in a room too large for it.
    #[must_use]
    pub fn users(&self) -> (&[UserInfo], usize) {
        (&self.users, self.count())
    }

    /// How many are present in the shown place. Of a room that is one number, wherever it is shown.
    fn count(&self) -> usize {
        let room = self.place.room().and_then(|room| self.rooms.iter().find(|known| known.name == *room));
        room.map_or(self.users.len(), |known| known.users)
    }

    /// Members of the shown room who are not present, as far as they are listed.
    #[must_use]
    pub fn away(&self) -> &[UserInfo] {
        &self.away
    }

    /// Who else is writing in the shown room or conversation.
    pub fn typing(&self) -> impl Iterator<Item = &Arc<str>> {
        let log =
            self.log(&self.place).filter(|log| self.typing_peers.iter().any(|peer| log.place == Place::With(*peer)));
        self.typing.iter().chain(log.and_then(|log| log.peer.as_ref()))
    }

    /// The newest lines for the person alone, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// Takes one input at the moment `now` of the client's clock (milliseconds, never going back) and says what is to
    /// be done about it.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Start => self.connect(now, &mut effects),
            Input::Opened => self.opened(now),
            // From a connection that was given up.
            Input::Frame(_) if !self.is_connected() => {}
            Input::Frame(frame) => {
                self.heard(now);
                self.frame(now, *frame, &mut effects);
            }
            Input::Closed { code: Some(CloseCode::SignedOut), .. } => self.signed_out(now, &mut effects),
            Input::Closed { jitter, wait_ms, code } => {
                self.closed(now, jitter, wait_ms, Loss::from(code), &mut effects);
            }
            Input::Woke => self.woke(now, &mut effects),
            Input::Nudged => self.nudged(now, &mut effects),
            Input::Slept => self.slept(now, &mut effects),
            Input::NetworkLost => self.network_lost(now, &mut effects),
            Input::Say { place, text, client_id, at } => self.say(now, &place, text, client_id, at, &mut effects),
            Input::Retry(client_id) => self.retry(now, &client_id, &mut effects),
            Input::Discard(client_id) => {
                self.let_go(now, &client_id, &mut effects);
            }
            Input::Kept(items) => self.kept(now, items, &mut effects),
            Input::LetGo(client_id) => {
                self.outbox.remove(&client_id);
                self.send_next(now, &mut effects);
            }
            Input::NotKept => self.not_kept(),
            Input::Warn(text) => self.warn(&text),
            Input::MaySend(may_send) => self.may_send(now, may_send, &mut effects),
            Input::Typing(typing) => self.tell_typing(now, typing, &mut effects),
            Input::Dismiss(number) => self.notices.retain(|notice| notice.number != number),
            Input::Show(place) => self.show(place, true, &mut effects),
            Input::Talk(user, name) => self.talk(user, name, &mut effects),
            Input::Watched(is_watched) => self.watched(now, is_watched, &mut effects),
            Input::Seen(id) => self.seen(now, id, &mut effects),
            Input::Looked { is_at_end, is_divider_in_view } => self.looked(now, is_at_end, is_divider_in_view),
            Input::Fill(hole) => self.look_at(hole, &mut effects),
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
        let preview_at = if let Preview::AgainAt(at) = self.preview { Some(at) } else { None };
        [self.resend_at, self.refill_at, preview_at, read_at, self.list_again_at, self.divider_goes_at()]
            .into_iter()
            .flatten()
            .chain([link])
            .min()
    }

    fn woke(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if self.resend_at.is_some_and(|at| at <= now) {
            self.resend_at = None;
            self.send_next(now, effects);
        }
        if self.refill_at.is_some_and(|at| at <= now) {
            self.refill_at = None;
            self.fill_again(effects);
        }
        if matches!(self.preview, Preview::AgainAt(at) if at <= now) {
            self.settle_in(effects);
        }
        if self.list_again_at.is_some_and(|at| at <= now) {
            self.list_again(effects);
        }
        self.divider_was_seen(now);
        self.tell_reads(now, effects);
        self.check_link(now, effects);
    }

    /// The server has greeted: the text that waits goes out, a preview of the shown room is asked for if need be, and so
    /// is what is missing. Sending again what may have arrived is safe: the server knows a mark that it has stored.
    fn live(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.link = Link::Up { since: now };
        self.was_live = true;
        self.browse(effects);
        self.settle_in(effects);
        self.send_next(now, effects);
        self.fill_again(effects);
        self.tell_reads(now, effects);
    }

    fn log(&self, place: &Place) -> Option<&Log> {
        self.logs.iter().find(|log| log.place == *place)
    }

    /// The log of a place, which is noted if nothing was known of it.
    fn log_mut(&mut self, place: &Place) -> &mut Log {
        let at = self.logs.iter().position(|log| log.place == *place).unwrap_or_else(|| {
            self.logs.push(Log::new(place.clone()));
            self.logs.len() - 1
        });
        &mut self.logs[at]
    }

    /// The place that an address of the wire (`general`, `@Bo`, `@2-Bo`) means, if it is known.
    #[must_use]
    pub fn find(&self, address: &str) -> Option<Place> {
        let Some(segment) = address.strip_prefix('@') else {
            return Some(Place::Room(RoomName::told(address)));
        };
        let peer = Peer::parse(segment)?;
        let is_it = |log: &&Log| match peer {
            Peer::Number(id) => log.place == Place::With(id) && log.peer.is_some(),
            Peer::Name(name) => log.peer.as_deref() == Some(name) && !log.is_former,
        };
        self.logs.iter().find(is_it).map(|log| log.place.clone())
    }

    /// Something that the person did has worked: what they were told before they did it is settled.
    fn succeeded(&mut self) {
        let first = self.first_unread_notice;
        self.notices.retain(|notice| notice.number >= first);
    }

    /// Answers the person.
    fn tell(&mut self, text: &str) {
        self.notify(text, false);
    }

    /// Tells the person what could not be done.
    fn warn(&mut self, text: &str) {
        self.notify(text, true);
    }

    /// What is said already is said again as the newest, and not twice.
    fn notify(&mut self, text: &str, is_problem: bool) {
        self.notices.retain(|notice| *notice.text != *text);
        if self.notices.len() == NOTICES_KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { number: self.next_notice, text: text.into(), is_problem, left: None });
        self.next_notice += 1;
    }
}
