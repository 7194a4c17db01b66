//! The browser's side: hydration, and the adapters between the state machine and the browser.
//!
//! Reading order: [`driver`] starts the page and performs the effects of the state machine, with [`socket`],
//! [`storage`] and [`drafts`]; [`parts`] lists the files of WebAssembly, the place that each one hydrates, and the time
//! of its loading; [`comforts`] handles keys, fingers and forms.

mod amending;
mod clock;
mod comforts;
mod current_place;
mod dom;
mod drafts;
mod driver;
mod focus;
mod forms;
mod gestures;
mod history;
mod in_view;
mod keyboard;
mod notifications;
mod parts;
mod preferences;
mod random;
mod reader;
mod scroll_anchor;
mod settings;
mod socket;
mod stats;
mod storage;
mod timeline_dom;
mod translated;
mod version;
mod viewport;
mod watching;
mod window_icon;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the page. The script that the server puts into the page calls this function.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    translated::deter(&document);
    leptos::mount::hydrate_islands();
    driver::start();
}
