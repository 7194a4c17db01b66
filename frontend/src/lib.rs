//! The browser's side: hydration, and the adapters between the state machine and the browser.

mod driver;
mod in_view;
mod kept;
mod reading_place;
mod socket;

use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page alive. Called by the script that the server puts into the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::ui::install(driver::start);
    leptos::mount::hydrate_islands();
}
