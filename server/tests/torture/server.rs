//! The real binary with a data folder of its own, at an address that is the same over its restarts.

use crate::{PATIENCE, store::Store};
use std::{
    net::TcpListener,
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// Ports below those for outgoing connections: while the server is down, no attempt of its clients may get its port and
/// connect to itself.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);
const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 12_000;

/// A server, which is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: String,
    data: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap()).await
    }

    /// Starts a server on a folder that may have a store.
    pub(crate) async fn start_on(data: TempDir) -> Self {
        let address = free_address();
        Self { process: process(&address, data.path()).await, address, data }
    }

    /// Returns the address, which stays the same over restarts.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Returns the process identifier.
    pub(crate) fn id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Kills the server with `kill -9`.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Stops the server in order, with SIGTERM.
    pub(crate) async fn stop(&mut self) {
        let id = self.id().to_string();
        assert!(std::process::Command::new("kill").arg(&id).status().unwrap().success());
        let status = timeout(PATIENCE, self.process.wait()).await.expect("it stops").unwrap();
        assert!(status.success(), "{status}");
    }

    /// Starts the server again on its folder.
    pub(crate) async fn restart(&mut self) {
        self.process = process(&self.address, self.data.path()).await;
    }

    /// Signs a user in by the page's form, and returns the session's cookie as a header.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let base = format!("http://{}", self.address);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let cookie = |response: &reqwest::Response| {
            let cookie = response.headers().get("set-cookie").unwrap_or_else(|| panic!("no cookie: {response:?}"));
            cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
        };
        let door = client.get(format!("{base}/")).send().await.unwrap();
        let request = client.post(format!("{base}/")).header("origin", &base).header("cookie", cookie(&door));
        let response = request.form(&[("name", name)]).send().await.unwrap();
        assert_eq!(response.status(), 303, "{name} is let in");
        cookie(&response)
    }

    pub(crate) fn store(&self) -> Store {
        Store::read(&self.data.path().join("natter.db"))
    }
}

/// Returns an address with a free port.
fn free_address() -> String {
    let first = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap();
    let mut ports = (0..PORTS).map(|_| {
        let next = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
        FIRST_PORT + first.wrapping_add(next) % PORTS
    });
    let port = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    format!("127.0.0.1:{}", port.expect("a port is free"))
}

/// Starts the binary without rate limits, and waits until it listens.
async fn process(address: &str, data: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natter"));
    command.args(["--listen", address, "--data"]).arg(data);
    for limit in crate::pace::PACE {
        command.env(limit, "0");
    }
    let mut process = command.kill_on_drop(true).stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("the server starts").unwrap();
    assert!(line.starts_with(&format!("natter is listening on http://{address} ")), "unexpected first line: {line:?}");
    process
}
