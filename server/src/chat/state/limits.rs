//! Rate limits per address on this node. The limits per user are in `User::buckets`.

use crate::chat::{Address, rate_limit::Buckets};
use std::collections::BTreeMap;

/// The buckets of addresses. See the [module](self).
#[derive(Debug, Default)]
pub(in crate::chat) struct Limits {
    /// Buckets by address; an absent address has full buckets.
    pub(in crate::chat) addresses: BTreeMap<Address, Buckets>,
    /// Position of the incremental sweep that removes full buckets.
    pub(in crate::chat) swept_after: Option<Address>,
}
