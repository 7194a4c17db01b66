//! All settings, from the command line or the environment.

mod network;

pub use network::Network;

use crate::{
    chat::{RECENT_ENTRIES, RENAMES, ROOMS_A_DAY_MAX, Rate, Rates, Settings, rooms_in_a_day},
    origin,
};
use app::protocol::limits;
use clap::{Parser, Subcommand};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};
use url::Url;

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Natter: a chat where nothing you write gets lost.
///
/// Without settings, Natter listens on `http://127.0.0.1:3000` and stores everything in the folder `natter-data`. The
/// environment variable named beside a setting sets it, too; the command line wins.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "natter", version)]
pub struct Config {
    /// Address and port to listen on. Port 0 selects a free port, which the first line of output names.
    #[arg(long, env = "NATTER_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Folder that holds everything. Natter creates it if it is missing. Only one process at a time can use it.
    #[arg(long, env = "NATTER_DATA", value_name = "DIR", default_value = "natter-data", global = true)]
    pub data: PathBuf,

    /// Address in people's browsers, which is an origin: nothing follows the host except for a port. Only pages of this
    /// origin may connect. With https, browsers send the cookies over https only. A proxy may pass the Host header on,
    /// or replace it with an IP address or localhost; other names must be allowed with --allow-host.
    #[arg(long, env = "NATTER_PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,

    /// Seconds for which a user stays online after the last connection closed, so that a reload or a short loss of the
    /// network is not shown as a leave. 0 to 3600.
    #[arg(long, env = "NATTER_GRACE", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub grace: u64,

    /// Maximum number of open WebSockets, and of event streams. Further WebSockets are closed with code 4013, and
    /// further event streams get status 503. An eighth of each is reserved for users who return. WebSockets take at
    /// most three quarters of --max-tcp, and event streams an eighth.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS", value_name = "NUMBER", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_connections: u64,

    /// Memory in MiB for outgoing data of all connections together. If it is exceeded, the connection with the most
    /// waiting data is closed with code 4008, and the client returns for the rest. 16 to 65536.
    #[arg(long, env = "NATTER_QUEUE_MEMORY", value_name = "MIB", default_value_t = 256,
          value_parser = clap::value_parser!(u64).range(16..=65_536))]
    pub queue_memory: u64,

    /// Memory in MiB for recently read or written messages. Other messages are read from the store. 1 to 65536.
    #[arg(long, env = "NATTER_CACHE_MEMORY", value_name = "MIB", default_value_t = 64,
          value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub cache_memory: u64,

    /// Sustained messages per second for one user (burst: 3x; per IP address: 10x). 0 means no limit.
    #[arg(long, env = "NATTER_MESSAGE_RATE", value_name = "PER_SECOND", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub message_rate: u32,

    /// Sustained typing notices per second for one user (burst: 3x; per IP address: 10x). 0 means no limit.
    #[arg(long, env = "NATTER_TYPING_RATE", value_name = "PER_SECOND", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub typing_rate: u32,

    /// Sustained joins, leaves and attempts to rename per second for one user (burst: 10x; per IP address, new users
    /// included: 10x). 0 means no limit; with any other rate a user can rename 3 times at once, then once in 10 s.
    #[arg(long, env = "NATTER_JOIN_RATE", value_name = "PER_SECOND", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub join_rate: u32,

    /// Sustained requests per second for one user (burst: 5x; per IP address: 10x): pages, forms, lists, responses of
    /// the API, pings. The default is far above the speed at which a person scrolls. 0 means no limit.
    #[arg(long, env = "NATTER_QUERY_RATE", value_name = "PER_SECOND", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub query_rate: u32,

    /// Maximum number of rooms of which one user can be a member.
    #[arg(long, env = "NATTER_ROOMS_PER_USER", value_name = "NUMBER", default_value_t = limits::ROOMS_PER_USER as u64,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub rooms_per_user: u64,

    /// Maximum number of rooms that one user can create at once, and in each day (per IP address: 10x). 0 means no
    /// limit. 0 to 4000.
    #[arg(long, env = "NATTER_ROOMS_PER_DAY", value_name = "NUMBER", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(..=i64::from(ROOMS_A_DAY_MAX)))]
    pub rooms_per_day: u32,

    /// Days without a message after which a room without members is archived: lists leave it out, and everything else
    /// about it stays the same. These are calendar days, including those without a running server. 0 means at once.
    #[arg(long, env = "NATTER_ARCHIVE_AFTER", value_name = "DAYS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(..=36_500))]
    pub archive_after: u64,

    /// Days without a visit after which a user is forgotten: the messages stay, and the name is free again after
    /// --reserve-names. A user who never wrote anything is forgotten after the grace period. Browsers keep a session
    /// for 365 days after the last visit.
    #[arg(long, env = "NATTER_FORGET_AFTER", value_name = "DAYS", default_value_t = 365,
          value_parser = clap::value_parser!(u64).range(..=36_500))]
    pub forget_after: u64,

    /// Days for which nobody can take the name of a forgotten author, so that nobody else is mistaken for the author.
    /// Only the time for which the server runs counts. 0 releases the name at once. The newest 10,000 names are
    /// reserved.
    #[arg(long, env = "NATTER_RESERVE_NAMES", value_name = "DAYS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(..=36_500))]
    pub reserve_names: u64,

    /// IP addresses of trusted proxies, separated by commas. Their X-Forwarded-For header names the client. Proxies on
    /// this machine are always trusted.
    #[arg(long, env = "NATTER_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub proxies: Vec<IpAddr>,

    /// Settings of the network's edge.
    #[command(flatten)]
    pub network: Network,

    /// Subcommand to execute instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A subcommand of the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Read everything in the data folder and report the damage.
    ///
    /// Nothing is changed. No server may run in the folder at the same time. The exit code is 0 for an intact store,
    /// and 1 for one that is damaged or cannot be read.
    Check,
}

