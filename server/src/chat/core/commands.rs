//! What each slash command does. The grammar is [`app::command`].

use super::{Asking, Chat, Done, Refused};
use app::{
    bidi::isolated,
    command::{self, Command},
    protocol::{EntryKind, limits::LISTED_ROOMS},
};
use std::sync::Arc;

impl Chat {
    /// Does what somebody typed in a room.
    pub(super) fn run(
        &mut self,
        asking: Asking,
        room: &str,
        command: Command<'_>,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        let caller = asking.caller;
        match command {
            Command::Help => self.tell(caller, room, command::help()),
            Command::Rooms => match caller.connection() {
                Some(connection) => {
                    self.send_room_list(connection);
                    self.done(caller, Done::Stored);
                }
                None => {
                    let rooms = self.room_list(asking.user, LISTED_ROOMS);
                    let told = command::rooms(&rooms, self.listed_count());
                    self.done(caller, Done::Told(told));
                }
            },
            Command::Users => match caller.connection() {
                Some(connection) => {
                    self.user_list(connection, room)?;
                    self.done(caller, Done::Stored);
                }
                None => {
                    let users = self.users_in(&self.known_room(room)?).unwrap_or_default();
                    let names: Vec<_> = users.iter().map(|user| isolated(&user.name)).collect();
                    let told = match names.join(", ") {
                        nobody if nobody.is_empty() => "Nobody is here right now.".to_owned(),
                        names => format!("Online: {names}"),
                    };
                    self.done(caller, Done::Told(told));
                }
            },
            Command::Join { room } => self.join(asking, room)?,
            Command::Leave => self.leave(asking, room)?,
            Command::Pm { to, text } => self.whisper(asking, self.conversation(asking.user, to), text, client_id)?,
            Command::Nick { name } => self.rename(asking, name)?,
            Command::Me { action } => self.speak(asking, room, EntryKind::Action, action, client_id)?,
        }
        Ok(())
    }
}
