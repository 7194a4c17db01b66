//! Searches: the index chooses candidates, and each is read and looked at.

use super::{damage, log_name, number, reader, search_index::noted};
use crate::{
    journal::{Found, Search},
    search::{Facet, required},
};
use app::protocol::{Entry, EntryId, LogId, limits::CATCH_UP_BYTES};
use rusqlite::{Connection, OptionalExtension, Result, Row};

/// Upper bounds of the entries that one search reads, and of the bytes of their texts. Most searches read only what they
/// find; words that are in an entry, but not next to each other, and former texts are what others look at in vain.
const LOOKED_AT: usize = 1_000;
const LOOKED_AT_BYTES: usize = 1024 * 1024;

/// Maximum number of terms that are looked up, because each takes up to some milliseconds. An entry that has so many of
/// them most likely has the others.
const LOOKED_UP: usize = 16;

/// Deviation of the server's clock in milliseconds up to which searches by time find everything: a day. Entries are
/// looked up by the order in which they were stored, and a clock that was set back has made times that are not in order.
const CLOCK_OFF_MS: u64 = 86_400_000;

/// Searches the store.
pub(super) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let mut found = Found { is_indexing: noted(connection, "unindexed")? != Some(0), ..Found::default() };
    let Some(terms) = terms(connection, search)? else {
        return Ok(found);
    };
    let mut candidates = connection.prepare_cached(
        "SELECT rowid FROM search_terms WHERE search_terms MATCH ?1 AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC",
    )?;
    let since = search.since.map(|since| since.as_millis().saturating_sub(CLOCK_OFF_MS));
    let until = search.until.map(|until| until.as_millis().saturating_add(CLOCK_OFF_MS));
    let from = since.map_or(Ok(0), |since| first_since(connection, since))?;
    let before = until.map_or(Ok(search.before), |until| first_since(connection, until))?.min(search.before);
    let candidates = candidates.query_map((terms, number(from), number(before)), |row| row.get::<_, i64>(0))?;
    let (mut last, mut looked_at, mut found_bytes) = (0, 0, 0);
    for (count, id) in candidates.enumerate() {
        let id = id?;
        let is_full = found.entries.len() == search.limit || found_bytes >= CATCH_UP_BYTES;
        if is_full || count == LOOKED_AT || looked_at >= LOOKED_AT_BYTES {
            found.older = Some(last);
            break;
        }
        last = id.unsigned_abs();
        let Some((log, entry)) = entry(connection, id)? else { continue };
        looked_at += entry.text.len();
        if search.finds(&log, &entry) {
            found_bytes += entry.encoded_at_most();
            found.entries.push((log, entry));
        }
    }
    Ok(found)
}

/// Returns the first entry of a time in milliseconds or later, or the one that comes after all, if the times are in
/// order.
fn first_since(connection: &Connection, millis: u64) -> Result<EntryId> {
    let (mut before, mut first) = (0, reader::position(connection)?.saturating_add(1));
    let mut time = connection.prepare_cached("SELECT ts FROM entries WHERE id <= ?1 ORDER BY id DESC LIMIT 1")?;
    while first - before > 1 {
        let middle = before + (first - before) / 2;
        let time = time.query_row([number(middle)], |row| Ok(row.get_ref(0)?.as_i64().ok())).optional()?.flatten();
        if time.is_none_or(|time| time < number(millis)) {
            before = middle;
        } else {
            first = middle;
        }
    }
    Ok(first)
}

/// Reads an entry in its present state; `None` if it or the name of its log is damaged.
fn entry(connection: &Connection, id: i64) -> Result<Option<(LogId, Entry)>> {
    let read = |row: &Row<'_>| {
        let entry = damage::present(connection, row)?.ok();
        Ok(entry.and_then(|entry| Some((reader::log(row, damage::COLUMN_COUNT).ok()?, entry))))
    };
    let found = connection
        .prepare_cached(&format!("SELECT {}, {} FROM entries WHERE id = ?1", damage::COLUMNS, reader::LOG))?
        .query_row([id], read)
        .optional();
    match found {
        Err(error) if damage::is_damage(&error) => Ok(None),
        found => Ok(found?.flatten()),
    }
}

/// Returns the terms of a search in the language of FTS5; `None` if the log does not exist or is somebody else's.
fn terms(connection: &Connection, search: &Search) -> Result<Option<String>> {
    let quoted = |term: &str| format!("\"{term}\"");
    let any = |facets: &[Facet<'_>]| {
        let terms: Vec<_> = facets.iter().map(|facet| quoted(&facet.term())).collect();
        format!("({})", terms.join(" OR "))
    };
    let mut all = Vec::new();
    match &search.log {
        None => all.push(any(&[Facet::InARoom, Facet::Of(search.reader)])),
        Some(log) if !search.may_read(log) => return Ok(None),
        Some(log) => {
            let mut key = connection.prepare_cached("SELECT id FROM rooms WHERE name = ?1")?;
            let Some(key) = key.query_row([log_name::of(log)], |row| row.get(0)).optional()? else {
                return Ok(None);
            };
            all.push(any(&[Facet::In(key)]));
        }
    }
    if let Some(author) = &search.author {
        let user = author.user.map(Facet::By);
        all.push(any(&user.into_iter().chain([Facet::Under(&author.name)]).collect::<Vec<_>>()));
    }
    if search.has_link {
        all.push(any(&[Facet::Link]));
    }
    let of_words: Vec<String> = search.words.iter().flat_map(|word| required(word)).collect();
    // Those that are left out are spread over all words.
    let step = of_words.len().div_ceil(LOOKED_UP).max(1);
    all.extend(of_words.iter().step_by(step).map(|term| quoted(term)));
    Ok(Some(all.join(" AND ")))
}
