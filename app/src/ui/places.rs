//! The rooms and conversations.

use super::{
    avatar::{avatar, initial},
    dynamic::{Flag, Item, flag, list, words},
    head::sign,
    icon::{Icon, drawn, logo},
    live::{Live, path},
    new_room::new_room_button,
};
use crate::{
    protocol::{Unread, caseless},
    sync::Place,
};
use leptos::{ev, prelude::*};
use std::sync::Arc;

/// Unread entries that are counted; of more, it is said that they are more.
const COUNTED: usize = 99;

/// The list at the side of the page; on a narrow one, a drawer.
#[component]
pub(super) fn Places(
    /// The live state.
    live: Live,
) -> impl IntoView {
    view! {
        <nav id="places" class="places" popover="auto" aria-label="Rooms and direct messages">
            <div class="places-head">
                <a class="brand" href="/room/general">
                    {logo()}
                    "Natter"
                </a>
                <button
                    type="button"
                    class="icon close-drawer"
                    popovertarget="places"
                    popovertargetaction="hide"
                    aria-label="Close the list"
                >
                    {drawn(Icon::Close)}
                </button>
            </div>
            <PlaceList />
            <div class="me">
                {avatar(Some(live.me()), view! { <MyInitial /> })}
                <p class="me-name">
                    <span class="hidden">"You are "</span>
                    <strong dir="auto" translate="no">
                        <Me />
                    </strong>
                </p>
                <MentionsLink />
                <button type="button" class="icon" popovertarget="settings" aria-label="Settings" title="Settings">
                    {drawn(Icon::Settings)}
                </button>
            </div>
        </nav>
    }
}

#[island]
fn Me() -> impl IntoView {
    let live = Live::shared();
    words(move || live.name.get().to_string()).into_render()
}

#[island]
fn MyInitial() -> impl IntoView {
    let live = Live::shared();
    words(move || initial(&live.name.get())).into_render()
}

#[island]
fn MentionsLink() -> impl IntoView {
    let live = Live::shared();
    let is_shown = move || live.place.get() == Place::Mentions;
    view! {
        <a
            class="icon"
            href="/mentions"
            title="Mentions of you"
            aria-current=words(move || (if is_shown() { "page" } else { "false" }).to_owned())
            on:click=move |event: ev::MouseEvent| follow(&event, live, || live.go(Place::Mentions))
        >
            {drawn(Icon::At)}
            <span class="hidden">"Mentions"</span>
        </a>
    }
}

#[island]
fn PlaceList() -> impl IntoView {
    let live = Live::shared();
    let filter = RwSignal::new(String::new());
    let fits = move |name: &str| filter.with(|filter| filter.is_empty() || caseless(name).contains(filter.as_str()));
    let rooms = move |is_member: bool| -> Vec<Item> {
        live.rooms.with(|rooms| {
            let those = rooms.iter().filter(|room| room.is_member == is_member && fits(room.name.as_str()));
            those.map(|room| Item::Place(Place::Room(room.name.clone()), room.name.shared())).collect()
        })
    };
    let conversations = move || -> Vec<Item> {
        live.conversations.with(|lines| {
            let those = lines.iter().filter(|line| fits(&line.name));
            those.map(|line| Item::Place(Place::With(line.id), Arc::clone(&line.name))).collect()
        })
    };
    let nothing = flag(move || !rooms(true).is_empty() || !rooms(false).is_empty() || !conversations().is_empty());
    let typed = move |event: ev::Targeted<ev::Event, _>| {
        let field: leptos::web_sys::HtmlInputElement = event.target();
        filter.set(caseless(&field.value()));
    };
    view! {
        <label class="filter">
            <span class="hidden">"Filter rooms and people"</span>
            <input type="search" placeholder="Filter…" autocomplete="off" on:input:target=typed />
        </label>
        <div class="places-list">
            {group(live, "Rooms", move || rooms(true), true)}
            {group(live, "Direct messages", conversations, false)}
            {group(live, "Browse rooms", move || rooms(false), false)}
            <p class="more-rooms" hidden=flag(move || live.more_rooms.get() == 0)>
                {words(move || more_rooms(live.more_rooms.get()))} " "
                <a href="/rooms">"Find a room"</a>
            </p>
            <p class="nothing" hidden=nothing>
                "No room or person matches."
            </p>
        </div>
    }
}

fn group(
    live: Live,
    name: &'static str,
    items: impl Fn() -> Vec<Item> + Copy + Send + Sync + 'static,
    takes_more: bool,
) -> impl IntoView {
    let none: Flag = flag(move || items().is_empty());
    view! {
        <section class="place-group" aria-label=name hidden=none>
            <div class="group-head">
                <h2>{name}</h2>
                {takes_more.then(new_room_button)}
            </div>
            <ul>{list(live, items)}</ul>
        </section>
    }
}

