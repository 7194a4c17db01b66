//! Messages and actions in rooms.

use crate::{
    chat::{
        Caller, Kind, Outcome, RequestContext,
        engine::Chat,
        refusals::{Refused, not_in_room, refusal},
        state::Pending,
    },
    journal::{Change, Draft},
};
use app::protocol::{
    EntryId, EntryKind, ErrorCode, LogId, RoomName, ServerFrame, Text, TextError, limits::CLIENT_ID_MAX,
};
use std::sync::Arc;

/// The content of an entry that a user wants to store.
#[derive(Debug, Clone, Copy)]
pub(in crate::chat) struct Content<'a> {
    pub(in crate::chat) kind: EntryKind,
    pub(in crate::chat) text: &'a str,
    /// Entry that is amended.
    pub(in crate::chat) target: Option<EntryId>,
}

impl Chat {
    /// Checks a text before it is sent. Returns `None` for an empty text, which is answered without an entry.
    pub(in crate::chat) fn spoken(
        &mut self,
        context: RequestContext,
        text: &str,
        client_id: Option<&Arc<str>>,
    ) -> Result<Option<Arc<str>>, Refused> {
        self.spend(context, Kind::Message)?;
        check_client_id(client_id)?;
        match Text::parse(text) {
            Ok(text) => Ok(Some(text.into_inner())),
            Err(error @ TextError::TooLong(_)) => Err(refusal(ErrorCode::TooLong, error.to_string())),
            Err(TextError::Empty) => {
                self.done(context.caller, Outcome::Stored);
                Ok(None)
            }
        }
    }

    /// Submits an entry of a room.
    pub(in crate::chat) fn speak(
        &mut self,
        context: RequestContext,
        room: &str,
        kind: EntryKind,
        text: &str,
        client_id: Option<Arc<str>>,
    ) -> Result<(), Refused> {
        let RequestContext { now, caller, user, .. } = context;
        let room = self.meant_room(room)?;
        // A form's text joins the room first, because the page without a script has no other way.
        if matches!(caller, Caller::Request(_)) {
            self.enter(context, false, &room)?;
        }
        if !self.directory.users.get(&user).is_some_and(|state| state.rooms.contains(&room)) {
            return self.refuse_unless_stored(
                context,
                client_id,
                Content { kind, text, target: None },
                not_in_room(&room),
            );
        }
        let log = LogId::Room(room);
        let draft = Draft {
            log: log.clone(),
            author: user,
            kind,
            text: text.into(),
            target: None,
            client_id: client_id.clone(),
            at: now.clock,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, author: user, log, client_id });
        Ok(())
    }

    /// Refuses a message unless an earlier copy is stored: then the repeat gets the first answer again, whatever has
    /// changed since.
    pub(in crate::chat) fn refuse_unless_stored(
        &mut self,
        RequestContext { caller, user: author, .. }: RequestContext,
        client_id: Option<Arc<str>>,
        Content { kind, text, target }: Content<'_>,
        refused: Refused,
    ) -> Result<(), Refused> {
        let Some(client_id) = client_id else {
            return Err(refused);
        };
        let refused = Refused { client_id: Some(Arc::clone(&client_id)), ..refused };
        let change = Change::LookupByClientId { author, client_id, kind, text: text.into(), target };
        self.submit(change, Pending::LookupByClientId { caller, author, refused });
        Ok(())
    }

    /// Sends a line to one person without storing it.
    pub(in crate::chat) fn tell(&mut self, caller: Caller, room: &str, text: String) {
        if let Some(connection) = caller.connection() {
            let room = self.meant_room(room).unwrap_or_else(|_| RoomName::general());
            self.send(connection, ServerFrame::notice(room, text.clone()));
        }
        self.done(caller, Outcome::Told(text));
    }
}

/// Checks the length of a `client_id`, 1 to [`CLIENT_ID_MAX`] bytes.
pub(in crate::chat) fn check_client_id(client_id: Option<&Arc<str>>) -> Result<(), Refused> {
    if client_id.is_some_and(|id| id.is_empty() || id.len() > CLIENT_ID_MAX) {
        let message = format!("A client_id has 1 to {CLIENT_ID_MAX} bytes.");
        return Err(refusal(ErrorCode::BadFrame, message));
    }
    Ok(())
}
