//! What a client says.

use super::{EntryId, GENERAL, UserId, Writer};
use serde::Deserialize;

/// A frame from a client to the server. Rooms and texts are still as they were sent; the chat validates them, so that
/// a refusal can name what it refuses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Say something in a room.
    Message {
        /// Where; `general` when it is left out.
        #[serde(default = "general")]
        room: String,
        /// What.
        text: String,
        /// The sender's own mark: the same one again stores nothing and is answered with the first entry.
        client_id: Option<String>,
    },
    /// Become a member of a room, which appears if it was not there.
    Join {
        /// Which.
        room: String,
    },
    /// Stop being a member of a room.
    Leave {
        /// Which.
        room: String,
    },
    /// Look at a room without being in it: what happens there is told to this connection until it looks at another one, or
    /// at none.
    Preview {
        /// Which; `None` ends it.
        room: Option<String>,
    },
    /// Say whether the user is writing in a room, or in a conversation (`@name`). It is a lease: it ends
    /// [`TYPING_LEASE_MS`](super::limits::TYPING_LEASE_MS) after the last `true`.
    Typing {
        /// Where.
        room: String,
        /// Whether.
        typing: bool,
    },
    /// Say something to one user alone.
    Pm {
        /// The user's name.
        to: String,
        /// The user's public number, which stays when the name changes: where it is said, the name is not looked at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<UserId>,
        /// What.
        text: String,
        /// As in a message.
        client_id: Option<String>,
    },
    /// Take another name.
    SetNick {
        /// Which.
        name: String,
    },
    /// Say that the user has read a room, or a conversation (`@name`), up to an entry.
    Read {
        /// Which.
        room: String,
        /// The entry.
        id: EntryId,
    },
    /// Ask for all rooms.
    GetRooms {
        /// Whether this connection wants to hear of changes from now on, by `room_counts`.
        #[serde(default)]
        follow: bool,
    },
    /// Ask for those present in a room.
    GetUsers {
        /// Which.
        room: String,
    },
    /// Ask for the newest entries that name the user.
    GetMentions,
    /// Ask for the newest entries of a room, or of a conversation (`@name`), between two bounds.
    GetHistory {
        /// Which.
        room: String,
        /// Only entries with a smaller id.
        before: Option<EntryId>,
        /// Only entries with a greater id.
        after: Option<EntryId>,
        /// How many at the most.
        limit: Option<usize>,
    },
    /// Ask for a `pong`.
    Ping {
        /// Comes back as it is.
        ts: Option<serde_json::Number>,
    },
    /// The answer to the server's `ping`.
    Pong,
}

fn general() -> String {
    GENERAL.to_owned()
}

/// Reads a frame.
///
/// # Errors
/// A sentence that says what is wrong with it: not JSON, not an object, an unknown `type`, a missing or wrong field.
pub fn decode_client_frame(json: &str) -> Result<ClientFrame, String> {
    // An internally tagged enum also accepts an array, the tag first; the protocol does not.
    if !json.trim_start().starts_with('{') {
        return Err("A frame must be one JSON object.".to_owned());
    }
    serde_json::from_str(json).map_err(|error| format!("The frame could not be read: {error}."))
}

/// Writes a frame. A `ts` that is not a whole number is left out; a page has none to write.
#[must_use]
pub fn encode_client_frame(frame: &ClientFrame) -> String {
    let mut json = Writer::default();
    match frame {
        ClientFrame::Message { room, text, client_id } => {
            json.texts(&[("type", "message"), ("room", room), ("text", text)]);
            mark(&mut json, client_id.as_ref());
        }
        ClientFrame::Join { room } => json.texts(&[("type", "join"), ("room", room)]),
        ClientFrame::Leave { room } => json.texts(&[("type", "leave"), ("room", room)]),
        ClientFrame::Preview { room } => {
            json.texts(&[("type", "preview")]);
            if let Some(room) = room {
                json.text("room", room);
            }
        }
        ClientFrame::Typing { room, typing } => {
            json.texts(&[("type", "typing"), ("room", room)]);
            json.flag("typing", *typing);
        }
        ClientFrame::Pm { to, user_id, text, client_id } => {
            json.texts(&[("type", "pm"), ("to", to), ("text", text)]);
            if let Some(user) = user_id {
                json.text("user_id", &user.to_string());
            }
            mark(&mut json, client_id.as_ref());
        }
        ClientFrame::SetNick { name } => json.texts(&[("type", "set_nick"), ("name", name)]),
        ClientFrame::Read { room, id } => {
            json.texts(&[("type", "read"), ("room", room)]);
            json.number("id", *id);
        }
        ClientFrame::GetRooms { follow } => {
            json.texts(&[("type", "get_rooms")]);
            if *follow {
                json.flag("follow", true);
            }
        }
        ClientFrame::GetMentions => json.texts(&[("type", "get_mentions")]),
        ClientFrame::GetUsers { room } => json.texts(&[("type", "get_users"), ("room", room)]),
        ClientFrame::GetHistory { room, before, after, limit } => {
            json.texts(&[("type", "get_history"), ("room", room)]);
            let limit = limit.and_then(|limit| limit.try_into().ok());
            for (name, bound) in [("before", *before), ("after", *after), ("limit", limit)] {
                if let Some(bound) = bound {
                    json.number(name, bound);
                }
            }
        }
        ClientFrame::Ping { ts } => {
            json.texts(&[("type", "ping")]);
            if let Some(ts) = ts.as_ref().and_then(serde_json::Number::as_u64) {
                json.number("ts", ts);
            }
        }
        ClientFrame::Pong => json.texts(&[("type", "pong")]),
    }
    json.finish()
}

