//! The page that lists rooms: the ones that no other page lists are found here.

use super::{State, address::Sender, page, session, spot::encoded, theme};
use app::{
    protocol::{RoomName, limits::LISTED_ROOMS},
    ui::{RoomList, RoomListPage},
};
use axum::{
    extract::{self, Query, Request, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

/// Which rooms are wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    /// Those behind this name.
    after: Option<String>,
    /// Those with a word that begins like this.
    search: Option<String>,
}

/// A page of the rooms, by name, or the rooms that are searched for.
pub(super) async fn rooms(
    extract::State(state): extract::State<State>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    request: Request,
) -> Response {
    if session::user(&state, request.headers()).is_none() {
        return Redirect::to("/").into_response();
    }
    let turn = match page::turn(&state, Sender::of(&state, &request)).await {
        Ok(turn) => turn,
        Err(busy) => return busy,
    };
    let Wanted { after, search } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let list = match search.filter(|search| !search.trim().is_empty()) {
        Some(search) => {
            let search = search.trim();
            let mut rooms = state.hub.find_rooms(search, LISTED_ROOMS + 1);
            let is_cut = rooms.len() > LISTED_ROOMS;
            rooms.truncate(LISTED_ROOMS);
            let create = state.hub.room_to_make(search).map(|room| room.to_string());
            RoomList { rooms, create, is_cut, search: search.to_owned(), next: None }
        }
        None => {
            let after = after.map(|name| RoomName::told(&name));
            let (rooms, is_more) = state.hub.rooms_after(after.as_ref(), LISTED_ROOMS);
            let last = rooms.last().filter(|_| is_more);
            let next = last.map(|last| format!("/rooms?after={}", encoded(last.name.as_str())));
            RoomList { rooms, next, ..RoomList::default() }
        }
    };
    let (options, theme) = (state.options.clone(), theme::chosen(&state, request.headers()));
    let view = move || {
        let (options, list) = (options.clone(), list.clone());
        view! { <RoomListPage options theme list /> }
    };
    page::render(&state, turn, StatusCode::OK, request, view).await
}
