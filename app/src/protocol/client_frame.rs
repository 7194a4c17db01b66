//! What a client says.

use super::{EntryId, GENERAL};
use serde::{Deserialize, Serialize};

/// A frame from a client to the server. Rooms and texts are still as they were sent; the chat validates them, so that
/// a refusal can name what it refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// Say whether the user is writing in a room. It is a lease: it ends
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
        /// What.
        text: String,
        /// As in a message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
    GetRooms,
    /// Ask for those present in a room.
    GetUsers {
        /// Which.
        room: String,
    },
    /// Ask for the newest entries of a room, or of a conversation (`@name`), between two bounds.
    GetHistory {
        /// Which.
        room: String,
        /// Only entries with a smaller id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<EntryId>,
        /// Only entries with a greater id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<EntryId>,
        /// How many at the most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<usize>,
    },
    /// Ask for a `pong`.
    Ping {
        /// Comes back as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ts: Option<serde_json::Number>,
    },
    /// The answer to the server's `ping`.
    Pong {
        /// Ignored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ts: Option<serde_json::Number>,
    },
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        assert_eq!(decoded(r#"{"type":"get_rooms"}"#), ClientFrame::GetRooms);
        assert_eq!(
            decoded(r#"{"type":"typing","room":"random","typing":true}"#),
            ClientFrame::Typing { room: "random".into(), typing: true }
        );
        assert_eq!(
            decoded(r#"{"type":"pm","to":"username","text":"Hi!"}"#),
            ClientFrame::Pm { to: "username".into(), text: "Hi!".into(), client_id: None }
        );
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
                let again = serde_json::to_string(&frame).unwrap();
                prop_assert_eq!(decode_client_frame(&again).unwrap(), frame);
            }
        }
    }
}
