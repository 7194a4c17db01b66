//! The person's clock.

use app::{calendar::HourCycle, protocol::Timestamp};
use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// Returns the calendar's time in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970 stay below 2^53"
    )]
    let millis = Date::now() as u64;
    millis
}

/// Returns the offset of the person's clock from UTC at a moment, in minutes.
pub(crate) fn utc_offset(ts: Timestamp) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay below 2^53")]
    let date = Date::new(&JsValue::from_f64(ts.as_millis() as f64));
    #[expect(clippy::cast_possible_truncation, reason = "a day has 1440 minutes")]
    let behind = date.get_timezone_offset() as i32;
    -behind
}

/// Returns the hour cycle of the person's clock, by the browser's language.
pub(crate) fn hour_cycle() -> HourCycle {
    let options = Object::new();
    // A plain object accepts any property, so this cannot fail.
    drop(Reflect::set(&options, &"hour".into(), &"numeric".into()));
    let format = Intl::DateTimeFormat::new(&Array::new(), &options);
    let is_twelve = Reflect::get(&format.resolved_options(), &"hour12".into()).is_ok_and(|twelve| twelve.is_truthy());
    if is_twelve { HourCycle::H12 } else { HourCycle::H24 }
}
