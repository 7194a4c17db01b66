//! Rooms and their members.

use crate::helpers::{Client, Natter, names};
use app::protocol::limits::LISTED_ROOMS;
use serde_json::json;

async fn join(client: &mut Client, room: &str) -> serde_json::Value {
    client.send(json!({"type": "join", "room": room})).await;
    client.expect("joined").await
}

#[tokio::test]
async fn a_room_appears_at_its_first_join_and_others_see_who_comes_and_goes() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    assert_eq!(join(&mut ada, "Café").await["room"], "café");
    let created = bo.expect("room_created").await;
    assert_eq!((&created["room"], &created["created_by"]), (&json!("café"), &json!("Ada")));
    ada.send(json!({"type": "message", "room": "café", "text": "hello"})).await;
    ada.expect("message").await;
    let joined = join(&mut bo, "café").await;
    assert_eq!(joined["history"][0]["text"], "hello");
    assert_eq!(joined["history"][0]["type"], "message");
    assert_eq!(names(&joined), ["Ada", "Bo"]);
    let seen = ada.expect("user_joined").await;
    assert_eq!((&seen["room"], &seen["user"]), (&json!("café"), &json!("Bo")));
    bo.send(json!({"type": "leave", "room": "café"})).await;
    assert_eq!(bo.expect("left").await["room"], "café");
    assert_eq!(names(&ada.expect("user_left").await), ["Ada"]);
    bo.send(json!({"type": "get_rooms"})).await;
    let rooms = bo.expect("room_list").await["rooms"].clone();
    let expected = json!([
        {"name": "café", "users": 1}, {"name": "general", "users": 2}, {"name": "help", "users": 0},
        {"name": "random", "users": 0}
    ]);
    assert_eq!(rooms, expected);
    bo.send(json!({"type": "get_users", "room": "café"})).await;
    let users = bo.expect("user_list").await;
    assert_eq!((names(&users), &users["count"]), (vec!["Ada"], &json!(1)));
}

#[tokio::test]
async fn joining_twice_is_joining_once() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    assert_eq!(join(&mut ada, "general").await["count"], 2);
    bo.expect_nothing().await;
}

#[tokio::test]
async fn what_cannot_be_joined_or_left_is_refused_with_a_reason() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for (kind, room, code) in [
        ("join", "x", "bad_room"),
        ("leave", "general", "cannot_leave"),
        ("leave", "random", "not_in_room"),
        ("leave", "x", "bad_room"),
        ("get_users", "nowhere", "bad_room"),
        ("get_history", "nowhere", "bad_room"),
    ] {
        ada.send(json!({"type": kind, "room": room})).await;
        ada.expect_error(code).await;
    }
}

#[tokio::test]
async fn a_page_lists_a_hundred_rooms_of_others_and_counts_the_rest_which_are_entered_by_name() {
    let natter = Natter::start().await;
    let dee = natter.browser("Dee").await;
    let mut people = Vec::new();
    for (name, rooms) in [("Ada", 0..49), ("Bo", 49..LISTED_ROOMS - 2)] {
        let mut person = natter.join_as(name).await;
        for n in rooms {
            join(&mut person, &format!("room{n:03}")).await;
        }
        people.push(person);
    }
    // With `random` and `help`, which always exist, these are as many as are listed.
    let page = dee.page("/room/general").await;
    assert_eq!(page.matches("class=\"place\"").count(), LISTED_ROOMS + 1);
    assert!(!page.contains("more room"));

    let mut cy = natter.join_as("Cy").await;
    join(&mut cy, "zoo").await;
    let page = dee.page("/room/general").await;
    assert_eq!(page.matches("class=\"place\"").count(), LISTED_ROOMS + 1);
    assert!(page.contains("There is 1 more room."));
    let is_listed = |page: &str, room: &str| page.contains(&format!("href=\"/room/{room}\""));
    assert!(is_listed(&page, "zoo") && !is_listed(&page, "random"), "the emptiest is left out");
    assert!(is_listed(&dee.page("/room/random").await, "random"), "what is shown is listed");
    assert_eq!(dee.post("/room/general", &[("join", "random")]).await.status(), 303);
    assert!(is_listed(&dee.page("/room/general").await, "random"), "as is what one is in");
    assert_eq!(natter.json("/api/rooms").await.as_array().map(Vec::len), Some(LISTED_ROOMS + 2));
}

#[tokio::test]
async fn fifty_rooms_are_the_most() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for n in 1..50 {
        join(&mut ada, &format!("room{n}")).await;
    }
    ada.send(json!({"type": "join", "room": "one_more"})).await;
    ada.expect_error("too_many_rooms").await;
}

