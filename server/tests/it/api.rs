//! The REST API, its description, and the responses of all other paths.

use crate::helpers::{Natter, texts};
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn request(natter: &Natter, method: Method, path: &str) -> Response {
    reqwest::Client::new().request(method, natter.url(path)).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// A café with people and messages in it.
async fn furnished() -> (Natter, crate::helpers::Client) {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.join("Café 日本語").await;
    for n in 1..=120 {
        ada.send(json!({"type": "message", "room": "café_日本語", "text": n.to_string()})).await;
        ada.expect("message").await;
    }
    (natter, ada)
}

const CAFÉ: &str = "/api/room/caf%C3%A9_%E6%97%A5%E6%9C%AC%E8%AA%9E";

#[tokio::test]
async fn rooms_come_in_pages_that_lead_from_one_to_the_next_and_are_found_by_a_word() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for room in ["rust-help", "café", "日本語"] {
        ada.join(room).await;
    }
    let browser = natter.browser("Bo").await;
    let (mut path, mut names) = ("/api/rooms?limit=4".to_owned(), Vec::new());
    loop {
        let answer = browser.get(&path).await;
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Vec<Value> = answer.json().await.unwrap();
        assert!(page.len() <= 4);
        names.extend(page.iter().map(|room| room["name"].as_str().unwrap().to_owned()));
        match link {
            Some(link) => path = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(names, ["café", "general", "help", "random", "rust-help", "日本語"]);
    let found = natter.json("/api/rooms?search=HEL").await;
    let found: Vec<_> = found.as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap()).collect();
    assert_eq!(found, ["help", "rust-help"]);
    assert_eq!(browser.get("/api/rooms?limit=x").await.status(), 400);

    let page = browser.get("/rooms?search=rus").await.text().await.unwrap();
    assert!(page.contains(r#"href="/room/rust-help""#) && !page.contains("café"), "{page}");
    let nothing = browser.get("/rooms?search=nowhere").await.text().await.unwrap();
    assert!(
        nothing.contains("No room has a word that begins with") && nothing.contains("Create the room"),
        "{nothing}"
    );
}

#[tokio::test]
async fn rooms_are_listed_by_name_with_how_many_are_there_and_since_when() {
    let (natter, _ada) = furnished().await;
    let rooms = natter.json("/api/rooms").await;
    let seen: Vec<(&str, u64)> = rooms
        .as_array()
        .unwrap()
        .iter()
        .map(|room| (room["name"].as_str().unwrap(), room["users"].as_u64().unwrap()))
        .collect();
    assert_eq!(seen, [("café_日本語", 1), ("general", 1), ("help", 0), ("random", 0)]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    for room in rooms.as_array().unwrap() {
        let age = now - room["created_at"].as_f64().unwrap();
        assert!((-1.0..60.0).contains(&age), "{room}");
        assert_eq!(room.as_object().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_history_is_the_last_hundred_and_can_be_paged() {
    let (natter, _ada) = furnished().await;
    let page = natter.json(&format!("{CAFÉ}/history")).await;
    assert_eq!(texts(&page), (21..=120).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(
        (&page[0]["type"], &page[0]["from"], &page[99]["prev"]),
        (&json!("message"), &json!("Ada"), &page[98]["id"])
    );
    let all = natter.json(&format!("{CAFÉ}/history?limit=200")).await;
    let id = |n: usize| &all[n - 1]["id"];
    for (query, first, last) in [
        ("limit=1".to_owned(), 120, 120),
        ("limit=0".to_owned(), 120, 120),
        ("limit=200".to_owned(), 1, 120),
        ("limit=9999".to_owned(), 1, 120),
        (format!("before={}", id(11)), 1, 10),
        (format!("after={}", id(115)), 116, 120),
        (format!("after={}&before={}&limit=3", id(5), id(11)), 8, 10),
    ] {
        let page = natter.json(&format!("{CAFÉ}/history?{query}")).await;
        assert_eq!(texts(&page), (first..=last).map(|n: u64| n.to_string()).collect::<Vec<_>>(), "{query}");
    }
    for query in ["limit=x", "before=-1", "after=1.5", "limit="] {
        let response = request(&natter, Method::GET, &format!("{CAFÉ}/history?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        assert!(response.json::<Value>().await.unwrap()["error"].is_string());
    }
}

#[tokio::test]
async fn users_of_a_room_are_those_present_as_the_room_itself_says() {
    let (natter, mut ada) = furnished().await;
    let users = natter.json(&format!("{CAFÉ}/users")).await;
    ada.send(json!({"type": "get_users", "room": "café_日本語"})).await;
    assert_eq!(users, ada.expect("user_list").await["users"]);
    assert_eq!((&users[0]["name"], &users[0]["typing"]), (&json!("Ada"), &json!(false)));
    assert_eq!(users[0].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn statistics_count_what_there_is() {
    let (natter, ada) = furnished().await;
    let _listener = natter.listen(None).await;
    let mut stats = natter.json("/api/stats").await;
    assert!(stats["uptime"].as_u64().unwrap() < 60);
    stats["uptime"] = json!(0);
    assert_eq!(
        stats,
        json!({"uptime": 0, "users_online": 1, "rooms_count": 4, "messages_total": 120, "sse_subscribers": 1})
    );
    drop(ada);
    assert_eq!(natter.json("/api/stats").await["users_online"], 1, "who is in the grace counts, as everywhere");
}

#[tokio::test]
async fn every_answer_is_json_that_is_asked_for_anew() {
    let (natter, _ada) = furnished().await;
    for (path, status) in [
        ("/api/rooms", 200),
        ("/api/stats", 200),
        ("/api/openapi.json", 200),
        (&*format!("{CAFÉ}/history"), 200),
        ("/api/room/General/users", 200),
        ("/api/room/nowhere/users", 404),
        ("/api/room/nowhere/history", 404),
        ("/api/room/x/history", 404),
        ("/api/room/%ff/history", 400),
        ("/api/room/a%2Fb/users", 404),
        ("/api", 404),
        ("/api/", 404),
        ("/api/nothing", 404),
        ("/api/room/general", 404),
        ("/api/rooms/", 200),
        ("//api//rooms", 200),
    ] {
        let response = request(&natter, Method::GET, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "content-type"), "application/json; charset=utf-8", "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache", "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body.get("error").is_some(), status != 200, "{path}: {body}");
        if path.contains("nowhere") {
            assert_eq!(body, json!({"error": "Room not found"}));
        }
    }
}

#[tokio::test]
async fn a_head_is_the_get_without_its_body() {
    let (natter, _ada) = furnished().await;
    for path in ["/api/rooms", &*format!("{CAFÉ}/history"), "/api/room/nowhere/users", "/healthz", "/metrics", "/"] {
        let (get, head) = (request(&natter, Method::GET, path).await, request(&natter, Method::HEAD, path).await);
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(header(&head, "content-type"), header(&get, "content-type"), "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_those_that_are_right() {
    let natter = Natter::start().await;
    for path in ["/api/rooms", "/api/stats", "/api/room/general/users", "/events", "/healthz", "/metrics", "/ws/chat"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let response = request(&natter, method.clone(), path).await;
            assert_eq!(response.status(), 405, "{method} {path}");
            assert!(header(&response, "allow").contains("GET"), "{method} {path}: {:?}", response.headers());
            if path.starts_with("/api") {
                assert!(response.json::<Value>().await.unwrap()["error"].is_string());
            }
        }
    }
    for (method, path) in [(Method::DELETE, "/"), (Method::PUT, "/room/general")] {
        assert_eq!(request(&natter, method, path).await.status(), 405, "{path}");
    }
}

#[tokio::test]
async fn paths_that_are_not_there_are_404_and_never_an_error_of_the_server() {
    let natter = Natter::start().await;
    for path in
        ["/events/x", "/ws", "/ws/other", "/nothing", "/static/none", "/room", "/room/", "/room/%ff", "/healthz/x"]
    {
        for method in [Method::GET, Method::POST] {
            let expected = if path.starts_with("/static") && method == Method::POST { 405 } else { 404 };
            assert_eq!(request(&natter, method.clone(), path).await.status(), expected, "{method} {path}");
        }
    }
    let refused = natter.connect_to("/ws/other").await;
    assert_eq!(refused, Some(404));
    let no_upgrade = request(&natter, Method::GET, "/ws/chat").await.status();
    assert!(no_upgrade.is_client_error(), "{no_upgrade}");
}

#[tokio::test]
async fn the_description_names_every_path_and_its_answers() {
    let natter = Natter::start().await;
    let api = natter.json("/api/openapi.json").await;
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"), "{}", api["openapi"]);
    let paths = api["paths"].as_object().unwrap();
    let expected = ["/api/room/{name}/history", "/api/room/{name}/users", "/api/rooms", "/api/search", "/api/stats"];
    assert_eq!(paths.keys().collect::<Vec<_>>(), expected);
    for (path, item) in paths {
        assert!(item["get"]["responses"]["200"]["content"]["application/json"]["schema"].is_object(), "{path}");
    }
    assert_eq!(api["paths"]["/api/room/{name}/history"]["get"]["parameters"].as_array().unwrap().len(), 4);
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for name in ["ApiError", "Entry", "EntryKind", "RoomDetails", "SearchResult", "SearchResults", "Stats", "UserInfo"]
    {
        assert!(schemas.contains_key(name), "{name}");
    }
    // Every referenced schema is described.
    let text = api.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    assert_eq!(api["info"].get("license"), None);
    let documented: Vec<&String> = schemas["Stats"]["properties"].as_object().unwrap().keys().collect();
    let answered = natter.json("/api/stats").await;
    assert_eq!(documented, answered.as_object().unwrap().keys().collect::<Vec<_>>(), "it says what is answered");
}

#[tokio::test]
async fn metrics_are_the_numbers_of_the_chat_for_prometheus() {
    let (natter, _ada) = furnished().await;
    let response = request(&natter, Method::GET, "/metrics").await;
    assert!(header(&response, "content-type").starts_with("application/openmetrics-text"));
    let text = response.text().await.unwrap();
    for line in [
        "natter_connections 1",
        "natter_users_online 1",
        "natter_rooms 4",
        "natter_entries_total 120",
        "natter_ready 1",
        r#"natter_tcp_connections_refused_total{by="address"} 0"#,
        r#"natter_tcp_connections_late_total{step="head"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(text.contains("# TYPE natter_uptime_seconds gauge"));
}
