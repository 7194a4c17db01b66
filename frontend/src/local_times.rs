//! The times that the server rendered, which are UTC and of 24 hours, by the person's own clock.

use crate::dom::{all, by_id};
use app::{
    calendar::{self, HourCycle},
    protocol::Timestamp,
    ui::Driver,
};
use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

/// Sets them, once.
pub(crate) fn set(document: &Document, driver: &dyn Driver) {
    let Some(entries) = by_id::<Element>(document, "entries") else { return };
    for time in all::<Element>(&entries, "time") {
        let moment = time.get_attribute("datetime").unwrap_or_default();
        let millis = js_sys::Date::new(&JsValue::from_str(&moment)).get_time();
        let ts = Timestamp::from_seconds(millis / 1_000.0);
        let (offset, hours) = (driver.utc_offset(ts), driver.hour_cycle());
        let is_small =
            time.closest("[data-continues], [data-kind=action], [data-kind=system]").ok().flatten().is_some();
        let time_of_day = if is_small { calendar::short_time_of_day } else { calendar::time_of_day };
        time.set_text_content(Some(&time_of_day(ts, offset, hours)));
        // A constant name is one that an attribute can have.
        drop(time.set_attribute("title", &calendar::full(ts, offset, hours)));
    }
}

/// How the person's clock counts the hours, as the browser's language has it.
pub(crate) fn hour_cycle() -> HourCycle {
    let options = Object::new();
    // A plain object takes any property.
    drop(Reflect::set(&options, &"hour".into(), &"numeric".into()));
    let format = Intl::DateTimeFormat::new(&Array::new(), &options);
    let is_twelve = Reflect::get(&format.resolved_options(), &"hour12".into()).is_ok_and(|twelve| twelve.is_truthy());
    if is_twelve { HourCycle::H12 } else { HourCycle::H24 }
}
