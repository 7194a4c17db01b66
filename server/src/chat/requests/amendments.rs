//! Edits and deletions of the user's own messages and actions.

use crate::{
    chat::{
        Kind, RequestContext,
        engine::Chat,
        refusals::{Refused, not_in_room, refusal},
        requests::messages::{Content, check_client_id},
        state::Pending,
    },
    journal::{Change, Draft},
};
use app::protocol::{EntryId, EntryKind, ErrorCode, LogId, Text};
use std::sync::Arc;

/// Price of an amendment in messages: it is sent to as many people, and takes a place in the log without being a line.
const PRICE: u32 = 3;

impl Chat {
    /// Submits the amendment of a form and answers the request. See [`Hub::amend`](crate::chat::Hub::amend).
    pub fn post_amendment(&mut self, context: RequestContext, name: &str, target: EntryId, text: Option<&str>) {
        if let Err(refused) = self.amend(context, name, target, text, None) {
            self.refuse(context.caller, refused);
        }
    }

    /// Submits an amendment of an entry in the log of a name; `None` deletes the entry.
    pub(in crate::chat) fn amend(
        &mut self,
        context: RequestContext,
        name: &str,
        target: EntryId,
        text: Option<&str>,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        let client_id: Option<Arc<str>> = client_id.map(Into::into);
        let identified = |refused| Refused { client_id: client_id.clone(), ..refused };
        self.checked_amendment(context, name, target, text, client_id.as_ref()).map_err(identified)
    }

    fn checked_amendment(
        &mut self,
        context: RequestContext,
        name: &str,
        target: EntryId,
        text: Option<&str>,
        client_id: Option<&Arc<str>>,
    ) -> Result<(), Refused> {
        let RequestContext { now, caller, user, .. } = context;
        self.spend_all(context, &[(Kind::Message, PRICE)])?;
        check_client_id(client_id)?;
        let (kind, text) = match text.map(Text::parse).transpose() {
            Ok(Some(text)) => (EntryKind::Edit, text.into_inner()),
            Ok(None) => (EntryKind::Delete, Arc::default()),
            Err(error) => return Err(refusal(ErrorCode::TooLong, error.to_string())),
        };
        let content = Content { kind, text: &text, target: Some(target) };
        let log = match self.log_by_wire_name(user, name) {
            Ok(LogId::Room(room)) if !self.is_member(user, &room) => Err(not_in_room(&room)),
            log => log,
        };
        let log = match log {
            Ok(log) => log,
            Err(refused) => return self.refuse_unless_stored(context, client_id.cloned(), content, refused),
        };
        let (author, client_id, at) = (user, client_id.cloned(), now.clock);
        let draft = Draft {
            log: log.clone(),
            author,
            kind,
            text: Arc::clone(&text),
            target: Some(target),
            client_id: client_id.clone(),
            at,
        };
        self.submit(Change::Append(draft), Pending::Append { caller, author, log, client_id });
        Ok(())
    }
}
