//! The browser's side: hydration, and the adapters between the state machine and the browser.

mod attention;
mod current_place;
mod dom;
mod drafts;
mod driver;
mod focus;
mod forms;
mod gestures;
mod history;
mod in_view;
mod kept;
mod keyboard;
mod local_times;
mod log;
mod preferences;
mod random;
mod reading_place;
mod settings;
mod socket;
mod stats;
mod translated;
mod viewport;
mod watching;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page alive. Called by the script that the server puts into the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    translated::undo(&document);
    leptos::mount::hydrate_islands();
    // The script calls each island right behind this, in one go of the browser, and a timer comes behind that. What the
    // page changed before all of them are alive would not be what the next one finds.
    Timeout::new(0, move || {
        translated::allow(&document);
        driver::start();
    })
    .forget();
}
