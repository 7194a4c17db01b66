//! Properties of every command, however it is typed or sent.

use super::{ADA, BO, SETTINGS, START, Stage, frame, restored};
use crate::{
    chat::{Caller, Effect, Here, Outcome, RequestContext, RequestId},
    journal::Change,
};
use app::{
    command::{self, COMMANDS, Command, Reach},
    protocol::{ErrorFrame, LogId, Pair, limits::CLIENT_ID_MAX},
};
use serde_json::{Value, json};

const ADAS: u64 = 1;
const BY_FORM: RequestId = 7;

/// Ada and Bo, connected.
fn chat() -> Stage {
    let mut chat = Stage::new(restored(), SETTINGS, START);
    chat.connect(START, ADAS, ADA, None, None, None);
    chat.connect(START, 2, BO, None, None, None);
    chat.take_effects();
    chat
}

fn by_form() -> RequestContext {
    RequestContext { now: START, caller: Caller::Request(BY_FORM), user: ADA, address: None }
}

/// Yields each command as a person could type it.
fn typed() -> impl Iterator<Item = (String, Reach)> {
    COMMANDS.iter().map(|info| {
        let text = info.usage().replace("<user>", "Bo").replace("<room>", "den").replace("<name>", "Zoe");
        let reach = command::parse(&text).unwrap().unwrap().reach();
        (text, reach)
    })
}

/// Takes the changes to store, the frames to Ada's connection, and the reply.
fn taken(chat: &mut Stage) -> (Vec<Change>, Vec<Value>, Option<Result<Outcome, ErrorFrame>>) {
    let (mut changes, mut frames, mut replied) = (Vec::new(), Vec::new(), None);
    for effect in chat.take_effects() {
        frames.extend(effect.frame_to(ADAS).map(|frame| serde_json::from_str(&frame).unwrap()));
        match effect {
            Effect::Submit { change, .. } => changes.push(change),
            Effect::Reply { request: BY_FORM, reply } => replied = Some(reply),
            _ => {}
        }
    }
    (changes, frames, replied)
}

fn logs(changes: &[Change]) -> Vec<&LogId> {
    changes
        .iter()
        .filter_map(|change| if let Change::Append(draft) = change { Some(&draft.log) } else { None })
        .collect()
}

#[test]
fn what_is_typed_in_a_conversation_never_gets_into_a_room() {
    for (text, reach) in typed() {
        let mut chat = chat();
        chat.post(by_form(), Here::With(BO, "Bo"), &text, None);
        let (changes, frames, replied) = taken(&mut chat);
        let command = command::parse(&text).unwrap().unwrap();
        assert_eq!(replied.is_some_and(|reply| reply.is_err()), command.refusal_in_conversation().is_some(), "{text}");
        let private = LogId::Conversation(Pair::new(ADA, BO));
        let is_said = matches!(reach, Reach::Place | Reach::Person);
        assert_eq!(logs(&changes), if is_said { vec![&private] } else { vec![] }, "{text}");
        assert!(frames.is_empty(), "{text}: a form answers its page: {frames:?}");
    }
}

#[test]
fn a_form_does_what_a_connection_does() {
    for (text, reach) in typed() {
        let (mut by_frame, mut by_form_) = (chat(), chat());
        by_frame.frame(START, ADAS, frame(json!({"type": "message", "text": text, "client_id": "c"})));
        by_form_.post(by_form(), Here::Room("general"), &text, Some("c".to_owned()));
        let (changes, frames, _) = taken(&mut by_frame);
        let (others, none, replied) = taken(&mut by_form_);
        assert_eq!(format!("{changes:?}"), format!("{others:?}"), "{text}");
        assert!(none.is_empty(), "{text}");
        let refused = frames.iter().find(|frame| frame["type"] == "error").map(|error| error["message"].clone());
        let refused_by_form = replied.clone().and_then(Result::err).map(|error| json!(error.message));
        assert_eq!(refused, refused_by_form, "{text}");
        assert!(reach == Reach::Answer || logs(&changes).len() == 1, "{text} says something: {changes:?}");
        // Each is answered at once, or when its change is stored.
        assert!(!changes.is_empty() || (replied.is_some() && !frames.is_empty()), "{text}");
    }
}

