//! The event stream `/events` (Server-Sent Events): what happens to the chat as a whole, as it happens.

use super::{
    State,
    address::Sender,
    admission::{Kind, Place, Who},
    session,
};
use crate::chat::{Event, Watching};
use axum::{
    extract,
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response, Sse, sse},
};
use futures::{Stream, StreamExt, stream};
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, interval_at};

/// How often a comment keeps proxies awake.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// The header by which a browser says which event it saw last.
const LAST_EVENT_ID: &str = "last-event-id";

/// Streams the kept events after the last one that was seen, the statistics, and then whatever happens.
pub(super) async fn events(
    extract::State(state): extract::State<State>,
    Sender(address): Sender,
    headers: HeaderMap,
) -> Response {
    let who = Who { user: session::user(&state, &headers), address, kind: Kind::EventStream };
    let place = match state.admission.admit(who) {
        Ok(place) => place,
        Err(refusal) => return refusal.response(),
    };
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.trim().parse().ok());
    match state.hub.watch(last) {
        Ok(watching) => {
            let events = Sse::new(stream_of(watching, place));
            // For nginx, which would hold events back to fill a buffer.
            ([(HeaderName::from_static("x-accel-buffering"), "no")], events).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

/// It ends when the server stops, and for a reader that does not keep up, which comes back with its last event.
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
