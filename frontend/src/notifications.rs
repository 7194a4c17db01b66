//! Notifications and a sound for a person who is looking elsewhere.

use crate::{
    dom::{by_id, find},
    preferences, window_icon,
};
use app::{
    markup::{cut, words},
    protocol::EntryId,
    sync::Alert,
    ui::{Live, NOTIFY, SOUND},
};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, HtmlAudioElement, HtmlInputElement, Notification, NotificationOptions, NotificationPermission,
};

/// The reason for which a switch was turned off by the page.
const NO_NOTIFICATIONS: &str = "This browser could not show a notification, so they are off.";

/// Most characters of a text in a notification.
const SHOWN: usize = 200;

/// Returns the address of a file in the folder of the window's icon.
fn beside_icon(document: &Document, file: &str) -> Option<String> {
    let address = window_icon::icon(document)?.href();
    Some(format!("{}/{file}", address.rsplit_once('/')?.0))
}

/// Number of notifications that can be taken back: the newest.
const REMEMBERED: usize = 20;

thread_local! {
    /// The newest notifications, with their entries.
    static SHOWN_NOW: RefCell<Vec<(EntryId, Notification)>> = const { RefCell::new(Vec::new()) };
}

/// Asks the person for permission to show notifications; `answered` receives `true` if it is granted.
pub(crate) fn ask(answered: impl FnOnce(bool) + 'static) {
    let Ok(answer) = Notification::request_permission() else {
        return answered(false);
    };
    leptos::task::spawn_local(async move {
        let answer = JsFuture::from(answer).await;
        answered(answer.is_ok_and(|answer| answer.as_string().as_deref() == Some("granted")));
    });
}

/// Shows and plays an alert as the person's preferences say.
pub(crate) fn alert(live: Live, document: &Document, alert: Alert) {
    if preferences::is_on(SOUND)
        && let Some(sound) = beside_icon(document, "ping.wav")
        && let Ok(player) = HtmlAudioElement::new_with_src(&sound)
        && let Ok(played) = player.play()
    {
        // A browser may refuse to play a sound before the first click on the page.
        leptos::task::spawn_local(async move { drop(JsFuture::from(played).await) });
    }
    if !preferences::is_on(NOTIFY) || Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&cut(&words(&alert.text), SHOWN));
    // The tag makes the tabs of one person share the notification.
    options.set_tag(&format!("natter-{}", alert.id));
    if let Some(picture) = beside_icon(document, "icon-192.png") {
        options.set_icon(&picture);
    }
    let Ok(notification) = Notification::new_with_options(&alert.from, &options) else {
        // Chrome for Android grants the permission, but shows no notifications of a page without a service worker.
        return refuse(document);
    };
    SHOWN_NOW.with_borrow_mut(|shown| {
        shown.truncate(REMEMBERED - 1);
        shown.insert(0, (alert.id, notification.clone()));
    });
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

/// Closes the notification of an entry that was deleted.
pub(crate) fn take_back(id: EntryId) {
    SHOWN_NOW.with_borrow(|shown| {
        shown.iter().filter(|(its, _)| *its == id).for_each(|(_, notification)| notification.close());
    });
}

/// Turns the preference off, since the browser shows no notifications although it permits them, and says so.
fn refuse(document: &Document) {
    preferences::keep(NOTIFY, false);
    let root = document.document_element();
    if let Some(switch) = root.and_then(|root| find::<HtmlInputElement>(&root, &format!("[data-preference={NOTIFY}]")))
    {
        switch.set_checked(false);
    }
    explain(document, NO_NOTIFICATIONS);
}

/// Shows the reason for missing notifications beside the switch; an empty one hides it.
pub(crate) fn explain(document: &Document, problem: &str) {
    if let Some(place) = by_id::<Element>(document, "notify-problem") {
        place.set_text_content(Some(problem));
    }
}
