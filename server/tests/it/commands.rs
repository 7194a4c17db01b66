//! Slash commands: typed as a message, and posted by the plain form.

use crate::helpers::{Natter, names};
use serde_json::json;

#[tokio::test]
async fn help_is_told_to_the_caller_alone_and_stored_nowhere() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.say("/help").await;
    let help = ada.expect("system").await;
    for command in
        ["/help", "/rooms", "/users", "/join <room>", "/leave", "/pm <user> <message>", "/nick <name>", "/me <action>"]
    {
        assert!(help["text"].as_str().unwrap().contains(command), "{help}");
    }
    assert_eq!((&help["room"], help.get("id"), help.get("prev")), (&json!("general"), None, None));
    bo.expect_nothing().await;
    assert_eq!(ada.said("first").await["prev"], 0);
}

#[tokio::test]
async fn each_command_does_what_its_frame_does() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;

    ada.say("/rooms").await;
    assert_eq!(ada.expect("room_list").await["rooms"][0], json!({"name": "general", "users": 2}));
    ada.say("/users").await;
    assert_eq!(names(&ada.expect("user_list").await), ["Ada", "Bo"]);
    ada.say("/join Café au lait").await;
    assert_eq!(ada.expect("joined").await["room"], "café_au_lait");
    ada.send(json!({"type": "message", "room": "café_au_lait", "text": "/me sips ☕"})).await;
    let action = ada.expect("action").await;
    assert_eq!((&action["text"], &action["from"]), (&json!("* Ada sips ☕"), &json!("Ada")));
    ada.send(json!({"type": "message", "room": "café_au_lait", "text": "/leave"})).await;
    assert_eq!(ada.expect("left").await["room"], "café_au_lait");
    bo.expect("room_created").await;

    ada.send(json!({"type": "message", "text": "/pm bo  two words", "client_id": "p"})).await;
    let sent = ada.expect("pm_sent").await;
    assert_eq!((&sent["to"], &sent["text"], &sent["client_id"]), (&json!("Bo"), &json!("two words"), &json!("p")));
    assert_eq!(bo.expect("pm").await["text"], "two words");
    ada.say("/nick Ελληνικά").await;
    assert_eq!(ada.expect("nick_changed").await["new_name"], "Ελληνικά");
    assert_eq!(ada.expect("system").await["text"], "Ada is now known as Ελληνικά");
    assert_eq!(bo.expect("nick_changed").await["old_name"], "Ada");
    bo.expect("system").await;
    bo.say("/pm ελληνικά γειά").await;
    assert_eq!(ada.expect("pm").await["text"], "γειά");
}

#[tokio::test]
async fn what_is_wrong_with_a_command_is_said_and_nothing_is_done() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    for (text, code, sentence) in [
        (
            "/dance",
            "unknown_command",
            "Unknown command: /dance. Type /help for available commands. To send it as a message, start with //dance.",
        ),
        ("/join", "bad_command", "Usage: /join <room>."),
        ("/pm", "bad_command", "Usage: /pm <user> <message>."),
        ("/pm Bo", "bad_command", "Usage: /pm <user> <message>."),
        ("/nick", "bad_command", "Usage: /nick <name>."),
        ("/me", "bad_command", "Usage: /me <action>."),
        ("/leave", "cannot_leave", "Everybody is in general. You can't leave it."),
        ("/pm Nobody hi", "no_such_user", "Nobody is called Nobody."),
    ] {
        ada.send(json!({"type": "message", "text": text, "client_id": "c"})).await;
        let error = ada.expect_error(code).await;
        assert_eq!((&error["message"], &error["client_id"]), (&json!(sentence), &json!("c")), "{text}");
    }
    bo.expect_nothing().await;
}

#[tokio::test]
async fn a_command_with_a_mark_is_answered_under_it_behind_what_it_changes() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for (text, frames) in [
        ("/help", ["system"].as_slice()),
        ("/rooms", &["room_list"]),
        ("/users", &["user_list"]),
        ("/join attic", &["joined"]),
        ("/join #ATTIC", &["joined"]),
        ("/nick Zoe", &["nick_changed", "system", "system"]),
        ("/nick Zoe", &[]),
    ] {
        ada.send(json!({"type": "message", "text": text, "client_id": text})).await;
        for frame in frames {
            ada.expect(frame).await;
        }
        let done = match text.strip_prefix("/join ") {
            // The answer has the exact spelling, whatever was typed.
            Some(_) => json!({"type": "done", "client_id": text, "joined": "attic"}),
            None => json!({"type": "done", "client_id": text}),
        };
        assert_eq!(ada.expect("done").await, done);
    }
    ada.send(json!({"type": "message", "room": "attic", "text": "/leave", "client_id": "l"})).await;
    assert_eq!(ada.expect("left").await["room"], "attic");
    ada.until("done").await;
    ada.send(json!({"type": "message", "text": "/me waves", "client_id": "w"})).await;
    ada.expect("action").await;
    ada.say("/rooms").await;
    ada.expect("room_list").await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn who_mistypes_a_name_hears_the_nearest_one() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let _clara = natter.join_as("Clara").await;
    ada.expect("user_joined").await;
    for (typed, meant) in [("Clar", "Clara"), ("clraa", "Clara"), ("Klarra", "Clara"), ("Claudia", ""), ("Ab", "")] {
        ada.send(json!({"type": "message", "text": format!("/pm {typed} hi"), "client_id": "c"})).await;
        let error = ada.expect("error").await;
        assert_eq!(error["code"], "no_such_user");
        assert_eq!(error["suggestion"].as_str().unwrap_or_default(), meant, "{typed}");
        assert_eq!(error["message"].as_str().unwrap().ends_with("Did you mean Clara?"), !meant.is_empty(), "{error}");
    }
}

