//! Settings of the network's edge: limits of connections, and timeouts of clients.

use crate::{
    host_name::parse_host,
    listen::{Caps, Patience},
};
use clap::Args;
use std::time::Duration;

/// The settings. See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Network {
    /// Names under which browsers find this server, separated by commas, beside that of --public-url. By default it is
    /// found under IP addresses, localhost, and, without --public-url, the machine's own name. Requests for other names
    /// get status 421.
    #[arg(long, env = "NATTER_ALLOW_HOST", value_name = "NAMES", value_delimiter = ',', value_parser = parse_host)]
    pub allow_host: Vec<String>,

    /// Maximum number of open TCP connections of any kind. Further ones get status 503 and are closed. The limit of
    /// open files, which Natter raises as far as possible, can reduce it; a warning tells so.
    #[arg(long, env = "NATTER_MAX_TCP", value_name = "NUMBER", default_value_t = 16_384,
          value_parser = clap::value_parser!(u64).range(2..=2_000_000))]
    pub max_tcp: u64,

    /// Maximum number of open TCP connections from one IP address (an IPv6 network of 64 bits is one address), at most
    /// half of --max-tcp. This machine and the trusted proxies are not limited. A browser opens up to 6 beside its
    /// WebSocket.
    #[arg(long, env = "NATTER_MAX_TCP_PER_ADDRESS", value_name = "NUMBER", default_value_t = 4_096,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_tcp_per_address: u64,

    /// Maximum number of open WebSockets and event streams of one user together. Further ones get status 429.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS_PER_USER", value_name = "NUMBER", default_value_t = 32,
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub max_connections_per_user: u64,

    /// Maximum number of open WebSockets and event streams of one IP address together, at most half of all. Further
    /// ones get status 429. This machine itself is not limited.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", default_value_t = 1_024,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_connections_per_address: u64,

    /// Sustained new WebSockets and event streams per second for one user (burst: 16x; users of one IP address
    /// together: 128x, burst 8 s of it; newcomers of one IP address: 16x, burst 16 s of it). Further ones get status
    /// 429. 0 means no limit.
    #[arg(long, env = "NATTER_CONNECT_RATE", value_name = "PER_SECOND", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub connect_rate: u32,

    /// Seconds between the signal to stop, at which /readyz begins to fail, and the stop: the time that a load balancer
    /// needs to notice. Until then the server works as before.
    #[arg(long, env = "NATTER_DRAIN", value_name = "SECONDS", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub drain: u64,

    /// Seconds for the first byte of a connection, and then for the head of a request. A late client is disconnected,
    /// with status 408 if it has begun.
    #[arg(long, env = "NATTER_HEAD_TIMEOUT", value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub head_timeout: u64,

    /// Seconds for the body of a request (status 408), and for one WebSocket message from its first byte to its last
    /// (close code 1008).
    #[arg(long, env = "NATTER_BODY_TIMEOUT", value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub body_timeout: u64,

    /// Seconds without progress after which a client that does not read its response is disconnected.
    #[arg(long, env = "NATTER_ANSWER_TIMEOUT", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub answer_timeout: u64,

    /// Seconds for which a connection stays open between a response and the next request.
    #[arg(long, env = "NATTER_IDLE_TIMEOUT", value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub idle_timeout: u64,
}

impl Network {
    /// Returns the timeouts of clients.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        Patience {
            head: Duration::from_secs(self.head_timeout),
            body: Duration::from_secs(self.body_timeout),
            answer: Duration::from_secs(self.answer_timeout),
            idle: Duration::from_secs(self.idle_timeout),
        }
    }

    /// Returns the limits of TCP connections, before the limit of open files is applied.
    #[must_use]
    pub fn caps(&self) -> Caps {
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Caps { all: number(self.max_tcp), per_address: number(self.max_tcp_per_address) }
    }
}
