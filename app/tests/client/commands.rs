//! Commands and their outcomes.

use super::support::{ada, answers, frame, general, notices, say, sent, texts};
use app::{
    command::{self, COMMANDS, Command, Reach, Speech},
    protocol::{ClientFrame, Place, RoomName, UserId},
    sync::{COMMANDS_MAX, Effect, Input, Order, OutgoingState},
};

#[test]
fn each_command_is_sent_at_once_under_its_mark_and_what_is_said_waits_like_a_message() {
    let mut ada = ada();
    for text in ["/rooms", "/users", "/join Café", "/leave", "/nick Zoë"] {
        let (room, client_id) = ("general".to_owned(), Some(text.to_owned()));
        let expected = ClientFrame::Message { room, text: text.to_owned(), client_id };
        assert_eq!(sent(&say(&mut ada, 1, text)), [&expected]);
        assert!(ada.outgoing().is_empty(), "{text}");
    }
    for text in ["/pm Bo hi", "/me waves"] {
        say(&mut ada, 1, text);
        assert!(ada.outgoing().iter().any(|item| &*item.text == text));
    }
    let private =
        r#"{"type":"pm_sent","to":"Bo","user_id":"2","text":"hi","ts":1,"id":7,"prev":0,"client_id":"/pm Bo hi"}"#;
    assert_eq!(texts(&frame(&mut ada, 2, private)), ["/me waves"], "the private echo clears its text");
}

#[test]
fn what_a_command_answers_is_shown_once_to_who_asked() {
    let mut ada = ada();
    let rooms = r#"{"type":"room_list","rooms":[{"name":"general","users":2},{"name":"help","users":0}]}"#;
    frame(&mut ada, 1, rooms);
    assert!(notices(&ada).is_empty(), "nobody asked");
    say(&mut ada, 2, "/rooms");
    frame(&mut ada, 3, rooms);
    frame(&mut ada, 3, rooms);
    assert_eq!(notices(&ada), ["Rooms: general (2), help (0)"]);
    say(&mut ada, 4, "/help");
    assert!(notices(&ada)[0].starts_with("Available commands:") && notices(&ada).len() == 1, "in the other's place");
    say(&mut ada, 5, "/nick Bo");
    frame(&mut ada, 5, r#"{"type":"error","code":"name_taken","message":"The name Bo is taken."}"#);
    assert_eq!(notices(&ada)[1], "The name Bo is taken.");
    ada.handle(6, Input::Dismiss(1));
    assert_eq!(notices(&ada), ["The name Bo is taken."]);
}

#[test]
fn a_command_without_a_connection_says_so() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    let reason = "You're offline. Try again when you're back.";
    assert_eq!(ada.cannot_take("/join den").as_deref(), Some(reason), "so that who typed it keeps it");
    assert_eq!((ada.cannot_take("/help"), ada.cannot_take("/me waves"), ada.cannot_take("hi")), (None, None, None));
    say(&mut ada, 2, "/join den");
    assert_eq!(notices(&ada), [reason]);
}