#[tokio::test]
async fn what_does_not_look_like_a_command_is_said() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    for text in ["/", "/ me", "/usr/bin", "//usr/bin", "/5", "a /me", " /me"] {
        ada.said(text).await;
    }
}

#[tokio::test]
async fn an_action_sent_twice_is_done_once() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let frame = json!({"type": "message", "text": "/me waves", "client_id": "w"});
    ada.send(frame.clone()).await;
    let first = ada.expect("action").await;
    ada.send(frame).await;
    assert_eq!(ada.expect("action").await, first);
}

#[tokio::test]
async fn the_plain_form_does_the_same() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let post = async |room: &str, text: &str| {
        let response = ada.post(&format!("/room/{room}"), &[("text", text), ("client_id", text)]).await;
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (status, location, response.text().await.unwrap())
    };

    for (text, part) in
        [("/help", "/pm &lt;user&gt; &lt;message&gt;"), ("/rooms", "Rooms: general ("), ("/users", "Online: Ada, Bo")]
    {
        let (status, _, page) = post("general", text).await;
        assert_eq!(status, 200);
        assert!(page.contains(part), "{text}: {page}");
    }
    let (status, location, _) = post("general", "/join Café").await;
    assert_eq!((status, location.as_deref()), (303, Some("/room/caf%C3%A9")));
    bo.until("room_created").await;
    let (status, location, _) = post("café", "/leave").await;
    assert_eq!((status, location.as_deref()), (303, Some("/room/general")));
    bo.expect("room_deleted").await;
    let (status, location, _) = post("general", "/me waves").await;
    assert_eq!((status, location.as_deref()), (303, Some("/room/general")));
    assert_eq!(bo.expect("action").await["text"], "* Ada waves");
    assert_eq!(post("general", "/pm Bo quietly").await.0, 303);
    assert_eq!(bo.expect("pm").await["text"], "quietly");
    assert_eq!(post("general", "/nick Zoe").await.0, 303);
    assert_eq!(bo.until("system").await["text"], "Ada is now known as Zoe");
    for (text, part) in [("/dance", "Unknown command: /dance."), ("/pm Nobody hi", "Nobody is called Nobody.")] {
        let (status, _, page) = post("general", text).await;
        assert_eq!(status, 422);
        assert!(page.contains(part) && page.contains(&format!(">{text}</textarea>")), "the text is kept: {page}");
    }
    let (status, _, page) = post("random", "/users").await;
    assert!(status == 200 && page.contains("Nobody is here right now."), "a command is no joining");
    assert_eq!(natter.json("/api/room/random/users").await, json!([]));
}

#[tokio::test]
async fn a_second_slash_says_what_would_be_a_command() {
    let natter = Natter::start().await;
    let (mut ada, bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    ada.send(json!({"type": "message", "text": "/etc is full"})).await;
    let refused = ada.expect_error("unknown_command").await["message"].as_str().unwrap().to_owned();
    assert!(refused.starts_with("Unknown command: /etc. Type /help for available commands."), "{refused}");
    assert!(refused.contains("//etc"), "{refused}");
    for (typed, said) in
        [("//etc is full", "/etc is full"), ("//me too", "/me too"), ("/usr/bin/foo", "/usr/bin/foo"), ("// a", "// a")]
    {
        ada.send(json!({"type": "message", "text": typed})).await;
        assert_eq!(ada.expect("message").await["text"], said);
    }
    drop(bo);
}

#[tokio::test]
async fn a_text_of_which_nothing_is_seen_is_ignored_over_every_path() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    ada.expect("user_joined").await;
    for nothing in ["\u{200b}", "\u{2800}", "\u{3164}", "\u{feff}\u{ad}", "\u{301}", "\u{e0041}", "\0"] {
        ada.send(json!({"type": "message", "text": nothing})).await;
        ada.send(json!({"type": "pm", "to": "Bo", "text": nothing})).await;
        ada.expect_nothing().await;
        for command in ["/me", "/pm Bo", "/join"] {
            ada.send(json!({"type": "message", "text": format!("{command} {nothing}")})).await;
            ada.expect_error("bad_command").await;
        }
    }
    bo.expect_nothing().await;
}
