//! The lists at the sides of the page; on a narrow one, drawers.

mod me;
mod members;
mod places;

pub(super) use members::Members;
pub(super) use places::Places;

use super::{state::Live, widgets::choice::pressed};
use leptos::{
    ev,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Hydrates the lists.
#[cfg(feature = "hydrate")]
pub fn hydrate_sidebar(live: Live) {
    places::hydrate(live);
    me::hydrate(live);
    members::hydrate(live);
}

/// Follows a link within the page, unless the person wants a new tab or window or the page is not hydrated yet.
fn follow(event: &ev::MouseEvent, live: Live, go: impl FnOnce()) {
    let is_plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if is_plain && live.is_started() {
        event.prevent_default();
        go();
    }
}

/// Returns the value of a `data-` attribute of the clicked row.
fn clicked_row(event: &ev::MouseEvent, name: &str) -> Option<String> {
    let row: Element = pressed(event, "li")?;
    row.dyn_ref::<HtmlElement>()?.dataset().get(name)
}
