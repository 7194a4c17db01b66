//! The quick switcher: to any room or person by a few letters.

use super::{
    driver::Target,
    dynamic::{Item, flag, list, react, words},
    icon::{Icon, drawn},
    live::Live,
    places::in_words,
    press::Press,
    rows::{Choice, clicked},
};
use crate::{
    bidi::isolated,
    characters::is_alphanumeric,
    protocol::{ROOM_SIGN, RoomName, USER_SIGN, UserId, caseless},
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
    Make(RoomName, bool),
}

impl Goal {
    fn shown(&self, live: Live, at: usize, is_chosen: bool) -> Choice {
        let (sign, name, place) = match self {
            Self::Room(room) => ("#", room.to_string(), Some(Place::Room(room.clone()))),
            Self::Person(id, name) => ("@", name.to_string(), Some(Place::With(*id))),
            Self::Make(name, false) => ("+", format!("Create “{}”", isolated(name.as_str())), None),
            Self::Make(name, true) => ("+", format!("Join or create “{}”", isolated(name.as_str())), None),
        };
        let unread = place.map(|place| live.unread_of(&place)).unwrap_or_default();
        Choice { list: "goal", at, is_chosen, sign, name, summary: in_words(unread).into() }
    }
}

/// A dialog with a field and what fits it.
#[island]
pub(super) fn Switcher() -> impl IntoView {
    let live = Live::shared();
    let (dialog, field) = (NodeRef::<html::Dialog>::new(), NodeRef::<html::Input>::new());
    let wanted = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    react(move || {
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
                drop(live.command(&format!("/join {name}"), move |answer| live.warn_of(answer)));
                live.focus(Target::Composer);
            }
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let Some(press) = Press::of(&event) else {
            return;
        };
        let count = untrack(goals).len().max(1);
        let at = chosen.get_untracked();
        match press.key() {
            "ArrowDown" => chosen.set((at + 1) % count),
            "ArrowUp" => chosen.set((at + count - 1) % count),
            "Enter" => go(at),
            // A field for searching would take it for itself and be emptied.
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
    };
    let items = move || {
        let chosen = chosen.get();
        let item = |(at, goal): (usize, Goal)| Item::Choice(goal.shown(live, at, at == chosen));
        goals().into_iter().enumerate().map(item).collect()
    };
    let found = flag(move || !goals().is_empty());
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
            closedby="any"
            node_ref=dialog
            on:close=move |_| live.is_switching.set(false)
        >
            <div class="field-row">
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
                    enterkeyhint="go"
                    node_ref=field
                    on:keydown=keydown
                    on:input:target=typed
                />
                <form method="dialog">
                    <button class="icon" aria-label="Close">
                        {drawn(Icon::Close)}
                    </button>
                </form>
            </div>
            <ul
                id="goals"
                role="listbox"
                aria-label="Rooms and people"
                on:click=move |event: ev::MouseEvent| clicked(&event).into_iter().for_each(go)
            >
                {list(live, items)}
            </ul>
            <p class="nothing" hidden=found>
                "No room or person matches."
            </p>
        </dialog>
    }
}

/// What fits, best first: what begins so before what contains it, the person's own before the others.
fn goals(live: Live, wanted: &str) -> Vec<Goal> {
    // People write names as the page does, with their sign.
    let wanted = wanted.trim_start_matches([ROOM_SIGN, USER_SIGN]);
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
    live.away.with(|users| {
        for user in users.iter().filter(|user| user.id != live.me()) {
            offer(&user.name, 4, Goal::Person(user.id, Arc::clone(&user.name)));
        }
    });
    let mut goals: Vec<_> = (0..RANKS)
        .flat_map(|rank| found.iter().filter(move |(its, _)| *its == rank))
        .map(|(_, goal)| goal.clone())
        .take(OFFERED)
        .collect();
    let more = live.more_rooms.get() > 0;
    goals.extend(
        named(wanted)
            .filter(|name| live.rooms.with(|rooms| rooms.iter().all(|room| room.name != *name)))
            .map(|name| Goal::Make(name, more)),
    );
    goals
}

/// The name of the room that would be made, as it will read. Of signs alone nobody would guess it.
fn named(wanted: &str) -> Option<RoomName> {
    RoomName::parse(wanted).ok().filter(|name| name.as_str().contains(is_alphanumeric))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        protocol::{Unread, UserInfo},
        sync::{ListedRoom, Snapshot, Standing},
        ui::{Draft, Start},
    };

    fn user(id: u64, name: &str) -> UserInfo {
        UserInfo { id: UserId(id), name: name.into(), typing: false }
    }

    /// What Ada is offered, as it reads: in general, where Bo is and Bea is away.
    fn offered(wanted: &str) -> Vec<String> {
        let unread = Unread { count: 3, mentions: 1 };
        let snapshot = Snapshot {
            user_id: UserId(1),
            name: "Ada".into(),
            place: Place::Room(RoomName::general()),
            entries: Vec::new(),
            users: vec![user(1, "Ada"), user(2, "Bo")],
            away: vec![user(3, "Bea")],
            count: 2,
            epoch: "e1".into(),
            cursor: 0,
            rooms: vec![ListedRoom {
                name: RoomName::general(),
                users: 2,
                standing: Some(Standing { unread, ..Standing::default() }),
            }],
            more_rooms: 0,
            conversations: Vec::new(),
        };
        let owner = Owner::new();
        owner.with(|| {
            let live = Live::new(Start { snapshot, mentions: Vec::new(), draft: Draft::default() });
            let shown = |goal: Goal| {
                let Choice { sign, name, summary, .. } = goal.shown(live, 0, false);
                [sign, &*name, &*summary].join(" ").trim_end().to_owned()
            };
            goals(live, wanted).into_iter().map(shown).collect()
        })
    }

    #[test]
    fn people_who_are_away_are_found_behind_those_who_are_here() {
        assert_eq!(offered("B")[..2], ["@ Bo", "@ Bea"]);
    }

    #[test]
    fn a_place_is_offered_with_what_waits_there() {
        assert_eq!(offered("gen"), ["# general 3 unread, 1 of them for you", "+ Create “gen”"]);
    }

    #[test]
    fn a_room_is_offered_under_the_name_that_it_will_have() {
        assert_eq!(offered("Tea & cake"), ["+ Create “tea_cake”"]);
        assert_eq!(offered("GENERAL"), ["# general 3 unread, 1 of them for you"]);
    }

    #[test]
    fn a_name_is_found_with_the_sign_that_the_page_writes_before_it() {
        assert_eq!(offered("#gen")[0], offered("gen")[0]);
        assert_eq!(offered("@Bo")[0], "@ Bo");
    }

    #[test]
    fn no_room_is_offered_for_signs_alone_or_for_too_little() {
        assert!(offered("?!").is_empty());
        assert!(offered("x").is_empty());
    }
}
