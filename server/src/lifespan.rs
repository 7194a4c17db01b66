//! Start and stop of the server.
//!
//! Start: open the store, restore the chat, listen, print the address. Stop, at SIGTERM or Ctrl-C: `/readyz` fails for
//! the drain period; then the server accepts no new connections, stores and sends what it has accepted, closes sockets
//! with code 1001 and a time to reconnect, closes the store, and returns. A second signal ends the process at once.

use crate::{
    Config,
    chat::{Chat, Clock, Hub},
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

/// Timeout for storing and sending what was accepted.
const STORE_WITHIN: Duration = Duration::from_millis(1_500);
/// Timeout for closing connections and answering requests. With [`STORE_WITHIN`] before and after it, a stop takes less
/// than 5 s.
const CLOSE_WITHIN: Duration = Duration::from_millis(1_500);

/// The reason for which the server did not start. Each message is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The address could not be bound.
    #[error("Cannot listen on {address}: {source}. Is another server there? Choose another with --listen.")]
    Listen {
        /// Address and port from the settings.
        address: SocketAddr,
        /// Cause of the failure.
        source: io::Error,
    },
    /// The operating system refused another resource.
    #[error("The operating system refused what the server needs: {0}.")]
    System(#[from] io::Error),
}

/// Runs the server until a signal stops it.
///
/// # Errors
/// Returns [`StartError`] if the server cannot start.
pub async fn run(config: Config) -> Result<(), StartError> {
    web::prepare();
    let (listener, news) = unbounded_channel();
    let (journal, restored) = SqliteJournal::open(&config.data, listener)?;
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let run = restored.run;
    let clock = Clock::of_the_machine();
    let chat = Chat::new(restored, config.settings(), clock.now());
    let max_connections = usize::try_from(config.max_connections).unwrap_or(usize::MAX);
    let queue_bytes = mib(config.queue_memory);
    let hub = Hub::start(chat, clock, run, Arc::clone(&journal), news, max_connections, queue_bytes);

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
    // The output may be closed.
    writeln!(io::stdout(), "{line}").ok();
    draining.cancelled().await;
    sleep(Duration::from_secs(config.network.drain)).await;
    stopping.cancel();

    if timeout(STORE_WITHIN, hub.stop()).await.is_err() {
        tracing::error!("the store did not answer in time; what was not acknowledged may not be stored");
    }
    sockets.close();
    connections.close();
    // Connections that are still open end with the process.
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

/// Raises the limit of open files as far as possible, and reduces the caps to fit.
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