#[test]
fn a_form_joins_a_room_by_what_it_says_there_and_by_nothing_else() {
    for (text, reach) in typed() {
        let mut chat = chat();
        chat.post(by_form(), Here::Room("random"), &text, None);
        let (changes, ..) = taken(&mut chat);
        let joins = |change: &Change| matches!(change, Change::Join { room, .. } if room.as_str() == "random");
        assert_eq!(changes.iter().any(joins), matches!(reach, Reach::Room | Reach::Place), "{text}");
    }
}

#[test]
fn a_command_that_is_given_by_a_frame_of_its_own_is_answered_under_its_mark() {
    for (given, code) in [
        (json!({"type": "join", "room": "general"}), None),
        (json!({"type": "join", "room": "?"}), Some("bad_room")),
        (json!({"type": "leave", "room": "general"}), Some("cannot_leave")),
        (json!({"type": "set_nick", "name": "Bo"}), Some("name_taken")),
    ] {
        for client_id in ["m", ""] {
            let mut given = given.clone();
            if !client_id.is_empty() {
                given["client_id"] = json!(client_id);
            }
            let mut chat = chat();
            chat.frame(START, ADAS, frame(given.clone()));
            let (_, frames, _) = taken(&mut chat);
            let answer = frames.last().unwrap();
            assert_eq!(answer.get("code").and_then(Value::as_str), code, "{given}: {answer}");
            assert_eq!(
                answer.get("client_id").and_then(Value::as_str).unwrap_or_default(),
                client_id,
                "{given}: {answer}"
            );
        }
    }
}

#[test]
fn the_mark_of_a_frame_has_a_limit() {
    for (length, code) in
        [(0, Some("bad_frame")), (1, None), (CLIENT_ID_MAX, None), (CLIENT_ID_MAX + 1, Some("bad_frame"))]
    {
        let mut chat = chat();
        let given = json!({"type": "join", "room": "general", "client_id": "x".repeat(length)});
        chat.frame(START, ADAS, frame(given));
        let (_, frames, _) = taken(&mut chat);
        assert_eq!(frames.last().unwrap().get("code").and_then(Value::as_str), code, "{length}");
    }
}

#[test]
fn a_form_of_its_own_gives_a_command_without_a_text() {
    let mut chat = chat();
    chat.post_command(by_form(), Here::With(BO, "Bo"), Command::Join { room: "den" });
    let (changes, ..) = taken(&mut chat);
    assert!(matches!(&changes[..], [Change::Join { room, .. }] if room.as_str() == "den"), "{changes:?}");
    chat.post_command(by_form(), Here::With(BO, "Bo"), Command::Leave);
    let (changes, _, replied) = taken(&mut chat);
    assert!(changes.is_empty() && replied.is_some_and(|reply| reply.is_err()));
}

#[test]
fn a_name_that_stands_for_nobody_is_refused_in_every_frame() {
    for name in ["@", "@-", "@two-Bo", "@99999999999999999999-Bo", "@Nobody", "@77-Bo"] {
        for request in [
            json!({"type": "get_history", "room": name}),
            json!({"type": "read", "room": name, "id": 1}),
            json!({"type": "typing", "room": name, "typing": true}),
        ] {
            let mut chat = chat();
            chat.frame(START, ADAS, frame(request.clone()));
            let (changes, frames, _) = taken(&mut chat);
            assert_eq!((changes.len(), &frames[0]["code"]), (0, &json!("no_such_user")), "{request}");
        }
    }
}

#[test]
fn a_message_to_the_name_of_a_conversation_does_not_get_into_a_room() {
    for name in ["@general", "@2-general", "@two-general"] {
        let mut chat = chat();
        let message = json!({"type": "message", "room": name, "text": "for you", "client_id": "a"});
        chat.frame(START, ADAS, frame(message));
        let (changes, frames, _) = taken(&mut chat);
        assert!(changes.is_empty(), "{name}");
        assert_eq!((&frames[0]["code"], &frames[0]["client_id"]), (&json!("bad_room"), &json!("a")), "{name}");
    }
}
