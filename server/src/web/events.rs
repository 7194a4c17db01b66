//! The event stream `/events` (Server-Sent Events): events of the whole chat, as they happen.

use super::{
    State,
    admission::{Kind, Place, Who},
    errors::WebError,
    extract::{ClientAddress, Viewer},
};
use crate::chat::{Event, Watching};
use axum::{
    extract,
    http::{HeaderMap, HeaderName},
    response::{IntoResponse, Sse, sse},
};
use futures::{Stream, StreamExt, stream};
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, interval_at};

/// Interval of the comments that keep proxies from closing an idle stream.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// Header with the last event that a browser has seen.
const LAST_EVENT_ID: &str = "last-event-id";

/// Streams the kept events after the last seen one, the statistics, and then live events.
pub(super) async fn events(
    extract::State(state): extract::State<State>,
    ClientAddress(address): ClientAddress,
    viewer: Option<Viewer>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, WebError> {
    let who = Who { user: viewer.map(|viewer| viewer.user), address, kind: Kind::EventStream };
    let place = state.admission.admit(who)?;
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let events = Sse::new(stream_of(state.hub.watch(last)?, place));
    // nginx would hold events back to fill a buffer.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], events))
}

/// The stream ends when the server stops, and for a reader that lags, which reconnects with its last event.
fn stream_of(watching: Watching, place: Place) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let comments = interval_at(Instant::now() + COMMENT_EVERY, COMMENT_EVERY);
    let live = stream::unfold((watching.live, comments, place), |(mut live, mut comments, place)| async move {
        let told = tokio::select! {
            event = live.recv() => frame(&event.ok()?),
            _ = comments.tick() => sse::Event::default().comment(""),
        };
        Some((told, (live, comments, place)))
    });
    stream::iter(watching.replay).map(|event| frame(&event)).chain(live).map(Ok)
}

fn frame(event: &Event) -> sse::Event {
    let frame = sse::Event::default().event(event.name).data(&*event.data);
    match event.id {
        Some(id) => frame.id(id.to_string()),
        None => frame,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::tests::start,
        web::admission::{Admission, Caps, ConnectRates},
    };

    #[tokio::test(start_paused = true)]
    async fn a_comment_every_fifteen_seconds_keeps_proxies_awake() {
        let hub = start().0;
        let caps = Caps { websockets: 1, event_streams: 1, per_user: 1, per_address: 1 };
        let admission = Admission::new(caps, ConnectRates::of(0));
        let place = admission.admit(Who { user: None, address: None, kind: Kind::EventStream }).unwrap();
        let since = Instant::now();
        let events = Sse::new(stream_of(hub.watch(None).unwrap(), place)).into_response();
        let mut chunks = events.into_body().into_data_stream();
        let mut comments = Vec::new();
        while comments.len() < 2 {
            let chunk = chunks.next().await.unwrap().unwrap();
            if chunk.starts_with(b":") {
                comments.push(since.elapsed());
            }
        }
        assert_eq!(comments, [COMMENT_EVERY, 2 * COMMENT_EVERY]);
    }
}