#[test]
fn joining_leads_to_the_room_and_leaving_back_to_general() {
    let mut ada = ada();
    let joined = r#"{"type":"joined","room":"den","history":[],"users":[],"count":1}"#;
    let shown = |effects: Vec<Effect>| {
        let shown = effects.into_iter().filter_map(|effect| match effect {
            Effect::Shown(place, by_person) => Some((place, by_person)),
            _ => None,
        });
        shown.collect::<Vec<_>>()
    };
    let den = Place::Room(RoomName::parse("den").unwrap());
    assert_eq!(shown(frame(&mut ada, 1, joined)), [], "by another tab");
    say(&mut ada, 2, "/join DEN");
    assert_eq!(shown(frame(&mut ada, 3, joined)), [], "which may still be another tab's");
    let done = r#"{"type":"done","client_id":"/join DEN","joined":"den"}"#;
    assert_eq!(shown(frame(&mut ada, 3, done)), [(den.clone(), true)], "as it is spelled");
    assert_eq!(ada.place(), &den);
    ada.handle(4, Input::Show(general()));
    assert_eq!(shown(frame(&mut ada, 4, done)), [], "once");
    ada.handle(4, Input::Show(den));
    assert_eq!(shown(frame(&mut ada, 5, r#"{"type":"left","room":"help"}"#)), [], "another one was left");
    assert_eq!(shown(frame(&mut ada, 6, r#"{"type":"left","room":"den"}"#)), [(general(), false)]);
    assert_eq!(ada.place(), &general());
}

#[test]
fn what_becomes_of_a_command_is_heard_where_it_was_typed_and_nowhere_else() {
    let mut ada = ada();
    say(&mut ada, 1, "/nick Bo");
    say(&mut ada, 1, "/join den");
    let done = frame(&mut ada, 2, r#"{"type":"done","client_id":"/join den"}"#);
    assert_eq!(answers(&done), [("/join den", None)]);
    let taken = r#"{"type":"error","code":"name_taken","message":"Taken.","client_id":"/nick Bo","suggestion":"Bo_2"}"#;
    let refused = frame(&mut ada, 3, taken);
    assert_eq!(answers(&refused), [("/nick Bo", Some(("Taken.", Some("Bo_2"))))]);
    assert_eq!(notices(&ada), Vec::<String>::new());
    assert!(answers(&frame(&mut ada, 4, taken)).is_empty(), "each is answered once");
}

#[test]
fn a_command_without_an_answer_is_refused_when_the_connection_goes() {
    for loss in [Input::Closed { jitter: 0.0, wait_ms: None, code: None }, Input::NetworkLost, Input::Slept] {
        let mut ada = ada();
        say(&mut ada, 1, "/nick Zoe");
        let effects = ada.handle(2, loss.clone());
        let reason = "You went offline before this was done. Try again when you're back.";
        assert_eq!(answers(&effects), [("/nick Zoe", Some((reason, None)))], "{loss:?}");
    }
}

#[test]
fn so_many_commands_wait_for_their_answers_and_no_more() {
    let mut ada = ada();
    for number in 0..COMMANDS_MAX {
        let text = format!("/nick Zoe{number}");
        assert_eq!(ada.cannot_take(&text), None);
        say(&mut ada, 1, &text);
    }
    assert_eq!(ada.cannot_take("/nick Zoe").as_deref(), Some("Too much at once. Try again in a moment."));
    frame(&mut ada, 2, r#"{"type":"done","client_id":"/nick Zoe0"}"#);
    assert_eq!(ada.cannot_take("/nick Zoe"), None);
}

#[test]
fn a_refused_command_that_says_something_is_heard_of_and_kept() {
    let mut ada = ada();
    say(&mut ada, 1, "/pm Nobdy hi");
    let error = r#"{"type":"error","code":"no_such_user","message":"Nobody.","client_id":"/pm Nobdy hi","suggestion":"Nobody"}"#;
    let effects = frame(&mut ada, 2, error);
    assert_eq!(answers(&effects), [("/pm Nobdy hi", Some(("Nobody.", Some("Nobody"))))]);
    assert_eq!(ada.outgoing()[0].state, OutgoingState::Failed("Nobody.".into()), "until who typed it has it back");
}

#[test]
fn the_refusal_of_one_command_takes_nothing_from_another() {
    let mut ada = ada();
    say(&mut ada, 1, "/rooms");
    say(&mut ada, 1, "/users");
    say(&mut ada, 1, "/nick Bo");
    frame(&mut ada, 2, r#"{"type":"error","code":"name_taken","message":"Taken.","client_id":"/nick Bo"}"#);
    frame(&mut ada, 3, r#"{"type":"room_list","rooms":[{"name":"general","users":1}]}"#);
    let users = r#"{"type":"user_list","room":"general","users":[{"id":"1","name":"Ada","typing":false}],"count":1}"#;
    frame(&mut ada, 3, users);
    assert_eq!(notices(&ada), ["Rooms: general (1)", "Online: Ada"]);
    frame(&mut ada, 4, users);
    assert_eq!(notices(&ada).len(), 2, "a list that the page asked for by itself");
}

/// A text typed in a conversation goes to its peer, or to the person whom the command names, or nowhere: never into a
/// room.
#[test]
fn no_command_that_is_typed_in_a_conversation_gets_into_a_room() {
    for info in &COMMANDS {
        let typed = info.usage();
        let command = command::parse(&typed).unwrap().unwrap();
        let mut ada = ada();
        ada.handle(1, Input::Talk(UserId(2), "Bo".into()));
        let is_refused = ada.cannot_take(&typed).is_some();
        assert_eq!(is_refused, command.refusal_in_conversation().is_some(), "{typed}");
        let place = Place::With(UserId(2));
        let effects = ada.handle(2, Input::Say { place, text: typed.clone().into(), client_id: "c".into(), at: 2 });
        assert_eq!(!notices(&ada).is_empty(), is_refused || command == Command::Help, "{typed}");
        for frame in sent(&effects) {
            match (frame, command.reach()) {
                // The server executes the command, which appends no entry to a room.
                (ClientFrame::Message { text, .. }, Reach::Answer | Reach::Person) => assert_eq!(*text, typed),
                (ClientFrame::Pm { user_id, text, .. }, Reach::Place) => {
                    let Command::Say(Speech::Place(said)) = &command else { panic!("{typed}") };
                    assert_eq!((*user_id, text.as_str()), (Some(UserId(2)), said.as_ref()));
                }
                (frame, _) => panic!("{typed} sends {frame:?}"),
            }
        }
    }
}

#[test]
fn what_a_command_says_in_a_room_joins_it_and_nothing_else_does() {
    for info in &COMMANDS {
        let typed = info.usage();
        let command = command::parse(&typed).unwrap().unwrap();
        let mut ada = ada();
        let den = Place::Room(RoomName::told("den"));
        ada.handle(1, Input::Show(den.clone()));
        let effects =
            ada.handle(2, Input::Say { place: den, text: typed.clone().into(), client_id: "c".into(), at: 2 });
        let joins = sent(&effects).iter().any(|frame| matches!(frame, ClientFrame::Join { room, .. } if room == "den"));
        assert_eq!(joins, matches!(command.reach(), Reach::Room | Reach::Place), "{typed}");
    }
}

#[test]
fn in_the_list_of_mentions_nothing_is_said() {
    let mut ada = ada();
    ada.handle(1, Input::Show(Place::Mentions));
    assert_eq!(ada.cannot_take("hi").as_deref(), Some("Nothing can be said here."));
    assert!(ada.cannot_take("/me waves").is_some());
    assert_eq!((ada.cannot_take("/pm Bo hi"), ada.cannot_take("/rooms")), (None, None));
    let effects = ada.handle(2, Input::Say { place: Place::Mentions, text: "hi".into(), client_id: "c".into(), at: 2 });
    assert!(sent(&effects).is_empty() && ada.outbox().next().is_none());
}

#[test]
fn a_button_gives_its_command_by_a_frame_of_its_own_and_hears_what_became_of_it() {
    let mut ada = ada();
    let order = |ada: &mut _, order, client_id: &str| {
        app::sync::Client::handle(ada, 1, Input::Command { order, client_id: client_id.into() })
    };
    let effects = order(&mut ada, Order::Join("Den".to_owned()), "j");
    assert_eq!(sent(&effects), [&ClientFrame::Join { room: "Den".into(), client_id: Some("j".into()) }]);
    let effects = order(&mut ada, Order::Nick("Zoe".into()), "n");
    assert_eq!(sent(&effects), [&ClientFrame::SetNick { name: "Zoe".into(), client_id: Some("n".into()) }]);
    let done = frame(&mut ada, 2, r#"{"type":"done","client_id":"j","joined":"den"}"#);
    assert_eq!(answers(&done), [("j", None)]);
    assert_eq!(ada.place(), &Place::Room(RoomName::told("den")));
    let effects = order(&mut ada, Order::Leave, "l");
    assert_eq!(sent(&effects), [&ClientFrame::Leave { room: "den".into(), client_id: Some("l".into()) }]);
    frame(&mut ada, 2, r#"{"type":"left","room":"den"}"#);
    assert_eq!(notices(&ada), ["You left #den."]);
    let taken = r#"{"type":"error","code":"name_taken","message":"Taken.","client_id":"n"}"#;
    assert_eq!(answers(&frame(&mut ada, 3, taken)), [("n", Some(("Taken.", None)))]);

    ada.handle(4, Input::NetworkLost);
    assert!(ada.cannot_command().is_some());
    assert!(sent(&order(&mut ada, Order::Join("attic".into()), "a")).is_empty());
}
