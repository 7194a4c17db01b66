//! The start and the stop.
//!
//! Start: open the store, restore, listen, say so. Stop, at SIGTERM or Ctrl-C: let `/readyz` fail, and go on for as long as
//! is set; then take no new connections, store and tell what was accepted, close sockets with 1001 and a moment to come back
//! at, close the store, return. A second signal ends the process at once.

use crate::{
    Config,
    chat::{self, Chat, Hub, Now},
    config::mib,
    journal::{Journal, OpenError, SqliteJournal},
    listen::{Caps, Counters, Listening, Places},
    web,
};
use std::{io, io::Write, net::SocketAddr, process, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::mpsc::unbounded_channel,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long storing and telling what was accepted may take.
const STORE_WITHIN: Duration = Duration::from_millis(1_500);
/// How long open connections get to say goodbye and requests to be answered. With [`STORE_WITHIN`] before and after it, a
/// stop stays within 5 s.
const CLOSE_WITHIN: Duration = Duration::from_millis(1_500);

/// Why the server did not start. Each is one sentence for the person who starts it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The address.
    #[error("Cannot listen on {address}: {source}. Is another server there? Choose another with --listen.")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The operating system.
    #[error("The operating system refused what the server needs: {0}.")]
    System(#[from] io::Error),
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// [`StartError`] when it cannot start.
pub async fn run(config: Config) -> Result<(), StartError> {
    web::prepare();
    let (completions, completed) = unbounded_channel();
    let (journal, restored) = SqliteJournal::open(&config.data, completions)?;
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let run = restored.run;
    let chat = Chat::new(restored, config.settings(), Now { elapsed_ms: 0, clock: chat::clock() });
    let max_connections = usize::try_from(config.max_connections).unwrap_or(usize::MAX);
    let queue_bytes = mib(config.queue_memory);
    let hub = Hub::start(chat, run, Arc::clone(&journal), completed, max_connections, queue_bytes);

    let listening = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let (draining, stopping) = (CancellationToken::new(), CancellationToken::new());
    let sockets = TaskTracker::new();
    drain_at_signal(draining.clone())?;
    let (counters, connections) = (Arc::new(Counters::default()), TaskTracker::new());
    let caps = fitting(config.network.caps());
    let state =
        web::State::new(&config, caps.all, Arc::clone(&hub), sockets.clone(), Arc::clone(&counters), draining.clone())?;
    let router = web::router(state);
    let listening = Listening {
        patience: config.network.patience(),
        places: Places::new(caps),
        proxies: config.proxies.as_slice().into(),
        counters,
        stopping: stopping.clone(),
        connections: connections.clone(),
    };
    tokio::spawn(listening.accept(listener, router));

    let line = format!("natter is listening on http://{address} and keeps everything in {}", config.data.display());
    // Nobody may be reading it.
    writeln!(io::stdout(), "{line}").ok();
    draining.cancelled().await;
    sleep(Duration::from_secs(config.network.drain)).await;
    stopping.cancel();

    if timeout(STORE_WITHIN, hub.stop()).await.is_err() {
        tracing::error!("the store did not answer in time; what was not acknowledged may not be stored");
    }
    sockets.close();
    connections.close();
    // What is still open then ends with the process.
    if timeout(CLOSE_WITHIN, async { tokio::join!(sockets.wait(), connections.wait()) }).await.is_err() {
        let (sockets, connections) = (sockets.len(), connections.len());
        tracing::warn!(sockets, connections, "connections did not close in time");
    }
    let closing = tokio::task::spawn_blocking(move || journal.close());
    if timeout(STORE_WITHIN, closing).await.is_err() {
        tracing::error!("the store did not close in time");
    }
    Ok(())
}

/// Raises the limit of open files as far as it may be, and has the caps fit under it.
fn fitting(caps: Caps) -> Caps {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit of open files could not be raised");
        rlimit::Resource::NOFILE.get_soft().unwrap_or(u64::MAX)
    });
    let fitted = caps.fitted(files);
    if fitted.all < caps.all {
        tracing::warn!(files, connections = fitted.all, "fewer connections than set, for want of files (ulimit -n)");
    }
    fitted
}

/// Cancels `draining` at the first SIGTERM or Ctrl-C, and ends the process at the second.
fn drain_at_signal(draining: CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for is_second in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if is_second {
                process::exit(130);
            }
            draining.cancel();
        }
    });
    Ok(())
}
