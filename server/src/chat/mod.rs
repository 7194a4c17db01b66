//! The chat: users, rooms, presence, fan-out. It knows nothing of HTTP.
//!
//! [`Chat`] is the rules, with no clock, socket or task of its own: a method takes what happened and the moment, and
//! leaves [`Effect`]s. [`Hub`] is the adapter around it: it holds the one lock, the queues of the connections and the
//! journal, and carries the effects out.
//!
//! Invariants:
//! - whatever must survive is submitted to the journal first, and nobody is told of it before it is committed: the
//!   frame is made from the journal's answer;
//! - entries of one room reach a connection in ascending `id`;
//! - a frame is encoded once, however many receive it;
//! - a connection that does not keep up is closed; it costs the others nothing.

mod cache;
mod core;
mod effect;
mod events;
mod hub;
mod names;
mod numbers;
mod queue;
mod rates;
mod room;
mod room_names;
mod scripts;
mod steps;
mod storing;
mod tail;
mod user;

pub use self::core::{Chat, Counts, Missing, Need, Refused, Settings, TAIL};
pub use effect::{Asking, Caller, CommandNumber, ConnectionId, Done, Effect, Now, Reply, RequestId, SystemEvent};
pub use events::{Event, KEPT_EVENTS, Watching};
pub use hub::{Closed, Hub, HubError, Subscription, clock};
pub use queue::{Frames, OWN_BYTES, SHARED_BYTES};
pub(crate) use rates::Bucket;
pub use rates::{Address, Kind, RENAMES, ROOMS_A_DAY_MAX, Rate, Rates, rooms_in_a_day};

#[cfg(test)]
pub(crate) mod tests;
