//! Execution of typed texts and of commands. [`app::command`] has the grammar.
//!
//! The server's half of a command with an answer is in the file of its name here. A command that says something has
//! none: [`Command::reach`] decides where its text goes.
//!
//! Invariant: a text typed in a conversation is refused or stays private.

mod help;
mod join;
mod leave;
mod nick;
mod rooms;
mod users;

use crate::chat::{
    Caller, RequestContext,
    engine::Chat,
    refusals::{Refused, refusal},
    requests::messages::check_client_id,
};
use app::{
    command::{self, Command, ROOMS_ONLY, Reach, Speech},
    protocol::{EntryKind, ErrorCode, GENERAL, UserId},
};
use std::sync::Arc;

/// The place where a text is typed.
#[derive(Debug, Clone, Copy)]
pub enum Here<'a> {
    /// A room, by its name as sent.
    Room(&'a str),
    /// The conversation with a user, and that user's name at the time of the lookup.
    With(UserId, &'a str),
}

impl<'a> Here<'a> {
    /// Returns the room for answers: the place itself, or `general` for a conversation.
    pub(in crate::chat) const fn room(self) -> &'a str {
        match self {
            Self::Room(room) => room,
            Self::With(..) => GENERAL,
        }
    }
}

impl Chat {
    /// Posts the text of a form and answers the request.
    pub fn post(&mut self, context: RequestContext, here: Here<'_>, text: &str, client_id: Option<String>) {
        if let Err(refused) = self.typed(context, here, text, client_id) {
            self.refuse(context.caller, refused);
        }
    }

    /// Executes the command of a form and answers the request. The command is charged as a message.
    pub fn post_command(&mut self, context: RequestContext, here: Here<'_>, command: Command<'_>) {
        let spent = self.spend(context, super::Kind::Message);
        if let Err(refused) = spent.and_then(|()| self.execute(context, here, command, None)) {
            self.refuse(context.caller, refused);
        }
    }

    /// Executes a text: a command, or else a message.
    pub(in crate::chat) fn typed(
        &mut self,
        context: RequestContext,
        here: Here<'_>,
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let identified = |refused| Refused { client_id: client_id.clone(), ..refused };
        let Some(text) = self.spoken(context, text, client_id.as_ref()).map_err(identified)? else {
            return Ok(());
        };
        let command = match command::parse(&text) {
            Some(Ok(command)) => command,
            Some(Err(error)) => return Err(identified(refusal(error.code, error.message))),
            None if command::plain(&text).len() == text.len() => Command::Say(Speech::Place(text)),
            None => Command::Say(Speech::Place(command::plain(&text).into())),
        };
        self.execute(context, here, command, client_id.as_ref()).map_err(identified)
    }

    /// Executes a command that a connection sent as a frame of its own.
    pub(in crate::chat) fn commanded(
        &mut self,
        context: RequestContext,
        here: Here<'_>,
        command: Command<'_>,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        check_client_id(client_id.as_ref())?;
        let identified = |refused| Refused { client_id: client_id.clone(), ..refused };
        self.execute(context, here, command, client_id.as_ref()).map_err(identified)
    }

    pub(in crate::chat) fn execute(
        &mut self,
        context: RequestContext,
        here: Here<'_>,
        command: Command<'_>,
        client_id: Option<&Arc<str>>,
    ) -> Result<(), Refused> {
        if let (Here::With(..), Some(reason)) = (here, command.refusal_in_conversation()) {
            return Err(refusal(ErrorCode::BadCommand, reason));
        }
        // A message needs no `done` frame: its echo carries the `client_id`.
        let answered_id = client_id.filter(|_| command.reach() == Reach::Answer);
        self.with_client_id(context, answered_id, |chat, context| match command {
            Command::Help => {
                chat.help(context, here.room());
                Ok(())
            }
            Command::Rooms => {
                chat.rooms(context);
                Ok(())
            }
            Command::Users => chat.users(context, here.room()),
            Command::Join { room } => chat.join(context, room),
            Command::Leave => chat.leave(context, here.room()),
            Command::Nick { name } => chat.rename(context, name),
            Command::Say(speech) => chat.say(context, here, &speech, client_id.cloned()),
        })
    }

    /// Runs a command whose outcome a connection gets under its `client_id`, if there is one.
    fn with_client_id(
        &mut self,
        context: RequestContext,
        client_id: Option<&Arc<str>>,
        run: impl FnOnce(&mut Self, RequestContext) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let (Some(client_id), Caller::Connection(connection)) = (client_id, context.caller) else {
            return run(self, context);
        };
        let number = self.asked.next_command;
        self.asked.next_command += 1;
        self.asked.commands.insert(number, Arc::clone(client_id));
        let caller = Caller::Command(connection, number);
        run(self, RequestContext { caller, ..context }).inspect_err(|_| drop(self.asked.commands.remove(&number)))
    }

    pub(in crate::chat) fn say(
        &mut self,
        context: RequestContext,
        here: Here<'_>,
        speech: &Speech<'_>,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        match (speech, here) {
            (Speech::Room(kind, text), Here::Room(room)) => self.speak(context, room, *kind, text, client_id),
            (Speech::Place(text), Here::Room(room)) => self.speak(context, room, EntryKind::Message, text, client_id),
            (Speech::Place(text), Here::With(peer, name)) => {
                let pair = self.conversation_with(context.user, (Some(peer), name));
                self.send_private(context, pair, text, client_id)
            }
            (Speech::Person { to, text }, _) => {
                self.send_private(context, self.conversation(context.user, to), text, client_id)
            }
            (Speech::Room(..), Here::With(..)) => Err(refusal(ErrorCode::BadCommand, ROOMS_ONLY)),
        }
    }
}
