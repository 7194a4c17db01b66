//! A search of the store: who searches, and what they find.

use crate::search::Folded;
use app::protocol::{Entry, EntryId, LogId, Timestamp, UserId, limits::SEARCH_RESULTS};

/// The author of the entries that are searched for: whoever is called so now, and whoever wrote under that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The user of the name.
    pub user: Option<UserId>,
    /// The name, folded.
    pub name: Vec<char>,
}

/// A search of the rooms and of a user's conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// User who searches.
    pub reader: UserId,
    /// Folded words, all of which an entry contains.
    pub words: Vec<Vec<char>>,
    /// Author of the entries, if not anybody.
    pub author: Option<Author>,
    /// Log of the entries, if not any.
    pub log: Option<LogId>,
    /// Only entries with a link.
    pub has_link: bool,
    /// Only entries from this time on.
    pub since: Option<Timestamp>,
    /// Only entries before this time.
    pub until: Option<Timestamp>,
    /// Only entries with smaller identifiers.
    pub before: EntryId,
    /// Maximum number of found entries.
    pub limit: usize,
}

impl Search {
    /// Returns a search by a user for folded words alone, from the newest entry on.
    #[must_use]
    pub const fn of(reader: UserId, words: Vec<Vec<char>>) -> Self {
        let (author, log, has_link, since, until) = (None, None, false, None, None);
        Self { reader, words, author, log, has_link, since, until, before: EntryId::MAX, limit: SEARCH_RESULTS }
    }

    /// Returns `true` if the user may read a log.
    #[must_use]
    pub fn may_read(&self, log: &LogId) -> bool {
        match log {
            LogId::Room(_) => true,
            LogId::Conversation(pair) => pair.users().contains(&self.reader),
        }
    }

    /// Returns `true` if an entry of a log in its present state is searched for.
    #[must_use]
    pub fn finds(&self, log: &LogId, entry: &Entry) -> bool {
        let is_by = |author: &Author| {
            author.user.is_some() && entry.user_id == author.user || Folded::of(&entry.from).chars() == author.name
        };
        self.may_read(log)
            && self.log.as_ref().is_none_or(|only| only == log)
            && searched_text(entry).is_some()
            && entry.id < self.before
            && self.since.is_none_or(|since| since <= entry.ts)
            && self.until.is_none_or(|until| entry.ts < until)
            && (!self.has_link || has_link(&entry.text))
            && self.author.as_ref().is_none_or(is_by)
            && contains_all(&entry.text, &self.words)
    }
}

fn contains_all(text: &str, words: &[Vec<char>]) -> bool {
    let folded = Folded::of(text);
    words.iter().all(|word| folded.contains(word))
}

/// Returns the text by which an entry is found; `None` for deleted entries, amendments and lines of the chat itself.
pub(super) fn searched_text(entry: &Entry) -> Option<&str> {
    entry.words().map(|_| &*entry.text)
}

/// Returns `true` if the page shows a link in a text.
pub(super) fn has_link(text: &str) -> bool {
    use app::markup::{Mark, Piece, is_plain, parse};
    if is_plain(text) {
        return false;
    }
    let mut has_link = false;
    for piece in &parse(text) {
        piece.walk(&mut |piece| {
            has_link |= matches!(piece, Piece::Link(_) | Piece::Marked { mark: Mark::Link(_), .. });
        });
    }
    has_link
}

/// The entries that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Entries with their logs, newest first.
    pub entries: Vec<(LogId, Entry)>,
    /// Entry before which the search goes on; `None` if it has come to its end.
    pub older: Option<EntryId>,
    /// `true` while the index is not made for all entries. The oldest are found when it is.
    pub is_indexing: bool,
}
