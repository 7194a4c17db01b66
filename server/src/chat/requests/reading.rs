//! Read marks, and pages of logs.

use crate::{
    chat::{
        Caller, ConnectionId, Effect, Kind, RequestContext,
        engine::Chat,
        refusals::{Refused, nobody, not_in_room, too_fast, unavailable},
        state::{Pending, RecentEntries},
    },
    journal::{Change, JournalError, Page, Range},
};
use app::protocol::{EntryId, History, LogId, ServerFrame, UserId, limits::READS_AT_ONCE};
use std::{cmp::Ordering, sync::Arc};

/// Retry delay in milliseconds for a connection that already waits for [`READS_AT_ONCE`] pages.
const READ_AGAIN_AFTER_MS: u64 = 100;

impl Chat {
    /// Moves a read mark for a connection. A request for the present mark is answered with the counts behind it, which
    /// the client cannot know after the amendment of an entry that it does not have.
    pub(in crate::chat) fn read_by(
        &mut self,
        connection: ConnectionId,
        user: UserId,
        name: &str,
        id: EntryId,
    ) -> Result<(), Refused> {
        if self.read(user, name, id)? == Ordering::Equal {
            let log = self.log_by_wire_name(user, name)?;
            let mark = self.read_mark(user, &log, self.read_up_to(user, &log));
            mark.into_iter().for_each(|mark| self.send(connection, ServerFrame::Read(mark)));
        }
        Ok(())
    }

    /// Moves a read mark. A mark never moves back, nor beyond the log's end. Returns the order of the request and the
    /// present mark.
    pub(in crate::chat) fn read(&mut self, user: UserId, name: &str, id: EntryId) -> Result<Ordering, Refused> {
        let log = self.log_by_wire_name(user, name)?;
        let head = match &log {
            LogId::Room(room) if self.is_member(user, room) => {
                self.logs.rooms.get(room).map_or(0, |state| state.recent.head())
            }
            LogId::Room(room) => return Err(not_in_room(room)),
            LogId::Conversation(pair) => self.logs.conversations.get(pair).map_or(0, RecentEntries::head),
        };
        let id = id.min(head);
        let state = self.directory.users.get(&user).ok_or_else(nobody)?;
        let order = id.cmp(&state.reads.get(&log).copied().unwrap_or(0));
        if order == Ordering::Greater {
            self.submit(Change::Read { user, log, id }, Pending::Unheard);
        }
        Ok(order)
    }

    /// Moves a read mark for a page without a script, which was rendered up to an entry.
    ///
    /// # Errors
    /// Returns the refusal if the user has no such log or the rate limit is exceeded.
    pub fn shown(&mut self, context: RequestContext, name: &str, id: EntryId) -> Result<(), Refused> {
        self.spend(context, Kind::Query)?;
        self.read(context.user, name, id).map(drop)
    }

    pub(in crate::chat) fn history(
        &mut self,
        connection: ConnectionId,
        user: UserId,
        name: String,
        range: Range,
    ) -> Result<(), Refused> {
        let log = self.log_by_wire_name(user, &name)?;
        let name = match &log {
            LogId::Room(room) => room.shared(),
            LogId::Conversation(_) => name.into(),
        };
        let page = match &log {
            LogId::Room(room) => self.page(room, range),
            LogId::Conversation(pair) => self.private_page(user, pair.other(user), range),
        };
        if let Some(page) = page {
            self.send_page(connection, name, page);
            return Ok(());
        }
        let Some(state) = self.clients.connections.get_mut(&connection) else {
            return Ok(());
        };
        if state.reads >= READS_AT_ONCE {
            return Err(too_fast(READ_AGAIN_AFTER_MS));
        }
        state.reads += 1;
        self.outgoing.effects.push(Effect::Read { connection, name, log, range });
        Ok(())
    }

    fn send_page(&mut self, connection: ConnectionId, name: Arc<str>, page: Page) {
        let history = History { room: name, messages: page.entries, more: page.more };
        self.send(connection, ServerFrame::History(history));
    }

    /// Sends a page that the journal has read; `name` is the connection's own name for the log.
    pub fn page_read(&mut self, connection: ConnectionId, name: Arc<str>, page: Result<Page, JournalError>) {
        if let Some(state) = self.clients.connections.get_mut(&connection) {
            state.reads = state.reads.saturating_sub(1);
        }
        match page {
            Ok(page) => self.send_page(connection, name, page),
            Err(error) => {
                error.log_reading();
                let refused = Refused { message: error.to_a_reader().to_owned(), ..unavailable(&error) };
                self.refuse(Caller::Connection(connection), refused);
            }
        }
    }
}
