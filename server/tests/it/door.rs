//! The front page: names, cookies, and the lifetime of sessions.

use crate::helpers::{Browser, Natter, cookies, session_cookie};
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Returns the name that a page suggests, with the form that takes it.
fn suggested(page: &str) -> Option<String> {
    let form = page.split_once("id=\"suggested\"")?.1;
    let value = form.split_once("name=\"name\" value=\"")?.1;
    Some(value.split_once('"')?.0.to_owned())
}

#[tokio::test]
async fn a_name_that_is_taken_is_asked_for_again_with_a_free_one_near_to_it() {
    let natter = Natter::start().await;
    natter.browser("Clara").await;
    for typed in ["Clara", " clara ", "ＣＬＡＲＡ"] {
        let browser = Browser::new(&natter);
        let again = browser.sign_in(typed).await;
        assert_eq!(again.status(), 422, "{typed}");
        let page = again.text().await.unwrap();
        assert!(page.contains(&format!("value=\"{}\"", typed.trim())), "what was typed is there: {page}");
        let name = suggested(&page).expect("a name is suggested");
        assert!(page.contains("is taken.") && page.contains("How about"), "{page}");
        let entered = browser.post("/", &[("name", &name), ("room", "random")]).await;
        assert_eq!(
            (entered.status().as_u16(), &entered.headers()["location"]),
            (303, &"/room/random".parse().unwrap())
        );
        assert!(browser.page("/room/random").await.contains(&format!("value=\"{name}\"")));
    }
    let users = natter.json("/api/room/general/users").await;
    assert_eq!(users.as_array().unwrap().len(), 3, "each took another: {users}");
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_asked_for_again_with_one_that_can() {
    let natter = Natter::start().await;
    let longest = "n".repeat(20);
    natter.browser(&longest).await;
    for (typed, start) in [
        ("Clara M", "Clara_M"),
        ("x", "x_"),
        ("admin", "admin_"),
        (longest.as_str(), "nnnnnnnnnnnnnnnnnn_"),
        ("!?", "User"),
        ("🦀", "User"),
    ] {
        let browser = Browser::new(&natter);
        let again = browser.sign_in(typed).await;
        assert_eq!(again.status(), 422, "{typed}");
        let name = suggested(&again.text().await.unwrap()).expect("a name is suggested");
        assert!(name.starts_with(start) && name.chars().count() <= 20, "{typed}: {name}");
        assert_eq!(browser.post("/", &[("name", &name)]).await.status(), 303, "{name} can be taken");
    }
}

#[tokio::test]
async fn nobody_is_made_a_user_by_a_refused_name() {
    let natter = Natter::start().await;
    let mut bo = natter.join_as("Bo").await;
    Browser::new(&natter).sign_in("Bo").await;
    Browser::new(&natter).sign_in("no spaces!").await;
    natter.browser("Di").await;
    bo.said("still here").await;
    let store = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    let users: i64 = store.query_row("SELECT count(*) FROM users", (), |row| row.get(0)).unwrap();
    assert_eq!(users, 2);
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so_and_makes_no_user() {
    let natter = Natter::start().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let enter = |cookie: Option<String>| {
        let post = client.post(natter.url("/")).header("origin", natter.url(""));
        let post = cookie.into_iter().fold(post, |post, cookie| post.header("cookie", cookie));
        post.form(&[("name", "Ada"), ("room", "random")]).send()
    };
    client.get(natter.url("/")).send().await.unwrap();
    for _ in 0..2 {
        let refused = enter(None).await.unwrap();
        assert_eq!(refused.status(), 422);
        let page = refused.text().await.unwrap();
        assert!(page.contains("Allow cookies for this site"), "{page}");
        assert!(page.contains("value=\"Ada\"") && page.contains("value=\"random\""), "what was typed is there: {page}");
    }
    let store = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    let users: i64 = store.query_row("SELECT count(*) FROM users", (), |row| row.get(0)).unwrap();
    assert_eq!(users, 0);
    // The refusal sets the cookie, too, so that a person who allows cookies now can continue.
    let refused = enter(None).await.unwrap();
    let probe = cookies(&refused)[0].split(';').next().unwrap().to_owned();
    assert_eq!(enter(Some(probe)).await.unwrap().status(), 303);
}

/// A browser's cookies of one host, for all ports.
struct Jar(Vec<(String, String)>);

impl Jar {
    fn take(&mut self, response: &reqwest::Response) {
        for cookie in cookies(response) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.0.retain(|(known, _)| known != name);
            if !cookie.contains("Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    async fn send(&mut self, natter: &Natter, path: &str, form: Option<&[(&str, &str)]>) -> reqwest::Response {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = match form {
            Some(form) => client.post(natter.url(path)).form(form),
            None => client.get(natter.url(path)),
        };
        let sent: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("origin", natter.url("")).header("cookie", sent.join("; "));
        let response = request.send().await.unwrap();
        self.take(&response);
        response
    }
}

#[tokio::test]
async fn two_servers_on_one_host_leave_each_others_cookies_alone() {
    let (one, other) = (Natter::start().await, Natter::start().await);
    let mut jar = Jar(Vec::new());
    for (natter, name, room) in [(&one, "Ada", "random"), (&other, "Zoe", "help")] {
        jar.send(natter, "/", None).await;
        assert_eq!(jar.send(natter, "/", Some(&[("name", name), ("room", room)])).await.status(), 303);
        assert_eq!(jar.send(natter, &format!("/room/{room}"), None).await.status(), 200);
    }
    jar.send(&one, "/theme", Some(&[("theme", "dark")])).await;
    for (natter, name, room, theme) in [(&one, "Ada", "random", true), (&other, "Zoe", "help", false)] {
        let last = jar.send(natter, "/", None).await;
        assert_eq!(last.headers()["location"], format!("/room/{room}"), "the last room is each server's own");
        let page = jar.send(natter, "/room/general", None).await.text().await.unwrap();
        assert!(page.contains(&format!("value=\"{name}\"")), "{name} is signed in");
        assert_eq!(page.contains("data-theme=\"dark\""), theme, "{name}");
    }
}

#[tokio::test]
async fn a_session_of_the_former_name_goes_on_under_the_present_one() {
    let natter = Natter::start().await;
    let cookie = session_cookie(&Browser::new(&natter).sign_in("Ada").await);
    let (name, token) = cookie.split_once('=').unwrap();
    let mut jar = Jar(vec![("natter_session".to_owned(), token.to_owned())]);
    let page = jar.send(&natter, "/room/general", None).await;
    assert_eq!(page.status(), 200);
    assert_eq!(jar.0.iter().find(|(known, _)| known == name), Some(&(name.to_owned(), token.to_owned())));
    assert!(jar.0.iter().all(|(name, _)| name != "natter_session"), "{:?}", jar.0);
    // Another server's cookie is left alone.
    let other = Natter::start().await;
    let mut jar = Jar(vec![("natter_session".to_owned(), token.to_owned())]);
    assert_eq!(jar.send(&other, "/room/general", None).await.status(), 303);
    assert_eq!(jar.0[0].1, token);
}

/// Backdates the last renewal of all sessions by some days.
fn age_sessions(natter: &Natter, days: i64) {
    let store = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    store.execute("UPDATE sessions SET renewed_at = renewed_at - ?1 * 86400000", [days]).unwrap();
}

#[tokio::test]
async fn a_session_that_is_used_is_renewed_once_a_day_by_page_and_socket() {
    let natter = Natter::start().await;
    let cookie = session_cookie(&Browser::new(&natter).sign_in("Ada").await);
    let get = async |natter: &Natter| {
        let request = reqwest::Client::new().get(natter.url("/room/general")).header("cookie", &cookie);
        cookies(&request.send().await.unwrap()).into_iter().find(|set| set.starts_with(&cookie))
    };
    assert_eq!(get(&natter).await, None, "it is new");
    age_sessions(&natter, 364);
    let natter = natter.crash_and_restart().await;
    let renewed = get(&natter).await.expect("it is renewed");
    assert!(renewed.contains("Max-Age=31536000") && renewed.contains("HttpOnly"), "{renewed}");
    assert_eq!(get(&natter).await, None, "once");

    let mut bo = natter.join_as("Bo").await;
    bo.said("what was asked before this is stored before it").await;
    let natter = natter.crash_and_restart().await;
    assert_eq!(get(&natter).await, None, "the store knows");
    age_sessions(&natter, 1);
    let natter = natter.crash_and_restart().await;
    let mut request = format!("ws://{}/ws/chat", natter.address).into_client_request().unwrap();
    for (name, value) in [("cookie", &cookie), ("origin", &natter.url(""))] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (_socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with(&cookie), "a page that stays open too");
}

#[tokio::test]
async fn a_socket_is_given_the_nearest_free_name_without_being_asked() {
    let natter = Natter::start().await;
    natter.join_as("Ada").await;
    assert_eq!(natter.connect("name=Ada").await.expect("connected").await["name"], json!("Ada1"));
}

#[tokio::test]
async fn a_text_that_nobody_is_the_author_of_stays_at_the_door_however_often_a_name_is_refused() {
    let natter = Natter::start().await;
    natter.browser("Clara").await;
    let browser = Browser::new(&natter);
    for name in ["Clara", "x", ""] {
        let again = browser.post("/", &[("name", name), ("unsent", "first <b>\r\nsecond")]).await;
        assert_eq!(again.status(), 422, "{name}");
        let page = again.text().await.unwrap();
        assert!(page.contains(">first &lt;b>\nsecond</textarea>"), "{page}");
    }
    // A user who signs in, or who signed in with another window meanwhile, finds the text in the composer.
    for name in ["Dora", "Dora"] {
        let form = [("name", name), ("room", "random"), ("unsent", "first <b>\r\nsecond")];
        let entered = browser.post("/", &form).await;
        assert_eq!(entered.status(), 200);
        let page = entered.text().await.unwrap();
        assert!(page.contains("Message random") && page.contains(">first &lt;b>\nsecond</textarea>"), "{page}");
    }
    assert_eq!(browser.post("/", &[("name", "Dora"), ("unsent", "")]).await.status(), 303, "nothing was lost");
}
