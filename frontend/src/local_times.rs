//! The times that the server rendered, which are UTC, by the person's own clock.

use crate::dom::{all, by_id};
use app::{calendar, protocol::Timestamp, ui::Driver};
use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

/// Sets them, once.
pub(crate) fn set(document: &Document, driver: &dyn Driver) {
    let Some(entries) = by_id::<Element>(document, "entries") else { return };
    for time in all::<Element>(&entries, "time") {
        let moment = time.get_attribute("datetime").unwrap_or_default();
        let millis = js_sys::Date::new(&JsValue::from_str(&moment)).get_time();
        let ts = Timestamp::from_seconds(millis / 1_000.0);
        let offset = driver.utc_offset(ts);
        time.set_text_content(Some(&calendar::time_of_day(ts, offset)));
        // A constant name is one that an attribute can have.
        drop(time.set_attribute("title", &calendar::full(ts, offset)));
    }
}
