//! Searches: the names of a query become the users and logs of the chat, and the journal finds the entries.

use super::{Address, Hub};
use crate::{
    chat::Chat,
    fair_queue::Busy,
    journal::{Author, Found, JournalError, Search},
    search::{Folded, Query, QueryError},
};
use app::protocol::{EntryId, LogId, Pair, Peer, RoomName, UserId, WireName};

/// Number of requests as which a search counts, beside the one that it is: a page of history is read in a part of a
/// millisecond, and a search in several.
const PRICE: u32 = 9;

/// The reason for which nothing was searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The rate limit of the user or the address is exceeded.
    #[error("too many searches")]
    TooFast {
        /// Milliseconds until the next search.
        wait_ms: u64,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Hub {
    /// Searches the rooms and a user's conversations for at most `limit` entries before one, in the turn of the address.
    /// It counts as several requests.
    ///
    /// # Errors
    /// Returns a [`SearchError`].
    pub async fn search(
        &self,
        address: Option<Address>,
        user: UserId,
        query: &Query,
        before: EntryId,
        limit: usize,
    ) -> Result<Found, SearchError> {
        let counted = self.with(|host, now| host.call(now, |chat| chat.count_request(now, Some(user), address, PRICE)));
        counted.map_err(|wait_ms| SearchError::TooFast { wait_ms })?;
        let search = self.ask(|chat| search_of(chat, user, query, before, limit))?;
        let _turn = self.reads.turn(address).await.map_err(|Busy| JournalError::Busy)?;
        Ok(self.journal.search(search).await?)
    }
}

fn search_of(chat: &Chat, reader: UserId, query: &Query, before: EntryId, limit: usize) -> Result<Search, QueryError> {
    let author = |name: &String| Author { user: chat.peer(name).map(|(user, _)| user), name: Folded::word(name) };
    let log_of = |name: &String| log_of(chat, reader, name).ok_or_else(|| QueryError::NoSuchPlace(name.clone()));
    Ok(Search {
        author: query.from.as_ref().map(author),
        log: query.within.as_ref().map(log_of).transpose()?,
        has_link: query.has_link,
        since: query.since,
        until: query.until,
        before,
        limit,
        ..Search::of(reader, query.words.clone())
    })
}

/// Returns the room of a name, or else the reader's conversation with the user of that name.
fn log_of(chat: &Chat, reader: UserId, name: &str) -> Option<LogId> {
    let conversation = |peer| LogId::Conversation(Pair::new(reader, peer));
    let named = |name: &str| chat.peer(name).map(|(peer, _)| conversation(peer));
    match WireName::parse(name)? {
        WireName::Room(name) => {
            let room = RoomName::parse(name).ok().filter(|room| chat.has_room(room));
            room.map(LogId::Room).or_else(|| named(name))
        }
        WireName::Conversation(Peer::Number(peer)) => Some(conversation(peer)),
        WireName::Conversation(Peer::Name(name)) => named(name),
    }
}
