//! The thread pool that renders pages, and serializes and compresses the responses of the API: one thread fewer than
//! the machine has cores, so that requests never keep the sockets waiting.
//!
//! Invariants:
//! - a request waits for a turn before anything is gathered for its response, and keeps the turn until the response is
//!   complete, even if the client is gone;
//! - addresses take turns ([`FairQueue`]); requests without an address count as one.

use super::{State, errors::WebError, extract::ClientAddress};
use crate::{
    chat::Address,
    fair_queue::{Busy, FairQueue, Refusals, TURN_WITHIN, Turn, WAITING},
};
use axum::{
    body::{Body, to_bytes},
    extract::{self, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{io, panic::resume_unwind, sync::Arc, thread::available_parallelism};
use tokio::runtime::{Builder, Runtime};

/// Niceness of the threads, which gives those that serve sockets precedence: each step is about a tenth of a core's
/// time.
const NICE: i32 = 10;

/// The thread pool with its queue. See the [module](self).
#[derive(Debug)]
pub(super) struct Workshop {
    /// `None` once it is being dropped.
    runtime: Option<Runtime>,
    queue: Arc<FairQueue<Option<Address>>>,
}

/// A place in the workshop, which is passed to the next request when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _turn: Turn<Option<Address>>,
}

impl Workshop {
    /// Starts the threads.
    ///
    /// # Errors
    /// Returns the operating system's error.
    pub(super) fn new() -> io::Result<Self> {
        Self::with_threads(available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)))
    }

    fn with_threads(threads: usize) -> io::Result<Self> {
        // Leptos' executor must be set before anything is rendered; an error would only mean that it is set already.
        drop(any_spawner::Executor::init_tokio());
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("pages")
            .on_thread_start(|| {
                // If this fails, pages are as urgent as everything else, which works, too.
                rustix::process::nice(NICE).ok();
            })
            .enable_all()
            .build()?;
        // One request more than there are threads can wait for the store meanwhile.
        Ok(Self { runtime: Some(runtime), queue: FairQueue::new(threads + 1, WAITING, TURN_WITHIN) })
    }

    /// Waits for a turn.
    pub(super) async fn place(&self, ClientAddress(address): ClientAddress) -> Result<Place, Busy> {
        self.queue.turn(address).await.map(|turn| Place { _turn: turn })
    }

    /// Makes a response in a turn, to its last byte.
    pub(super) async fn make(&self, place: Place, answer: impl Future<Output = Response> + Send + 'static) -> Response {
        let Some(runtime) = &self.runtime else { return WebError::Busy.into_response() };
        let making = runtime.spawn(async move {
            let _place = place;
            let (parts, body) = answer.await.into_parts();
            // The body is in memory already, so no other bound is needed.
            match to_bytes(body, usize::MAX).await {
                Ok(body) => Response::from_parts(parts, Body::from(body)),
                Err(error) => WebError::Internal(error.into()).into_response(),
            }
        });
        match making.await {
            Ok(response) => response,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => WebError::Busy.into_response(),
        }
    }

    /// Returns the number of requests that wait for a turn.
    pub(super) fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Returns the counts of requests that got no turn.
    pub(super) fn refusals(&self) -> Refusals {
        self.queue.refusals()
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // Dropping a runtime blocks, which is not allowed on a thread that serves others.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs a handler of the API in the workshop, with the compression of its response.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    address: ClientAddress,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    let place = state.workshop.place(address).await?;
    Ok(state.workshop.make(place, next.run(request)).await)
}

#[cfg(test)]
mod tests;
