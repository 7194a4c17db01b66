//! The durable log, behind one trait.
//!
//! Everything that must survive is a [`Change`]. The chat submits changes and hears of each, in the order of
//! submission, what became of it ([`Completion`]); only then may it tell anyone. So no frame can leave before its
//! commit: the entry that a frame announces does not exist earlier, since the journal alone gives out `id` and `prev`.
//!
//! The trait does not assume that this process is the only one that writes: users' numbers, names and entries' ids are
//! decided where the log is.

mod log;
mod sqlite;

pub use log::{Log, Pair};
pub use sqlite::{Findings, OpenError, READERS, SqliteJournal, Store, check, damaged_entries};

use app::protocol::{Entry, EntryId, EntryKind, RoomName, Timestamp, UserId, UserName};
use futures::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Changes that may wait for the writer at once. Past it, submitting fails with [`JournalError::Busy`].
pub const QUEUE: usize = 4_096;

/// Names of forgotten users that are reserved at once. With names of 80 bytes at the most, that is 0.8 MB of names, and some
/// ten times as much with what is noted of each. Past it, the name that is reserved for longest is free.
pub const RESERVED_NAMES_MAX: usize = 10_000;

/// A session's token as it is stored: its SHA-256, so that who reads the store cannot take a session over.
pub type SessionHash = [u8; 32];

/// The number by which a submitter recognises its change.
pub type Ticket = u64;

/// The ticket of every probe, and of the journal's own word that it cannot store. The rules number their changes from 1.
pub const PROBE: Ticket = 0;

/// Something that must survive.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new user with a first session, in the room `general`, which counts as read.
    CreateUser {
        /// The name, which no other user may have.
        name: UserName,
        /// The session.
        session: SessionHash,
        /// Whether the user came in by the page's form.
        by_form: bool,
        /// When.
        at: Timestamp,
    },
    /// A user takes another name, which a line in each of some rooms tells: those of them that are there.
    Rename {
        /// Who.
        user: UserId,
        /// The name, which no other user may have.
        name: UserName,
        /// The rooms.
        rooms: Vec<RoomName>,
        /// When.
        at: Timestamp,
    },
    /// A user is no more: the name, the sessions, the memberships and the read marks are gone. The entries stay.
    Forget {
        /// Who.
        user: UserId,
        /// Only if there are no entries.
        only_silent: bool,
        /// For how long the server has run by then, over all its starts, in milliseconds.
        uptime_ms: u64,
    },
    /// Users are, or were lately, connected.
    Seen {
        /// Who, and up to which entry they were sent everything.
        users: Vec<(UserId, EntryId)>,
        /// When.
        at: Timestamp,
        /// For how long the server has run by then, over all its starts, in milliseconds.
        uptime_ms: u64,
    },
    /// A user becomes a member of a room, which is made if it is not there. What was said in it before counts as read.
    Join {
        /// Who.
        user: UserId,
        /// Where.
        room: RoomName,
        /// When.
        at: Timestamp,
    },
    /// A user stops being a member of a room. A room without members and entries is removed, but for the default ones.
    Leave {
        /// Who.
        user: UserId,
        /// Where.
        room: RoomName,
    },
    /// A new entry, in a room that the author is a member of, or in a conversation.
    Append(Draft),
    /// Nothing new: did this author store this text under this mark?
    Recall {
        /// Who.
        author: UserId,
        /// The mark.
        client_id: Arc<str>,
        /// A message, or an action.
        kind: EntryKind,
        /// The text, as in a [`Draft`].
        text: Arc<str>,
    },
    /// Sessions are over.
    EndSessions {
        /// Which.
        sessions: Vec<SessionHash>,
    },
    /// A session was used, so that its browser keeps it for as long again.
    RenewSession {
        /// The session.
        session: SessionHash,
        /// When.
        at: Timestamp,
    },
    /// A user has read a log up to an entry.
    Read {
        /// Who.
        user: UserId,
        /// Which log.
        log: Log,
        /// The entry; one before the mark that is there changes nothing.
        id: EntryId,
    },
    /// Nothing that anybody sees. It writes as much as any entry needs, so that where it is stored, entries are.
    Probe,
}

/// Something that somebody says, before it has its place in the log. It is stored under the name that its author has in
/// that place, which the log alone knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Which log.
    pub log: Log,
    /// Who says it.
    pub author: UserId,
    /// A message, or an action.
    pub kind: EntryKind,
    /// What. An action is stored with the author's name before it: `* Alice waves`.
    pub text: Arc<str>,
    /// The sender's own mark: the same text of the same author under the same one is stored once.
    pub client_id: Option<Arc<str>>,
    /// When.
    pub at: Timestamp,
}

/// What became of a change that was committed.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A user was made, with this number.
    Created(UserId),
    /// Nothing was changed: somebody has the name.
    NameTaken,
    /// A user has the name, and these are the lines.
    Renamed(Vec<(RoomName, Entry)>),
    /// A user is a member.
    Joined {
        /// Whether the room was made for it.
        is_new: bool,
    },
    /// A user is not a member any more, or is forgotten; these rooms are removed.
    Left(Vec<RoomName>),
    /// Nothing was stored: the author is not a member of the room, or there is no such room.
    NotMember,
    /// The change is made, or was made before, or there was nothing to do.
    Done,
    /// A new entry.
    Appended(Entry),
    /// Nothing was stored: this author stored this very text under this mark before, and this is its entry, with its log.
    Repeated(Log, Entry),
    /// Nothing was stored: this author stored another text under this mark, or the same one elsewhere.
    MarkUsed,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// [`QUEUE`] changes wait already, or as many readers that none came to its turn in time.
    #[error("the journal has too much to do")]
    Busy,
    /// The journal is closed.
    #[error("the journal is closed")]
    Closed,
    /// A part of the store's file is damaged, which stays so; nothing of the change was kept.
    #[error("a part of the store's file is damaged, see `natter check`: {0}")]
    Damaged(String),
    /// The store failed, with the whole cause; nothing of the change was kept.
    #[error("the store failed: {0}")]
    Store(String),
}

