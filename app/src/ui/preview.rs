//! A room that the person looks at without being in it.

use super::{
    dynamic::{flag, words},
    live::Live,
};
use crate::sync::Place;
use leptos::prelude::*;

/// Says so above the composer, and offers to join. Whoever writes joins by that.
#[island]
pub(super) fn PreviewBar() -> impl IntoView {
    let live = Live::shared();
    let join = || words(move || format!("/join {}", live.title.get()));
    let verb = move || if live.is_missing() { "Create" } else { "Join" };
    let label = words(move || format!("{} {}", verb(), live.title.get()));
    let sentence = words(move || match live.is_missing() {
        true => format!("There is no room #{} yet. Your first message creates it.", live.title.get()),
        false => format!("You haven't joined #{} yet.", live.title.get()),
    });
    let action = words(move || live.place.with(|place| live.path(place)));
    view! {
        <form class="preview" method="post" action=action data-command=join() hidden=flag(move || !live.is_preview())>
            <p>{sentence}</p>
            <button name="text" value=join() aria-label=label>
                {words(move || verb().to_owned())}
            </button>
        </form>
    }
}

impl Live {
    /// Whether the shown room is not there.
    fn is_missing(self) -> bool {
        let Place::Room(shown) = self.place.get() else {
            return false;
        };
        !self.is_unknown.get() && !self.rooms.with(|rooms| rooms.iter().any(|room| room.name == shown))
    }

    /// Whether the shown room is one that the person is not in.
    pub(super) fn is_preview(self) -> bool {
        let Place::Room(shown) = self.place.get() else {
            return false;
        };
        !self.rooms.with(|rooms| rooms.iter().any(|room| room.is_member && room.name == shown))
    }
}
