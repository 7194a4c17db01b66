//! Faults of the program from which this protocol stems, each as a test. The numbers are those of its list of faults.

use crate::helpers::{Browser, Client, Natter, names, signed_in, texts};
use app::protocol::limits::MERGE_MS;
use serde_json::{Value, json};
use std::time::Instant;

async fn two(natter: &Natter) -> (Client, Client) {
    let (mut ada, bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    (ada, bo)
}

#[tokio::test]
async fn f01_a_new_room_works_and_statistics_and_events_with_it() {
    let natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.join("brand_new").await;
    assert_eq!(names(&bo.join("brand_new").await), ["Ada", "Bo"]);
    bo.send(json!({"type": "message", "room": "brand_new", "text": "alive"})).await;
    assert_eq!(ada.until("message").await["text"], "alive");
    assert_eq!(natter.json("/api/stats").await["rooms_count"], 4);
    assert_eq!(natter.json("/api/room/brand_new/users").await.as_array().unwrap().len(), 2);
    while listener.news().await.event != "room_created" {}
}

#[tokio::test]
async fn f01b_frames_of_the_server_may_be_large_and_cut_nobody_off() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    let text = "\u{1f9d1}".repeat(4_000);
    for _ in 0..50 {
        ada.said(&text).await;
    }
    for _ in 0..50 {
        bo.expect("message").await;
    }
    // Entries of 16 kB, as many as one frame carries.
    let mut cy = natter.connect("name=Cy").await;
    cy.expect("connected").await;
    let joined = cy.expect("joined").await;
    let entries = joined["history"].as_array().unwrap();
    assert_eq!((entries.len(), &joined["head"]), (16, &entries[15]["id"]));
    assert!(joined.to_string().len() > 250_000);
    drop(cy);
    bo.expect("user_joined").await;
    bo.said("general goes on").await;
}

#[tokio::test]
async fn f02_no_letter_of_the_world_is_dropped() {
    let natter = Natter::start().await;
    for (name, room, text) in [
        ("café", "café", "un café, s'il vous plaît"),
        ("Ελληνικά", "ελληνικά", "Καλημέρα κόσμε"),
        ("日本語", "日本語", "こんにちは世界"),
        ("Ада_Ловлейс", "комната", "\u{1f9d1}\u{200d}\u{1f680} лечу"),
        ("مرحبا", "غرفة", "\u{202b}مرحبا بالعالم\u{202c}"),
    ] {
        let mut client = natter.connect_with_name(name).await;
        assert_eq!(client.expect("connected").await["name"], name);
        client.expect("joined").await;
        assert_eq!(client.join(room).await["room"], room);
        client.send(json!({"type": "message", "room": room, "text": text})).await;
        assert_eq!(client.until("message").await["text"], text);
        client.send(json!({"type": "message", "room": room, "text": format!("/me {text}")})).await;
        assert_eq!(client.until("action").await["text"], format!("* {name} {text}"));
        client.send(json!({"type": "pm", "to": name, "text": text})).await;
        assert_eq!(client.until("pm_sent").await["to"], name);
    }
}

#[tokio::test]
async fn f03_events_are_pushed_to_who_already_listens() {
    let natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    listener.stats().await;
    let _ada = natter.join_as("Ada").await;
    assert_eq!(listener.news().await.event, "user_connected");
}

#[tokio::test]
async fn f04_two_connections_of_one_session_both_live_and_leave_no_zombie() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let (mut first, token) = natter.join_with_token("Ada").await;
    first.said("so that I am remembered").await;
    let (mut second, _) = natter.resume(&token, 0).await;
    let mut bo = natter.join_as("Bo").await;
    bo.said("to both").await;
    for client in [&mut first, &mut second] {
        assert_eq!(client.until("message").await["text"], "to both");
    }
    drop(first);
    second.said("one is enough").await;
    assert_eq!(bo.expect("message").await["from"], "Ada");
    drop(second);
    assert_eq!(bo.expect("user_left").await["count"], 1);
    assert_eq!(natter.json("/api/room/general/users").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn f05_the_own_name_is_no_new_name() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.say("/nick Ada").await;
    ada.expect_nothing().await;
    bo.expect_nothing().await;
    assert_eq!(ada.said("still").await["from"], "Ada");
}

