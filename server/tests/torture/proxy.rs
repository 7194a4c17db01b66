//! The network between clients and the server: a TCP proxy with the faults of real networks, on demand.
//!
//! Invariant: within a connection the bytes that arrive are the first ones that were sent, in order. A connection can
//! end or fall silent at any byte, but no byte goes missing in between, since TCP would not allow that: so a connection
//! that was half-open once stays so.

use crate::dice::Dice;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Size of one read, in bytes.
const PIECE: usize = 4 * 1024;
/// Maximum number of pieces in flight in one direction. Beyond it the sender has to wait.
const PIECES: usize = 64;
/// Shares per second of a throttled connection.
const SHARES: u64 = 50;
/// Time for which an orderly end waits for the last bytes of both sides.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// The fault of a connection; the default is none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fault {
    /// Minimum delay in milliseconds, and the maximum of the random delay on top.
    pub(crate) delay: (u64, u64),
    /// Throughput in each direction, in small pieces.
    pub(crate) bytes_per_second: Option<u64>,
    /// `true` if nothing gets through any more, not even an end, and neither side notices.
    pub(crate) is_half_open: bool,
    pub(crate) cut: Option<Cut>,
}

/// The end of a connection after this many more bytes in one direction, or at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) direction: Direction,
    pub(crate) after: u64,
    pub(crate) ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClient,
}

/// The way in which both sides learn of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A reset, which discards what was not read yet.
    Reset,
    /// An orderly end, as if the other side had closed.
    Orderly,
}

impl Cut {
    pub(crate) const fn now(ending: Ending) -> Self {
        Self { direction: Direction::ToServer, after: 0, ending }
    }
}

impl From<Cut> for Fault {
    fn from(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }
}

/// The proxy, whose connections end when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
    _accepting: JoinSet<()>,
}

#[derive(Debug)]
struct Network {
    server: String,
    future: Mutex<Fault>,
    present: Mutex<Vec<watch::Sender<Fault>>>,
    refuses: AtomicBool,
}

impl Proxy {
    /// Starts a proxy without faults before a server.
    pub(crate) async fn start(server: &str, dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let network = Arc::new(Network {
            server: server.to_owned(),
            future: Mutex::default(),
            present: Mutex::default(),
            refuses: AtomicBool::new(false),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&network), dice));
        Self { address, network, _accepting: accepting }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Sets the fault of the existing connections.
    pub(crate) fn on_present(&self, fault: impl Into<Fault>) {
        let fault = fault.into();
        self.network.present.lock().unwrap().retain(|connection| connection.send(fault).is_ok());
    }

    /// Sets the fault of later connections.
    pub(crate) fn on_future(&self, fault: impl Into<Fault>) {
        *self.network.future.lock().unwrap() = fault.into();
    }

    /// Sets the fault of existing and later connections.
    pub(crate) fn on_all(&self, fault: impl Into<Fault>) {
        let fault = fault.into();
        self.on_future(fault);
        self.on_present(fault);
    }

    /// Resets new connections at once (`true`), or accepts them again.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.network.refuses.store(refuses, Ordering::Relaxed);
    }

    /// Ends all faults, except that half-open connections stay so.
    pub(crate) fn heal(&self) {
        self.refuse(false);
        self.on_all(Fault::default());
    }
}

async fn accept(listener: TcpListener, network: Arc<Network>, mut dice: Dice) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        if network.refuses.load(Ordering::Relaxed) {
            client.set_zero_linger().unwrap();
            continue;
        }
        // The lock ensures that a fault on all connections meets this one in one way or the other.
        let mut present = network.present.lock().unwrap();
        let (control, fault) = watch::channel(*network.future.lock().unwrap());
        present.push(control);
        connections.spawn(connection(client, network.server.clone(), fault, dice.split()));
    }
}

