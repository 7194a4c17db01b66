//! Who is in the room.

use super::live::Live;
use leptos::prelude::*;

/// Those present in the shown room.
#[component]
pub(super) fn Members(
    /// The live state.
    live: Live,
) -> impl IntoView {
    view! {
        <section class="members" aria-labelledby="members-title">
            <h2 id="members-title">"Here now " <span class="count">{move || live.count.get()}</span></h2>
            <ul>
                <For each=move || live.users.get() key=|user| (user.id, user.name.clone()) let:user>
                    <li>{user.name.to_string()}</li>
                </For>
            </ul>
        </section>
    }
}
