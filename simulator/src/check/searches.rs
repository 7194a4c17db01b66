//! The check of the search: each person finds exactly what is in the logs that they may read.

use crate::{broken::Broken, engine::Engine};
use app::protocol::{Entry, EntryId, LogId, UserId};
use natter_server::{journal::Search, search::Folded};
use std::collections::BTreeMap;

/// Words that are in the texts of people and in their edits.
const WORDS: [&str; 3] = ["text", "edit", "🧑‍🚀"];

pub(super) fn check(engine: &Engine, reader: UserId, logs: &BTreeMap<LogId, Vec<Entry>>) -> Result<(), Broken> {
    for word in WORDS {
        let mut search = Search::of(reader, vec![Folded::word(word)]);
        let finds = |search: &Search| {
            let entries =
                logs.iter().flat_map(|(log, entries)| entries.iter().filter(|entry| search.finds(log, entry)));
            let mut ids: Vec<EntryId> = entries.map(|entry| entry.id).collect();
            ids.sort_unstable_by(|one, other| other.cmp(one));
            ids
        };
        let (expected, mut found) = (finds(&search), Vec::new());
        loop {
            let page = engine.store.search(&search).map_err(|error| Broken(format!("a search failed: {error}")))?;
            found.extend(page.entries.iter().map(|(_, entry)| entry.id));
            match page.older {
                Some(older) => search.before = older,
                None => break,
            }
        }
        if found != expected {
            return Err(Broken(format!("{reader} finds {found:?} for {word}, where {expected:?} has it")));
        }
    }
    Ok(())
}
