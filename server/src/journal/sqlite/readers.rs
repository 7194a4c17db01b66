//! The connections that only read.
//!
//! Invariant: a connection comes back to the pool, even from a read that panics or whose caller is dropped.

use super::failure;
use crate::journal::JournalError;
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Timeout of a page that waits for a connection. A longer wait would only make the queue grow.
const CONNECTION_WITHIN: Duration = Duration::from_secs(5);

/// A pool of connections, each used by one read at a time.
pub(super) struct Readers {
    /// A permit for each connection.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// A connection in use, which returns to the pool when it is dropped, even after a panic.
struct Lent {
    connection: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle().push(connection);
        }
    }
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self { permits: Arc::new(Semaphore::new(connections.len())), idle: Mutex::new(connections) }
    }

    /// Runs a read on a blocking thread, with a connection of the pool. The read keeps the connection until it ends,
    /// even if the caller is dropped.
    pub(super) async fn read<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let permit = timeout(CONNECTION_WITHIN, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| JournalError::Busy)?.map_err(|_| JournalError::Closed)?;
        let reading = tokio::task::spawn_blocking(move || {
            let connection = self.idle().pop();
            let lent = Lent { connection, readers: self, _permit: permit };
            let connection = lent.connection.as_ref().ok_or(JournalError::Closed)?;
            work(connection).map_err(|error| failure(&error))
        });
        reading.await.map_err(|error| JournalError::Store(error.to_string()))?
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::{task::yield_now, time::Instant};

    fn readers(count: usize) -> Arc<Readers> {
        Arc::new(Readers::new((0..count).map(|_| Connection::open_in_memory().unwrap()).collect()))
    }

    async fn one(readers: &Arc<Readers>) -> Result<i64, JournalError> {
        Arc::clone(readers).read(|connection| connection.query_row("SELECT 1", (), |row| row.get(0))).await
    }

    #[tokio::test]
    async fn readers_that_are_given_up_cost_the_others_nothing() {
        let readers = readers(2);
        for _ in 0..50 {
            let (go, wait) = mpsc::channel::<()>();
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let given_up = tokio::spawn(Arc::clone(&readers).read(move |_| {
                begun.send(()).unwrap();
                Ok(wait.recv().is_ok())
            }));
            has_begun.await.unwrap();
            given_up.abort();
            assert!(given_up.await.unwrap_err().is_cancelled());
            // It is still read, and there is one connection for the others.
            assert_eq!(readers.permits.available_permits(), 1);
            assert_eq!([one(&readers).await, one(&readers).await], [Ok(1), Ok(1)]);
            go.send(()).unwrap();
            while readers.permits.available_permits() < 2 {
                yield_now().await;
            }
        }
        assert_eq!(readers.idle().len(), 2);
    }

    #[tokio::test]
    async fn a_reader_that_panics_gives_its_connection_back() {
        let readers = readers(1);
        for _ in 0..3 {
            let panicked = Arc::clone(&readers).read::<()>(|_| panic!("a fault")).await;
            assert!(matches!(panicked, Err(JournalError::Store(_))), "{panicked:?}");
            assert_eq!(one(&readers).await, Ok(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_waits_for_too_long_is_told_so_and_the_next_is_served() {
        let readers = readers(1);
        let held = Arc::clone(&readers.permits).acquire_owned().await.unwrap();
        let since = Instant::now();
        assert_eq!(one(&readers).await, Err(JournalError::Busy));
        assert_eq!(since.elapsed(), CONNECTION_WITHIN);
        drop(held);
        assert_eq!(one(&readers).await, Ok(1));
    }
}
