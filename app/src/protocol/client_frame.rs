//! Frames from clients to the server.

use super::{EntryId, GENERAL, UserId, Writer};
use serde::Deserialize;

/// A frame from a client. Rooms and texts are unvalidated strings here: the chat validates them, so that a refusal can
/// name what it refuses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Sends a message, or a command, to a room.
    Message {
        /// Name of the room, `general` by default.
        #[serde(default = "general")]
        room: String,
        /// Text of the message.
        text: String,
        /// Client's identifier of the message: a repeat under the same one stores nothing and is answered with the
        /// stored entry.
        client_id: Option<String>,
    },
    /// Joins a room, which is created if necessary.
    Join {
        /// Name of the room, as typed.
        room: String,
        /// Identifier under which `done` or `error` reports the outcome.
        client_id: Option<String>,
    },
    /// Leaves a room.
    Leave {
        /// Name of the room.
        room: String,
        /// Identifier of the outcome, as in `join`.
        client_id: Option<String>,
    },
    /// Previews a room without membership: this connection receives the room's frames until it previews another room,
    /// or none.
    Preview {
        /// Name of the room; `None` ends the preview.
        room: Option<String>,
    },
    /// Reports that the user is typing in a room, or in a conversation (`@name`). The report is a lease, which ends
    /// [`TYPING_LEASE_MS`](super::limits::TYPING_LEASE_MS) after the last `true`.
    Typing {
        /// Name of the room, or `@name`.
        room: String,
        /// `true` while typing, `false` to end the lease.
        typing: bool,
    },
    /// Sends a private message.
    Pm {
        /// Name of the recipient.
        to: String,
        /// Public number of the recipient, which survives a change of name. If it is given, `to` is ignored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<UserId>,
        /// Text of the message.
        text: String,
        /// Client's identifier of the message, as in `message`.
        client_id: Option<String>,
    },
    /// Replaces the text of one of the user's messages or actions.
    Edit {
        /// Name of the room, or `@name`.
        room: String,
        /// Entry to edit.
        target: EntryId,
        /// New text; of an action, without the author's name.
        text: String,
        /// Client's identifier of the edit, as in `message`.
        client_id: Option<String>,
    },
    /// Deletes one of the user's messages or actions.
    Delete {
        /// Name of the room, or `@name`.
        room: String,
        /// Entry to delete.
        target: EntryId,
        /// Client's identifier of the deletion, as in `message`.
        client_id: Option<String>,
    },
    /// Changes the user's name.
    SetNick {
        /// New name, as typed.
        name: String,
        /// Identifier of the outcome, as in `join`.
        client_id: Option<String>,
    },
    /// Moves the user's read mark in a room, or in a conversation (`@name`).
    Read {
        /// Name of the room, or `@name`.
        room: String,
        /// Newest entry read.
        id: EntryId,
    },
    /// Requests the list of rooms.
    GetRooms {
        /// `true` to receive changes from now on as `room_counts`.
        #[serde(default)]
        follow: bool,
    },
    /// Requests the present members of a room.
    GetUsers {
        /// Name of the room.
        room: String,
    },
    /// Requests the newest entries that mention the user.
    GetMentions,
    /// Requests the newest entries of a room, or of a conversation (`@name`), between two bounds.
    GetHistory {
        /// Name of the room, or `@name`.
        room: String,
        /// Upper bound of the identifiers, exclusive.
        before: Option<EntryId>,
        /// Lower bound of the identifiers, exclusive.
        after: Option<EntryId>,
        /// Maximum number of entries.
        limit: Option<usize>,
    },
    /// Requests a `pong`.
    Ping {
        /// Number that the `pong` repeats.
        ts: Option<serde_json::Number>,
    },
    /// Answers the server's `ping`.
    Pong,
}

fn general() -> String {
    GENERAL.to_owned()
}

/// Decodes a frame.
///
/// # Errors
/// Returns a sentence about the problem: invalid JSON, not an object, an unknown `type`, or a missing or wrong field.
pub fn decode_client_frame(json: &str) -> Result<ClientFrame, String> {
    // An internally tagged enum also accepts an array with the tag first; the protocol does not.
    if !json.trim_start().starts_with('{') {
        return Err("A frame must be one JSON object.".to_owned());
    }
    serde_json::from_str(json).map_err(|error| format!("The frame could not be read: {error}."))
}

impl ClientFrame {
    /// Returns the identifier under which the frame is answered, if it has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Message { client_id, .. }
            | Self::Join { client_id, .. }
            | Self::Leave { client_id, .. }
            | Self::Pm { client_id, .. }
            | Self::Edit { client_id, .. }
            | Self::Delete { client_id, .. }
            | Self::SetNick { client_id, .. } => client_id.as_deref(),
            Self::Preview { .. }
            | Self::Typing { .. }
            | Self::Read { .. }
            | Self::GetRooms { .. }
            | Self::GetUsers { .. }
            | Self::GetMentions
            | Self::GetHistory { .. }
            | Self::Ping { .. }
            | Self::Pong => None,
        }
    }
}

