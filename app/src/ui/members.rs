//! Who is in the room.

use super::{
    avatar::{avatar, initial},
    dynamic::{Item, flag, list, words},
    head::Count,
    icon::{Icon, drawn},
    live::{Live, path},
    places::follow,
};
use crate::{
    bidi::isolated,
    protocol::{UserId, UserInfo, limits::LISTED_MEMBERS},
    sync::Place,
};
use leptos::{ev, prelude::*};
use std::sync::Arc;

/// Those who are here, and those who are away; on a narrow page, a drawer.
#[component]
pub(super) fn Members() -> impl IntoView {
    view! {
        <aside id="members" class="members" popover="auto" aria-label="Members">
            <div class="members-head">
                <h2>
                    "Online "
                    <span class="count">
                        <Count />
                    </span>
                </h2>
                <button
                    type="button"
                    class="icon close-drawer"
                    popovertarget="members"
                    popovertargetaction="hide"
                    aria-label="Close the list"
                >
                    {drawn(Icon::Close)}
                </button>
            </div>
            <People />
        </aside>
    }
}

#[island]
fn People() -> impl IntoView {
    let live = Live::shared();
    let those = |users: &Vec<UserInfo>, is_here: bool| -> Vec<Item> {
        users.iter().map(|user| Item::Member(user.id, Arc::clone(&user.name), is_here)).collect()
    };
    let here = move || live.users.with(|users| those(users, true));
    let away = move || live.away.with(|users| those(users, false));
    let listed = flag(move || !live.users.with(Vec::is_empty) || live.count.get() <= LISTED_MEMBERS);
    view! {
        <ul class="people" aria-label="Online">
            {list(live, here)}
        </ul>
        <p class="nothing" hidden=listed>
            "Too many to list."
        </p>
        <section hidden=flag(move || live.away.with(Vec::is_empty))>
            <h2>
                "Away "
                <span class="count">{words(move || live.away.with(Vec::len).to_string())}</span>
            </h2>
            <ul class="people" aria-label="Away">
                {list(live, away)}
            </ul>
        </section>
    }
}

pub(super) fn row(live: Live, id: UserId, name: Arc<str>, is_here: bool) -> impl IntoView {
    let (writer, peer, is_me) = (Arc::clone(&name), Arc::clone(&name), id == live.me());
    let is_writing = move || live.typing.with(|typing| typing.contains(&writer));
    let state = move || match (is_here, is_writing()) {
        (false, _) => "away",
        (true, true) => "typing",
        (true, false) => "here",
    };
    let shown = state.clone();
    let talk = move |event: ev::MouseEvent| follow(&event, live, || live.talk(id, Arc::clone(&peer)));
    view! {
        <li class="person" data-presence=words(move || state().to_owned())>
            <a href=path(&Place::With(id), &name) title=format!("Message {}", isolated(&name)) on:click=talk>
                {avatar(Some(id), initial(&name))}
                <span class="name" dir="auto" translate="no">
                    {name.to_string()}
                </span>
                <span class="presence" data-quiet=(!is_me).then_some("")>
                    {words(move || (if is_me { "you" } else { shown() }).to_owned())}
                </span>
            </a>
        </li>
    }
}