fn mark(json: &mut Writer, client_id: Option<&String>) {
    if let Some(client_id) = client_id {
        json.text("client_id", client_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything that a writer of JSON can get wrong, among other characters.
    const HOSTILE: &str = r#"([\x00-\x1f"\\/\x7f\u{2028}\u{2029}\u{feff}🧑]|.){0,20}"#;

    fn decoded(json: &str) -> ClientFrame {
        decode_client_frame(json).unwrap()
    }

    #[test]
    fn the_frames_of_the_protocol_are_read() {
        assert_eq!(
            decoded(r#"{ "type": "message", "room": "help", "text": "Hello!" }"#),
            ClientFrame::Message { room: "help".into(), text: "Hello!".into(), client_id: None }
        );
        assert_eq!(
            decoded(r#"{"type":"message","text":"hi","client_id":"a1","future":true}"#),
            ClientFrame::Message { room: "general".into(), text: "hi".into(), client_id: Some("a1".into()) }
        );
        assert_eq!(decoded(r#"{"type":"join","room":"random"}"#), ClientFrame::Join { room: "random".into() });
        assert_eq!(decoded(r#"{"type":"leave","room":"random"}"#), ClientFrame::Leave { room: "random".into() });
        assert_eq!(decoded(r#"{"type":"preview","room":"a1"}"#), ClientFrame::Preview { room: Some("a1".into()) });
        assert_eq!(decoded(r#"{"type":"preview"}"#), ClientFrame::Preview { room: None });
        assert_eq!(decoded(r#"{"type":"get_rooms"}"#), ClientFrame::GetRooms { follow: false });
        assert_eq!(
            decoded(r#"{"type":"typing","room":"random","typing":true}"#),
            ClientFrame::Typing { room: "random".into(), typing: true }
        );
        assert_eq!(
            decoded(r#"{"type":"pm","to":"username","text":"Hi!"}"#),
            ClientFrame::Pm { to: "username".into(), user_id: None, text: "Hi!".into(), client_id: None }
        );
        let known = ClientFrame::Pm { to: "Bo".into(), user_id: Some(UserId(7)), text: "Hi!".into(), client_id: None };
        assert_eq!(decoded(r#"{"type":"pm","to":"Bo","user_id":"7","text":"Hi!"}"#), known);
        assert_eq!(decoded(r#"{"type":"set_nick","name":"NewName"}"#), ClientFrame::SetNick { name: "NewName".into() });
        assert_eq!(decoded(r#"{"type":"read","room":"@Bo","id":7}"#), ClientFrame::Read { room: "@Bo".into(), id: 7 });
        assert_eq!(decoded(r#"{"type":"ping"}"#), ClientFrame::Ping { ts: None });
        assert_eq!(
            decoded(r#"{"type":"get_history","room":"a1","before":9,"limit":3}"#),
            ClientFrame::GetHistory { room: "a1".into(), before: Some(9), after: None, limit: Some(3) }
        );
    }

    #[test]
    fn what_is_wrong_with_a_frame_is_said() {
        for (json, part) in [
            ("hello", "one JSON object"),
            ("[\"get_rooms\"]", "one JSON object"),
            ("{\"type\":\"dance\"}", "unknown variant `dance`"),
            ("{\"text\":\"no type\"}", "missing field `type`"),
            ("{\"type\":\"message\",\"room\":\"general\"}", "missing field `text`"),
            ("{\"type\":\"message\",\"text\":{\"a\":1}}", "expected a string"),
            ("{\"type\":\"get_rooms\"} {}", "trailing characters"),
        ] {
            let said = decode_client_frame(json).unwrap_err();
            assert!(said.contains(part), "{json} was answered with: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_input_makes_the_decoder_panic(json in r#"\{?("type":"(message|join|ping|get_history)",?)?.{0,60}"#) {
            if let Ok(frame) = decode_client_frame(&json) {
                prop_assert_eq!(decoded(&encode_client_frame(&frame)), frame);
            }
        }

        #[test]
        fn every_frame_that_is_written_is_read_as_it_was(
            room in HOSTILE, text in HOSTILE, mark in proptest::option::of(HOSTILE), flag: bool,
            id in 0_u64..(1 << 53), bound in proptest::option::of(0_u64..(1 << 53)), limit: Option<u32>,
        ) {
            let limit = limit.map(|limit| limit as usize);
            for frame in [
                ClientFrame::Message { room: room.clone(), text: text.clone(), client_id: mark.clone() },
                ClientFrame::Join { room: room.clone() },
                ClientFrame::Leave { room: room.clone() },
                ClientFrame::Preview { room: mark.clone() },
                ClientFrame::Typing { room: room.clone(), typing: flag },
                ClientFrame::Pm { to: room.clone(), user_id: bound.map(UserId), text, client_id: mark },
                ClientFrame::SetNick { name: room.clone() },
                ClientFrame::Read { room: room.clone(), id },
                ClientFrame::GetRooms { follow: flag },
                ClientFrame::GetUsers { room: room.clone() },
                ClientFrame::GetMentions,
                ClientFrame::GetHistory { room: room.clone(), before: bound, after: None, limit },
                ClientFrame::GetHistory { room, before: None, after: bound, limit: None },
                ClientFrame::Ping { ts: bound.map(Into::into) },
                ClientFrame::Pong,
            ] {
                prop_assert_eq!(decoded(&encode_client_frame(&frame)), frame);
            }
        }
    }
}
