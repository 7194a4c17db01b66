//! A server in a process of its own: its start, its address, and what the operating system says of it.

use anyhow::{Context, Result, bail};
use rustix::thread::{CpuSet, sched_setaffinity};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// The server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Natter's binary, with limits that do not hold the load back.
    Natter,
    /// The baseline's broadcast server.
    Broadcast,
}

/// A running server. Dropping it kills the process and removes its data.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    process: Child,
    _data: TempDir,
}

impl Server {
    /// Starts a server on the first core and returns once it listens.
    pub(crate) fn start(kind: Kind, natter: &Path) -> Result<Self> {
        let data = TempDir::new()?;
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0"]);
        match kind {
            Kind::Broadcast => command.arg(env::current_exe()?).arg("broadcast"),
            Kind::Natter => command.arg(natter).args(["--listen", "127.0.0.1:0", "--data"]).arg(data.path()).args([
                "--message-rate=0",
                "--join-rate=0",
                "--query-rate=0",
                "--typing-rate=0",
                "--connect-rate=0",
                "--max-connections=20000",
                "--max-tcp=20000",
            ]),
        };
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("cannot start it")?;
        let output = process.stdout.take().context("the output is piped")?;
        for line in BufReader::new(output).lines() {
            // "natter is listening on http://127.0.0.1:3000 and …"
            let line = line?;
            let address = line.split_once("http://").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
            if let Some(address) = address {
                return Ok(Self { kind, address, process, _data: data });
            }
        }
        bail!("the server ended before it listened: {:?}", process.wait()?)
    }

    /// Returns the processor time of the process, in user and kernel mode.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        // The nanoseconds on a core are the first number of each thread's `schedstat`.
        let mut total = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let schedule = fs::read_to_string(thread?.path().join("schedstat"))?;
            total += schedule.split(' ').next().context("no number")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// Returns the bytes of the process in memory.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Moves the load to the last core, away from the server's.
pub(crate) fn pin_load() -> Result<()> {
    let last = thread::available_parallelism()?.get() - 1;
    let mut cores = CpuSet::new();
    cores.set(last);
    sched_setaffinity(None, &cores)?;
    Ok(())
}
