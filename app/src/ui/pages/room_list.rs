//! The list of all rooms, by page or by search. It is rendered on the server alone.

use super::{Document, not_found::make_room};
use crate::{bidi::isolated, protocol::RoomDetails, ui::state::Theme};
use leptos::prelude::*;

/// The content of the page of rooms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoomList {
    /// The rooms of this page.
    pub rooms: Vec<RoomDetails>,
    /// `true` if the search found more rooms than are listed.
    pub is_cut: bool,
    /// The search text; empty if all rooms are listed.
    pub search: String,
    /// The address of the next page.
    pub next: Option<String>,
    /// The name of the room that can be created for the search text.
    pub create: Option<String>,
}

/// Lists rooms with plain links and forms, without a script.
#[component]
pub fn RoomListPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The content of the page.
    list: RoomList,
) -> impl IntoView {
    let RoomList { rooms, is_cut, search, next, create } = list;
    let nothing = rooms.is_empty().then(|| {
        view! { <p class="lead">{format!("No room has a word that begins with “{}”.", isolated(&search))}</p> }
    });
    let room = |room: RoomDetails| {
        let people = match room.users {
            0 => String::new(),
            1 => "1 person here".to_owned(),
            users => format!("{users} people here"),
        };
        view! {
            <li>
                <a href=format!("/room/{}", room.name)>
                    <bdi>{format!("#{}", room.name)}</bdi>
                    <span>{people}</span>
                </a>
            </li>
        }
    };
    let make = create.map(make_room);
    view! {
        <Document options theme title="Rooms · Natter" is_live=false>
            <main class="door rooms">
                <h1>"Rooms"</h1>
                <form method="get" action="/rooms" role="search">
                    <label for="search">"Find a room"</label>
                    <input id="search" type="search" name="search" value=search maxlength=30 autocomplete="off" />
                    <button>"Find"</button>
                </form>
                {nothing}
                <ul>{rooms.into_iter().map(room).collect_view()}</ul>
                {is_cut.then(|| view! { <p>"There are more. Type more of the name."</p> })}
                {make}
                {next.map(|next| view! { <p><a href=next rel="next">"More rooms"</a></p> })}
                <p>
                    <a href="/room/general">"Go to general"</a>
                </p>
            </main>
        </Document>
    }
}
