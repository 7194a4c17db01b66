//! The chat's statistics from the event stream, for as long as they are visible: browsers allow a handful of
//! connections to one server, and every open tab would hold one.

use app::protocol::{Stats, read_json};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, EventSource, MessageEvent};

/// An open event stream. Dropping it closes the stream.
pub(crate) struct Numbers {
    source: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Numbers {
    /// Opens the stream, if the browser supports it, and shows the numbers in their elements.
    pub(crate) fn listen(document: &Document) -> Option<Self> {
        let source = EventSource::new("/events").ok()?;
        let owner = document.clone();
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(stats) = event.data().as_string().and_then(|json| read_json(&json)) {
                show(&owner, &stats);
            }
        });
        source.add_event_listener_with_callback("stats", heard.as_ref().unchecked_ref()).ok()?;
        Some(Self { source, _heard: heard })
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn show(document: &Document, stats: &Stats) {
    let numbers = [
        ("users_online", stats.users_online.to_string()),
        ("rooms_count", stats.rooms_count.to_string()),
        ("messages_total", stats.messages_total.to_string()),
        ("uptime", app::calendar::duration(stats.uptime)),
    ];
    for (name, number) in numbers {
        if let Ok(Some(place)) = document.query_selector(&format!("[data-number={name}]")) {
            place.set_text_content(Some(&number));
        }
    }
}
