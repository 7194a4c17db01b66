//! The durable log, behind one trait.
//!
//! A [`Change`] is a request to the journal. The [`rules`] decide its outcome: committed [`Fact`]s for everybody, and
//! an [`Answer`] for the requester. Others receive facts alone, so no frame can leave before its commit: the entry that
//! a frame announces does not exist earlier, since only the journal assigns `id` and `prev`.
//!
//! The trait does not assume that this process is the only writer: the journal assigns the identifiers of users and
//! entries and decides about names, and facts can stem from changes of other nodes.

mod change;
#[cfg(test)]
mod conformance;
mod fact;
mod ids;
#[cfg(test)]
pub(crate) mod memory;
pub mod rules;
mod search;
mod sqlite;

pub use change::{Change, Draft};
pub use fact::{Answer, Answered, Fact, Item, News, Placed};
pub use ids::{NodeId, PROBE, Position, SessionHash, Ticket};
pub use search::{Author, Found, Search};
pub use sqlite::{Findings, OpenError, READERS, SqliteJournal, Store, check, damaged_entries};

use app::protocol::{Entry, EntryId, LogId, Pair, RoomName, Timestamp, UserId, UserName};
use futures::future::BoxFuture;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

/// Capacity of the writer's queue, in changes. A full queue refuses changes with [`JournalError::Busy`].
pub const QUEUE: usize = 4_096;

/// Upper bound of reserved names. With at most 80 bytes each, these are 0.8 MB of names and about ten times as much
/// with their indexes. Beyond it, the oldest reservation is released.
pub const RESERVED_NAMES_MAX: usize = 10_000;

/// The reason for which a change was not made, or a page not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The queue of [`QUEUE`] changes is full, or a read waited too long for its turn.
    #[error("the journal has too much to do")]
    Busy,
    /// The journal is closed.
    #[error("the journal is closed")]
    Closed,
    /// Other nodes have declared this one dead; nothing of the change was stored.
    #[error("other nodes have taken this one for dead")]
    Fenced,
    /// A part of the store's file is damaged; nothing of the change was stored. Retries do not help.
    #[error("a part of the store's file is damaged, see `natter check`: {0}")]
    Damaged(String),
    /// The store failed, with the chain of causes; nothing of the change was stored.
    #[error("the store failed: {0}")]
    Store(String),
}

impl JournalError {
    /// Logs that a page could not be read. `Busy` is no failure of the store and is logged for debugging only; damage
    /// is logged once, since every read of the part meets it.
    pub fn log_reading(&self) {
        static HAS_TOLD_OF_DAMAGE: AtomicBool = AtomicBool::new(false);
        match self {
            Self::Damaged(_) if HAS_TOLD_OF_DAMAGE.swap(true, Ordering::Relaxed) => {}
            Self::Damaged(_) => {
                tracing::error!(error = %self, "a page of the log cannot be read; others are not named here");
            }
            Self::Busy => tracing::debug!("a page of the log was not read in time"),
            Self::Closed | Self::Fenced | Self::Store(_) => {
                tracing::error!(error = %self, "a page of the log could not be read");
            }
        }
    }

    /// Returns the sentence for people whose page could not be read.
    #[must_use]
    pub const fn to_a_reader(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "A part of the store is damaged, and these messages cannot be read.",
            Self::Busy | Self::Closed | Self::Fenced | Self::Store(_) => {
                "The history cannot be read right now. Please try again."
            }
        }
    }
}

/// The bounds of a page: the newest entries between `after` and `before`, both exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Lower bound, exclusive; 0 for none.
    pub after: EntryId,
    /// Upper bound, exclusive; [`EntryId::MAX`] for none.
    pub before: EntryId,
    /// Maximum number of entries that are shown. [`AMENDMENTS`] can be among them.
    pub limit: usize,
}

/// Maximum number of amendments in a page, and in memory of each log, beside the entries that are shown. Without a text
/// they are 160 kB, which leaves space in a page for the entries above them. Only a longer run of nothing but amendments,
/// of five entries at least, leaves a page without an entry that is shown.
pub const AMENDMENTS: usize = 500;

/// The space of a page that is filled from its newest entry on.
#[derive(Debug, Clone, Copy)]
pub struct PageSpace {
    /// Remaining entries that are shown.
    shown: usize,
    /// Remaining amendments.
    amendments: usize,
    /// Remaining bytes of encoded entries.
    bytes: usize,
    is_empty: bool,
}

impl PageSpace {
    /// Returns the space of a page of at most `limit` entries that are shown, [`AMENDMENTS`], and `bytes` bytes of encoded
    /// entries, or one longer entry.
    #[must_use]
    pub const fn of(limit: usize, bytes: usize) -> Self {
        Self { shown: limit, amendments: AMENDMENTS, bytes, is_empty: true }
    }

    /// Returns the maximum number of entries of a page, amendments included.
    #[must_use]
    pub const fn entries(limit: usize) -> usize {
        limit.saturating_add(AMENDMENTS)
    }

    /// Returns `true` if the page takes no further entry that is shown.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.shown == 0
    }

    /// Takes the next older entry in, of at most `size` encoded bytes. Returns `false` if the page ends before it.
    pub fn take(&mut self, is_shown: bool, size: usize) -> bool {
        let count = if is_shown { &mut self.shown } else { &mut self.amendments };
        let fits = *count > 0 && (self.bytes >= size || self.is_empty);
        if fits {
            *count -= 1;
            self.bytes = self.bytes.saturating_sub(size);
            self.is_empty = false;
        }
        fits
    }
}

