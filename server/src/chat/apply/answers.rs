//! Answers of the journal: replies to the asker, and the end of pending requests.
//!
//! Invariant: an answer is handled after the facts of its change, and changes nothing that others see.

use crate::{
    chat::{
        Caller, Kind, Now, Outcome,
        engine::Chat,
        refusals::{
            Refused, client_id_used, no_such_entry, nobody, not_in_room, not_yours, taken, too_many_edits, unavailable,
        },
        state::{Owner, Pending},
    },
    journal::{Answer, JournalError, Ticket},
};
use app::protocol::{Entry, LogId, ServerFrame, UserId, UserName};
use std::sync::Arc;

impl Chat {
    /// Handles an answer of the journal. The facts up to the answer's position must have been applied.
    pub fn answered(&mut self, now: Now, ticket: Ticket, result: Result<Answer, JournalError>) {
        let Some(pending) = self.asked.pending.remove(&ticket) else {
            return;
        };
        match pending {
            Pending::SignIn { request, name } => {
                self.directory.names.remove(&name, Owner::Request(request));
                let reply = match result {
                    Ok(Answer::Created(user)) => Ok(Outcome::SignedIn(user)),
                    Ok(_) => Err(taken(&name)),
                    Err(error) => Err(unavailable(&error)),
                };
                self.reply(request, reply);
            }
            Pending::Rename { caller, user, name } => self.rename_answered(caller, user, &name, result),
            Pending::Forget { user } => self.forget_answered(now, user, result),
            Pending::EndSessions { request, sessions } => {
                for session in &sessions {
                    self.directory.ending.remove(session);
                }
                let reply = result.map(|_| Outcome::SignedOut(sessions)).map_err(|error| unavailable(&error));
                self.reply(request, reply);
            }
            Pending::Seen { users } => {
                if result.is_err() {
                    self.schedule.seen.extend(users);
                }
            }
            Pending::Join { caller, user, room, paid } => {
                if let Some(context) = paid.filter(|_| result != Ok(Answer::Joined { is_new: true })) {
                    self.give_back(context, Kind::Room);
                }
                self.settle(user, &room);
                if let Some(caller) = caller {
                    self.answer(caller, result, Outcome::Joined(room));
                }
            }
            Pending::Leave { caller, user, room } => {
                self.settle(user, &room);
                self.answer(caller, result, Outcome::Left(room));
            }
            Pending::Append { caller, author, log, client_id } => {
                self.append_answered(caller, author, &log, client_id, result);
            }
            Pending::LookupByClientId { caller, author, refused } => match result {
                Ok(Answer::Repeated(log, entry)) => self.repeat(caller, author, log, &entry),
                Ok(_) => self.refuse(caller, refused),
                Err(error) => self.refuse(caller, Refused { client_id: refused.client_id, ..unavailable(&error) }),
            },
            Pending::Presence { user } => self.presence_answered(now, user, &result),
            Pending::Gone { user } => self.gone_answered(now, user, &result),
            Pending::Unheard => {}
        }
    }

    /// Replies to the caller of a change that is stored or refused as a whole.
    pub(in crate::chat) fn answer(&mut self, caller: Caller, result: Result<Answer, JournalError>, done: Outcome) {
        match result {
            Ok(Answer::NoSuchUser) => self.refuse(caller, nobody()),
            Ok(_) => self.done(caller, done),
            Err(error) => self.refuse(caller, unavailable(&error)),
        }
    }

    fn rename_answered(&mut self, caller: Caller, user: UserId, name: &UserName, result: Result<Answer, JournalError>) {
        self.directory.names.remove(name, Owner::User(user));
        if result == Ok(Answer::NameTaken) {
            self.refuse(caller, taken(name));
        } else {
            self.answer(caller, result, Outcome::Stored);
        }
        // Later requests are checked against the last name in flight, or the user's own if none is.
        if let Some(state) = self.directory.users.get_mut(&user) {
            state.asked_names = state.asked_names.saturating_sub(1);
            if state.asked_names == 0 {
                state.asked_name = state.name.clone();
            }
        }
    }

    fn append_answered(
        &mut self,
        caller: Caller,
        author: UserId,
        log: &LogId,
        client_id: Option<Arc<str>>,
        result: Result<Answer, JournalError>,
    ) {
        let refused = match result {
            Ok(Answer::Repeated(log, entry)) => return self.repeat(caller, author, log, &entry),
            Ok(Answer::NotMember) => log.room().map_or_else(nobody, not_in_room),
            Ok(Answer::NoPeer) => self.peer_is_gone(author, log),
            Ok(Answer::ClientIdUsed) => client_id_used(),
            Ok(Answer::NoSuchEntry) => no_such_entry(),
            Ok(Answer::NotYours) => not_yours(),
            Ok(Answer::TooManyEdits) => too_many_edits(),
            Ok(_) => return self.done(caller, Outcome::Stored),
            Err(error) => unavailable(&error),
        };
        self.refuse(caller, Refused { client_id, ..refused });
    }

    /// Sends a stored entry again to a client that repeated its message because the echo was lost.
    pub(in crate::chat) fn repeat(&mut self, caller: Caller, author: UserId, log: LogId, entry: &Entry) {
        if let Some(connection) = caller.connection() {
            let frame = match log {
                LogId::Room(room) => ServerFrame::announcing(room, entry),
                LogId::Conversation(pair) => self.pm_sent(author, pair.other(author), entry),
            };
            self.send(connection, frame);
        }
        self.done(caller, Outcome::Stored);
    }
}
