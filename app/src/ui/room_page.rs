//! The page of a room.

use super::{Document, chat_room::ChatRoom};
use crate::{protocol::RoomInfo, sync::Snapshot};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the composer holds when the page is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// A text that was refused, so that it is not lost.
    pub text: String,
    /// Why it was refused.
    pub problem: Option<String>,
    /// What a command answered.
    pub notice: Option<String>,
    /// The mark under which the plain form stores its text, so that a form sent twice is stored once.
    pub client_id: String,
}

/// A room: the rooms there are, and the island with everything that lives.
#[component]
pub fn RoomPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// What the room shows.
    snapshot: Snapshot,
    /// All rooms.
    rooms: Vec<RoomInfo>,
    /// What the composer holds.
    draft: Draft,
) -> impl IntoView {
    let title = format!("{} · Natter", snapshot.room);
    let here = snapshot.room.clone();
    let rooms = rooms
        .into_iter()
        .map(|room| {
            let current = (room.name == here).then_some("page");
            view! {
                <li>
                    <a href=format!("/room/{}", room.name) aria-current=current>
                        {room.name.to_string()}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Document options title is_live=true>
            <div class="frame">
                <nav class="rooms" aria-label="Rooms">
                    <a class="brand" href="/room/general">"Natter"</a>
                    <ul>{rooms}</ul>
                </nav>
                <ChatRoom snapshot draft />
            </div>
        </Document>
    }
}
