//! What happens to a client, and what an adapter is to do about it.

use super::{outbox::Outgoing, place::Place, timeline::Hole};
use crate::protocol::{
    ClientFrame, CloseCode, ConversationInfo, Entry, EntryId, RoomName, ServerFrame, Unread, UserId, UserInfo,
    from_json,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the page was rendered from: where the client starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Who the person is.
    pub user_id: UserId,
    /// The person's name.
    pub name: Arc<str>,
    /// What the page shows.
    pub place: Place,
    /// Its newest entries, or some older ones, oldest first.
    pub entries: Vec<Entry>,
    /// Those present in it; nobody when the room has too many to list.
    pub users: Vec<UserInfo>,
    /// Members of it who are away.
    pub away: Vec<UserInfo>,
    /// How many are present in it.
    pub count: usize,
    /// The log's life.
    pub epoch: Arc<str>,
    /// The newest entry of the whole server when the page was made.
    pub cursor: EntryId,
    /// The rooms that the page lists, by name: the person's own, and the
    /// [`LISTED_ROOMS`](crate::protocol::limits::LISTED_ROOMS) fullest others.
    pub rooms: Vec<ListedRoom>,
    /// How many rooms there are beside them.
    pub more_rooms: usize,
    /// The person's conversations with the newest entries, the newest first, and the shown one.
    pub conversations: Vec<ConversationInfo>,
}

/// A room of which a page knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRoom {
    /// The name.
    pub name: RoomName,
    /// How many are present.
    pub users: usize,
    /// How far the person is in it, if they are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// How far somebody is in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The room's newest entry.
    pub head: EntryId,
    /// Up to where the person has read it.
    pub read: EntryId,
    /// What is unread.
    #[serde(default, skip_serializing_if = "Unread::is_nothing")]
    pub unread: Unread,
}

from_json! {
    Snapshot { user_id, name, place, entries, users, away, count, epoch, cursor, rooms, more_rooms, conversations }
    ListedRoom { name, users, standing }
    Standing { head, read, unread or default }
}

/// From where to resume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The newest entry that was seen.
    pub last_id: EntryId,
    /// The log's life in which it was.
    pub epoch: Arc<str>,
}

/// What happens to the client.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The page is alive.
    Start,
    /// The connection is there.
    Opened,
    /// The server said something.
    Frame(Box<ServerFrame>),
    /// The connection is gone, or could not be made. `jitter` is drawn from 0 to 1.
    Closed {
        /// See [`delay_ms`](super::delay_ms).
        jitter: f64,
        /// How long the server asked to wait, in milliseconds, if it did.
        wait_ms: Option<u64>,
        /// Why the server closed it, if it said so.
        code: Option<CloseCode>,
    },
    /// Time has come that [`Effect::WakeAt`] asked for.
    Woke,
    /// The network may be back, or somebody looks at the page again: no more waiting.
    Nudged,
    /// The machine was asleep: whatever connection there was is as good as gone.
    Slept,
    /// The browser says that there is no network.
    NetworkLost,
    /// The person sends a text, which may be a command.
    Say {
        /// Where.
        place: Place,
        /// What, validated by the caller.
        text: Arc<str>,
        /// The mark: 128 random bits, drawn by the caller.
        client_id: Arc<str>,
        /// When, in milliseconds since 1970.
        at: u64,
    },
    /// The person sends a refused text again.
    Retry(Arc<str>),
    /// The person gives a refused text up.
    Discard(Arc<str>),
    /// These texts are kept: an earlier page, or another tab, has put them there or changed them.
    Kept(Vec<Outgoing>),
    /// Another tab has let go of a text.
    LetGo(Arc<str>),
    /// A text could not be kept.
    NotKept,
    /// The page has to tell the person why something was not done.
    Warn(Arc<str>),
    /// Whether this tab is the one of the person's that sends. It is, where nothing else is said.
    MaySend(bool),
    /// The person is writing in the shown room, or has emptied what was being written.
    Typing(bool),
    /// The person has seen a line that was for them alone.
    Dismiss(u64),
    /// The person goes to another room or conversation.
    Show(Place),
    /// The person wants to talk to somebody alone.
    Talk(UserId, Arc<str>),
    /// Whether somebody looks at the page.
    Watched(bool),
    /// The person has seen the shown log up to an entry.
    Seen(EntryId),
    /// How the shown log is in view. It matters as long as there is a [divider](super::Client::follows_divider).
    Looked {
        /// Whether it is read at its end.
        is_at_end: bool,
        /// Whether the line before what is new is in view.
        is_divider_in_view: bool,
    },
    /// A hole in the shown log is in view.
    Fill(Hole),
    /// The list of rooms is looked at.
    Browse,
}

/// What an adapter is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make a connection, which resumes from here.
    Connect(Cursor),
    /// Give the connection up; there will be no `Closed` for it.
    Disconnect,
    /// Send a frame.
    Send(ClientFrame),
    /// Keep a text, in place of the one of its mark, where it survives the page and the person's other tabs see it.
    Keep(Outgoing),
    /// Let go of the text of this mark.
    LetGo(Arc<str>),
    /// See to it that this tab is the one of the person's that sends.
    ClaimSending,
    /// Another room or conversation is shown: by the person's doing (`true`), or because it had to be.
    Shown(Place, bool),
    /// Somebody wants the person's attention and does not have it.
    Alert(Alert),
    /// A command was done or refused.
    Answered(Answer),
    /// Wake the client at this moment of its clock, in milliseconds. A later one replaces an earlier one.
    WakeAt(u64),
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its mark.
    pub client_id: Arc<str>,
    /// Why it was not done; nothing, when it was.
    pub refusal: Option<Refusal>,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence.
    pub reason: Arc<str>,
    /// What may have been meant in place of a name in it.
    pub suggestion: Option<Arc<str>>,
}

/// Something that was said to the person while they looked elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Where.
    pub place: Place,
    /// The entry.
    pub id: EntryId,
    /// Who said it.
    pub from: Arc<str>,
    /// What.
    pub text: Arc<str>,
}
