//! `/metrics`: the chat in numbers, for Prometheus.

use crate::chat::Hub;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::{Registry, Unit},
};
use std::sync::Arc;

/// The media type of `OpenMetrics` text, which Prometheus reads.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The numbers of this moment.
pub(super) async fn metrics(State(hub): State<Arc<Hub>>) -> Response {
    let stats = hub.stats();
    let gauge = |value: usize| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let mut registry = Registry::with_prefix("natter");
    registry.register("connections", "Open WebSocket connections", gauge(hub.connections()));
    registry.register("event_listeners", "Listeners to the event stream", gauge(stats.sse_subscribers));
    registry.register("users_online", "Users connected, or gone for less than the grace", gauge(stats.users_online));
    registry.register("rooms", "Rooms", gauge(stats.rooms_count));
    registry.register("entries", "Entries stored", ConstCounter::new(stats.messages_total));
    registry.register("ready", "Whether what people send can be stored", gauge(usize::from(hub.is_ready())));
    let uptime = ConstGauge::new(i64::try_from(stats.uptime).unwrap_or(i64::MAX));
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, uptime);

    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