#[tokio::test]
async fn a_person_with_two_connections_comes_once_and_goes_when_the_last_is_long_gone() {
    let natter = Natter::start_with(&["--grace", "1"]).await;
    let mut ada = natter.join_as("Ada").await;
    let mut first = natter.connect("name=Bo").await;
    let token = first.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    first.expect("joined").await;
    assert_eq!(ada.expect("user_joined").await["user"], "Bo");
    let mut second = natter.connect(&format!("session={token}")).await;
    second.expect("connected").await;
    second.expect("joined").await;
    let said = ada.said("to both").await;
    assert_eq!(first.expect("message").await, said);
    assert_eq!(second.expect("message").await, said);
    first.socket.close(None).await.unwrap();
    second.said("still here").await;
    assert_eq!(ada.expect("message").await["text"], "still here");
    drop(second);
    let left = ada.expect("user_left").await;
    assert_eq!((&left["user"], &left["count"]), (&json!("Bo"), &json!(1)));
    let mut back = natter.connect(&format!("session={token}")).await;
    back.expect("connected").await;
    assert_eq!(ada.expect("user_joined").await["user"], "Bo");
}

#[tokio::test]
async fn coming_back_within_the_grace_shows_nobody_anything() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.connect("name=Bo").await;
    let token = bo.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    ada.expect("user_joined").await;
    drop(bo);
    let mut bo = natter.connect(&format!("session={token}")).await;
    bo.expect("connected").await;
    assert_eq!(names(&bo.expect("joined").await), ["Ada", "Bo"]);
    ada.expect_nothing().await;
}

#[tokio::test]
async fn memberships_survive_a_crash() {
    let natter = Natter::start().await;
    let mut ada = natter.connect("name=Ada").await;
    let token = ada.expect("connected").await["session_id"].as_str().unwrap().to_owned();
    ada.expect("joined").await;
    join(&mut ada, "here").await;
    join(&mut ada, "left").await;
    ada.send(json!({"type": "leave", "room": "left"})).await;
    ada.expect("left").await;
    let natter = natter.crash_and_restart().await;
    let mut ada = natter.connect(&format!("session={token}&lastMsgId=0")).await;
    assert_eq!(ada.expect("resumed").await["rooms"], json!(["general", "here"]));
}

#[tokio::test]
async fn a_large_room_is_counted_instead_of_listed() {
    let natter = Natter::start().await;
    let mut crowd = Vec::new();
    for n in 0..200 {
        let mut client = natter.connect(&format!("name=Guest{n}")).await;
        client.expect("connected").await;
        crowd.push(client);
    }
    let joined = crowd[199].expect("joined").await;
    assert_eq!(joined["users"].as_array().unwrap().len(), 200, "200 are listed");
    let mut last = natter.connect("name=OneMore").await;
    last.expect("connected").await;
    let joined = last.expect("joined").await;
    assert_eq!((joined.get("users"), &joined["count"]), (None, &json!(201)));
    let mut seen = crowd[199].until("user_joined").await;
    while seen["count"] != 201 {
        seen = crowd[199].until("user_joined").await;
    }
    assert_eq!(seen.get("users"), None);
    last.send(json!({"type": "get_users", "room": "general"})).await;
    assert_eq!(last.until("user_list").await["users"].as_array().unwrap().len(), 201);
}

#[tokio::test]
async fn what_is_joined_or_left_in_one_window_is_so_in_the_other() {
    let natter = Natter::start().await;
    let (mut window, token) = natter.join_with_token("Ada").await;
    let (mut other, _) = natter.resume(&token, 0).await;
    let joined = window.join("café").await;
    assert_eq!(other.expect("joined").await, joined);
    window.send(json!({"type": "leave", "room": "café"})).await;
    assert_eq!(window.expect("left").await, json!({"type": "left", "room": "café"}));
    other.expect("left").await;
    for window in [&mut window, &mut other] {
        assert_eq!(window.expect("room_deleted").await["room"], "café");
    }
    // The answer to a request goes to its sender alone.
    window.send(json!({"type": "get_rooms"})).await;
    window.expect("room_list").await;
    other.expect_nothing().await;
}

#[tokio::test]
async fn any_name_of_two_letters_or_more_becomes_a_room() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for (asked, given) in [
        ("ab", "ab"),
        ("Two  Words!", "two_words"),
        ("ΚΑΦΕ-ΝΕΙΟ", "καφε-νειο"),
        ("日本語", "日本語"),
        ("ＷＩＤＥ", "wide"),
        ("<script>", "script"),
        ("a/b?c#d", "a_b_c_d"),
        ("#tea", "tea"),
        ("__snake_case", "snake_case"),
        ("हिन्दी", "हिन्दी"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        (&"n".repeat(40), &"n".repeat(30)),
    ] {
        assert_eq!(ada.join(asked).await["room"], given, "{asked}");
    }
    for asked in ["", "n", " ", "#", "___", "\u{1f9d1}\u{200d}\u{1f680}", "\u{3164}\u{3164}"] {
        ada.send(json!({"type": "join", "room": asked})).await;
        ada.expect_error("bad_room").await;
    }
}

