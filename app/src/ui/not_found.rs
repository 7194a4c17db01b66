//! What is not there.

use super::{Document, Theme, sign_in::unsent_text};
use crate::bidi::isolated;
use leptos::prelude::*;

/// Says what is not there and where to go instead.
#[component]
pub fn NotFoundPage(
    /// Where the page's files are.
    options: LeptosOptions,
    /// The chosen theme.
    theme: Option<Theme>,
    /// What was looked for, as a sentence.
    #[prop(into)]
    problem: String,
    /// The room that can be made instead.
    create: Option<String>,
    /// A text that was posted to it, so that it is not lost.
    unsent: Option<String>,
) -> impl IntoView {
    let make = create.map(make_room);
    view! {
        <Document options theme title="Not found · Natter" is_live=false>
            <main class="door">
                <h1>"Page not found"</h1>
                <p class="lead">{problem}</p>
                {make}
                {unsent.map(|text| unsent_text(&text, None))}
                <p>
                    <a href="/room/general">"Go to general"</a>
                </p>
            </main>
        </Document>
    }
}

/// The button that makes a room, in its form.
pub(super) fn make_room(room: String) -> impl IntoView {
    view! {
        <form method="post" action="/room/general">
            <button name="join" value=room.clone()>
                {format!("Create the room {}", isolated(&room))}
            </button>
        </form>
    }
}
