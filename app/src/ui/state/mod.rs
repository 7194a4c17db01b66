//! The page's state, which all views share: [`Live`].
//!
//! - [`start`]: the data that a page is rendered from; [`slice`](mod@slice): the slices of the state that the screen shows;
//! - [`live`]: inputs in, effects out, and the screen in step with the state machine; [`actions`]: the person's
//!   actions; [`selectors`]: queries of the views beside the slices they follow;
//! - [`lines`] and [`chunks`]: the list of entries as it is shown; [`announcer`]: its announcements for screen readers;
//! - [`driver`]: the interface to the browser; [`answers`]: callbacks for the answers to commands.

mod actions;
mod announcer;
mod answers;
mod chunks;
mod driver;
mod lines;
mod live;
mod selectors;
mod slice;
mod start;
mod theme;

pub use driver::{Badge, DraftKeeper, Driver, ScrollTarget, Target, keep_drafts_by};
pub use live::Live;
#[cfg(test)]
pub(in crate::ui) use start::empty_snapshot;
pub use start::{About, Draft, Start};
pub use theme::{HTTPS_ONLY, Theme};

pub(in crate::ui) use chunks::Chunk;
pub(in crate::ui) use lines::{Line, goes_on_behind};
pub(in crate::ui) use live::path;
