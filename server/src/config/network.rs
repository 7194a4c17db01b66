//! The settings of the network's edge: how many connections there may be, and how long clients may take.

use crate::{
    listen::{Caps, Patience},
    web::parse_host,
};
use clap::Args;
use std::time::Duration;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Network {
    /// Names under which browsers find this server, separated by commas, beside that of --public-url. Without these, it is
    /// found under IP addresses, localhost, and, if there is no --public-url, the machine's own name. A request for any
    /// other name is answered with status 421.
    #[arg(long, env = "NATTER_ALLOW_HOST", value_name = "NAMES", value_delimiter = ',', value_parser = parse_host)]
    pub allow_host: Vec<String>,

    /// Maximum of TCP connections at once, of any kind. One more is answered with status 503 and closed. The limit of open
    /// files, which Natter raises as far as it may, can make it less; then a warning says so.
    #[arg(long, env = "NATTER_MAX_TCP", value_name = "NUMBER", default_value_t = 16_384,
          value_parser = clap::value_parser!(u64).range(2..=2_000_000))]
    pub max_tcp: u64,

    /// Maximum of TCP connections at once from one IP address (an IPv6 network of 64 bits is one address), at most half of
    /// --max-tcp. This machine and the trusted proxies may have any number. A browser opens up to 6 beside its WebSocket.
    #[arg(long, env = "NATTER_MAX_TCP_PER_ADDRESS", value_name = "NUMBER", default_value_t = 4_096,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_tcp_per_address: u64,

    /// Maximum of WebSockets and event streams of one user together. One more is refused with status 429.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS_PER_USER", value_name = "NUMBER", default_value_t = 32,
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub max_connections_per_user: u64,

    /// Maximum of WebSockets and event streams of one IP address together, at most half of what the server takes. One more
    /// is refused with status 429. This machine itself may have any number.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", default_value_t = 1_024,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_connections_per_address: u64,

    /// WebSockets and event streams that one user may open per second, for long (burst: 16x; users of one IP address
    /// together: 128x, burst 8 s of it; newcomers of one IP address: 16x, burst 16 s of it). One more is refused with status
    /// 429. 0 means no limit.
    #[arg(long, env = "NATTER_CONNECT_RATE", value_name = "PER_SECOND", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub connect_rate: u32,

    /// Seconds between the signal to stop, at which /readyz begins to fail, and the end: as long as a load balancer needs to
    /// notice. Until then the server works as ever.
    #[arg(long, env = "NATTER_DRAIN", value_name = "SECONDS", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub drain: u64,

    /// Seconds for the first byte of a connection, and then for the head of a request. A late client is disconnected, with
    /// status 408 once it has begun.
    #[arg(long, env = "NATTER_HEAD_TIMEOUT", value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub head_timeout: u64,

    /// Seconds for the body of a request (status 408), and for one WebSocket message from its first byte to its last
    /// (close code 1008).
    #[arg(long, env = "NATTER_BODY_TIMEOUT", value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub body_timeout: u64,

    /// Seconds without progress after which a client that does not read its answer is disconnected.
    #[arg(long, env = "NATTER_ANSWER_TIMEOUT", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub answer_timeout: u64,

    /// Seconds for which a connection stays open between an answer and the next request.
    #[arg(long, env = "NATTER_IDLE_TIMEOUT", value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub idle_timeout: u64,
}

impl Network {
    /// How long clients may take.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        Patience {
            head: Duration::from_secs(self.head_timeout),
            body: Duration::from_secs(self.body_timeout),
            answer: Duration::from_secs(self.answer_timeout),
            idle: Duration::from_secs(self.idle_timeout),
        }
    }

    /// How many TCP connections there may be, if there are files for them.
    #[must_use]
    pub fn caps(&self) -> Caps {
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Caps { all: number(self.max_tcp), per_address: number(self.max_tcp_per_address) }
    }
}
