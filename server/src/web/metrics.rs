//! `/metrics`: measurements for Prometheus.

use super::{State, admission::Kind, errors::WebError};
use crate::journal;
use axum::{
    extract,
    http::{HeaderName, header},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
    },
    registry::{Registry, Unit},
};
/// Media type of `OpenMetrics` text, which Prometheus reads.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns the current measurements.
pub(super) async fn metrics(
    extract::State(state): extract::State<State>,
) -> Result<([(HeaderName, &'static str); 1], String), WebError> {
    let State { hub, counters, admission, workshop, .. } = state;
    let stats = hub.stats();
    let gauge = |value: usize| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let mut registry = Registry::with_prefix("natter");
    registry.register("connections", "Open WebSocket connections", gauge(admission.taken(Kind::WebSocket)));
    registry.register("event_listeners", "Listeners to the event stream", gauge(admission.taken(Kind::EventStream)));
    registry.register("users_online", "Users connected, or gone for less than the grace", gauge(stats.users_online));
    registry.register("rooms", "Rooms", gauge(stats.rooms_count));
    registry.register("entries", "Entries stored", ConstCounter::new(stats.messages_total));
    registry.register("cached_bytes", "Bytes of messages in memory", gauge(hub.cached_bytes()));
    registry.register("queued_bytes", "Bytes that wait to be sent to all connections", gauge(hub.queued_bytes()));
    let damaged = gauge(journal::damaged_entries());
    registry.register("damaged_entries", "Damaged entries read since the start, 1,000 at the most", damaged);
    let closed = hub.closed();
    let slow = ConstCounter::new(closed.too_slow);
    registry.register("closed_slow", "Connections closed because they did not read", slow);
    let largest = ConstCounter::new(closed.for_memory);
    registry.register("closed_largest", "Connections closed because too much waited for all together", largest);
    registry.register("pages_waiting", "Pages and answers of the API that wait for a turn", gauge(workshop.waiting()));
    let refused = by_label("by", workshop.refusals().by_reason());
    registry.register("pages_refused", "Pages and answers of the API for which there was no turn", refused);
    registry.register("reads_waiting", "Pages of history that wait to be read", gauge(hub.waiting_readers()));
    let refused = by_label("by", hub.refused_readers());
    registry.register("reads_refused", "Pages of history for which there was no turn", refused);
    registry.register("ready", "Whether what people send can be stored", gauge(usize::from(hub.is_ready())));
    let gauge = |value: u64| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    registry.register("tcp_connections_open", "Open TCP connections of any kind", gauge(counters.open()));
    registry.register("tcp_connections", "TCP connections served", ConstCounter::new(counters.total()));
    let refused = by_label("by", counters.refusals());
    registry.register("tcp_connections_refused", "TCP connections past a cap", refused);
    let late = by_label("step", counters.late());
    registry.register("tcp_connections_late", "TCP connections whose client took too long", late);
    let refused = by_label("by", admission.refusals().into_iter());
    registry.register("live_connections_refused", "WebSockets and event streams past a limit", refused);
    let uptime = ConstGauge::new(i64::try_from(stats.uptime).unwrap_or(i64::MAX));
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, uptime);

    let mut text = String::new();
    encode(&mut text, &registry).map_err(|error| WebError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, TEXT)], text))
}

/// The name and value of a label.
type Label = [(&'static str, &'static str); 1];

/// Makes a counter with a label for each value.
fn by_label(label: &'static str, counts: impl Iterator<Item = (&'static str, u64)>) -> Family<Label, Counter> {
    let family = Family::<Label, Counter>::default();
    for (value, count) in counts {
        family.get_or_create(&[(label, value)]).inc_by(count);
    }
    family
}
