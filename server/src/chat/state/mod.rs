//! The parts of the chat's state, each with its own invariants.

mod asked;
mod cache;
mod clients;
mod directory;
mod limits;
mod logs;
mod names;
mod numbers;
mod outgoing;
mod recent_entries;
mod room;
mod room_counts;
mod room_names;
mod schedule;
mod user;

pub(super) use asked::{Asked, Pending};
pub(super) use cache::Cache;
pub(super) use clients::{Clients, Connection};
pub(super) use directory::{Directory, Session};
pub(super) use limits::Limits;
pub(super) use logs::Logs;
pub(super) use names::{Names, Owner};
pub(super) use outgoing::Outgoing;
pub(super) use recent_entries::{CachedEntry, RecentEntries};
pub(super) use room::{Merged, PresenceBatch, Room};
pub(super) use room_counts::RoomCounts;
pub(super) use room_names::RoomNames;
pub(super) use schedule::Schedule;
pub(super) use user::User;
