//! The chat: users, rooms, presence, fan-out. This module knows nothing of HTTP.
//!
//! [`Chat`] holds the rules and has no clock, socket or task: each method takes an event and the time, and queues
//! [`Effect`]s. [`Host`] carries the effects out: it owns the queues of the connections and feeds the journal's facts
//! and answers back into the rules. [`Hub`] is a host with a lock, a clock and tasks.
//!
//! Invariants:
//! - everything that must survive is submitted to the journal first, and reaches other people only after its commit:
//!   the frame is made from the journal's fact;
//! - entries of one room reach a connection in ascending `id`;
//! - a frame is encoded once, however many connections receive it;
//! - a connection that does not keep up is closed, and costs the others nothing.

mod apply;
mod clock;
mod effect;
mod engine;
mod error;
mod events;
mod host;
mod hub;
mod queue;
mod rate_limit;
mod refusals;
mod requests;
mod scripts;
mod sending;
mod state;
mod steps;
mod store_health;
mod time;

pub use apply::MissingFacts;
pub use clock::{Clock, calendar};
pub use effect::{
    Caller, CommandNumber, ConnectionId, Effect, Now, Outcome, Reply, RequestContext, RequestId, SystemEvent,
};
pub use engine::{Chat, RECENT_ENTRIES, Settings};
pub use error::HubError;
pub use events::{Event, KEPT_EVENTS, Watching};
pub use host::{Answering, Arrival, Behind, Closed, FrameQueue, Host, Lacking, Lost, Outside, PageRequest};
pub use hub::{Hub, SearchError, Subscription};
pub use queue::{Frames, HEAD_MAX, OWN_BYTES, Outlet, SHARED_BYTES, SharedFrames, Written, put_text};
pub(crate) use rate_limit::Bucket;
pub use rate_limit::{Address, Kind, RENAMES, ROOMS_A_DAY_MAX, Rate, Rates, rooms_in_a_day};
pub use refusals::Refused;
pub use requests::{Counts, Here, Missing, Need};
pub use time::PAGE_LEASE_MS;

#[cfg(test)]
pub(crate) mod tests;