/// Encodes a frame. A `ts` that is not a whole number is left out, since a page never sends one.
#[must_use]
pub fn encode_client_frame(frame: &ClientFrame) -> String {
    let mut json = Writer::default();
    match frame {
        ClientFrame::Message { room, text, client_id } => {
            json.texts(&[("type", "message"), ("room", room), ("text", text)]);
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::Join { room, client_id } => {
            json.texts(&[("type", "join"), ("room", room)]);
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::Leave { room, client_id } => {
            json.texts(&[("type", "leave"), ("room", room)]);
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::Preview { room } => {
            json.texts(&[("type", "preview")]);
            optional(&mut json, "room", room.as_deref());
        }
        ClientFrame::Typing { room, typing } => {
            json.texts(&[("type", "typing"), ("room", room)]);
            json.flag("typing", *typing);
        }
        ClientFrame::Pm { to, user_id, text, client_id } => {
            json.texts(&[("type", "pm"), ("to", to), ("text", text)]);
            optional(&mut json, "user_id", user_id.map(|user| user.to_string()).as_deref());
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::Edit { room, target, text, client_id } => {
            json.texts(&[("type", "edit"), ("room", room), ("text", text)]);
            json.number("target", *target);
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::Delete { room, target, client_id } => {
            json.texts(&[("type", "delete"), ("room", room)]);
            json.number("target", *target);
            optional(&mut json, "client_id", client_id.as_deref());
        }
        ClientFrame::SetNick { name, client_id } => {
            json.texts(&[("type", "set_nick"), ("name", name)]);
            optional(&mut json, "client_id", client_id.as_deref());
        }
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
                optional_number(&mut json, name, bound);
            }
        }
        ClientFrame::Ping { ts } => {
            json.texts(&[("type", "ping")]);
            optional_number(&mut json, "ts", ts.as_ref().and_then(serde_json::Number::as_u64));
        }
        ClientFrame::Pong => json.texts(&[("type", "pong")]),
    }
    json.finish()
}

fn optional(json: &mut Writer, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        json.text(name, value);
    }
}

fn optional_number(json: &mut Writer, name: &'static str, value: Option<u64>) {
    if let Some(value) = value {
        json.number(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Characters that JSON writers get wrong, among others.
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
        assert_eq!(
            decoded(r#"{"type":"join","room":"random"}"#),
            ClientFrame::Join { room: "random".into(), client_id: None }
        );
        assert_eq!(
            decoded(r#"{"type":"leave","room":"random"}"#),
            ClientFrame::Leave { room: "random".into(), client_id: None }
        );
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
        assert_eq!(
            decoded(r#"{"type":"set_nick","name":"NewName"}"#),
            ClientFrame::SetNick { name: "NewName".into(), client_id: None }
        );
        assert_eq!(decoded(r#"{"type":"read","room":"@Bo","id":7}"#), ClientFrame::Read { room: "@Bo".into(), id: 7 });
        assert_eq!(
            decoded(r#"{"type":"edit","room":"@Bo","target":7,"text":"hi","client_id":"a2"}"#),
            ClientFrame::Edit { room: "@Bo".into(), target: 7, text: "hi".into(), client_id: Some("a2".into()) }
        );
        assert_eq!(
            decoded(r#"{"type":"delete","room":"a1","target":7}"#),
            ClientFrame::Delete { room: "a1".into(), target: 7, client_id: None }
        );
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
            room in HOSTILE, text in HOSTILE, client_id in proptest::option::of(HOSTILE), flag: bool,
            id in 0_u64..(1 << 53), bound in proptest::option::of(0_u64..(1 << 53)), limit: Option<u32>,
        ) {
            let limit = limit.map(|limit| limit as usize);
            for frame in [
                ClientFrame::Message { room: room.clone(), text: text.clone(), client_id: client_id.clone() },
                ClientFrame::Join { room: room.clone(), client_id: client_id.clone() },
                ClientFrame::Leave { room: room.clone(), client_id: client_id.clone() },
                ClientFrame::Preview { room: client_id.clone() },
                ClientFrame::Typing { room: room.clone(), typing: flag },
                ClientFrame::Edit { room: room.clone(), target: id, text: text.clone(), client_id: client_id.clone() },
                ClientFrame::Delete { room: room.clone(), target: id, client_id: client_id.clone() },
                ClientFrame::Pm { to: room.clone(), user_id: bound.map(UserId), text, client_id: client_id.clone() },
                ClientFrame::SetNick { name: room.clone(), client_id },
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