#[tokio::test]
async fn f06_typing_needs_membership_and_ends_where_it_was_set() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    bo.join("random").await;
    ada.send(json!({"type": "typing", "room": "random", "typing": true})).await;
    ada.expect_error("not_in_room").await;
    ada.join("random").await;
    bo.expect("user_joined").await;
    ada.send(json!({"type": "typing", "room": "random", "typing": true})).await;
    bo.expect("typing").await;
    ada.said("in general").await;
    bo.expect("message").await;
    bo.expect_nothing().await;
}

#[tokio::test]
async fn f07_counts_and_lists_agree_wherever_one_looks_also_within_the_grace() {
    let natter = Natter::start().await;
    let mut listener = natter.listen(None).await;
    let (mut ada, bo) = two(&natter).await;
    listener.news().await;
    drop(bo);
    ada.send(json!({"type": "get_rooms"})).await;
    let listed = ada.expect("room_list").await["rooms"][0]["users"].as_u64().unwrap();
    ada.send(json!({"type": "get_users", "room": "general"})).await;
    let list = ada.expect("user_list").await;
    let counts = [
        listed,
        names(&list).len() as u64,
        list["count"].as_u64().unwrap(),
        natter.json("/api/rooms").await[0]["users"].as_u64().unwrap(),
        natter.json("/api/room/general/users").await.as_array().unwrap().len() as u64,
        natter.json("/api/stats").await["users_online"].as_u64().unwrap(),
        listener.news().await.data["count"].as_u64().unwrap(),
        ada.join("general").await["count"].as_u64().unwrap(),
    ];
    assert_eq!(counts, [2; 8]);
}

#[tokio::test]
async fn f08_coming_and_going_is_presence_and_never_history() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    for _ in 0..3 {
        let bo = natter.join_as("Bo").await;
        ada.expect("user_joined").await;
        drop(bo);
        ada.expect("user_left").await;
    }
    ada.said("the first line").await;
    assert_eq!(texts(&natter.json("/api/room/general/history").await), ["the first line"]);
}

#[tokio::test]
async fn f09_what_is_wrong_is_answered() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for (raw, code) in [
        ("not json", "bad_frame"),
        ("{\"type\":\"dance\"}", "bad_frame"),
        ("{\"type\":\"join\"}", "bad_frame"),
        ("{\"type\":\"get_history\",\"room\":\"nowhere\"}", "bad_room"),
    ] {
        ada.send_raw(raw).await;
        ada.expect_error(code).await;
    }
    let unknown = "session=00000000000000000000000000000000&name=Bo&lastMsgId=1";
    assert_eq!(natter.connect(unknown).await.expect("connected").await["name"], "Bo");
}

#[tokio::test]
async fn f10_one_thing_has_one_form_everywhere() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    let live = ada.said("one").await;
    let stored = natter.json("/api/room/general/history").await[0].clone();
    bo.send(json!({"type": "get_history", "room": "general"})).await;
    let paged = bo.until("history").await["messages"][0].clone();
    assert_eq!(stored, paged);
    for field in ["id", "prev", "ts", "from", "text", "type", "user_id"] {
        assert_eq!(live[field], stored[field], "{field}");
    }
    assert!(live["ts"].is_f64() && live["ts"].as_f64().unwrap() > 1.7e9);
    for typing in [true, false] {
        ada.send(json!({"type": "typing", "room": "general", "typing": typing})).await;
        assert_eq!(bo.expect("typing").await["typing"], json!(typing), "a boolean");
    }
}

