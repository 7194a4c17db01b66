//! The answer to `/users`: a frame with the list for a connection, a line for a request.

use crate::chat::{Outcome, RequestContext, engine::Chat, refusals::Refused};
use app::bidi::isolated;

impl Chat {
    pub(in crate::chat) fn users(
        &mut self,
        RequestContext { caller, .. }: RequestContext,
        room: &str,
    ) -> Result<(), Refused> {
        if let Some(connection) = caller.connection() {
            self.user_list(connection, room)?;
            self.done(caller, Outcome::Stored);
        } else {
            let users = self.users_in(&self.known_room(room)?).unwrap_or_default();
            let names: Vec<_> = users.iter().map(|user| isolated(&user.name)).collect();
            let told = match names.join(", ") {
                nobody if nobody.is_empty() => "Nobody is here right now.".to_owned(),
                names => format!("Online: {names}"),
            };
            self.done(caller, Outcome::Told(told));
        }
        Ok(())
    }
}
