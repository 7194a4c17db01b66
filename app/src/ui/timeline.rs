//! The entries of a room or conversation, what is missing between them, and what is on its way.

use super::{
    avatar::{avatar, initial},
    driver::{ScrollTarget, Target},
    dynamic::{Item, Words, flag, list, words},
    entry_text::entry_text,
    lines::{Line, goes_on_behind},
    list::List,
    live::Live,
    stretches::Stretch,
};
use crate::{
    bidi::isolated,
    calendar,
    mention::is_mentioned,
    protocol::{Entry, EntryId, EntryKind},
    sync::{Hole, Input, Outgoing, Place, Status},
};
use leptos::{either::EitherOf3, ev, prelude::*};
use std::sync::Arc;

/// What stands where messages would, as long as they cannot be asked for.
const LOADED_LATER: &str = "You're offline. Messages will load when you're back.";

/// The log. The scrolling box lays its one child out from the end, so it opens at the newest entry and stays there,
/// without a script.
#[component]
pub(super) fn Timeline(
    /// The path of the newest entries, where the page was rendered with older ones.
    older: Option<String>,
) -> impl IntoView {
    view! {
        <div class="timeline">
            <div class="scroll" tabindex="0" aria-label="Messages" role="region">
                <div class="log" role="log" aria-live="off" aria-label="New messages">
                    <Log />
                </div>
            </div>
            <div class="jumps">
                <Jumps />
                {older
                    .map(|newest| {
                        view! {
                            <a class="jump jump-newest" href=newest>
                                "Back to the newest"
                            </a>
                        }
                    })}
            </div>
        </div>
    }
}

#[island]
fn Log() -> impl IntoView {
    let live = Live::shared();
    let log = move || {
        let update = |live, now: &Stretch, shown: &mut _| stretch(live, now).rebuild(shown);
        List::of_changing(live, live.log.with(|log| log.as_slice().into()), stretch, update)
    };
    let outgoing = move || {
        let (me, name, last) = (live.me(), live.name.get(), live.log.with(|log| last_entry(log)));
        let item = |(at, item): (usize, &Outgoing)| {
            let goes_on = at > 0 || last.as_ref().is_some_and(|last| goes_on_behind(last, me, &name, item.at));
            Item::Outgoing(item.clone(), goes_on)
        };
        live.outgoing.with(|items| items.iter().enumerate().map(item).collect())
    };
    view! {
        <p class="empty" hidden=flag(move || !is_empty(live))>
            {words(move || nothing_yet(live))}
        </p>
        <div id="entries" data-new-seen=flag(move || live.is_new_seen.get())>
            {log}
        </div>
        <ol id="outgoing">{list(live, outgoing)}</ol>
    }
}

#[island]
fn Jumps() -> impl IntoView {
    let live = Live::shared();
    let to_new = move |event: ev::MouseEvent| {
        event.prevent_default();
        live.scroll_to(ScrollTarget::New);
    };
    let to_end = move |_| {
        live.scroll_to(ScrollTarget::End);
        live.focus(Target::Log);
    };
    view! {
        <a class="jump jump-new" href="#new" hidden=flag(move || !live.is_new_above.get() || live.is_new_seen.get()) on:click=to_new>
            "New"
        </a>
        <button type="button" class="jump jump-latest" hidden=flag(move || live.is_at_end.get()) on:click=to_end>
            {words(move || latest(live.unread.get()))}
        </button>
    }
}

fn stretch(live: Live, stretch: &Stretch) -> impl IntoView + use<> {
    view! { <ol class="stretch">{List::new(live, Arc::clone(&stretch.lines), row)}</ol> }
}

fn row(live: Live, line: &Line) -> impl IntoView + use<> {
    match line {
        Line::Entry(entry, goes_on) => EitherOf3::A(entry_row(live, entry, *goes_on)),
        Line::Hole(hole) => EitherOf3::B(hole_row(live, *hole)),
        Line::Day(day, _) => {
            let day = *day;
            EitherOf3::C(mark_row("day", None, words(move || calendar::day_label(day, live.today.get()))))
        }
        Line::New(_) => EitherOf3::C(mark_row("new", Some("new"), words(|| "New".to_owned()))),
    }
}

fn last_entry(log: &[Stretch]) -> Option<Arc<Entry>> {
    match log.last()?.lines.last()? {
        Line::Entry(entry, _) => Some(Arc::clone(entry)),
        _ => None,
    }
}