/// A link to a place, with what waits there.
pub(super) fn row(live: Live, place: Place, name: &str) -> impl IntoView + use<> {
    let of = Arc::new(place.clone());
    let unread = move || live.unread_of(&of);
    let [count, mentions, mention, nothing, badge, spoken] = [(); 6].map(|()| unread.clone());
    let whose_texts = Arc::new(place.clone());
    let has_unsent = move || live.has_unsent(&whose_texts);
    let [marked, said] = [(); 2].map(|()| has_unsent.clone());
    let [here, target, peer, stranger, whose] = [(); 5].map(|()| place.clone());
    let is_conversation = matches!(place, Place::With(_));
    let mark = if is_conversation { "dot" } else { "sign" };
    let shown = if is_conversation { "" } else { sign(&place) };
    let present = peer.clone();
    view! {
        <li>
            <a
                class="place"
                href=path(&place, name)
                aria-current=words(move || (if live.place.get() == here { "page" } else { "false" }).to_owned())
                data-unread=flag(move || count().count > 0)
                data-mentions=flag(move || mentions().mentions > 0)
                on:click=move |event: ev::MouseEvent| follow(&event, live, || live.go(target.clone()))
            >
                <span class=mark aria-hidden="true" data-present=flag(move || live.is_here(&present) == Some(true))>
                    {shown}
                </span>
                <span class="name" dir="auto" translate="no">
                    {name.to_owned()}
                </span>
                <span class="people" aria-hidden="true" hidden=flag(move || live.people_in(&stranger).is_empty())>
                    {drawn(Icon::People)}
                    {words(move || live.people_in(&peer))}
                </span>
                <span class="unsent" aria-hidden="true" title="Not sent" hidden=flag(move || !marked())></span>
                <span
                    class="badge"
                    aria-hidden="true"
                    hidden=flag(move || nothing().count == 0)
                    data-mention=flag(move || is_conversation || mention().mentions > 0)>
                    {words(move || badge_of(badge()))}
                </span>
                <span class="hidden">
                    {words(move || {
                        let unsent = if said() { "not sent" } else { "" };
                        [&live.presence_in(&whose), &in_words(spoken()), unsent].join(" ")
                    })}
                </span>
            </a>
        </li>
    }
}

/// Follows a link within the page, unless the person wants it elsewhere or the page is not alive.
pub(super) fn follow(event: &ev::MouseEvent, live: Live, go: impl FnOnce()) {
    let is_plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if is_plain && live.is_started() {
        event.prevent_default();
        go();
    }
}

/// What is said of the rooms that are not listed.
fn more_rooms(count: usize) -> String {
    let are = match count {
        0 => return String::new(),
        1 => "is 1 more room".to_owned(),
        _ => format!("are {count} more rooms"),
    };
    format!("There {are}.")
}

fn number(count: usize) -> String {
    if count > COUNTED { format!("{COUNTED}+") } else { count.to_string() }
}

/// What waits, in a few signs; nothing where nothing does.
fn badge_of(unread: Unread) -> String {
    match (unread.mentions, unread.count) {
        (0, 0) => String::new(),
        (0, count) => number(count),
        (mentions, _) => format!("@{}", number(mentions)),
    }
}

/// The same for those who listen.
pub(super) fn in_words(unread: Unread) -> String {
    match (unread.mentions, unread.count) {
        (0, 0) => String::new(),
        (0, count) => format!("{} unread", number(count)),
        (mentions, count) => format!("{} unread, {} of them for you", number(count), number(mentions)),
    }
}

impl Live {
    /// Who is there, for those who listen: how many in a room that the person is not in, whether the other one of a
    /// conversation is.
    fn presence_in(self, place: &Place) -> String {
        match (self.is_here(place), self.people_in(place)) {
            (Some(true), _) => "here".to_owned(),
            (Some(false), _) => "away".to_owned(),
            (None, people) if people.is_empty() => people,
            (None, people) => people + " here",
        }
    }

    /// How many are in a room that the person is not in; of their own it is said elsewhere.
    fn people_in(self, place: &Place) -> String {
        let Some(name) = place.room() else {
            return String::new();
        };
        self.room(name, |room| (!room.is_member).then(|| room.users.to_string())).flatten().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_that_are_not_listed_are_counted() {
        assert_eq!(more_rooms(0), "");
        assert_eq!(more_rooms(1), "There is 1 more room.");
        assert_eq!(more_rooms(2), "There are 2 more rooms.");
    }

    #[test]
    fn what_waits_is_said_in_signs_and_in_words() {
        let of = |count, mentions| (badge_of(Unread { count, mentions }), in_words(Unread { count, mentions }));
        assert_eq!(of(0, 0), (String::new(), String::new()));
        assert_eq!(of(COUNTED, 0), ("99".into(), "99 unread".into()));
        assert_eq!(of(COUNTED + 1, 0), ("99+".into(), "99+ unread".into()));
        assert_eq!(of(3, 1), ("@1".into(), "3 unread, 1 of them for you".into()));
    }
}
