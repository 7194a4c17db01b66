//! The person's preferences in this browser. They are kept in its storage; the theme is kept in a cookie, so that the
//! server renders the chosen one.

use crate::dom::{all, by_id, is_touched};
use app::ui::{ENTER_SENDS, Live, Theme};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlDocument, Storage};

/// Lifetime of the theme's cookie in seconds: a year.
const THEME_KEPT_S: u32 = 365 * 24 * 60 * 60;

/// Returns `true` if a preference is on. By default Enter sends, except with an on-screen keyboard, which has no
/// Shift+Enter for a new line.
pub(crate) fn is_on(name: &str) -> bool {
    let kept = storage().and_then(|storage| storage.get_item(&key(name)).ok().flatten());
    kept.map_or_else(|| name == ENTER_SENDS && !is_touched(), |kept| kept == "on")
}

/// Labels the Enter key of an on-screen keyboard with its effect.
pub(crate) fn label_enter(document: &Document) {
    let label = if is_on(ENTER_SENDS) { "send" } else { "enter" };
    // The name is a valid attribute's, so this cannot fail.
    drop(by_id::<Element>(document, "text").map(|field| field.set_attribute("enterkeyhint", label)));
}

pub(crate) fn keep(name: &str, on: bool) {
    if let Some(storage) = storage() {
        // A full storage loses the preference and nothing else.
        drop(storage.set_item(&key(name), if on { "on" } else { "off" }));
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn key(name: &str) -> String {
    format!("natter/prefers/{name}")
}

/// Shows the document in a theme, and stores the choice.
pub(crate) fn apply_theme(document: &Document, live: Live, theme: Option<Theme>) {
    if let Some(root) = document.document_element() {
        // The name is a valid attribute's, so these cannot fail.
        drop(match theme {
            Some(theme) => root.set_attribute("data-theme", theme.name()),
            None => root.remove_attribute("data-theme"),
        });
        // The colour of the browser's frame: one element for each theme of the system.
        for frame in all::<Element>(&root, "meta[name=theme-color]") {
            let system = if frame.matches("[media*=dark]") == Ok(true) { Theme::Dark } else { Theme::Light };
            drop(frame.set_attribute("content", theme.unwrap_or(system).ground()));
        }
    }
    let (value, age) = theme.map_or(("", 0), |theme| (theme.name(), THEME_KEPT_S));
    if let Some(document) = document.dyn_ref::<HtmlDocument>() {
        let is_https = document.url().is_ok_and(|url| url.starts_with("https:"));
        let secure = if is_https { "; Secure" } else { "" };
        let name = Theme::cookie(&live.identity().1, is_https);
        let cookie = format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax{secure}");
        // A document from a web server accepts cookies.
        drop(document.set_cookie(&cookie));
    }
}
