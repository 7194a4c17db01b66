//! The rows of the list: entries, headings of days, the divider, gaps.

use super::{acts, entry_text::entry_text, rich_text::rich_text};
use crate::{
    calendar,
    mention::is_mentioned,
    protocol::{Amended, Entry, EntryId, EntryKind, Place, RoomName},
    sync::{Gap, OutgoingState, Status},
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

/// The links of an entry at which the Tab key stops.
const IN_TAB_ORDER: &str = ":is(.when, [data-act]):not([tabindex])";

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
    /// New texts of entries that wait in the outbox, empty for deletions; the last one of an entry counts.
    pending: Vec<(EntryId, Arc<str>)>,
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
        pending: live.shown.outgoing.with(|items| {
            let waiting = items.iter().filter(|item| item.state == OutgoingState::Waiting);
            waiting.filter_map(|item| Some((item.target?, Arc::clone(&item.text)))).collect()
        }),
    };
    live.shown.log.with(|log| log.iter().map(|chunk| chunk_row(live, chunk, &context)).collect())
}

fn chunk_row(live: Live, chunk: &Chunk, context: &Context) -> Row {
    // Only other lines than entries depend on the day, on the connection and on the requested gaps.
    let is_plain = chunk.lines.iter().all(|line| matches!(line, Line::Entry(..)));
    let mut hasher = DefaultHasher::new();
    // The list of mentions may have the same entries as a room.
    (chunk.version, &context.place, &context.name, context.is_driven, &context.pending).hash(&mut hasher);
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
    /// The text that waits to replace the entry's, empty if the entry waits to be deleted.
    pending: Option<Arc<str>>,
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
                pending: context.pending.iter().rev().find(|(id, _)| *id == entry.id).map(|(_, text)| Arc::clone(text)),
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
        let Some(time) = row.as_ref().and_then(|row| row.query_selector("time").ok().flatten()) else { continue };
        let (text, title) = times(live, entry, *goes_on);
        time.set_text_content(Some(&text));
        // The names are valid attributes', so this cannot fail.
        drop(time.set_attribute("title", &title));
        while let Some(link) = row.as_ref().and_then(|row| row.query_selector(IN_TAB_ORDER).ok().flatten()) {
            if link.set_attribute("tabindex", "-1").is_err() {
                break;
            }
        }
    }
}

impl EntryRow {
    /// Renders the row. Its time is in UTC before hydration, as on the server, and in the person's time after it;
    /// `localize` writes the difference.
    fn html(&self, live: Live) -> Html {
        let Self { entry, goes_on, is_mine, pending, name, room } = self;
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
            .tag_if(entry.is_deleted(), " data-deleted")
            .tag(match pending.as_deref() {
                None => "",
                Some("") => r#" data-pending="delete""#,
                Some(_) => " data-pending",
            })
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
        if entry.is_deleted() {
            html.tag(r#"<div class="text">Message deleted</div></li>"#);
            return html;
        }
        html.tag(r#"<div class="text" dir="auto""#)
            // People's words are not translated, whatever their language.
            .tag_if(entry.kind != EntryKind::System, r#" translate="no""#)
            .tag_if(entry.amended.is_some(), " data-edited")
            .tag(">");
        match pending.as_ref().filter(|text| !text.is_empty()) {
            Some(text) if entry.kind == EntryKind::Action => {
                rich_text(html.tag("* ").name(&entry.from).tag(" "), text, name);
            }
            Some(text) => rich_text(&mut html, text, name),
            None => entry_text(&mut html, entry, name),
        }
        html.tag("</div>");
        let is_kept = pending.as_ref().is_none_or(|text| !text.is_empty());
        let is_own = *is_mine && room.is_none() && entry.kind.is_spoken() && is_kept;
        acts::links(&mut html, live, &there, entry.amended.is_some(), is_own);
        html.tag("</li>");
        html
    }
}

/// Returns the time of an entry in the person's hours, and in full with the time of its last edit.
fn times(live: Live, entry: &Entry, goes_on: bool) -> (String, String) {
    // A line without a head has little space for its time.
    let is_small = goes_on || entry.kind != EntryKind::Message;
    let time_of_day = if is_small { calendar::short_time_of_day } else { calendar::time_of_day };
    let (offset, hours) = (live.utc_offset(entry.ts), live.hour_cycle());
    let full = |ts| calendar::full(ts, live.utc_offset(ts), hours);
    let title = match entry.amended {
        Some(Amended { ts, deleted: false, .. }) => format!("{}, edited {}", full(entry.ts), full(ts)),
        Some(Amended { ts, .. }) => format!("{}, deleted {}", full(entry.ts), full(ts)),
        None => full(entry.ts),
    };
    (time_of_day(entry.ts, offset, hours), title)
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
