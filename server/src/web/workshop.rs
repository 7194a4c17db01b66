//! Where pages are rendered and the API's answers are written and compressed: threads of their own, one fewer than the
//! machine has cores, so that what is asked for never keeps the sockets waiting.
//!
//! Invariants:
//! - whoever asks for a page or an answer waits for a turn before anything is gathered for it, and has the turn until all of
//!   it is written, also when nobody waits for it any more;
//! - addresses take turns ([`FairQueue`]); users without one count as one.

use super::{State, address::Sender, api, headers};
use crate::{
    chat::Address,
    fair_queue::{Busy, FairQueue, Refusals, TURN_WITHIN, Turn, WAITING},
};
use axum::{
    body::{Body, to_bytes},
    extract::{self, Request},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{io, panic::resume_unwind, sync::Arc, thread::available_parallelism};
use tokio::runtime::{Builder, Runtime};

/// How much less of a core a thread here gets than one that serves sockets, when both want it: a step of `nice` is about a
/// tenth.
const NICE: i32 = 10;
/// What a page says for which there is no turn.
const BUSY: &str = "The server is busy right now. Please try again. What you typed is still there when you go back.\n";

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Workshop {
    /// Until it is dropped.
    runtime: Option<Runtime>,
    queue: Arc<FairQueue<Option<Address>>>,
}

/// A place in the workshop. Dropping it gives it to the next.
#[derive(Debug)]
pub(super) struct Place {
    _turn: Turn<Option<Address>>,
}

impl Workshop {
    /// Starts the threads.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn new() -> io::Result<Self> {
        Self::with_threads(available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)))
    }

    fn with_threads(threads: usize) -> io::Result<Self> {
        // Leptos' executor must be named before anything is rendered; a second call of this is no error worth ending for.
        drop(any_spawner::Executor::init_tokio());
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("pages")
            .on_thread_start(|| {
                // Without it pages are as urgent as everything else, which works too.
                rustix::process::nice(NICE).ok();
            })
            .enable_all()
            .build()?;
        // One more than there are threads may wait for the store meanwhile.
        Ok(Self { runtime: Some(runtime), queue: FairQueue::new(threads + 1, WAITING, TURN_WITHIN) })
    }

    /// Waits for a turn.
    pub(super) async fn place(&self, Sender(address): Sender) -> Result<Place, Busy> {
        self.queue.turn(address).await.map(|turn| Place { _turn: turn })
    }

    /// Makes an answer in a turn, to its last byte.
    pub(super) async fn make(&self, place: Place, answer: impl Future<Output = Response> + Send + 'static) -> Response {
        let Some(runtime) = &self.runtime else { return Busy.into_response() };
        let making = runtime.spawn(async move {
            let _place = place;
            let (parts, body) = answer.await.into_parts();
            // It is in memory already, so this has no other bound than what is answered with.
            match to_bytes(body, usize::MAX).await {
                Ok(body) => Response::from_parts(parts, Body::from(body)),
                Err(error) => {
                    tracing::error!(%error, "an answer could not be written");
                    StatusCode::INTERNAL_SERVER_ERROR.into_response()
                }
            }
        });
        match making.await {
            Ok(response) => response,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Busy.into_response(),
        }
    }

    /// How many wait for a turn.
    pub(super) fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// How many did not get one.
    pub(super) fn refusals(&self) -> Refusals {
        self.queue.refusals()
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // The runtime itself would wait, which must not be done where others wait for this thread.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl IntoResponse for Busy {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, headers::retry_after(), BUSY).into_response()
    }
}

/// Has an answer of the API made in the workshop, its handler and its compression.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    sender: Sender,
    request: Request,
    next: Next,
) -> Response {
    match state.workshop.place(sender).await {
        Ok(place) => state.workshop.make(place, next.run(request)).await,
        Err(Busy) => api::busy(),
    }
}

#[cfg(test)]
mod tests;
