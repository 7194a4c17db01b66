//! The names under which the server is found. A request for any other is refused.
//!
//! A page elsewhere can have its own name lead to this machine (DNS rebinding), and then the browser takes us for that page's
//! server: it may read and write everything, since the origin is its own. But the name that it asks for is still that of the
//! page. An IP address as a name, and `localhost`, no page elsewhere can have.

use super::State;
use axum::{
    extract::{self, Request},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Paths for programs that watch the process, which name no host or any. They tell nothing that a page could use.
const FOR_WATCHERS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The names that are ours, beside IP addresses and `localhost`.
#[derive(Debug)]
pub(super) struct Hosts(Vec<String>);

/// Whether a request is for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Ours,
    /// It names no host, or several.
    NotOne,
    Other,
}

impl Hosts {
    /// The allowed names, and the public address's; where there is no public address, also the machine's own name.
    pub(super) fn new(public_url: Option<&str>, allowed: &[String], machine: &str) -> Self {
        let public = public_url.and_then(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned()));
        let own = public_url.is_none().then(|| own_names(machine)).into_iter().flatten();
        Self(public.into_iter().chain(allowed.iter().cloned()).chain(own).collect())
    }

    fn asked(&self, uri: &Uri, headers: &HeaderMap) -> Asked {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return Asked::NotOne;
        };
        let Some(host) = host.to_str().ok().filter(|host| !host.contains('@')).and_then(|host| host.parse().ok())
        else {
            return Asked::NotOne;
        };
        if uri.authority().is_some_and(|target| *target != host) {
            return Asked::NotOne;
        }
        if self.is_ours(&host) { Asked::Ours } else { Asked::Other }
    }

    fn is_ours(&self, host: &Authority) -> bool {
        match parse(host.host()) {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || self.0.contains(&name),
            None => false,
        }
    }
}

/// A host in its one spelling.
fn parse(host: &str) -> Option<Host<String>> {
    match Host::parse(host).ok()? {
        Host::Domain(name) => Some(Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned())),
        Host::Ipv4(address) => Some(Host::<String>::Ipv4(address)),
        Host::Ipv6(address) => Some(Host::<String>::Ipv6(address)),
    }
}

/// The names by which the machine is found in its own network: as it calls itself, without its domain, and by mDNS.
fn own_names(machine: &str) -> Vec<String> {
    let Some(Host::Domain(name)) = parse(machine) else {
        return Vec::new();
    };
    let short = name.split('.').next().unwrap_or_default().to_owned();
    vec![format!("{short}.local"), short, name]
}

/// Reads a name for `--allow-host`, which has no port.
pub(crate) fn parse_host(name: &str) -> Result<String, String> {
    match parse(name) {
        Some(Host::Domain(name)) if name.parse::<Ipv4Addr>().is_err() && name.parse::<Ipv6Addr>().is_err() => Ok(name),
        _ => Err("it must be the name of a host, such as chat.example.org, without a port".to_owned()),
    }
}

/// Refuses what is for no host of ours.
pub(super) async fn guard(extract::State(state): extract::State<State>, request: Request, next: Next) -> Response {
    if FOR_WATCHERS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match state.hosts.asked(request.uri(), request.headers()) {
        Asked::Ours => next.run(request).await,
        Asked::NotOne => (StatusCode::BAD_REQUEST, "A request names one host.\n").into_response(),
        Asked::Other => {
            let host = request.headers().get(header::HOST);
            tracing::info!(?host, "refused a request for another host (see --allow-host)");
            let sentence = "Natter is not set up for this host name. Whoever runs it can allow it with --allow-host.\n";
            (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(hosts: &Hosts, names: &[&str]) -> Asked {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(header::HOST, name.parse().unwrap());
        }
        hosts.asked(&Uri::from_static("/"), &headers)
    }

    fn ours<'a>(hosts: &Hosts, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().copied().filter(|name| asked(hosts, &[name]) == Asked::Ours).collect()
    }

    #[test]
    fn addresses_and_this_machine_are_ours_and_no_other_name_is() {
        let hosts = Hosts::new(None, &["Chat.Example.org".to_ascii_lowercase()], "Desk.lan");
        let names = [
            "127.0.0.1",
            "127.0.0.1:3000",
            "[::1]:3000",
            "192.168.1.7:8080",
            "localhost:3000",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "desk:3000",
            "DESK.lan",
            "desk.local:3000",
            "chat.example.org",
            "CHAT.example.org.:443",
        ];
        assert_eq!(ours(&hosts, &names), names);
        for other in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "lan", "desk.example", "x"] {
            assert_eq!(asked(&hosts, &[other]), Asked::Other, "{other}");
        }
    }

    #[test]
    fn with_a_public_address_its_name_is_the_only_one() {
        let hosts = Hosts::new(Some("https://chat.example.org"), &["natter".to_owned()], "desk");
        let names = ["chat.example.org", "natter:3000", "10.0.0.1:3000", "localhost"];
        assert_eq!(ours(&hosts, &names), names);
        for other in ["desk", "desk.local", "example.org", "www.chat.example.org"] {
            assert_eq!(asked(&hosts, &[other]), Asked::Other, "{other}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        let hosts = Hosts::new(None, &[], "desk");
        for names in
            [&[][..], &["localhost", "localhost"], &["localhost", "evil.example"], &[""], &["a b"], &["me@desk"]]
        {
            assert_eq!(asked(&hosts, names), Asked::NotOne, "{names:?}");
        }
        let headers = HeaderMap::from_iter([(header::HOST, "localhost".parse().unwrap())]);
        let of = |uri| hosts.asked(&Uri::from_static(uri), &headers);
        assert_eq!((of("http://localhost/"), of("http://evil.example/")), (Asked::Ours, Asked::NotOne));
    }

    #[test]
    fn a_name_to_allow_is_a_name() {
        assert_eq!(parse_host("Chat.Example.org."), Ok("chat.example.org".to_owned()));
        for wrong in ["", "chat.example.org:443", "https://chat.example.org", "10.0.0.1", "[::1]", "a/b"] {
            assert!(parse_host(wrong).is_err(), "{wrong}");
        }
    }
}
