//! What people say in rooms.

use super::{Asking, Caller, Chat, Done, Kind, Pending, Refused, not_in_room, refusal};
use crate::{
    chat::Now,
    journal::{Change, Draft, Log, Outcome},
};
use app::{
    command::{self, Command},
    protocol::{Entry, EntryKind, ErrorCode, RoomName, ServerFrame, Text, TextError, UserId, limits::CLIENT_ID_MAX},
};
use std::sync::Arc;

impl Chat {
    /// A form posts a text: who is not in the room joins it by that, but not by a command. The request is answered.
    pub fn post(&mut self, asking: Asking, room: &RoomName, text: &str, client_id: Option<String>) {
        let says_something = !matches!(command::parse(text), Some(Err(_) | Ok(_))) || is_action(text);
        let entered = if says_something { self.enter(asking, false, room).map(drop) } else { Ok(()) };
        if let Err(refused) = entered.and_then(|()| self.say(asking, room.as_str(), text, client_id)) {
            self.refuse(asking.caller, refused);
        }
    }

    /// Somebody says something in a room, or types a command there.
    pub(super) fn say(
        &mut self,
        asking: Asking,
        room: &str,
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let marked = |refused| Refused { client_id: client_id.clone(), ..refused };
        let Some(text) = self.spoken(asking, text, client_id.as_ref()).map_err(marked)? else {
            return Ok(());
        };
        match command::parse(&text) {
            Some(Ok(command)) if command.is_said() => {
                self.run(asking, room, command, client_id.clone()).map_err(marked)
            }
            Some(Ok(command)) => self.run_marked(asking, room, command, client_id.as_ref()).map_err(marked),
            Some(Err(error)) => {
                let code = match error {
                    command::CommandError::Unknown(_) => ErrorCode::UnknownCommand,
                    command::CommandError::Usage(_) => ErrorCode::BadCommand,
                };
                Err(marked(refusal(code, error.to_string())))
            }
            None => {
                self.speak(asking, room, EntryKind::Message, command::plain(&text), client_id.clone()).map_err(marked)
            }
        }
    }

    /// Does what a command says whose echo is no answer: where it has a mark, its connection hears when it is done.
    fn run_marked(
        &mut self,
        asking: Asking,
        room: &str,
        command: Command<'_>,
        client_id: Option<&Arc<str>>,
    ) -> Result<(), Refused> {
        let (Some(mark), Caller::Connection(connection)) = (client_id, asking.caller) else {
            return self.run(asking, room, command, None);
        };
        let number = self.next_command;
        self.next_command += 1;
        self.commands.insert(number, Arc::clone(mark));
        let caller = Caller::Command(connection, number);
        self.run(Asking { caller, ..asking }, room, command, None).inspect_err(|_| drop(self.commands.remove(&number)))
    }

    /// What somebody is about to say, once it is found right; nothing, when it is nothing.
    pub(super) fn spoken(
        &mut self,
        asking: Asking,
        text: &str,
        client_id: Option<&Arc<str>>,
    ) -> Result<Option<Arc<str>>, Refused> {
        self.spend(asking, Kind::Message)?;
        if client_id.is_some_and(|mark| mark.is_empty() || mark.len() > CLIENT_ID_MAX) {
            let message = format!("A client_id has 1 to {CLIENT_ID_MAX} bytes.");
            return Err(refusal(ErrorCode::BadFrame, message));
        }
        match Text::parse(text) {
            Ok(text) => Ok(Some(text.into_inner())),
            Err(error @ TextError::TooLong(_)) => Err(refusal(ErrorCode::TooLong, error.to_string())),
            Err(TextError::Empty) => {
                self.done(asking.caller, Done::Stored);
                Ok(None)
            }
        }
    }

