//! Output of the rules.

use crate::chat::Effect;
use app::protocol::RoomName;

/// The output that the adapter has not taken yet. See the [module](self).
#[derive(Debug, Default)]
pub(in crate::chat) struct Outgoing {
    /// Tasks for the adapter, in order.
    pub(in crate::chat) effects: Vec<Effect>,
    /// Upper estimate of the frames that one receiver got since the effects were taken.
    pub(in crate::chat) told: usize,
    /// Removed rooms that are not broadcast yet.
    pub(in crate::chat) deleted: Vec<RoomName>,
}