/// A page of a log: at most [`CATCH_UP_BYTES`](app::protocol::limits::CATCH_UP_BYTES) of encoded entries, or one longer
/// entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Entries in their present state, oldest first, with the amendments among them. An edit that another amendment of the
    /// same entry follows has no text.
    pub entries: Vec<Entry>,
    /// `true` if the range contains older entries.
    pub more: bool,
}

/// A stored session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSession {
    /// Hash of the session's token.
    pub hash: SessionHash,
    /// Time of the last renewal; renewals happen at most once a day.
    pub renewed_at: Timestamp,
}

/// A stored user.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredUser {
    /// Identifier of the user.
    pub id: UserId,
    /// Name of the user.
    pub name: UserName,
    /// Rooms of which the user is a member.
    pub rooms: Vec<RoomName>,
    /// Read marks: the newest entry read, by log.
    pub reads: Vec<(LogId, EntryId)>,
    /// Sessions of the user.
    pub sessions: Vec<StoredSession>,
    /// `true` if the user has ever written an entry or received a private one.
    pub has_entries: bool,
    /// `true` if the user has ever written an entry.
    pub has_written: bool,
    /// `true` if the user signed in through the page's form.
    pub by_form: bool,
    /// Uptime of the server over all starts when the user was last connected, in milliseconds; stored hourly.
    pub seen_uptime_ms: u64,
    /// Lower bound of the newest entry up to which the user was sent everything.
    pub caught_up_to: EntryId,
}

/// A stored room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredRoom {
    /// Time of the creation.
    pub created_at: Timestamp,
    /// Identifier of the newest entry, 0 if there is none.
    pub head: EntryId,
    /// Time of the newest entry, or of the creation.
    pub active_at: Timestamp,
}

/// The state from which the chat starts. It contains no entries, only the identifiers of the newest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restored {
    /// Node that starts.
    pub node: NodeId,
    /// The log's epoch: a random string made with the store.
    pub epoch: String,
    /// Number of starts of the store, this one included.
    pub run: u64,
    /// Uptime of the server over all starts, in milliseconds; stored hourly.
    pub uptime_ms: u64,
    /// Position of the last stored fact. Another process may have seen later facts that are never stored, such as
    /// presence.
    pub position: Position,
    /// Identifier of the newest entry of all logs, 0 if there is none.
    pub last_id: EntryId,
    /// Number of entries in all logs.
    pub entries: u64,
    /// All users who are not forgotten.
    pub users: Vec<StoredUser>,
    /// Forgotten users with conversations, under their last names.
    pub forgotten: BTreeMap<UserId, UserName>,
    /// Names of forgotten authors, with the uptime of the deletion in milliseconds: the newest, at most
    /// [`RESERVED_NAMES_MAX`].
    pub reserved: Vec<(UserId, UserName, u64)>,
    /// All rooms.
    pub rooms: BTreeMap<RoomName, StoredRoom>,
    /// All conversations, each with the identifier of its newest entry.
    pub conversations: BTreeMap<Pair, EntryId>,
    /// Present users, each with the nodes to which they are connected.
    pub present: BTreeMap<UserId, BTreeSet<NodeId>>,
}

/// A durable log.
///
/// [`News`] arrives through the channel that is passed when a journal is opened: facts in order, and the answers to
/// this node in the order of submission.
pub trait Journal: Send + Sync + 'static {
    /// Queues a change without blocking.
    ///
    /// # Errors
    /// Returns [`JournalError::Busy`] if the queue is full and [`JournalError::Closed`] after [`Journal::close`]; no
    /// answer follows then.
    fn submit(&self, ticket: Ticket, change: Change) -> Result<(), JournalError>;

    /// Reads a page of a log, which is empty if the log does not exist.
    ///
    /// # Errors
    /// Returns [`JournalError::Store`] if the read fails and [`JournalError::Busy`] if too many reads wait.
    fn page(&self, log: &LogId, range: Range) -> BoxFuture<'static, Result<Page, JournalError>>;

    /// Reads a page with an entry in its middle, as far as the log has entries on both sides and they fit a page;
    /// `None` if the log has no such entry.
    ///
    /// # Errors
    /// As for [`Journal::page`].
    fn around(&self, log: &LogId, id: EntryId, limit: usize) -> BoxFuture<'static, Result<Option<Page>, JournalError>>;

    /// Reads the texts that an edited entry has had, oldest first: the entry as it was first stored, and its edits. They
    /// are none if the log has no such entry, or the entry was deleted or never edited.
    ///
    /// # Errors
    /// As for [`Journal::page`].
    fn versions(&self, log: &LogId, id: EntryId) -> BoxFuture<'static, Result<Vec<Entry>, JournalError>>;

    /// Searches the rooms and the conversations of a user, the newest entries first.
    ///
    /// # Errors
    /// As for [`Journal::page`].
    fn search(&self, search: Search) -> BoxFuture<'static, Result<Found, JournalError>>;

    /// Refuses further changes and blocks until every accepted change is committed and its news sent.
    fn close(&self);
}
