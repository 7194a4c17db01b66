//! Bringing into memory what a call needs, beside everything else.
//!
//! A log is read once, however many wait for it: after a restart everybody comes back at once.

use super::Hub;
use crate::{
    chat::{Address, Missing, Need},
    journal::{JournalError, Log},
};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared as SharedFuture},
};
use std::{collections::HashMap, sync::Arc};

/// How often it is read on before a call is made with what there is. A page of the store is
/// [`CATCH_UP_BYTES`](app::protocol::limits::CATCH_UP_BYTES) of JSON at the most, which takes a sixth of it in memory when all
/// of it is control characters.
const ROUNDS: usize = 6;

/// A log that is being read.
type Load = SharedFuture<BoxFuture<'static, Result<(), JournalError>>>;

/// The logs that are being read.
#[derive(Default)]
pub(super) struct Loads(HashMap<Log, Load>);

impl Hub {
    /// Brings into memory what a call needs, in the turns of whoever asks.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be read.
    pub(super) async fn ready(&self, address: Option<Address>, need: Need<'_>) -> Result<(), JournalError> {
        if !need.is_any() {
            return Ok(());
        }
        for _ in 0..ROUNDS {
            let missing = self.with(|shared, now| shared.chat.missing(now, need));
            if missing.is_empty() {
                return Ok(());
            }
            for part in missing {
                self.load(address, part).await?;
            }
        }
        // So much is needed that it is let go of again before all of it is here.
        let is_blank = self.with(|shared, now| shared.chat.missing(now, need)).iter().any(|part| part.is_blank);
        if is_blank { Err(JournalError::Busy) } else { Ok(()) }
    }

    async fn load(&self, address: Option<Address>, part: Missing) -> Result<(), JournalError> {
        let Some(hub) = self.me.upgrade() else { return Err(JournalError::Closed) };
        let load = {
            let mut shared = self.lock();
            // Somebody else read it meanwhile.
            if !shared.chat.is_missing(&part) {
                return Ok(());
            }
            let load = shared.loads.0.entry(part.log.clone());
            load.or_insert_with(|| started(hub.read_part(address, part))).clone()
        };
        load.await
    }

    async fn read_part(
        self: Arc<Self>,
        address: Option<Address>,
        Missing { log, range, .. }: Missing,
    ) -> Result<(), JournalError> {
        let page = self.stored_page(address, &log, range).await;
        self.with(|shared, _| {
            shared.loads.0.remove(&log);
            page.map(|page| shared.chat.fill(&log, page.entries))
        })
    }
}

/// A read in a task of its own: whoever waits for it may go, and it comes to its end all the same.
fn started(read: impl Future<Output = Result<(), JournalError>> + Send + 'static) -> Load {
    let read = tokio::spawn(read);
    async move { read.await.unwrap_or_else(|error| Err(JournalError::Store(error.to_string()))) }.boxed().shared()
}
