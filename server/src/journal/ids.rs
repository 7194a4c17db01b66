//! Identifiers of sessions, changes, facts and nodes.

use app::protocol::EntryId;

/// SHA-256 of a session's token: a reader of the store cannot take the session over.
pub type SessionHash = [u8; 32];

/// Identifier of a submitted change, chosen by the submitter.
pub type Ticket = u64;

/// Ticket of probes, and of the journal's own report that it cannot store. The rules number their changes from 1.
pub const PROBE: Ticket = 0;

/// Position of a fact in the order of all facts, from 1.
pub type Position = EntryId;

/// A process that serves connections over a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);
