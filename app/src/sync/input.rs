//! Inputs of a client, and the effects that an adapter carries out.

use super::{outbox::Outgoing, timeline::Gap};
use crate::protocol::{ClientFrame, CloseCode, Cursor, EntryId, Place, ServerFrame, UserId};
use std::sync::Arc;

/// An event for the client.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The page has started.
    Start,
    /// The connection is established.
    Opened,
    /// The server sent a frame.
    Frame(Box<ServerFrame>),
    /// The connection closed, or could not be established.
    Closed {
        /// Random number from 0 to 1 for [`delay_ms`](super::delay_ms).
        jitter: f64,
        /// Delay in milliseconds that the server asked for.
        wait_ms: Option<u64>,
        /// Close code of the server, if it sent one.
        code: Option<CloseCode>,
    },
    /// The time of the last [`Effect::WakeAt`] has come.
    Woke,
    /// The network may be back, or the page became visible: the client retries without further delay.
    RetryNow,
    /// The machine was asleep: an open connection counts as lost.
    Slept,
    /// The browser reports that it is offline.
    NetworkLost,
    /// The person sends a text, which may be a command.
    Say {
        /// Place in which the text was typed.
        place: Place,
        /// Text, validated by the caller.
        text: Arc<str>,
        /// Identifier of the text: 128 random bits, drawn by the caller.
        client_id: Arc<str>,
        /// Time of typing, in Unix milliseconds.
        at: u64,
    },
    /// The person edits or deletes an entry of their own.
    Amend {
        /// Place of the entry.
        place: Place,
        /// The entry.
        target: EntryId,
        /// New text, validated by the caller; `None` deletes the entry.
        text: Option<Arc<str>>,
        /// Identifier of the amendment, as for a text.
        client_id: Arc<str>,
        /// Time of the amendment, in Unix milliseconds.
        at: u64,
    },
    /// The person executes a command in the shown place with a button or a form.
    Command {
        /// Command to execute.
        order: Order,
        /// Identifier under which the outcome is reported.
        client_id: Arc<str>,
    },
    /// The person sends the refused text of this `client_id` again.
    Retry(Arc<str>),
    /// The person discards the refused text of this `client_id`.
    Discard(Arc<str>),
    /// The browser's storage holds these texts, written or changed by an earlier page or another tab.
    Restored(Vec<Outgoing>),
    /// Another tab removed the text of this `client_id` from the storage.
    Removed(Arc<str>),
    /// A text could not be stored.
    NotKept,
    /// The page warns the person with this sentence.
    Warn(Arc<str>),
    /// `true` if this tab is the one of the person's tabs that sends; the default is `true`.
    MaySend(bool),
    /// The person is typing in the shown place (`true`), or has emptied the composer.
    Typing(bool),
    /// The person dismisses the notice of this number.
    Dismiss(u64),
    /// The person opens another place.
    Show(Place),
    /// The person opens the conversation with this user.
    Talk(UserId, Arc<str>),
    /// `true` if the page became visible and focused, `false` if it no longer is.
    Watched(bool),
    /// The person has seen the shown log up to this entry.
    Seen(EntryId),
    /// The scroll position of the shown log, reported while there is a [divider](super::Client::follows_divider).
    Looked {
        /// `true` if the end of the log is in view.
        is_at_end: bool,
        /// `true` if the divider above the new entries is in view.
        is_divider_in_view: bool,
    },
    /// A gap of the shown log came into view.
    Fill(Gap),
    /// The list of rooms came into view.
    Browse,
}

/// A command of a button or a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Joins a room, which is created if necessary.
    Join(String),
    /// Leaves the shown room.
    Leave,
    /// Takes another name.
    Nick(String),
}

/// A task for an adapter.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Opens a connection that resumes from the cursor.
    Connect(Cursor),
    /// Closes the connection; no [`Input::Closed`] follows.
    Disconnect,
    /// Sends a frame.
    Send(ClientFrame),
    /// Stores a text, replacing the one with its `client_id`, so that it survives the page and other tabs see it.
    Persist(Outgoing),
    /// Removes the text of this `client_id` from the storage.
    Remove(Arc<str>),
    /// Makes this tab the one of the person's tabs that sends.
    ClaimSending,
    /// Shows another place: `true` if the person chose it, `false` if the client had to leave the former one.
    Shown(Place, bool),
    /// Alerts the person, who does not see the entry at this moment.
    Alert(Alert),
    /// Reports the deletion of an entry, of whose words nothing must be left anywhere.
    Deleted(EntryId),
    /// Reports the outcome of a command.
    Answered(Answer),
    /// Sends [`Input::Woke`] at this time of the client's clock, in milliseconds. A later effect replaces an earlier
    /// one.
    WakeAt(u64),
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Identifier of the command.
    pub client_id: Arc<str>,
    /// Reason of a refusal, `None` if the command was executed.
    pub refusal: Option<Refusal>,
}

/// The reason for which a command was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Sentence for the person.
    pub reason: Arc<str>,
    /// Name that may have been meant instead of the given one.
    pub suggestion: Option<Arc<str>>,
}

/// An entry that calls for the person's attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Place of the entry.
    pub place: Place,
    /// Identifier of the entry.
    pub id: EntryId,
    /// Name of the author.
    pub from: Arc<str>,
    /// Text of the entry.
    pub text: Arc<str>,
}
