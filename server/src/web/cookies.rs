//! The cookies: their names and attributes.
//!
//! A browser sends a host's cookies to all of its ports. So every name ends in the store's epoch, which is unique, and
//! two Natters on one host do not read each other's cookies.

use app::ui::{HTTPS_ONLY, Theme};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use cookie::{CookieBuilder, time::Duration};
use std::sync::Arc;

/// Lifetime of the cookies of sessions and themes: a year from when they were last set.
const KEPT_FOR: Duration = Duration::days(365);
/// Prefix of the names of session cookies. The oldest cookies, from before names contained the epoch, have this name
/// alone.
const SESSION: &str = "natter_session";

/// A cookie other than the session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Set by the front page, to see if this browser sends cookies back.
    Probe,
    /// The last room of the person.
    LastRoom,
    /// The chosen theme, which the page's script writes, too.
    Theme,
}

/// The cookies of this server.
#[derive(Debug)]
pub(super) struct Cookies {
    epoch: Arc<str>,
    is_https: bool,
    /// Names of session cookies: first the one that is set now, then those from times when the server was behind HTTPS,
    /// and before names contained the epoch. Behind HTTPS there is one name alone: a cookie without the prefix can come
    /// from another host of the same domain, which would make the person write under a name of its choice.
    sessions: Vec<String>,
}

/// A session's token, and the name of its cookie.
#[derive(Debug)]
pub(super) struct SessionCookie<'a> {
    pub(super) name: &'a str,
    pub(super) token: String,
}

impl Cookies {
    pub(super) fn new(epoch: Arc<str>, is_https: bool) -> Self {
        let plain = format!("{SESSION}_{epoch}");
        let secure = format!("{HTTPS_ONLY}{plain}");
        let sessions = if is_https { vec![secure] } else { vec![plain, secure, SESSION.to_owned()] };
        Self { epoch, is_https, sessions }
    }

    /// Yields the session cookies of a request, the one under the current name first.
    pub(super) fn sessions(&self, headers: &HeaderMap) -> impl Iterator<Item = SessionCookie<'_>> + use<'_> {
        let jar = jar(headers);
        self.sessions.iter().filter_map(move |name| {
            let token = jar.as_ref()?.get(name)?.value().to_owned();
            Some(SessionCookie { name, token })
        })
    }

    /// Returns `true` if a session cookie has the name that is set now.
    pub(super) fn is_present_name(&self, name: &str) -> bool {
        self.sessions[0] == name
    }

    /// Sets the session cookie, which no script can read.
    pub(super) fn set_session(&self, token: &str, response: &mut Response) {
        let cookie = self.cookie(self.sessions[0].clone(), token.to_owned());
        add(cookie.http_only(true).max_age(KEPT_FOR), response);
    }

    /// Removes a session cookie of a former name.
    pub(super) fn end_session(&self, name: &str, response: &mut Response) {
        let cookie = self.cookie(name.to_owned(), String::new()).secure(name.starts_with(HTTPS_ONLY));
        add(cookie.http_only(true).max_age(Duration::ZERO), response);
    }

    pub(super) fn get(&self, kind: Kind, headers: &HeaderMap) -> Option<String> {
        let jar = jar(headers)?;
        // Behind a proxy that is not configured here, the page's script knows of HTTPS while the server does not.
        let by_script = (kind == Kind::Theme).then(|| jar.get(&Theme::cookie(&self.epoch, true))).flatten();
        Some(by_script.or_else(|| jar.get(&self.name(kind)))?.value().to_owned())
    }

    pub(super) fn set(&self, kind: Kind, value: &str, response: &mut Response) {
        let cookie = self.cookie(self.name(kind), value.to_owned());
        let cookie = match kind {
            // A session cookie, which lasts until the browser closes.
            Kind::Probe | Kind::LastRoom => cookie.http_only(true),
            Kind::Theme => cookie.max_age(KEPT_FOR),
        };
        add(cookie, response);
        self.forget_script_theme(kind, response);
    }

    /// Removes the theme that the page's script wrote, which would take precedence over the one that is set.
    fn forget_script_theme(&self, kind: Kind, response: &mut Response) {
        if kind == Kind::Theme && !self.is_https {
            let cookie = self.cookie(Theme::cookie(&self.epoch, true), String::new());
            add(cookie.secure(true).max_age(Duration::ZERO), response);
        }
    }

    /// Returns `true` if a response already sets or removes a cookie.
    pub(super) fn is_set(&self, kind: Kind, response: &Response) -> bool {
        let start = self.name(kind) + "=";
        let is_it = |cookie: &HeaderValue| cookie.as_bytes().starts_with(start.as_bytes());
        response.headers().get_all(header::SET_COOKIE).iter().any(is_it)
    }

