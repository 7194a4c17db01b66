//! Normalization of origins, so that two addresses of one server are equal as strings.

use url::Url;

/// Parses an origin, such as `https://chat.example.org`. See [`spelled`].
#[must_use]
pub fn parse(origin: &str) -> Option<String> {
    let (scheme, host) = origin.split_once("://")?;
    at_host(scheme, host)
}

/// Returns the origin of a host, which can have a port, under a scheme; `None` for anything but a host, and for schemes
/// other than `http` and `https`.
#[must_use]
pub fn at_host(scheme: &str, host: &str) -> Option<String> {
    // `Url` would treat these as the end of the host, or remove them.
    let is_host = !host.contains(['/', '\\', '?', '#', '@']) && !host.contains(char::is_whitespace);
    spelled(&Url::parse(&format!("{scheme}://{host}")).ok().filter(|_| is_host)?)
}

/// Returns the origin of a URL as browsers write it: scheme and host in lower case, letters of other scripts in
/// Punycode, IP addresses normalized, no port if it is the scheme's default. The trailing dot of a full host name is
/// removed.
#[must_use]
pub fn spelled(url: &Url) -> Option<String> {
    let scheme = Some(url.scheme()).filter(|scheme| ["http", "https"].contains(scheme))?;
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    (!host.is_empty()).then(|| format!("{scheme}://{host}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for (spellings, origin) in [
            (
                &[
                    "https://chat.example.org",
                    "HTTPS://Chat.Example.ORG",
                    "https://chat.example.org:443",
                    "https://chat.example.org.",
                    "https://chat.example.org.:443",
                ][..],
                "https://chat.example.org",
            ),
            (&["https://chat.example.org:8443", "https://chat.example.org.:8443"], "https://chat.example.org:8443"),
            (&["http://chat.example.org:80"], "http://chat.example.org"),
            (&["https://chat.example.org:80"], "https://chat.example.org:80"),
            (
                &["https://bücher.example", "https://BÜCHER.example", "https://xn--bcher-kva.example"],
                "https://xn--bcher-kva.example",
            ),
            (&["http://[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000", "http://[0::1]:03000"], "http://[::1]:3000"),
            (&["http://127.0.0.1:3000", "http://127.1:3000", "http://127.0.0.1.:3000"], "http://127.0.0.1:3000"),
        ] {
            for spelling in spellings {
                assert_eq!(parse(spelling).as_deref(), Some(origin), "{spelling}");
            }
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_none() {
        for wrong in [
            "",
            "null",
            "chat.example.org",
            "chat.example.org:443",
            "https://",
            "https://.",
            "https://a/",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://me@a",
            "https://a b",
            "https://a\tb",
            "https://a\\b",
            "https://a:99999",
            "https://[::1",
            "ftp://a",
            "file://",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