    /// Hands an entry for a room to the journal.
    pub(super) fn speak(
        &mut self,
        asking: Asking,
        room: &str,
        kind: EntryKind,
        text: &str,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        let Asking { now, caller, user, .. } = asking;
        let room = self.meant_room(room)?;
        if !self.users.get(&user).is_some_and(|state| state.rooms.contains(&room)) {
            return self.refuse_unless_stored(asking, client_id, (kind, text), not_in_room(&room));
        }
        let log = Log::Room(room);
        let draft = Draft {
            log: log.clone(),
            author: user,
            kind,
            text: text.into(),
            client_id: client_id.clone(),
            at: now.clock,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, author: user, log, client_id });
        Ok(())
    }

    /// Refuses, unless the text was stored before: then who sends it again hears the first answer again, whatever has
    /// changed since.
    pub(super) fn refuse_unless_stored(
        &mut self,
        Asking { caller, user: author, .. }: Asking,
        client_id: Option<Arc<str>>,
        (kind, text): (EntryKind, &str),
        refused: Refused,
    ) -> Result<(), Refused> {
        let Some(client_id) = client_id else {
            return Err(refused);
        };
        let refused = Refused { client_id: Some(Arc::clone(&client_id)), ..refused };
        let change = Change::Recall { author, client_id, kind, text: text.into() };
        self.submit(change, Pending::Recall { caller, author, refused });
        Ok(())
    }

    pub(super) fn appended(&mut self, now: Now, caller: Caller, author: UserId, log: Log, outcome: Outcome) {
        match (outcome, log) {
            (Outcome::Appended(entry), Log::Room(room)) => {
                self.stop_typing(author, &Log::Room(room.clone()));
                self.has_written(now, author);
                self.announce(&room, entry);
            }
            (Outcome::Appended(entry), Log::Conversation(pair)) => {
                self.stop_typing(author, &Log::Conversation(pair));
                self.has_written(now, author);
                self.tell_pair(now, pair, author, entry);
            }
            (Outcome::Repeated(log, entry), _) => {
                if let Some(connection) = caller.connection() {
                    let frame = match log {
                        Log::Room(room) => ServerFrame::announcing(room, &entry),
                        Log::Conversation(pair) => self.pm_sent(author, pair.other(author), &entry),
                    };
                    self.send(connection, frame);
                }
            }
            _ => {}
        }
        self.done(caller, Done::Stored);
    }

    /// A committed entry goes to everybody who is connected in its room.
    pub(super) fn announce(&mut self, room: &RoomName, entry: Entry) {
        self.last_id = self.last_id.max(entry.id);
        self.entries += 1;
        let frame = ServerFrame::announcing(room.clone(), &entry);
        let state = self.rooms.entry(room.clone()).or_default();
        state.active_at = entry.ts.max(state.active_at);
        state.tail.push(entry, self.settings.tail);
        self.used(&Log::Room(room.clone()));
        self.broadcast(room, &frame, None);
    }

    /// A user has something in the log, and so is remembered for longer.
    pub(super) fn has_entries(&mut self, now: Now, user: UserId) {
        if let Some(state) = self.users.get_mut(&user)
            && !std::mem::replace(&mut state.has_entries, true)
        {
            self.plan_forgetting(now, user);
        }
    }

    /// A user has written something, and so is one of those who can be away.
    fn has_written(&mut self, now: Now, user: UserId) {
        if let Some(state) = self.users.get_mut(&user) {
            state.has_written = true;
        }
        self.has_entries(now, user);
    }

    /// A line for one person to read, which is not stored.
    pub(super) fn tell(&mut self, caller: Caller, room: &str, text: String) {
        if let Some(connection) = caller.connection() {
            let room = self.meant_room(room).unwrap_or_else(|_| RoomName::general());
            self.send(connection, ServerFrame::notice(room, text.clone()));
        }
        self.done(caller, Done::Told(text));
    }
}

fn is_action(text: &str) -> bool {
    matches!(command::parse(text), Some(Ok(Command::Me { .. })))
}
