//! The theme, the page of mentions, and files that browsers and crawlers request by themselves.

use crate::helpers::{Browser, Natter};
use serde_json::Value;

async fn choose(natter: &Natter, theme: &str, referer: Option<&str>) -> (String, String) {
    choose_at(natter, &natter.url(""), theme, referer).await
}

async fn choose_at(natter: &Natter, origin: &str, theme: &str, referer: Option<&str>) -> (String, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.post(natter.url("/theme")).header("origin", origin).form(&[("theme", theme)]);
    let request = referer.into_iter().fold(request, |request, referer| request.header("referer", referer));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 303);
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    (header("set-cookie"), header("location"))
}

#[tokio::test]
async fn a_theme_is_remembered_where_the_script_can_read_it_and_leads_back_to_its_page() {
    let natter = Natter::start().await;
    let (cookie, location) = choose(&natter, "dark", Some(&natter.url("/room/general?before=7"))).await;
    assert_eq!(location, "/room/general?before=7");
    assert!(cookie.starts_with("natter_theme_") && cookie.contains("=dark;"), "{cookie}");
    for attribute in ["SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("HttpOnly") && !cookie.contains("Secure"), "{cookie}");
    for theme in ["system", "purple"] {
        let (cookie, location) = choose(&natter, theme, Some("http://evil.example/room/general")).await;
        assert!(
            cookie.starts_with("natter_theme_") && cookie.contains("=;") && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert_eq!(location, "/", "no page of ours");
    }
    assert_eq!(choose(&natter, "light", None).await.1, "/");
    assert_eq!(choose(&natter, "light", Some(&natter.url("//evil.example/"))).await.1, "/");
}

#[tokio::test]
async fn behind_https_the_theme_travels_by_https_alone() {
    let natter = Natter::start_with(&["--public-url", "https://chat.example.org"]).await;
    let public = "https://chat.example.org";
    let (cookie, location) = choose_at(&natter, public, "dark", Some("https://chat.example.org/mentions")).await;
    assert!(cookie.starts_with("__Host-natter_theme_") && cookie.contains("; Secure"), "{cookie}");
    assert_eq!(location, "/mentions");
}

#[tokio::test]
async fn mentions_are_a_page_for_who_is_signed_in() {
    let natter = Natter::start().await;
    let away = Browser::new(&natter).get("/mentions").await;
    assert_eq!((away.status().as_u16(), &away.headers()["location"]), (303, &"/".parse().unwrap()));
    let response = natter.browser("Ada").await.get("/mentions").await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self' 'nonce-"));
}

#[tokio::test]
async fn the_page_can_be_installed_and_its_manifest_names_files_of_this_version() {
    let natter = Natter::start().await;
    let response = reqwest::get(natter.url("/manifest.webmanifest")).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/manifest+json");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let manifest: Value = response.json().await.unwrap();
    for (field, value) in
        [("name", "Natter"), ("short_name", "Natter"), ("start_url", "/"), ("scope", "/"), ("display", "standalone")]
    {
        assert_eq!(manifest[field], value, "{field}");
    }
    let icons = manifest["icons"].as_array().unwrap();
    let field = |icon: &Value, name: &str| icon[name].as_str().unwrap().to_owned();
    let sizes: Vec<_> = icons.iter().map(|icon| field(icon, "sizes") + " " + &field(icon, "purpose")).collect();
    assert_eq!(sizes, ["192x192 any", "512x512 any", "512x512 maskable"]);
    assert!(icons.iter().all(|icon| field(icon, "src").starts_with("/static")));
}

#[tokio::test]
async fn where_a_page_is_shared_it_names_itself_and_its_picture_in_full() {
    let of = |page: &str, property: &str| {
        let meta = page.split(&format!("<meta property=\"{property}\" content=\"")).nth(1)?;
        meta.split('"').next().map(ToOwned::to_owned)
    };
    let natter = Natter::start().await;
    let page = Browser::new(&natter).page("/?room=random").await;
    assert_eq!(of(&page, "og:url"), Some(natter.url("/")));
    assert!(of(&page, "og:image").is_some_and(|picture| picture.starts_with(&natter.url("/static"))), "{page}");

    let public = Natter::start_with(&["--public-url", "https://chat.example.org"]).await;
    let page = Browser::new(&public).page("/").await;
    assert_eq!(of(&page, "og:url").as_deref(), Some("https://chat.example.org/"));
    assert!(of(&page, "og:image").is_some_and(|picture| picture.starts_with("https://chat.example.org/static")));

    let proxied = reqwest::Client::new().get(natter.url("/")).header("x-forwarded-for", "1.2.3.4");
    let page = proxied.send().await.unwrap().text().await.unwrap();
    assert_eq!((of(&page, "og:url"), of(&page, "og:image")), (None, None));
    assert_eq!(of(&page, "og:site_name").as_deref(), Some("Natter"));
}

#[tokio::test]
async fn crawlers_and_browsers_find_what_they_ask_every_site_for() {
    let natter = Natter::start().await;
    let robots = reqwest::get(natter.url("/robots.txt")).await.unwrap();
    assert!(robots.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let robots = robots.text().await.unwrap();
    assert_eq!(robots, "User-agent: *\nAllow: /\n");
    let icon = Browser::new(&natter).get("/favicon.ico").await;
    assert_eq!(icon.status(), 307);
    let path = icon.headers()["location"].to_str().unwrap();
    assert!(path.starts_with("/static") && path.ends_with("/favicon.svg"), "{path}");
}
