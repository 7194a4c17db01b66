//! Host names of the server. Requests for other names are refused.
//!
//! A page elsewhere can point its own name at this machine (DNS rebinding). The browser then treats this server as the
//! page's own, and the page can read and write everything; but the requested name is still the page's. No page
//! elsewhere can have an IP address as its name, or `localhost`.

use super::{State, errors::WebError};
use crate::host_name;
use axum::{
    extract::{self, Request},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use url::{Host, Url};

/// Paths for supervisors of the process, which name no host or any. Their responses contain nothing that a page could
/// use.
const FOR_WATCHERS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The server's own names, beside IP addresses and `localhost`.
#[derive(Debug)]
pub(super) struct Hosts(Vec<String>);

/// The host that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Ours,
    /// The request names no host, or several.
    NotOne,
    Other,
}

impl Hosts {
    /// Creates the set of the allowed names and the public URL's; without a public URL, also of the machine's own name.
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
        match host_name::parse(host.host()) {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || self.0.contains(&name),
            None => false,
        }
    }
}

/// Returns the names of the machine in its own network: its host name, the same without the domain, and the mDNS name.
fn own_names(machine: &str) -> Vec<String> {
    let Some(Host::Domain(name)) = host_name::parse(machine) else {
        return Vec::new();
    };
    let short = name.split('.').next().unwrap_or_default().to_owned();
    vec![format!("{short}.local"), short, name]
}

/// Refuses requests for other hosts.
pub(super) async fn guard(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    if FOR_WATCHERS.contains(&request.uri().path()) {
        return Ok(next.run(request).await);
    }
    match state.hosts.asked(request.uri(), request.headers()) {
        Asked::Ours => Ok(next.run(request).await),
        Asked::NotOne => Err(WebError::NotOneHost),
        Asked::Other => Err(WebError::UnknownHost(request.headers().get(header::HOST).cloned())),
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
}