    pub(super) fn remove(&self, kind: Kind, response: &mut Response) {
        add(self.cookie(self.name(kind), String::new()).max_age(Duration::ZERO), response);
        self.forget_script_theme(kind, response);
    }

    fn name(&self, kind: Kind) -> String {
        match kind {
            Kind::Probe => self.prefixed(&format!("natter_probe_{}", self.epoch)),
            Kind::LastRoom => self.prefixed(&format!("natter_room_{}", self.epoch)),
            Kind::Theme => Theme::cookie(&self.epoch, self.is_https),
        }
    }

    fn prefixed(&self, name: &str) -> String {
        if self.is_https { [HTTPS_ONLY, name].concat() } else { name.to_owned() }
    }

    fn cookie(&self, name: String, value: String) -> CookieBuilder<'static> {
        Cookie::build((name, value)).path("/").same_site(SameSite::Lax).secure(self.is_https)
    }
}

fn jar(headers: &HeaderMap) -> Option<CookieJar> {
    headers.contains_key(header::COOKIE).then(|| CookieJar::from_headers(headers))
}

fn add(cookie: CookieBuilder<'static>, response: &mut Response) {
    // Names and values consist of characters that headers allow.
    if let Ok(cookie) = cookie.build().to_string().parse::<HeaderValue>() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    fn set(call: impl FnOnce(&mut Response)) -> Vec<String> {
        let mut response = ().into_response();
        call(&mut response);
        response.headers().get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap().to_owned()).collect()
    }

    fn request(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())])
    }

    #[test]
    fn the_names_of_two_stores_have_nothing_in_common() {
        let [one, other] = ["e1", "e2"].map(|epoch| Cookies::new(epoch.into(), false));
        for kind in [Kind::Probe, Kind::LastRoom, Kind::Theme] {
            let cookies = set(|response| one.set(kind, "x", response)).remove(0);
            let sent = request(cookies.split(';').next().unwrap());
            assert_eq!((one.get(kind, &sent).as_deref(), other.get(kind, &sent)), (Some("x"), None), "{kind:?}");
        }
        let session = set(|response| one.set_session("t", response)).remove(0);
        let sent = request(session.split(';').next().unwrap());
        assert_eq!((one.sessions(&sent).count(), other.sessions(&sent).count()), (1, 0));
    }

    #[test]
    fn a_session_is_for_no_script_and_behind_https_for_https_and_this_host_alone() {
        let set_by =
            |is_https| set(|response| Cookies::new("e1".into(), is_https).set_session("t", response)).remove(0);
        assert_eq!(set_by(false), "natter_session_e1=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
        assert_eq!(
            set_by(true),
            "__Host-natter_session_e1=t; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"
        );
    }

    #[test]
    fn behind_https_every_cookie_is_for_https_and_this_host_alone() {
        let cookies = Cookies::new("e1".into(), true);
        for kind in [Kind::Probe, Kind::LastRoom, Kind::Theme] {
            let cookie = set(|response| cookies.set(kind, "x", response)).remove(0);
            assert!(cookie.starts_with("__Host-natter_") && cookie.contains("; Secure"), "{cookie}");
            assert_eq!(cookies.get(kind, &request(cookie.split(';').next().unwrap())).as_deref(), Some("x"));
            assert_eq!(cookies.get(kind, &request(cookie[7..].split(';').next().unwrap())), None, "a neighbour's");
        }
    }

    #[test]
    fn a_theme_that_the_script_wrote_over_https_is_found_and_gives_way_to_the_forms() {
        let cookies = Cookies::new("e1".into(), false);
        let sent = request("natter_theme_e1=light; __Host-natter_theme_e1=dark");
        assert_eq!(cookies.get(Kind::Theme, &sent).as_deref(), Some("dark"));
        let [set_it, forgotten] = set(|response| cookies.set(Kind::Theme, "light", response)).try_into().unwrap();
        assert!(set_it.starts_with("natter_theme_e1=light;"), "{set_it}");
        assert!(forgotten.starts_with("__Host-natter_theme_e1=;") && forgotten.contains("Max-Age=0"), "{forgotten}");
    }

    #[test]
    fn a_session_is_found_under_its_former_names_behind_the_present_one() {
        let sent = request("natter_session=old; other=1; natter_session_e1=plain; __Host-natter_session_e1=secure");
        let found = |is_https| {
            let cookies = Cookies::new("e1".into(), is_https);
            cookies.sessions(&sent).map(|cookie| cookie.token).collect::<Vec<_>>()
        };
        assert_eq!(found(true), ["secure"], "what a neighbour may have set is not adopted");
        assert_eq!(found(false), ["plain", "secure", "old"]);
    }
}
