//! The rows of the list: entries, headings of days, the divider, gaps.

use super::entry_text::entry_text;
use crate::{
    calendar,
    mention::is_mentioned,
    protocol::{Entry, EntryId, EntryKind, Place, RoomName},
    sync::{Gap, Status},
    ui::{
        state::{Chunk, Line, Live},
        widgets::{html::Html, list::Row},
    },
};
use leptos::prelude::*;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// The text of a gap that cannot be requested now.
pub(super) const LOADED_LATER: &str = "You're offline. Messages will load when you're back.";

/// The state on which rows depend beside their lines.
#[derive(Debug, Clone, Hash)]
struct Context {
    place: Place,
    name: Arc<str>,
    is_driven: bool,
    is_live: bool,
    today: Option<i64>,
    asked: Vec<(EntryId, EntryId)>,
}

/// Returns the rows of the list, one for each chunk.
pub(super) fn chunks(live: Live) -> Vec<Row> {
    let context = Context {
        place: live.shown.place.get(),
        name: live.shown.name.get(),
        is_driven: live.shown.is_driven.get(),
        is_live: live.shown.status.get() == Status::Live,
        today: live.shown.today.get(),
        asked: live.shown.asked.with(|asked| asked.iter().map(|gap| (gap.after, gap.before)).collect()),
    };
    live.shown.log.with(|log| log.iter().map(|chunk| chunk_row(live, chunk, &context)).collect())
}

