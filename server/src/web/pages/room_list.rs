//! The page that lists all rooms, with a search.

use super::Renderer;
use crate::web::{
    errors::WebError,
    extract::{Query, Viewer},
    page_target::encoded,
};
use app::{
    protocol::{RoomName, limits::LISTED_ROOMS},
    ui::{RoomList, RoomListPage},
};
use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

/// The query of the page, which selects the rooms.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Wanted {
    /// Only rooms after this name.
    after: Option<String>,
    /// Only rooms with a word that starts like this.
    search: Option<String>,
}

/// Renders a page of all rooms, sorted by name, or the results of a search.
pub(in crate::web) async fn rooms(
    renderer: Renderer,
    _: Viewer,
    wanted: Option<Query<Wanted>>,
) -> Result<Response, WebError> {
    let turn = renderer.turn().await?;
    let hub = &renderer.state.hub;
    let Wanted { after, search } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let list = match search.filter(|search| !search.trim().is_empty()) {
        Some(search) => {
            let search = search.trim();
            let mut rooms = hub.find_rooms(search, LISTED_ROOMS + 1);
            let is_cut = rooms.len() > LISTED_ROOMS;
            rooms.truncate(LISTED_ROOMS);
            let create = hub.room_to_make(search).map(|room| room.to_string());
            RoomList { rooms, create, is_cut, search: search.to_owned(), next: None }
        }
        None => {
            let after = after.map(|name| RoomName::told(&name));
            let (rooms, is_more) = hub.rooms_after(after.as_ref(), LISTED_ROOMS);
            let last = rooms.last().filter(|_| is_more);
            let next = last.map(|last| format!("/rooms?after={}", encoded(last.name.as_str())));
            RoomList { rooms, next, ..RoomList::default() }
        }
    };
    let (options, theme) = renderer.frame();
    let page = move || {
        let (options, list) = (options.clone(), list.clone());
        view! { <RoomListPage options theme list /> }
    };
    Ok(renderer.render(turn, StatusCode::OK, page).await)
}
