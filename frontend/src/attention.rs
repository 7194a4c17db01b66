//! What tells a person who looks elsewhere that somebody calls: the window's title and icon, notifications, a sound.

use crate::{preferences, settings};
use app::{
    markup::{cut, words},
    sync::Alert,
    ui::{Badge, Live, NOTIFY, SOUND},
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlAudioElement, HtmlLinkElement, Notification, NotificationOptions, NotificationPermission};

/// Characters of a text that a notification shows.
const SHOWN: usize = 200;

/// Names the window, and marks its icon.
pub(crate) fn call_window(document: &Document, title: &str, badge: Badge) {
    if document.title() != title {
        document.set_title(title);
    }
    let Some(icon) = icon(document) else { return };
    let address = icon.href();
    let Some((folder, shown)) = address.rsplit_once('/') else { return };
    let file = match badge {
        Badge::None => "favicon.svg",
        Badge::Unread => "favicon-unread.svg",
        Badge::Attention => "favicon-mention.svg",
    };
    if shown != file {
        icon.set_href(&format!("{folder}/{file}"));
    }
}

fn icon(document: &Document) -> Option<HtmlLinkElement> {
    document.query_selector("link[rel=icon]").ok()??.dyn_into().ok()
}

/// A file beside the window's icon.
fn beside_icon(document: &Document, file: &str) -> Option<String> {
    let address = icon(document)?.href();
    Some(format!("{}/{file}", address.rsplit_once('/')?.0))
}

/// Asks the person, through the browser, whether notifications may be shown; `answered` hears whether they may.
pub(crate) fn ask(answered: impl FnOnce(bool) + 'static) {
    let Ok(answer) = Notification::request_permission() else {
        return answered(false);
    };
    leptos::task::spawn_local(async move {
        let answer = JsFuture::from(answer).await;
        answered(answer.is_ok_and(|answer| answer.as_string().as_deref() == Some("granted")));
    });
}

/// Shows and plays what the person wants of it.
pub(crate) fn alert(live: Live, document: &Document, alert: Alert) {
    if preferences::is_on(SOUND)
        && let Some(sound) = beside_icon(document, "ping.wav")
        && let Ok(player) = HtmlAudioElement::new_with_src(&sound)
        && let Ok(played) = player.play()
    {
        // A browser may refuse, before anything was clicked on the page.
        leptos::task::spawn_local(async move { drop(JsFuture::from(played).await) });
    }
    if !preferences::is_on(NOTIFY) || Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&cut(&words(&alert.text), SHOWN));
    // One for all of the person's tabs.
    options.set_tag(&format!("natter-{}", alert.id));
    if let Some(picture) = beside_icon(document, "icon-192.png") {
        options.set_icon(&picture);
    }
    let Ok(notification) = Notification::new_with_options(&alert.from, &options) else {
        // Chrome for Android permits them, and shows none to a page without a service worker.
        return settings::refuse_to_notify(document);
    };
    let (place, shown) = (alert.place, notification.clone());
    let clicked = Closure::once_into_js(move || {
        if let Some(window) = web_sys::window() {
            drop(window.focus());
        }
        live.go(place);
        shown.close();
    });
    notification.set_onclick(Some(clicked.unchecked_ref()));
}