impl Config {
    /// Returns the settings of the chat's rules.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let rate = |per_second: u32, seconds| Rate { per_second, burst: per_second.saturating_mul(seconds) };
        Settings {
            grace_ms: self.grace * 1_000,
            forget_after_ms: self.forget_after * DAY_MS,
            reserve_ms: self.reserve_names * DAY_MS,
            rates: Rates {
                message: rate(self.message_rate, 3),
                typing: rate(self.typing_rate, 3),
                join: rate(self.join_rate, 10),
                rename: if self.join_rate == 0 { Rate { per_second: 0, burst: 0 } } else { RENAMES },
                query: rate(self.query_rate, 5),
                room: rooms_in_a_day(self.rooms_per_day),
            },
            recent_entries: RECENT_ENTRIES,
            cache_bytes: mib(self.cache_memory),
            archive_after_ms: self.archive_after * DAY_MS,
            rooms_per_user: usize::try_from(self.rooms_per_user).unwrap_or(usize::MAX),
        }
    }
}

/// Converts a setting in MiB to bytes.
#[must_use]
pub fn mib(setting: u64) -> usize {
    usize::try_from(setting.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
}

/// Parses a URL that ends with its host or port, and returns its origin.
fn parse_public_url(url: &str) -> Result<String, String> {
    let sentence = || "it must look like https://chat.example.org, with nothing behind the host but a port".to_owned();
    let is_origin = |url: &Url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        !has_user && url.path().trim_matches('/').is_empty() && url.query().is_none() && url.fragment().is_none()
    };
    let url = Url::parse(url).ok().filter(is_origin);
    url.and_then(|url| origin::spelled(&url)).ok_or_else(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_public_url_is_an_origin_however_it_is_spelled() {
        for spelling in [
            "https://chat.example.org",
            "https://Chat.example.org/",
            "HTTPS://chat.example.org:443//",
            "https://chat.example.org.:443/",
        ] {
            assert_eq!(parse_public_url(spelling).as_deref(), Ok("https://chat.example.org"), "{spelling}");
        }
        assert_eq!(parse_public_url("http://[0::1]:80").as_deref(), Ok("http://[::1]"));
        assert_eq!(parse_public_url("https://bücher.example").as_deref(), Ok("https://xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_origin_is_refused_with_a_sentence() {
        for wrong in [
            "chat.example.org",
            "chat.example.org:443",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://me:word@a",
            "https://a b",
            "https://a:99999",
            "ftp://a",
        ] {
            assert!(parse_public_url(wrong).is_err_and(|sentence| sentence.contains("must look like")), "{wrong}");
        }
    }

    #[test]
    fn every_setting_says_what_it_does_and_has_a_variable() {
        for argument in Config::command().get_arguments() {
            assert!(argument.get_env().is_some(), "{} has no variable", argument.get_id());
            assert!(argument.get_help().is_some(), "{} has no help", argument.get_id());
        }
    }
}
