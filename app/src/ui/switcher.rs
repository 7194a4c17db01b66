//! The quick switcher: to any room or person by a few letters.

use super::{
    driver::Target,
    dynamic::{Item, list, words},
    live::Live,
    rows::{Choice, clicked},
};
use crate::{
    protocol::{RoomName, UserId, caseless},
    sync::Place,
};
use leptos::{ev, html, prelude::*, web_sys};
use std::sync::Arc;

/// How many places are offered at once.
const OFFERED: usize = 10;
/// Ranks are below this.
const RANKS: usize = 20;

/// Where one can go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Goal {
    Room(RoomName),
    Person(UserId, Arc<str>),
    /// A room that is not there yet, or, with `true`, one that may be there and is not listed.
    Make(String, bool),
}

impl Goal {
    fn shown(&self, at: usize, is_chosen: bool) -> Choice {
        let (sign, name) = match self {
            Self::Room(room) => ("#", room.to_string()),
            Self::Person(_, name) => ("@", name.to_string()),
            Self::Make(name, false) => ("+", format!("Create “{name}”")),
            Self::Make(name, true) => ("+", format!("Join or create “{name}”")),
        };
        Choice { list: "goal", at, is_chosen, sign, name, summary: "" }
    }
}

/// A dialog with a field and what fits it.
#[island]
pub(super) fn Switcher() -> impl IntoView {
    let live = Live::shared();
    let (dialog, field) = (NodeRef::<html::Dialog>::new(), NodeRef::<html::Input>::new());
    let wanted = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    Effect::new(move |_| {
        if let (Some(element), true) = (dialog.get(), live.is_switching.get())
            && !element.open()
        {
            wanted.set(String::new());
            chosen.set(0);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            // It is in the document and not open, so it can be shown.
            drop(element.show_modal());
        }
    });
    let goals = move || {
        if live.is_switching.get() { goals(live, wanted.get().trim()) } else { Vec::new() }
    };
    let close = move || {
        if let Some(element) = dialog.get_untracked() {
            element.close();
        }
    };
    let go = move |at: usize| {
        let Some(goal) = untrack(goals).into_iter().nth(at) else {
            return;
        };
        close();
        match goal {
            Goal::Room(room) => live.go(Place::Room(room)),
            Goal::Person(id, name) => live.talk(id, name),
            Goal::Make(name, _) => {
                // Why it cannot be done is in sight: there is no connection.
                drop(live.command(&format!("/join {name}")));
                live.focus(Target::Composer);
            }
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let count = untrack(goals).len().max(1);
        let at = chosen.get_untracked();
        match &*event.key() {
            "ArrowDown" => chosen.set((at + 1) % count),
            "ArrowUp" => chosen.set((at + count - 1) % count),
            "Enter" if !event.is_composing() => go(at),
            _ => return,
        }
        event.prevent_default();
    };
    let items = move || {
        let chosen = chosen.get();
        let item = |(at, goal): (usize, Goal)| Item::Choice(goal.shown(at, at == chosen));
        goals().into_iter().enumerate().map(item).collect()
    };
    let active = words(move || format!("goal-{}", chosen.get()));
    let typed = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        wanted.set(event.target().value());
        chosen.set(0);
    };
    view! {
        <dialog
            id="switcher"
            class="sheet switcher"
            aria-label="Go to a room or person"
            node_ref=dialog
            on:close=move |_| live.is_switching.set(false)
        >
            <input
                type="search"
                role="combobox"
                placeholder="Go to a room or person…"
                aria-label="Room or person"
                aria-expanded="true"
                aria-controls="goals"
                aria-autocomplete="list"
                aria-activedescendant=active
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                node_ref=field
                on:keydown=keydown
                on:input:target=typed
            />
            <ul
                id="goals"
                role="listbox"
                aria-label="Rooms and people"
                on:click=move |event: ev::MouseEvent| clicked(&event).into_iter().for_each(go)
            >
                {list(live, items)}
            </ul>
        </dialog>
    }
}

/// What fits, best first: what begins so before what contains it, the person's own before the others.
fn goals(live: Live, wanted: &str) -> Vec<Goal> {
    let low = caseless(wanted);
    let mut found: Vec<(usize, Goal)> = Vec::new();
    let mut offer = |name: &str, rank: usize, goal: Goal| {
        let name = caseless(name);
        let place = if name.starts_with(&low) { 0 } else { 10 };
        if name.contains(&low) && !found.iter().any(|(_, other)| *other == goal) {
            found.push((place + rank, goal));
        }
    };
    live.conversations.with(|lines| {
        for line in lines {
            offer(&line.name, usize::from(line.unread == 0), Goal::Person(line.id, Arc::clone(&line.name)));
        }
    });
    live.rooms.with(|rooms| {
        for room in rooms {
            let rank = if room.unread.count > 0 { 0 } else { 2 - usize::from(room.is_member) };
            offer(room.name.as_str(), rank, Goal::Room(room.name.clone()));
        }
    });
    live.users.with(|users| {
        for user in users.iter().filter(|user| user.id != live.me()) {
            offer(&user.name, 3, Goal::Person(user.id, Arc::clone(&user.name)));
        }
    });
    let is_there = live.rooms.with(|rooms| rooms.iter().any(|room| room.name.as_str() == low));
    let mut goals: Vec<_> = (0..RANKS)
        .flat_map(|rank| found.iter().filter(move |(its, _)| *its == rank))
        .map(|(_, goal)| goal.clone())
        .take(OFFERED)
        .collect();
    if !wanted.is_empty() && !is_there {
        goals.push(Goal::Make(wanted.to_owned(), live.more_rooms.get() > 0));
    }
    goals
}
