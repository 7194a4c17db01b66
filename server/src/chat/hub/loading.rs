//! Loading of the entries that a call needs, outside the chat's lock.
//!
//! Each log is read once, however many calls wait for it: after a restart all clients reconnect together.

use super::Hub;
use crate::{
    chat::{Address, Missing, Need, host::Lacking},
    journal::JournalError,
};
use app::protocol::LogId;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared as SharedFuture},
};
use std::{collections::HashMap, sync::Arc};

/// A read in flight, which several calls can await.
type Load = SharedFuture<BoxFuture<'static, Result<(), JournalError>>>;

/// The reads in flight, by log.
#[derive(Default)]
pub(super) struct Loads(HashMap<LogId, Load>);

impl Hub {
    /// Loads the entries that a call needs, in the turns of the caller's address.
    ///
    /// # Errors
    /// Returns the [`JournalError`] of a failed read, or [`JournalError::Busy`] if the entries do not fit into the
    /// cache.
    pub(super) async fn ready(&self, address: Option<Address>, need: Need<'_>) -> Result<(), JournalError> {
        for rounds in 0.. {
            match self.with(|host, now| host.lacking(now, need, rounds)) {
                Lacking::Nothing => break,
                Lacking::TooMuch => return Err(JournalError::Busy),
                Lacking::Parts(missing) => {
                    for part in missing {
                        self.load(address, part).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn load(&self, address: Option<Address>, part: Missing) -> Result<(), JournalError> {
        let Some(hub) = self.me.upgrade() else { return Err(JournalError::Closed) };
        let load = {
            let mut shared = self.lock();
            // Another call may have loaded the part in the meantime.
            if !shared.host.chat().is_missing(&part) {
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
        let mut shared = self.lock();
        let now = self.clock.now();
        shared.loads.0.remove(&log);
        page.map(|page| shared.host.fill(now, &log, page))
    }
}

/// Spawns a read as its own task, which completes even if every call that awaits it is dropped.
fn started(read: impl Future<Output = Result<(), JournalError>> + Send + 'static) -> Load {
    let read = tokio::spawn(read);
    async move { read.await.unwrap_or_else(|error| Err(JournalError::Store(error.to_string()))) }.boxed().shared()
}