fn chunk_row(live: Live, chunk: &Chunk, context: &Context) -> Row {
    // Only other lines than entries depend on the day, on the connection and on the requested gaps.
    let is_plain = chunk.lines.iter().all(|line| matches!(line, Line::Entry(..)));
    let mut hasher = DefaultHasher::new();
    // The list of mentions may have the same entries as a room.
    (chunk.version, &context.place, &context.name, context.is_driven).hash(&mut hasher);
    if !is_plain {
        context.hash(&mut hasher);
    }
    let (lines, context) = (Arc::clone(&chunk.lines), context.clone());
    let rows = move || lines.iter().map(|line| line_row(live, line, &context)).collect();
    Row::with_rows(chunk.first.to_string(), (r#"<ol class="chunk">"#, "</ol>"), hasher.finish(), rows)
}

/// An entry as it is shown.
#[derive(Debug, Hash)]
struct EntryRow {
    /// The whole entry: after a loss of the store another one may have the same id.
    entry: Arc<Entry>,
    /// `true` if the entry has no head.
    goes_on: bool,
    is_mine: bool,
    /// The person's name.
    name: Arc<str>,
    /// The entry's room, in the list of mentions.
    room: Option<RoomName>,
}

fn line_row(live: Live, line: &Line, context: &Context) -> Row {
    let html = match line {
        Line::Entry(entry, goes_on) => {
            let row = EntryRow {
                entry: Arc::clone(entry),
                goes_on: *goes_on,
                is_mine: entry.user_id == Some(live.me()),
                name: Arc::clone(&context.name),
                room: live.said_in(entry.id),
            };
            return Row::lazy(line.key(), row, move |row| row.html(live));
        }
        Line::Gap(gap) => gap_row(*gap, context),
        Line::Day(day, _) => mark_row(r#"<li class="day"><h2>"#, &calendar::day_label(*day, context.today)),
        Line::New(_) => mark_row(r#"<li class="new" id="new"><h2>"#, "New"),
    };
    Row::new(line.key(), html)
}

/// Returns the row of a line between entries.
fn mark_row(open: &'static str, label: &str) -> Html {
    let mut html = Html::default();
    html.tag(open).text(label).tag("</h2></li>");
    html
}

/// Writes the person's own times into the entries that the server has rendered with times in UTC, and takes their links
/// out of the Tab order, once the page is alive. Rendering their rows again would take far longer.
pub(super) fn localize(live: Live) {
    if !live.shown.is_driven.get() {
        return;
    }
    let document = document();
    for line in live.shown.log.get_untracked().iter().flat_map(|chunk| chunk.lines.iter()) {
        let Line::Entry(entry, goes_on) = line else { continue };
        let row = document.get_element_by_id(&element_id(entry.id));
        let Some(time) = row.and_then(|row| row.query_selector("time").ok().flatten()) else { continue };
        let (text, title) = times(live, entry, *goes_on);
        time.set_text_content(Some(&text));
        // The names are valid attributes', so this cannot fail.
        drop(time.set_attribute("title", &title));
        drop(time.parent_element().map(|link| link.set_attribute("tabindex", "-1")));
    }
}

impl EntryRow {
    /// Renders the row. Its time is in UTC before hydration, as on the server, and in the person's time after it;
    /// `localize` writes the difference.
    fn html(&self, live: Live) -> Html {
        let Self { entry, goes_on, is_mine, name, room } = self;
        let is_call = !is_mine && entry.kind != EntryKind::System && is_mentioned(&entry.text, name);
        let id = element_id(entry.id);
        let mut html = Html::default();
        html.tag(r#"<li class="entry""#)
            .attribute("id", &id)
            .attribute("data-id", &entry.id.to_string())
            .attribute("data-kind", entry.kind.as_str())
            .tag_if(*goes_on, " data-continues")
            .tag_if(*is_mine, " data-mine")
            .tag_if(is_call, " data-mention")
            .tag(r#" tabindex="-1">"#)
            .avatar(entry.user_id, &entry.from)
            .tag(r#"<span class="author" dir="auto" translate="no">"#)
            .text(&entry.from)
            .tag("</span>");
        let there = live.entry_path(entry.id);
        // With a script the Tab key does not stop at each entry, and Enter follows the link of the focused one.
        html.tag(r#"<a class="when" title="Link to this message""#)
            .tag_if(live.is_started(), r#" tabindex="-1""#)
            .attribute("href", &there)
            .tag(">");
        let (text, title) = times(live, entry, *goes_on);
        html.tag("<time")
            .attribute("datetime", &calendar::rfc3339(entry.ts))
            .attribute("title", &title)
            .tag(">")
            .text(&text)
            .tag("</time></a>");
        if let Some(room) = room {
            html.tag(r#"<a class="where""#).attribute("href", &there).tag(">#").text(room.as_str()).tag("</a>");
        }
        html.tag(r#"<div class="text" dir="auto""#)
            // People's words are not translated, whatever their language.
            .tag_if(entry.kind != EntryKind::System, r#" translate="no""#)
            .tag(">");
        entry_text(&mut html, entry, name);
        html.tag("</div></li>");
        html
    }
}

/// Returns the time of an entry in the person's hours, and in full.
fn times(live: Live, entry: &Entry, goes_on: bool) -> (String, String) {
    // A line without a head has little space for its time.
    let is_small = goes_on || entry.kind != EntryKind::Message;
    let time_of_day = if is_small { calendar::short_time_of_day } else { calendar::time_of_day };
    let (offset, hours) = (live.utc_offset(entry.ts), live.hour_cycle());
    (time_of_day(entry.ts, offset, hours), calendar::full(entry.ts, offset, hours))
}

fn element_id(id: EntryId) -> String {
    format!("e{id}")
}

/// Returns the row of a gap. After hydration a gap is requested once it is in view, so the Tab key does not stop at it.
fn gap_row(gap: Gap, context: &Context) -> Html {
    let is_asked = context.asked.contains(&(gap.after, gap.before));
    let label = match (is_asked, gap.after) {
        (true, _) if !context.is_live => LOADED_LATER,
        (true, _) => "Loading messages…",
        (false, 0) => "Older messages",
        (false, _) => "More messages",
    };
    let mut html = Html::default();
    html.tag(r#"<li class="gap""#)
        .attribute("data-after", &gap.after.to_string())
        .attribute("data-before", &gap.before.to_string())
        .tag_if(is_asked, " data-asked")
        .tag("><a")
        .attribute("href", &format!("?before={}", gap.before))
        .attribute("tabindex", if context.is_driven { "-1" } else { "0" })
        .tag(">")
        .tag(label)
        .tag("</a></li>");
    html
}