/// Joins a client to the server until both have ended or a fault ends it.
async fn connection(mut client: TcpStream, server: String, fault: watch::Receiver<Fault>, mut dice: Dice) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return client.set_zero_linger().unwrap();
    };
    // The first read detects a side that is gone already.
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    let ended = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(
            carry(Direction::ToServer, from_client, to_server, fault.clone(), dice.split()),
            carry(Direction::ToClient, from_server, to_client, fault, dice.split()),
        )
    };
    match ended {
        Ok(_) => {}
        Err(Ending::Reset) => drop((client.set_zero_linger(), server.set_zero_linger())),
        Err(Ending::Orderly) => {
            drop((client.shutdown().await, server.shutdown().await));
            // A socket that is closed with unread data would be reset.
            let (mut one, mut other) = (sink(), sink());
            let rest = async { tokio::join!(copy(&mut client, &mut one), copy(&mut server, &mut other)) };
            drop(timeout(FAREWELL_WITHIN, rest).await);
        }
    }
}

/// Data in flight.
enum Carried {
    Bytes { due: Instant, bytes: Vec<u8> },
    Cut(Ending),
}

async fn carry(
    direction: Direction,
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    fault: watch::Receiver<Fault>,
    dice: Dice,
) -> Result<(), Ending> {
    let (queue, carried) = mpsc::channel(PIECES);
    tokio::try_join!(take(direction, from, queue, fault.clone(), dice), give(to, carried, fault)).map(drop)
}

async fn take(
    direction: Direction,
    mut from: impl AsyncRead + Unpin,
    queue: mpsc::Sender<Carried>,
    mut fault: watch::Receiver<Fault>,
    mut dice: Dice,
) -> Result<(), Ending> {
    let mut is_half_open = false;
    let mut due = Instant::now();
    let mut buffer = vec![0; PIECE];
    fault.mark_changed();
    let mut cut: Option<Cut> = None;
    loop {
        let read = tokio::select! {
            biased;
            changed = fault.changed() => {
                // The control lives as long as the proxy, and so longer than this task.
                changed.map_err(|_| Ending::Reset)?;
                let fault = *fault.borrow_and_update();
                is_half_open |= fault.is_half_open;
                cut = fault.cut.filter(|cut| cut.direction == direction);
                match cut {
                    Some(Cut { after: 0, ending, .. }) => return Err(ending),
                    _ => continue,
                }
            }
            read = from.read(&mut buffer) => read,
        };
        let Fault { delay: (least, more), .. } = *fault.borrow();
        match read {
            Ok(0) | Err(_) if is_half_open => return std::future::pending().await,
            Ok(_) if is_half_open => {}
            Ok(0) => return Ok(()),
            Err(_) => return Err(Ending::Reset),
            Ok(count) => {
                let rest = cut.as_ref().map_or(u64::MAX, |cut| cut.after);
                let taken = count.min(usize::try_from(rest).unwrap_or(usize::MAX));
                due = due.max(Instant::now() + Duration::from_millis(least + dice.below(more + 1)));
                let bytes = buffer[..taken].to_vec();
                queue.send(Carried::Bytes { due, bytes }).await.map_err(|_| Ending::Reset)?;
                if let Some(cut) = &mut cut {
                    cut.after -= taken as u64;
                    if cut.after == 0 {
                        queue.send(Carried::Cut(cut.ending)).await.map_err(|_| Ending::Reset)?;
                        return std::future::pending().await;
                    }
                }
            }
        }
    }
}

async fn give(
    mut to: impl AsyncWrite + Unpin,
    mut carried: mpsc::Receiver<Carried>,
    fault: watch::Receiver<Fault>,
) -> Result<(), Ending> {
    while let Some(carried) = carried.recv().await {
        let (due, bytes) = match carried {
            Carried::Bytes { due, bytes } => (due, bytes),
            Carried::Cut(ending) => return Err(ending),
        };
        sleep_until(due).await;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let throttle = fault.borrow().bytes_per_second;
            let share = throttle.map_or(PIECE as u64, |rate| (rate / SHARES).max(1));
            let (piece, others) = rest.split_at(rest.len().min(usize::try_from(share).unwrap()));
            to.write_all(piece).await.map_err(|_| Ending::Reset)?;
            rest = others;
            if throttle.is_some() {
                sleep(Duration::from_millis(1_000 / SHARES)).await;
            }
        }
    }
    // The other direction reports if the other side is gone.
    drop(to.shutdown().await);
    Ok(())
}