#[tokio::test]
async fn a_room_without_members_and_words_vanishes_and_one_with_words_stays() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut bo = natter.join_as("Bo").await;
    let mut ada = natter.join_as("Ada").await;
    bo.expect("user_joined").await;
    let rooms = async |client: &mut Client| -> Vec<String> {
        client.send(json!({"type": "get_rooms"})).await;
        let rooms = client.until("room_list").await["rooms"].clone();
        rooms.as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap().to_owned()).collect()
    };
    for room in ["quiet", "spoken", "left"] {
        ada.join(room).await;
    }
    ada.send(json!({"type": "message", "room": "spoken", "text": "kept"})).await;
    ada.expect("message").await;
    for room in ["spoken", "left"] {
        ada.send(json!({"type": "leave", "room": room})).await;
        ada.expect("left").await;
    }
    assert_eq!(rooms(&mut ada).await, ["general", "help", "quiet", "random", "spoken"]);
    assert_eq!(bo.until("room_deleted").await["room"], "left");
    drop(ada);
    bo.expect("user_left").await;
    // Ada has written an entry, so she and her membership of the quiet room are kept.
    assert!(rooms(&mut bo).await.contains(&"quiet".to_owned()));
    let natter = natter.crash_and_restart().await;
    let mut cy = natter.join_as("Cy").await;
    assert_eq!(rooms(&mut cy).await, ["general", "help", "quiet", "random", "spoken"]);
    let joined = cy.join("spoken").await;
    assert_eq!(joined["history"][0]["text"], "kept");
}

#[tokio::test]
async fn who_follows_the_rooms_hears_how_many_are_in_each_also_of_those_they_are_not_in() {
    let natter = Natter::start_with(&["--grace", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    ada.expect("user_joined").await;
    ada.send(json!({"type": "get_rooms", "follow": true})).await;
    ada.expect("room_list").await;

    bo.join("random").await;
    let told = ada.expect("room_counts").await;
    assert_eq!((&told["rooms"], &told["total"]), (&json!([{"name": "random", "users": 1}]), &json!(3)));
    bo.join("den").await;
    ada.expect("room_created").await;
    let told = ada.expect("room_counts").await;
    assert_eq!((&told["rooms"], &told["total"]), (&json!([{"name": "den", "users": 1}]), &json!(4)));

    ada.join("den").await;
    ada.send(json!({"type": "message", "room": "den", "text": "so it has a history"})).await;
    ada.send(json!({"type": "leave", "room": "den"})).await;
    ada.until("left").await;
    let told = ada.expect("room_counts").await;
    assert_eq!(told["rooms"], json!([{"name": "den", "users": 1}]), "who left one hears of it too");
    drop(bo);
    let told = ada.until("room_counts").await;
    let empty = json!([{"name": "den", "users": 0}, {"name": "random", "users": 0}]);
    assert_eq!(told["rooms"], empty, "who goes is in none of them");
}

#[tokio::test]
async fn who_does_not_follow_the_rooms_hears_of_their_own_alone() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.send(json!({"type": "get_rooms"})).await;
    ada.expect("room_list").await;
    bo.join("random").await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn who_asks_for_a_name_that_looks_like_a_rooms_is_in_that_room() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    ada.join("straße").await;
    for (asked, room) in [
        ("gеneral", "general"),
        ("genera1", "general"),
        ("rаndom", "random"),
        ("STRASSE", "straße"),
        ("#Straße", "straße"),
    ] {
        assert_eq!(ada.join(asked).await["room"], room, "{asked}");
        ada.send(json!({"type": "message", "room": asked, "text": "here"})).await;
        assert_eq!(ada.expect("message").await["room"], room, "{asked}");
        let path = format!("/api/room/{}/history", asked.replace('#', "%23"));
        assert_eq!(natter.json(&path).await[0]["text"], "here", "{asked}");
    }
    ada.send(json!({"type": "get_rooms"})).await;
    let rooms = ada.until("room_list").await["rooms"].clone();
    assert_eq!(rooms.as_array().unwrap().len(), 4);
    assert_eq!(ada.join("генерал").await["room"], "генерал", "nobody takes it for another");
}

#[tokio::test]
async fn the_sign_before_a_name_is_no_part_of_it() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    for frame in [json!({"type": "message", "text": "/join #tea"}), json!({"type": "join", "room": "#tea"})] {
        ada.send(frame).await;
        assert_eq!(ada.expect("joined").await["room"], "tea");
    }
    ada.send(json!({"type": "message", "text": "/pm @bo hello"})).await;
    assert_eq!(ada.expect("pm_sent").await["to"], "Bo");
    ada.send(json!({"type": "pm", "to": "@Bo", "text": "again"})).await;
    assert_eq!(ada.expect("pm_sent").await["text"], "again");
    bo.until("pm").await;
    ada.send(json!({"type": "set_nick", "name": "@Zoe"})).await;
    assert_eq!(ada.expect("nick_changed").await["new_name"], "Zoe");
}
