//! Detects that the server has a new version, whose page has other parts.

use app::ui::Live;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlLinkElement, RequestCache, RequestInit, Response, Window};

const NOT_FOUND: u16 = 404;

/// Checks each time the connection is restored, and calls back if the server does not have the files of this page any
/// more: their folder is named by their content.
pub(crate) fn watch(window: &Window, document: &Document, live: Live, is_old: impl Fn() + Clone + 'static) {
    let script = document.query_selector("link[rel=modulepreload]").ok().flatten();
    let Some(script) = script.and_then(|link| link.dyn_into::<HtmlLinkElement>().ok()) else { return };
    let window = window.clone();
    live.when_back(move || {
        let init = RequestInit::new();
        init.set_method("HEAD");
        // The browser caches the file itself without an expiry.
        init.set_cache(RequestCache::NoStore);
        let (answer, is_old) = (window.fetch_with_str_and_init(&script.href(), &init), is_old.clone());
        spawn_local(async move {
            let answer = JsFuture::from(answer).await.ok().and_then(|answer| answer.dyn_into::<Response>().ok());
            if answer.is_some_and(|answer| answer.status() == NOT_FOUND) {
                is_old();
            }
        });
    });
}
