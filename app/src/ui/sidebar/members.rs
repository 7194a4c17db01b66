//! The members of the shown room.

use super::{clicked_row, follow};
use crate::{
    bidi::isolated,
    protocol::{Place, UserId, UserInfo, limits::LISTED_MEMBERS},
    ui::{
        head::count,
        state::{Live, path},
        widgets::{
            close::close_popover,
            html::Html,
            list::Row,
            reactive::{flag, rows, text},
        },
    },
};
use leptos::{ev, prelude::*};
use std::sync::Arc;

/// The present and the absent members; on a narrow page, a drawer.
#[component]
pub(in crate::ui) fn Members(live: Live) -> impl IntoView {
    view! {
        <aside id="members" class="members" popover="auto" aria-label="Members">
            <div class="members-head">
                <h2>
                    "Online " <span class="count" data-live="members-count" inner_html=count(live)></span>
                </h2>
                {close_popover("members", "icon close-drawer", "Close the list")}
            </div>
            <div class="live" data-live="people">
                {people(live)}
            </div>
        </aside>
    }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    use crate::ui::hydrate;

    hydrate::reactive("members-count", count(live));
    hydrate::content("people", || people(live));
}

fn people(live: Live) -> impl IntoView {
    let is_listed = flag(move || !live.shown.users.with(Vec::is_empty) || live.shown.count.get() <= LISTED_MEMBERS);
    let talk = move |event: ev::MouseEvent| {
        if let Some((id, name)) = clicked_member(&event, live) {
            follow(&event, live, || live.talk(id, name));
        }
    };
    let away = move || live.shown.away.with(|away| away.iter().map(|user| row(live.me(), user, "away")).collect());
    view! {
        <ul class="people" aria-label="Online" on:click=talk inner_html=rows(move || here(live))></ul>
        <p class="nothing" hidden=is_listed>
            "Too many to list."
        </p>
        <section hidden=flag(move || live.shown.away.with(Vec::is_empty))>
            <h2>
                "Away " <span class="count" inner_html=text(move || live.shown.away.with(Vec::len).to_string())></span>
            </h2>
            <ul class="people" aria-label="Away" on:click=talk inner_html=rows(away)></ul>
        </section>
    }
}

/// Returns the rows of the present members, with a mark for those who are typing.
fn here(live: Live) -> Vec<Row> {
    let typing = live.shown.typing.get();
    let row = |user: &UserInfo| row(live.me(), user, if typing.contains(&user.name) { "typing" } else { "here" });
    live.shown.users.with(|users| users.iter().map(row).collect())
}

fn row(me: UserId, user: &UserInfo, presence: &'static str) -> Row {
    let basis = (user.id, user.id == me, Arc::clone(&user.name), presence);
    Row::lazy(user.id.to_string(), basis, |(id, is_me, name, presence)| person(*id, *is_me, name, presence))
}

fn person(id: UserId, is_me: bool, name: &str, presence: &'static str) -> Html {
    let mut html = Html::default();
    html.tag(r#"<li class="person""#)
        .attribute("data-presence", presence)
        .attribute("data-member", &id.to_string())
        .tag("><a")
        .attribute("href", &path(&Place::With(id), name))
        .attribute("title", &format!("Message {}", isolated(name)))
        .tag(">")
        .avatar(Some(id), name)
        .tag(r#"<span class="name" dir="auto" translate="no">"#)
        .text(name)
        .tag(r#"</span><span class="presence""#)
        .tag_if(!is_me, r#" data-quiet="""#)
        .tag(">")
        .tag(if is_me { "you" } else { presence })
        .tag("</span></a></li>");
    html
}

fn clicked_member(event: &ev::MouseEvent, live: Live) -> Option<(UserId, Arc<str>)> {
    let id = UserId(clicked_row(event, "member")?.parse().ok()?);
    let find = |users: &Vec<UserInfo>| users.iter().find(|user| user.id == id).map(|user| Arc::clone(&user.name));
    let name = live.shown.users.with_untracked(find).or_else(|| live.shown.away.with_untracked(find))?;
    Some((id, name))
}
