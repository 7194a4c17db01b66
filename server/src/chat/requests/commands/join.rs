//! `/join`: the membership of a room, which is created if there is none of that name.

use crate::chat::{Kind, Outcome, RequestContext, engine::Chat, refusals::Refused};

impl Chat {
    pub(in crate::chat) fn join(&mut self, context: RequestContext, room: &str) -> Result<(), Refused> {
        self.spend(context, Kind::Join)?;
        let RequestContext { caller, user, .. } = context;
        let room = self.meant_room(room)?;
        let asked = self.enter(context, true, &room)?;
        // An existing member gets the `joined` frame at once.
        if !asked {
            if let Some(connection) = caller.connection() {
                let joined = self.just_joined(user, &room);
                self.send(connection, joined);
            }
            self.done(caller, Outcome::Joined(room));
        }
        Ok(())
    }
}
