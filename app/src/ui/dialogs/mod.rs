//! The dialogs and sheets over the page: the settings, the quick switcher, the list of keys, the form to join a room.

mod deletion;
mod goals;
mod keys;
mod new_room;
mod settings;
mod switcher;

pub use deletion::DELETES;
pub use settings::{ENTER_SENDS, NOTIFY, SOUND};
#[cfg(feature = "hydrate")]
pub use switcher::{ENTERED, hydrate_switcher};

pub(super) use deletion::Deletion;
pub(super) use keys::KeysDialog;
pub(super) use new_room::{NewRoom, new_room_button};
pub(super) use settings::Settings;
pub(super) use switcher::switcher;

use leptos::prelude::*;

/// The lines below the field of a form: the problem, which has the id `id`, and the success.
fn outcome(id: &'static str, problem: Option<String>) -> impl IntoView {
    view! {
        <p id=id class="problem" role="alert">
            {problem}
        </p>
        <p class="done" aria-live="polite"></p>
    }
}
