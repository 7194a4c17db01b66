//! The answer to `/help`.

use crate::chat::{RequestContext, engine::Chat};
use app::command;

impl Chat {
    pub(in crate::chat) fn help(&mut self, context: RequestContext, room: &str) {
        self.tell(context.caller, room, command::help());
    }
}
