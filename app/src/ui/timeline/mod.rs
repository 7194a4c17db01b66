//! The log: the entries of a room or conversation, the gaps between them, and the outbox below.

mod acts;
mod entry_text;
mod outgoing;
mod rich_text;
mod rows;

use super::{
    state::{Live, ScrollTarget, Target},
    widgets::{
        choice::pressed,
        reactive::{self, Reactive, flag, react, text},
    },
};
use crate::{
    bidi::isolated,
    protocol::Place,
    sync::{Gap, Input, Status},
};
use leptos::{ev, prelude::*};

/// The log. The scrolling box lays its one child out from the end, so that it opens at the newest entry and stays
/// there, without a script.
#[component]
pub(super) fn Timeline(
    live: Live,
    /// The path of the page with the newest entries, if this page was rendered with older ones.
    older: Option<String>,
) -> impl IntoView {
    view! {
        <div class="timeline">
            <div class="scroll" tabindex="0" aria-label="Messages" role="region">
                <div class="log" data-live="log" role="log" aria-live="off" aria-label="New messages">
                    {log(live)}
                </div>
            </div>
            <div class="jumps" data-live="jumps">
                {jumps(live)}
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

/// Hydrates the log.
#[cfg(feature = "hydrate")]
pub fn hydrate_timeline(live: Live) {
    use super::hydrate;

    hydrate::content("log", || log(live));
    hydrate::content("jumps", || jumps(live));
    hydrate::reactive("announcer", announcement(live));
}

fn log(live: Live) -> impl IntoView {
    let fill = move |event: ev::MouseEvent| {
        if acts::click(live, &event) {
            return;
        }
        // Without a connection the gap is requested once there is one.
        if let Some(gap) = gap(&event).filter(|_| live.is_started()) {
            event.prevent_default();
            live.input(Input::Fill(gap));
        }
    };
    react(move || rows::localize(live));
    view! {
        <p class="empty" hidden=flag(move || !is_empty(live)) inner_html=text(move || nothing_yet(live))></p>
        <div
            id="entries"
            data-new-seen=flag(move || live.shown.is_new_seen.get())
            on:click=fill
            inner_html=reactive::rows(move || rows::chunks(live))
        ></div>
        <ol
            id="outgoing"
            on:click=move |event: ev::MouseEvent| outgoing::click(live, &event)
            inner_html=reactive::rows(move || outgoing::rows(live))
        ></ol>
    }
}

/// Returns the gap whose link was clicked.
fn gap(event: &ev::MouseEvent) -> Option<Gap> {
    let row = pressed(event, ".gap")?;
    let number = |name| row.get_attribute(name)?.parse().ok();
    Some(Gap { after: number("data-after")?, before: number("data-before")? })
}

fn jumps(live: Live) -> impl IntoView {
    let to_new = move |event: ev::MouseEvent| {
        event.prevent_default();
        live.scroll_to(ScrollTarget::New);
    };
    let to_end = move |_| {
        live.scroll_to(ScrollTarget::End);
        live.focus(Target::Log);
    };
    let no_new = flag(move || !live.shown.is_new_above.get() || live.shown.is_new_seen.get());
    view! {
        <a class="jump jump-new" href="#new" hidden=no_new on:click=to_new>
            "New"
        </a>
        <button
            type="button"
            class="jump jump-latest"
            hidden=flag(move || live.shown.is_at_end.get())
            on:click=to_end
            inner_html=text(move || latest(live.shown.unread.get()))
        ></button>
    }
}

/// The live region in which screen readers announce the messages of others.
#[component]
pub(super) fn Announcer(live: Live) -> impl IntoView {
    view! {
        <div class="hidden" id="announcer" data-live="announcer" aria-live="polite" translate="no" inner_html=announcement(live)></div>
    }
}

fn announcement(live: Live) -> Reactive {
    text(move || live.shown.announcement.get())
}

fn is_empty(live: Live) -> bool {
    live.shown.log.with(Vec::is_empty) && live.shown.outgoing.with(Vec::is_empty)
}

/// Returns the words in place of the entries while there are none.
fn nothing_yet(live: Live) -> String {
    if live.shown.is_unknown.get() && live.shown.is_driven.get() {
        let words = match live.shown.status.get() {
            Status::Live => "Loading messages…",
            _ => rows::LOADED_LATER,
        };
        return words.to_owned();
    }
    let title = live.shown.title.get();
    let title = isolated(&title);
    match live.shown.place.get() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_latest_says_what_is_there() {
        assert_eq!([0, 1, 2].map(latest), ["Jump to the latest", "1 new message", "2 new messages"]);
    }
}
