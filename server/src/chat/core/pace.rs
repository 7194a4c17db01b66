//! How much anybody may ask for: tokens of the user and of the address, and an end to patience.

use super::{Chat, Refused, nobody, refusal};
use crate::chat::{Address, Asking, ConnectionId, Effect, Kind, Now, Rate, rates::Buckets};
use app::protocol::{CloseCode, ErrorCode, ErrorFrame};

/// Refusals that a connection may collect, and how many are forgiven in a second. One that goes on is closed.
pub(super) const STRIKES: Rate = Rate { per_second: 10, burst: 500 };

impl Chat {
    /// Takes a token of a kind from the user and from the address, or says when there will be one.
    pub(super) fn spend(&mut self, asking: Asking, kind: Kind) -> Result<(), Refused> {
        let wait = self.wait_of_address(asking.now, asking.address, kind);
        let now = asking.now.elapsed_ms;
        let state = self.users.get_mut(&asking.user).ok_or_else(nobody)?;
        let wait = wait.max(state.buckets.wait(now, &self.settings.rates, kind));
        if wait > 0 {
            return Err(too_fast(wait));
        }
        state.buckets.take(kind);
        if let Some(buckets) = asking.address.and_then(|address| self.addresses.get_mut(&address)) {
            buckets.take(kind);
        }
        Ok(())
    }

    pub(super) fn wait_of_address(&mut self, now: Now, address: Option<Address>, kind: Kind) -> u64 {
        let rates = self.settings.rates.of_address();
        address.map_or(0, |address| {
            let buckets = self.addresses.entry(address).or_insert_with(|| Buckets::full(now.elapsed_ms, &rates));
            buckets.wait(now.elapsed_ms, &rates, kind)
        })
    }

    pub(super) fn sweep_addresses(&mut self, now: Now) {
        if now.elapsed_ms < self.addresses_swept_at + 1_000 {
            return;
        }
        self.addresses_swept_at = now.elapsed_ms;
        let rates = self.settings.rates.of_address();
        self.addresses.retain(|_, buckets| !buckets.is_full(now.elapsed_ms, &rates));
    }

    /// A connection was refused for what it should know; one that goes on with it is closed.
    pub(super) fn strike(&mut self, now: Now, connection: ConnectionId) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if state.strikes.wait(now.elapsed_ms, STRIKES) > 0 {
            self.effects.push(Effect::Close { connection, code: CloseCode::Policy });
        } else {
            state.strikes.take();
        }
    }
}

pub(super) fn too_fast(wait_ms: u64) -> Refused {
    ErrorFrame {
        retry_after_ms: Some(wait_ms),
        ..refusal(ErrorCode::RateLimited, "Too fast. Wait a moment and try again.")
    }
}
