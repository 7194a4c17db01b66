//! The window's title and icon, which show unread entries to a person who is looking elsewhere.

use app::ui::Badge;
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlLinkElement};

/// Sets the title, and the badge of the icon.
pub(crate) fn show(document: &Document, title: &str, badge: Badge) {
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

pub(crate) fn icon(document: &Document) -> Option<HtmlLinkElement> {
    document.query_selector("link[rel=icon]").ok()??.dyn_into().ok()
}