fn is_empty(live: Live) -> bool {
    live.log.with(Vec::is_empty) && live.outgoing.with(Vec::is_empty)
}

/// What stands where the entries would.
fn nothing_yet(live: Live) -> String {
    if live.is_unknown.get() && live.is_driven.get() {
        let words = match live.status.get() {
            Status::Live => "Loading messages…",
            _ => LOADED_LATER,
        };
        return words.to_owned();
    }
    let title = live.title.get();
    let title = isolated(&title);
    match live.place.get() {
        Place::Room(_) => format!("No messages in #{title} yet. Write the first one."),
        Place::With(_) => format!("Only you and {title} can see this."),
        Place::Mentions => "Nobody has mentioned you in your rooms lately.".to_owned(),
    }
}

fn latest(unread: usize) -> String {
    match unread {
        0 => "Jump to the latest".to_owned(),
        1 => "1 new message".to_owned(),
        more => format!("{more} new messages"),
    }
}

/// A line between entries: a day that begins, or what is new.
fn mark_row(class: &'static str, id: Option<&'static str>, words: Words) -> impl IntoView {
    view! {
        <li class=class id=id>
            <h2>{words}</h2>
        </li>
    }
}

/// The times that the server renders are UTC, which is all that it can know; the browser sets them by the person's
/// clock when the page comes alive, and renders all others so.
fn entry_row(live: Live, entry: &Entry, goes_on: bool) -> impl IntoView + use<> {
    let kind = match entry.kind {
        EntryKind::Message => "message",
        EntryKind::Action => "action",
        EntryKind::System => "system",
    };
    let (ts, offset, hours) = (entry.ts, live.utc_offset(entry.ts), live.hour_cycle());
    // Beside a line without a head there is little room.
    let is_small = goes_on || entry.kind != EntryKind::Message;
    let time_of_day = if is_small { calendar::short_time_of_day } else { calendar::time_of_day };
    let name = live.name.get_untracked();
    let is_mine = entry.user_id == Some(live.me());
    let is_call = !is_mine && entry.kind != EntryKind::System && is_mentioned(&entry.text, &name);
    let said_in = live.said_in(entry.id).map(|room| {
        let there = format!("/room/{room}?before={}#{}", entry.id + 1, element_id(entry.id));
        view! {
            <a class="where" href=there>
                {format!("#{room}")}
            </a>
        }
    });
    view! {
        <li
            class="entry"
            id=element_id(entry.id)
            data-id=entry.id
            data-kind=kind
            data-continues=goes_on
            data-mine=is_mine
            data-mention=is_call
            tabindex="-1"
        >
            {avatar(entry.user_id, initial(&entry.from))}
            <span class="author" dir="auto" translate="no">
                {entry.from.to_string()}
            </span>
            <time datetime=ts.rfc3339() title=calendar::full(ts, offset, hours)>
                {time_of_day(ts, offset, hours)}
            </time>
            {said_in}
            <div
                class="text"
                dir="auto"
                // People's words are theirs in any language.
                translate=(entry.kind != EntryKind::System).then_some("no")
                inner_html=entry_text(entry, &name)
            ></div>
        </li>
    }
}

fn element_id(id: EntryId) -> String {
    format!("e{id}")
}

/// What is missing is asked for once it is in view, so with a script it is nothing that the Tab key would have to stop at.
fn hole_row(live: Live, hole: Hole) -> impl IntoView {
    let is_asked = move || live.asked.with(|asked| asked.contains(&hole));
    let label = words(move || {
        let label = match (is_asked(), hole.after) {
            (true, _) if live.status.get() != Status::Live => LOADED_LATER,
            (true, _) => "Loading messages…",
            (false, 0) => "Older messages",
            (false, _) => "More messages",
        };
        label.to_owned()
    });
    let stop = words(move || if live.is_driven.get() { "-1" } else { "0" }.to_owned());
    let fill = move |event: ev::MouseEvent| {
        // Without a connection it is asked for when there is one.
        if live.is_started() {
            event.prevent_default();
            live.input(Input::Fill(hole));
        }
    };
    view! {
        <li class="hole" data-after=hole.after data-before=hole.before data-asked=flag(is_asked)>
            <a href=format!("?before={}", hole.before) tabindex=stop on:click=fill>
                {label}
            </a>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_latest_says_what_is_there() {
        assert_eq!([0, 1, 2].map(latest), ["Jump to the latest", "1 new message", "2 new messages"]);
    }
}
