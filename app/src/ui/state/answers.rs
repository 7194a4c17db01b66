//! Callbacks for the answers to commands, registered by the field where the command was typed.

use crate::sync::Answer;
use std::{cell::RefCell, sync::Arc};

/// Most commands with a waiting callback; past it the oldest callback is dropped. `/pm` and `/me` may wait in the outbox
/// for a connection.
const WAITING_MAX: usize = 64;

/// A callback for one answer.
type Answered = Box<dyn FnOnce(Answer)>;

thread_local! {
    /// Callbacks belong to one thread; the page's own state may change its thread on the server.
    static WAITING: RefCell<Vec<(Arc<str>, Answered)>> = const { RefCell::new(Vec::new()) };
}

/// Registers the callback for the answer to the command with this `client_id`.
pub(super) fn expect(client_id: Arc<str>, answered: Answered) {
    WAITING.with_borrow_mut(|waiting| {
        if waiting.len() == WAITING_MAX {
            drop(waiting.remove(0));
        }
        waiting.push((client_id, answered));
    });
}

/// Drops the callback of a command.
pub(super) fn forget(client_id: &str) {
    drop(take(client_id));
}

/// Hands an answer to its callback.
pub(super) fn deliver(answer: Answer) {
    if let Some(answered) = take(&answer.client_id) {
        answered(answer);
    }
}

fn take(client_id: &str) -> Option<Answered> {
    WAITING.with_borrow_mut(|waiting| {
        let at = waiting.iter().position(|(id, _)| **id == *client_id)?;
        Some(waiting.remove(at).1)
    })
}