#[tokio::test]
async fn f11_a_wrong_path_is_not_there_for_every_protocol() {
    let natter = Natter::start().await;
    for path in ["/ws/none", "/ws/chat/none", "/none"] {
        assert_eq!(natter.connect_to(path).await, Some(404), "{path}");
    }
    let client = reqwest::Client::new();
    for path in ["/events/none", "/event"] {
        let response = client.get(natter.url(path)).header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn f12_what_others_see_of_somebody_opens_nothing() {
    let natter = Natter::start().await;
    let (mut ada, token) = natter.join_with_token("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    bo.send(json!({"type": "get_users", "room": "general"})).await;
    let list = bo.expect("user_list").await;
    let public = list["users"][0]["id"].as_str().unwrap().to_owned();
    assert_ne!(public, token);
    for claim in [public.as_str(), "1", "Ada"] {
        let mut thief = natter.connect(&format!("session={claim}&lastMsgId=0")).await;
        assert_ne!(thief.expect("connected").await["name"], "Ada", "{claim}");
    }
    ada.say("still me").await;
    assert_eq!(ada.until("message").await["from"], "Ada");
    let everything = [
        natter.json("/api/room/general/users").await.to_string(),
        natter.json("/api/room/general/history").await.to_string(),
        list.to_string(),
        natter.listen(None).await.news().await.data.to_string(),
    ];
    assert!(everything.iter().all(|seen| !seen.contains(&token)));
    let store = std::fs::read(natter.data().join("natter.db")).unwrap();
    let log = std::fs::read(natter.data().join("natter.db-wal")).unwrap();
    let contains = |bytes: &[u8]| bytes.windows(token.len()).any(|part| part == token.as_bytes());
    assert!(!contains(&store) && !contains(&log), "it is stored hashed");
}

#[tokio::test]
async fn f13_a_session_is_never_what_a_client_chose_and_is_in_no_page() {
    let natter = Natter::start().await;
    let chosen = "x%22%20onmouseover%3D%22alert(1)%22%20y%3D%22";
    let mut eve = natter.connect(&format!("session={chosen}&name=Eve")).await;
    let connected = eve.expect("connected").await;
    let token = connected["session_id"].as_str().unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let page = natter.browser("Ada").await.page("/room/general").await;
    assert!(page.contains("href=\"/pm/1-Eve\"") && !page.contains("onmouseover") && !page.contains(token));
}

#[tokio::test]
async fn f14_no_text_becomes_markup() {
    let natter = Natter::start().await;
    let mut eve = natter.join_as("Eve").await;
    for text in ["http://x\"onmouseover=\"alert(2)", "<img src=x onerror=alert(3)>", "javascript:alert(4)"] {
        eve.said(text).await;
    }
    let page = natter.browser("Ada").await.page("/room/general").await;
    assert!(!page.contains("<img src=x") && !page.contains("href=\"javascript:"));
    assert!(page.contains("href=\"http://x\" rel="), "the address is a link, and ends before the quote: {page}");
    // The text is in no tag, except within its own and in the islands' properties, where its quotes are escaped.
    let mut tags = page.split('<').filter_map(|tag| tag.split('>').next());
    assert!(tags.all(|tag| !tag.contains("\"onmouseover")), "{page}");
}

#[tokio::test]
async fn f15_a_foreign_page_cannot_open_the_socket() {
    let natter = Natter::start().await;
    let refused = natter.connect_with("name=Eve", &[("origin", "http://evil.example")]).await.err();
    assert_eq!(refused.unwrap().as_u16(), 403);
}

#[tokio::test]
async fn f16_nobody_can_pass_for_another() {
    let natter = Natter::start().await;
    let (ada, _) = natter.join_with_token("Ada").await;
    for (asked, given) in [
        ("system", "system1"),
        ("SYSTEM", "SYSTEM2"),
        ("Server", "Server1"),
        ("admin", "admin1"),
        ("natter", "natter1"),
        ("ada", "ada1"),
        ("ＡＤＡ", "ADA2"),
    ] {
        let mut client = natter.connect_with_name(asked).await;
        assert_eq!(client.expect("connected").await["name"], given);
        // The connection stays open, so that the name stays taken.
        std::mem::forget(client);
    }
    drop(ada);
    let mut bo = natter.join_as("Bo").await;
    for name in ["Ada", "aDA", "system", "ａdmin"] {
        bo.send(json!({"type": "set_nick", "name": name})).await;
        while bo.next().await["code"] != "name_taken" {}
    }
}

#[tokio::test]
async fn f17_rooms_are_public_as_the_door_says_and_conversations_are_not() {
    let natter = Natter::start().await;
    let door = Browser::new(&natter).page("/").await;
    assert!(door.contains("Everyone on this server can read every room"));
    let (mut ada, _bo) = two(&natter).await;
    ada.join("den").await;
    ada.send(json!({"type": "message", "room": "den", "text": "open to all"})).await;
    ada.until("message").await;
    ada.send(json!({"type": "pm", "to": "Bo", "text": "for Bo alone"})).await;
    ada.expect("pm_sent").await;
    assert_eq!(texts(&natter.json("/api/room/den/history").await), ["open to all"]);
    let mut eve = natter.join_as("Eve").await;
    for room in ["@Bo", "@Ada", "@1:2", "1:2", "@2:1"] {
        eve.send(json!({"type": "get_history", "room": room})).await;
        assert!(!eve.next().await.to_string().contains("for Bo alone"), "{room}");
        eve.send(json!({"type": "join", "room": room})).await;
        assert!(!eve.next().await.to_string().contains("for Bo alone"), "{room}");
    }
    for path in ["/api/rooms", "/api/stats", "/metrics", "/api/room/%401%3A2/history", "/api/room/_1_2/history"] {
        let body = reqwest::get(natter.url(path)).await.unwrap().text().await.unwrap();
        assert!(!body.contains("for Bo alone"), "{path}");
    }
}

#[tokio::test]
async fn f18_nothing_in_a_request_writes_a_line_of_its_own_into_the_log() {
    let natter = Natter::start_logging("debug").await;
    let forged = "natter%0aERROR%20forged%20line";
    for path in [format!("/{forged}"), format!("/room/{forged}"), format!("/api/room/{forged}/history")] {
        reqwest::get(natter.url(&path)).await.unwrap();
    }
    let mut client = natter.connect(&format!("name=x%0aERROR%20forged&session={forged}")).await;
    client.expect("connected").await;
    client.send(json!({"type": "join", "room": "a\nERROR forged line"})).await;
    client.send(json!({"type": "pm", "to": "a\nERROR forged line", "text": "x"})).await;
    client.until("error").await;
    let from = [("origin", "http://evil.example"), ("x-forwarded-for", "a, ERROR forged")];
    natter.connect_with(&format!("name={forged}"), &from).await.err().unwrap();
    let log = natter.log();
    assert!(!log.is_empty() && !log.lines().any(|line| line.trim_start().starts_with("ERROR")), "{log}");
}

#[tokio::test]
async fn f19_a_text_is_a_text_and_a_room_a_name() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for value in [json!({"a": 1}), json!([1]), json!(7), json!(null), json!(true)] {
        for frame in [
            json!({"type": "message", "text": value}),
            json!({"type": "message", "room": value, "text": "x"}),
            json!({"type": "join", "room": value}),
            json!({"type": "pm", "to": value, "text": "x"}),
            json!({"type": "set_nick", "name": value}),
        ] {
            ada.send(frame.clone()).await;
            let error = ada.expect_error("bad_frame").await.to_string();
            assert!(!error.contains("0x") && !error.contains("HASH"), "{frame}: {error}");
        }
    }
    bo.expect_nothing().await;
}

#[tokio::test]
async fn f20_one_client_cannot_take_the_server_for_itself() {
    let limits = ["--message-rate", "10", "--join-rate", "5"];
    let natter = Natter::start_with(&limits).await;
    let mut eve = natter.join_as("Eve").await;
    for n in 0..200 {
        eve.send(json!({"type": "join", "room": format!("room{n}")})).await;
    }
    let (mut joined, mut refused) = (0, 0);
    while joined + refused < 200 {
        match eve.next().await["type"].as_str().unwrap() {
            "joined" => joined += 1,
            _ => refused += 1,
        }
    }
    assert!(joined <= 49, "{joined} rooms");
    assert!(natter.json("/api/stats").await["rooms_count"].as_u64().unwrap() <= 53);
    let mut mallory = natter.join_as("Mallory").await;
    for n in 0..40 {
        mallory.send(json!({"type": "set_nick", "name": format!("Mallory{n}")})).await;
        mallory.send(json!({"type": "message", "text": "x".repeat(4_001)})).await;
    }
    let mut bo = natter.join_as("Bo").await;
    bo.say("untouched").await;
    while bo.until("message").await["text"] != "untouched" {}
}

#[tokio::test]
async fn f21_who_does_not_read_costs_nobody_else_anything() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    let _stalled = natter.join_as("Stalled").await;
    for client in [&mut ada, &mut bo] {
        client.expect("user_joined").await;
    }
    let text = "x".repeat(1_000);
    for round in 0..40 {
        for _ in 0..50 {
            ada.say(&text).await;
        }
        for client in [&mut ada, &mut bo] {
            for _ in 0..50 {
                assert_eq!(client.until("message").await["text"], text, "round {round}");
            }
        }
        bo.expect_nothing().await;
    }
}

/// `chat::tests::crowd` covers storms of joins.
#[tokio::test]
async fn f22_a_storm_of_leaves_is_told_in_a_frame_a_second_and_blocks_nobody() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut staying = Vec::new();
    for n in 0..210 {
        staying.push(natter.join_as(&format!("Stays{n}")).await);
    }
    let mut going = Vec::new();
    for n in 0..200 {
        going.push(natter.join_as(&format!("Goes{n}")).await);
    }
    let witness = &mut staying[0];
    while witness.until("user_joined").await["count"] != 410 {}
    let since = Instant::now();
    drop(going);
    let mut frames = 0;
    while witness.until("user_left").await["count"] != 210 {
        frames += 1;
    }
    // The first leave at once, and then those of each moment together.
    let most = 1 + since.elapsed().as_millis() / u128::from(MERGE_MS);
    assert!(frames <= most, "{frames} frames of {most}");
    witness.said("nobody is blocked").await;
}

