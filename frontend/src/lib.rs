//! The browser's side: hydration, and the adapters between the state machine and the browser.

// Without a use of `app` the islands in it are not linked (leptos#2083).
extern crate app;

mod driver;
mod socket;

use leptos::wasm_bindgen::{self, prelude::wasm_bindgen};

/// Brings the page alive. Called by the script that the server puts into the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::ui::install(driver::start);
    leptos::mount::hydrate_islands();
}
