//! Every setting, from the command line or the environment.

use clap::Parser;
use std::{net::SocketAddr, path::PathBuf};

/// Natter: a chat whose screen shows exactly what its store holds.
///
/// Started without any setting it serves `http://127.0.0.1:3000` and keeps everything in the folder `natter-data`. Each
/// setting can also be given by the environment variable named beside it; the command line wins.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "natter", version)]
pub struct Config {
    /// The address and port to listen on. Port 0 takes a free one; the line printed at the start says which.
    #[arg(long, env = "NATTER_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// The folder that holds everything. It is made if it is not there. One process at a time can have it.
    #[arg(long, env = "NATTER_DATA", value_name = "DIR", default_value = "natter-data")]
    pub data: PathBuf,

    /// The address that people's browsers use, for a server behind a proxy that changes the Host header. Pages of this
    /// origin may connect beside those of the server's own. With https, the session cookie is sent over https only.
    #[arg(long, env = "NATTER_PUBLIC_URL", value_name = "URL", value_parser = parse_origin)]
    pub public_url: Option<String>,

    /// How long a user whose last connection went is still shown as present, in seconds: a reload or a short loss of
    /// the network is no leave. 0 to 3600.
    #[arg(long, env = "NATTER_GRACE", value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub grace: u64,

    /// The most WebSocket connections at once; one more is closed with 4013.
    #[arg(long, env = "NATTER_MAX_CONNECTIONS", value_name = "NUMBER", default_value_t = 10_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_connections: u64,
}

/// An origin as browsers write it: scheme, host and port, nothing behind.
fn parse_origin(url: &str) -> Result<String, String> {
    let origin = url.trim_end_matches('/');
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(origin.to_ascii_lowercase()),
        _ => Err("it must look like https://chat.example.org".to_owned()),
    }
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
    fn a_public_url_is_an_origin() {
        assert_eq!(parse_origin("https://Chat.example.org/"), Ok("https://chat.example.org".to_owned()));
        for wrong in ["chat.example.org", "https://", "https://a/b", "ftp://a"] {
            assert!(parse_origin(wrong).is_err(), "{wrong}");
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
