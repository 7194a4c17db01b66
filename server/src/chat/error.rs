//! Errors of the chat towards its callers.

use crate::journal::JournalError;

/// The reason for which a call failed; each message is a sentence for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The server is shutting down.
    #[error("The server is stopping.")]
    Stopping,
    /// The limit of connections or watchers is reached.
    #[error("The server is full. Try again later.")]
    AtCapacity,
    /// The user was forgotten between the authentication and this call.
    #[error("This session has ended.")]
    Forgotten,
    /// The store could not be read.
    #[error("The server can't read its store right now. Try again soon.")]
    Unreadable,
}

impl From<JournalError> for HubError {
    fn from(error: JournalError) -> Self {
        error.log_reading();
        Self::Unreadable
    }
}
