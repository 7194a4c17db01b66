//! The page for rooms, people and messages that do not exist.

use super::{Document, sign_in::unsent_text};
use crate::{bidi::isolated, ui::state::Theme};
use leptos::prelude::*;

/// Says what does not exist, and where the person can go instead.
#[component]
pub fn NotFoundPage(
    /// The names of the folders and files of the built page.
    options: LeptosOptions,
    /// The chosen theme; `None` follows the system's.
    theme: Option<Theme>,
    /// The problem, as a sentence.
    #[prop(into)]
    problem: String,
    /// The name of the room that can be created instead.
    create: Option<String>,
    /// A text that was posted to the missing place, shown so that it is not lost.
    unsent: Option<String>,
    /// The path and the name of the place to go to instead.
    instead: (String, String),
) -> impl IntoView {
    let (path, name) = instead;
    let make = create.map(make_room);
    view! {
        <Document options theme title="Not found · Natter" is_live=false>
            <main class="door">
                <h1>"Page not found"</h1>
                <p class="lead">{problem}</p>
                {make}
                {unsent.map(|text| unsent_text(&text, None))}
                <p>
                    <a href=path>{format!("Go to {}", isolated(&name))}</a>
                </p>
            </main>
        </Document>
    }
}

/// The form with the button that creates a room.
pub(super) fn make_room(room: String) -> impl IntoView {
    view! {
        <form method="post" action="/room/general">
            <button name="join" value=room.clone()>
                {format!("Create the room {}", isolated(&room))}
            </button>
        </form>
    }
}