#[tokio::test]
async fn f23_everybody_is_sent_the_same_bytes() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    ada.say("once").await;
    assert_eq!(ada.next_text().await, bo.next_text().await);
}

#[tokio::test]
async fn f24_requests_are_answered_within_a_burst() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = two(&natter).await;
    for _ in 0..1_000 {
        ada.say("burst").await;
    }
    // Nobody has read an echo yet.
    assert_eq!(reqwest::get(natter.url("/api/stats")).await.unwrap().status(), 200);
    for _ in 0..1_000 {
        bo.expect("message").await;
    }
}

#[tokio::test]
async fn f25_listeners_pages_and_connections_are_counted_apart() {
    let natter = Natter::start_with(&["--max-connections", "2"]).await;
    let (mut first, mut second) = (natter.listen(None).await, natter.listen(None).await);
    first.stats().await;
    second.stats().await;
    let (mut ada, _bo) = two(&natter).await;
    assert_eq!(Browser::new(&natter).get("/").await.status(), 200);
    ada.said("two connections beside two listeners").await;
}

#[tokio::test]
async fn f26_both_kinds_of_ping_are_answered() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.send(json!({"type": "ping", "ts": 1.5})).await;
    assert_eq!(ada.next().await, json!({"type": "pong", "ts": 1.5}));
    ada.send(json!({"type": "ping"})).await;
    assert_eq!(ada.next().await, json!({"type": "pong"}));
    ada.ping_pong().await;
}

/// A test beside the numbered ones: the page's cookie is useless from elsewhere, and so is a form.
#[tokio::test]
async fn a_cookie_is_worth_nothing_to_another_page() {
    let natter = Natter::start().await;
    let cookie = signed_in(&natter, "Ada").await;
    let headers = [("origin", "http://evil.example"), ("cookie", cookie.as_str())];
    assert!(natter.connect_with("", &headers).await.is_err());
    let _: Value = natter.json("/api/rooms").await;
}
