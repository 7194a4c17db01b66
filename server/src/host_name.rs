//! Normalization of host names, so that two names of one host are equal as strings.

use std::net::{Ipv4Addr, Ipv6Addr};
use url::Host;

/// Parses and normalizes a host: lower case, Punycode, without the trailing dot of a full name.
pub(crate) fn parse(host: &str) -> Option<Host<String>> {
    match Host::parse(host).ok()? {
        Host::Domain(name) => Some(Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned())),
        Host::Ipv4(address) => Some(Host::<String>::Ipv4(address)),
        Host::Ipv6(address) => Some(Host::<String>::Ipv6(address)),
    }
}

/// Parses a name for `--allow-host`, which has no port.
///
/// # Errors
/// Returns a sentence for the operator.
pub(crate) fn parse_host(name: &str) -> Result<String, String> {
    match parse(name) {
        Some(Host::Domain(name)) if name.parse::<Ipv4Addr>().is_err() && name.parse::<Ipv6Addr>().is_err() => Ok(name),
        _ => Err("it must be the name of a host, such as chat.example.org, without a port".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_allow_is_a_name() {
        assert_eq!(parse_host("Chat.Example.org."), Ok("chat.example.org".to_owned()));
        for wrong in ["", "chat.example.org:443", "https://chat.example.org", "10.0.0.1", "[::1]", "a/b"] {
            assert!(parse_host(wrong).is_err(), "{wrong}");
        }
    }
}
