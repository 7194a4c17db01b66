//! Notices.

use super::support::{ada, answers, frame, notices, say};
use app::{
    protocol::{Place, RoomName},
    sync::{Client, Input, NOTICES_KEPT},
};

/// Sends a line for the person alone.
fn told(client: &mut Client, text: &str) {
    frame(client, 7, &format!(r#"{{"type":"system","room":"general","text":"{text}"}}"#));
}

#[test]
fn what_the_person_was_told_goes_once_what_they_do_next_has_worked() {
    let taken = r#"{"type":"error","code":"name_taken","message":"No."}"#;
    let successes = [
        (
            "hi",
            r#"{"type":"message","room":"general","from":"Ada","text":"hi","ts":1,"id":1,"prev":0,"client_id":"hi"}"#,
        ),
        ("/nick Zoe", r#"{"type":"done","client_id":"/nick Zoe"}"#),
        ("/leave", r#"{"type":"done","client_id":"/leave"}"#),
    ];
    for (text, success) in successes {
        let mut ada = ada();
        say(&mut ada, 1, "/nick Bo");
        frame(&mut ada, 2, taken);
        frame(&mut ada, 2, success);
        assert_eq!(notices(&ada), ["No."], "it was on its way before they could read that");
        say(&mut ada, 3, text);
        assert_eq!(notices(&ada), ["No."], "{text} may be refused too");
        frame(&mut ada, 4, success);
        assert!(notices(&ada).is_empty(), "{text}");
    }
    let mut ada = ada();
    say(&mut ada, 1, "/nick Bo");
    frame(&mut ada, 2, taken);
    say(&mut ada, 3, "hi");
    frame(&mut ada, 4, r#"{"type":"error","code":"too_long","message":"Too long.","client_id":"hi"}"#);
    ada.handle(5, Input::Discard("hi".into()));
    assert_eq!(notices(&ada), ["No."], "what was given up has not worked");
}

#[test]
fn of_the_lines_for_the_person_alone_the_oldest_goes_when_one_more_comes_than_are_kept() {
    let mut ada = ada();
    let lines: Vec<_> = (0..=NOTICES_KEPT).map(|n| n.to_string()).collect();
    lines[..NOTICES_KEPT].iter().for_each(|line| told(&mut ada, line));
    assert_eq!(notices(&ada), lines[..NOTICES_KEPT]);
    told(&mut ada, &lines[NOTICES_KEPT]);
    assert_eq!(notices(&ada), lines[1..]);
}

#[test]
fn what_the_person_is_told_again_is_the_newest_line_and_not_one_more() {
    let mut ada = ada();
    ["one", "two", "one"].iter().for_each(|line| told(&mut ada, line));
    assert_eq!(notices(&ada), ["two", "one"]);
}

#[test]
fn what_the_person_was_told_goes_when_they_go_elsewhere() {
    let mut ada = ada();
    told(&mut ada, "an answer");
    say(&mut ada, 7, "/nick Bo");
    frame(&mut ada, 7, r#"{"type":"error","code":"name_taken","message":"a problem"}"#);
    assert_eq!(notices(&ada), ["an answer", "a problem"]);
    ada.handle(8, Input::Show(Place::Room(RoomName::parse("help").unwrap())));
    assert!(notices(&ada).is_empty());
}

#[test]
fn a_refused_word_about_typing_is_nothing_to_bother_a_person_with() {
    let mut ada = ada();
    ada.handle(1, Input::Typing(true));
    let refusal = r#"{"type":"error","message":"Too fast.","code":"rate_limited","retry_after_ms":500}"#;
    frame(&mut ada, 2, refusal);
    assert_eq!(notices(&ada), Vec::<String>::new());
    say(&mut ada, 3, "/rooms");
    assert!(answers(&frame(&mut ada, 4, refusal)).is_empty(), "nor is it the answer to a command");
    assert_eq!(notices(&ada), Vec::<String>::new());
}
