//! The IP address for which a request counts.

use crate::{chat::Address, web::State};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

/// Header to which each proxy appends the address of its client.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The IP address of the client; `None` for this machine itself, whose requests are one person's, or come from a proxy
/// that tells no more.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct ClientAddress(pub(in crate::web) Option<Address>);

impl FromRequestParts<State> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Self(peer.and_then(|peer| client(peer, &parts.headers, &state.proxies)).map(Address::from)))
    }
}

/// Returns the last address that is not a proxy's: a proxy is trusted only about the address that it appended itself,
/// since everything before it can be invented.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let is_proxy = |address: &IpAddr| address.is_loopback() || proxies.contains(address);
    let peer = peer.to_canonical();
    if !is_proxy(&peer) {
        return Some(peer);
    }
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let named = lines
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(','))
        .map_while(|address| address.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .find(|address| !is_proxy(address));
    named.or_else(|| (!peer.is_loopback()).then_some(peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies = ["10.0.0.9".parse().unwrap()];
        client(peer.parse().unwrap(), &headers, &proxies).map(|address| address.to_string())
    }

    #[test]
    fn a_stranger_is_who_connects_whatever_it_says() {
        assert_eq!(of("192.0.2.1", &[]).as_deref(), Some("192.0.2.1"));
        assert_eq!(of("192.0.2.1", &["198.51.100.7"]).as_deref(), Some("192.0.2.1"));
        assert_eq!(of("::ffff:192.0.2.1", &[]).as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn a_proxy_is_believed_about_the_last_one_before_it_alone() {
        for proxy in ["127.0.0.1", "::1", "10.0.0.9"] {
            assert_eq!(of(proxy, &["1.1.1.1, 198.51.100.7"]).as_deref(), Some("198.51.100.7"));
            assert_eq!(of(proxy, &["1.1.1.1", "198.51.100.7"]).as_deref(), Some("198.51.100.7"));
            assert_eq!(of(proxy, &["198.51.100.7, 10.0.0.9"]).as_deref(), Some("198.51.100.7"));
        }
    }

    #[test]
    fn this_machine_itself_is_nobody_in_particular() {
        assert_eq!(of("127.0.0.1", &[]), None);
        assert_eq!(of("127.0.0.1", &["nonsense"]), None);
        assert_eq!(of("10.0.0.9", &["nonsense"]).as_deref(), Some("10.0.0.9"), "but a proxy elsewhere is counted");
    }
}
