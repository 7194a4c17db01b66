//! The answer to `/rooms`: a frame with the list for a connection, a line for a request.

use crate::chat::{Outcome, RequestContext, engine::Chat};
use app::{command, protocol::limits::LISTED_ROOMS};

impl Chat {
    pub(in crate::chat) fn rooms(&mut self, RequestContext { caller, user, .. }: RequestContext) {
        if let Some(connection) = caller.connection() {
            self.send_room_list(connection);
            self.done(caller, Outcome::Stored);
        } else {
            let rooms = self.room_list(user, LISTED_ROOMS);
            let told = command::rooms(&rooms, self.listed_count());
            self.done(caller, Outcome::Told(told));
        }
    }
}