impl JournalError {
    /// Logs that a page could not be read. That too many read is no fault of the store, and would fill the log, as would
    /// damage, which is there at each reading.
    pub fn log_reading(&self) {
        static HAS_TOLD_OF_DAMAGE: AtomicBool = AtomicBool::new(false);
        match self {
            Self::Damaged(_) if HAS_TOLD_OF_DAMAGE.swap(true, Ordering::Relaxed) => {}
            Self::Damaged(_) => {
                tracing::error!(error = %self, "a page of the log cannot be read; others are not named here");
            }
            Self::Busy => tracing::debug!("a page of the log was not read in time"),
            Self::Closed | Self::Store(_) => tracing::error!(error = %self, "a page of the log could not be read"),
        }
    }

    /// What people are told who wanted to read a page.
    #[must_use]
    pub const fn to_a_reader(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "A part of the store is damaged, and these messages cannot be read.",
            Self::Busy | Self::Closed | Self::Store(_) => "The history cannot be read right now. Please try again.",
        }
    }
}

/// The answer to a submitted change.
#[derive(Debug)]
pub struct Completion {
    /// Which change.
    pub ticket: Ticket,
    /// What became of it.
    pub result: Result<Outcome, JournalError>,
}

/// The bounds of a page of a log: the newest `limit` entries between `after` and `before`, both exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Only greater ids; 0 for no bound.
    pub after: EntryId,
    /// Only smaller ids; [`EntryId::MAX`] for no bound.
    pub before: EntryId,
    /// How many at the most.
    pub limit: usize,
}

/// A page of a log: at most [`CATCH_UP_BYTES`](app::protocol::limits::CATCH_UP_BYTES) of entries, or one entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Whether older ones exist within the bounds.
    pub more: bool,
}

/// A session as the store holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSession {
    /// The hash of its token.
    pub hash: SessionHash,
    /// When it was last renewed, to the day.
    pub renewed_at: Timestamp,
}

/// A user as the store holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredUser {
    /// The number.
    pub id: UserId,
    /// The name.
    pub name: UserName,
    /// The rooms the user is a member of.
    pub rooms: Vec<RoomName>,
    /// How far the user has read which log.
    pub reads: Vec<(Log, EntryId)>,
    /// Whose tokens lead to the user.
    pub sessions: Vec<StoredSession>,
    /// Whether the user ever wrote something, or was written to alone.
    pub has_entries: bool,
    /// Whether the user ever wrote something.
    pub has_written: bool,
    /// Whether the user came in by the page's form.
    pub by_form: bool,
    /// For how long the server had run, over all its starts, when the user was last connected: in milliseconds, to the
    /// hour.
    pub seen_uptime_ms: u64,
    /// Up to which entry the user was sent everything, at the least.
    pub caught_up_to: EntryId,
}

/// A room as the store holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredRoom {
    /// When it was made.
    pub created_at: Timestamp,
    /// Its newest entry, 0 for none.
    pub head: EntryId,
    /// When something was last said in it, or when it was made.
    pub active_at: Timestamp,
}

/// Everything that the chat starts from: of the entries, none but the numbers of the newest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restored {
    /// The log's life: a random string made with the store.
    pub epoch: String,
    /// How often the store was opened, this time with it.
    pub run: u64,
    /// For how long the server has run, over all its starts, in milliseconds, to the hour.
    pub uptime_ms: u64,
    /// The newest entry of all logs, 0 for none.
    pub last_id: EntryId,
    /// How many entries there are in all logs.
    pub entries: u64,
    /// All users that are not forgotten.
    pub users: Vec<StoredUser>,
    /// Users that are forgotten and had a conversation, with the names that they had last.
    pub forgotten: BTreeMap<UserId, UserName>,
    /// The names of users who wrote something and were forgotten, with the uptime at which that was, in
    /// milliseconds: the newest, [`RESERVED_NAMES_MAX`] at the most.
    pub reserved: Vec<(UserId, UserName, u64)>,
    /// All rooms.
    pub rooms: BTreeMap<RoomName, StoredRoom>,
    /// All conversations, each with its newest entry.
    pub conversations: BTreeMap<Pair, EntryId>,
}

/// A durable log.
///
/// Completions come through the channel that is handed over when a journal is opened, in the order of submission.
pub trait Journal: Send + Sync + 'static {
    /// Puts a change in line. It does not wait.
    ///
    /// # Errors
    /// [`JournalError::Busy`] when the line is full and [`JournalError::Closed`] after [`Journal::close`]; no
    /// completion follows then.
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError>;

    /// Reads a page of a log; one that is not there has no entries.
    ///
    /// # Errors
    /// [`JournalError::Store`] when it cannot be read, [`JournalError::Busy`] when too many read.
    fn page(&self, log: &Log, range: Range) -> BoxFuture<'static, Result<Page, JournalError>>;

    /// Takes no more changes, and returns when all that were taken are committed and their completions sent. It
    /// blocks.
    fn close(&self);
}
