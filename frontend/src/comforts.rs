//! The page's conveniences: keys, forms without a page load, the focus, gestures, the history.

use crate::{
    amending, current_place,
    dom::{on, target},
    focus, forms, gestures, history,
    keyboard::{self, open_keys},
    preferences, version, viewport,
};
use app::ui::Live;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlElement};

/// Listens for as long as the document lives. `open_settings` opens the settings and returns `true`, unless it leaves
/// that to the browser; `is_old` is called when the server has a newer version than the page.
pub(crate) fn start(
    live: Live,
    open_settings: impl Fn(HtmlElement) -> bool + 'static,
    is_old: impl Fn() + Clone + 'static,
) {
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    let Ok(Some(view)) = document.query_selector(".scroll") else { return };
    preferences::label_enter(&document);
    focus::keep(&document, live);
    current_place::keep_in_view(&document);
    keyboard::listen(&document, &view, live);
    forms::listen(&document, live);
    amending::listen(&document, live);
    gestures::listen(&document);
    history::listen_to(&window, live);
    history::follow_rooms(&document, live);
    viewport::listen(&window, &document);
    version::watch(&window, &document, live, is_old);
    follow_buttons(&document, live, open_settings);
}

/// Handles the buttons that open a part which is loaded on demand.
fn follow_buttons(document: &Document, live: Live, open_settings: impl Fn(HtmlElement) -> bool + 'static) {
    let owner = document.clone();
    on(document, "click", move |event: Event| {
        let pressed = target::<Element>(&event);
        let button = pressed.and_then(|it| {
            it.closest("[data-opens], [popovertarget=settings]:not([popovertargetaction])").ok().flatten()
        });
        let Some(button) = button else { return };
        match button.get_attribute("data-opens").as_deref() {
            Some("switcher") => {
                if live.is_started() {
                    live.open_switcher();
                }
            }
            Some(_) => open_keys(&owner),
            None => {
                if button.dyn_into().is_ok_and(&open_settings) {
                    event.prevent_default();
                }
            }
        }
    });
}
