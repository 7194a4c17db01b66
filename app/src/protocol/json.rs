//! JSON in the browser.
//!
//! serde's derived readers are made anew for each type and each way of reading it, and would be a fifth of what a browser
//! downloads. Here JSON is read into a tree ([`Json`]), by the browser itself where there is one, and what a type needs is
//! taken from the tree by name. What a page writes is written by a [`Writer`]. The derived readers stay for everything
//! that is no browser; a test holds the two together.

mod tree;
mod writer;

pub use tree::Json;
pub use writer::Writer;

use super::{
    Connected, ConversationInfo, Entry, EntryKind, ErrorCode, ErrorFrame, History, Joined, Line, NickChanged, Ping,
    Presence, PrivateLine, ReadMark, Resumed, RoomInfo, RoomName, Stats, Timestamp, Typing, Unread, UserId, UserInfo,
    UserList,
};
use std::{collections::BTreeMap, sync::Arc};

/// What can be taken from a tree of JSON.
pub trait FromJson: Sized {
    /// Takes it; nothing, when it is something else.
    fn from_json(value: &Json<'_>) -> Option<Self>;

    /// What a field of this type is that is not there; nothing, when it has to be.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads a text of JSON.
#[must_use]
pub fn read_json<T: FromJson>(json: &str) -> Option<T> {
    Json::read(json, T::from_json)
}

/// A field of an object.
#[must_use]
pub fn field<T: FromJson>(object: &Json<'_>, name: &str) -> Option<T> {
    match object.get(name) {
        Some(value) => T::from_json(&value),
        None => T::absent(),
    }
}

/// A field of an object that has a default.
#[must_use]
pub fn field_or_default<T: FromJson + Default>(object: &Json<'_>, name: &str) -> Option<T> {
    object.get(name).map_or_else(|| Some(T::default()), |value| T::from_json(&value))
}

/// Says how structs are taken: by their fields, `as "name"` where one is called otherwise, `or default` where it may be
/// missing.
macro_rules! from_json {
    ($($type:ident { $($field:ident $(as $name:literal)? $(or $default:ident)?),* $(,)? })*) => {$(
        impl $crate::protocol::FromJson for $type {
            fn from_json(value: &$crate::protocol::Json<'_>) -> Option<Self> {
                // All fields first: to give up at each of them would take code to let go of the ones before it.
                let ($(Some($field),)*) = ($(from_json!(@take value, $field, ($($name)?), ($($default)?)),)*) else {
                    return None;
                };
                Some(Self { $($field),* })
            }
        }
    )*};
    (@take $object:ident, $field:ident, (), ()) => { $crate::protocol::field($object, stringify!($field)) };
    (@take $object:ident, $field:ident, ($name:literal), ()) => { $crate::protocol::field($object, $name) };
    (@take $object:ident, $field:ident, (), (default)) => {
        $crate::protocol::field_or_default($object, stringify!($field))
    };
    (@take $object:ident, $field:ident, ($name:literal), (default)) => {
        $crate::protocol::field_or_default($object, $name)
    };
}
pub(crate) use from_json;

from_json! {
    Entry { id, prev or default, ts, from, user_id, text, kind as "type", client_id }
    UserInfo { id, name, typing or default }
    RoomInfo { name, users }
    ConversationInfo { id, name, head, read or default, unread or default }
    Unread { count, mentions or default }
    Connected { user_id, session_id, name, rooms, epoch }
    Resumed {
        user_id, session_id, name, rooms, missed_messages as "missedMessages", heads, missed_pms or default,
        conversations or default, more_pms or default, read or default, unread or default, epoch,
    }
    Joined { room, history, users, count, read or default, unread or default }
    Typing { room, user, typing }
    PrivateLine { from, to, user_id, text, ts, id, prev, client_id }
    NickChanged { old_name, new_name, room, users, count }
    ReadMark { room, id }
    Presence { room, user, users, count, others or default, away or default }
    UserList { room, users, count, away or default }
    Ping { ts }
    History { room, messages, more }
    ErrorFrame { message, code, client_id, retry_after_ms }
    Line { room, from, user_id, text, ts, id, prev, client_id }
    Stats { uptime, users_online, rooms_count, messages_total, sse_subscribers }
}

impl FromJson for bool {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for u64 {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_u64()
    }
}

impl FromJson for usize {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl FromJson for String {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text()
    }
}

impl FromJson for Arc<str> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text().map(Into::into)
    }
}

impl FromJson for RoomName {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text().map(|name| Self::told(&name))
    }
}

impl FromJson for UserId {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_text()?.parse().ok().map(Self)
    }
}

impl FromJson for Timestamp {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_f64().map(Self::from_seconds)
    }
}

impl FromJson for EntryKind {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        match &*value.as_text()? {
            "message" => Some(Self::Message),
            "action" => Some(Self::Action),
            "system" => Some(Self::System),
            _ => None,
        }
    }
}

impl FromJson for ErrorCode {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        Some(Self::from_name(&value.as_text()?))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.items()?.map(|item| T::from_json(&item)).collect()
    }
}

impl<T: FromJson> FromJson for BTreeMap<Arc<str>, T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        let mut map = Self::new();
        for (name, value) in value.fields()? {
            map.insert(name.into(), T::from_json(&value)?);
        }
        Some(map)
    }
}

impl<T: FromJson> FromJson for BTreeMap<RoomName, T> {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        let mut map = Self::new();
        for (name, value) in value.fields()? {
            map.insert(RoomName::told(&name), T::from_json(&value)?);
        }
        Some(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_its_default_or_is_an_error() {
        let entry = |json: &str| read_json::<Entry>(json);
        let whole =
            r#"{"id":2,"prev":1,"ts":1.5,"from":"Ada","user_id":"7","text":"x","type":"message","client_id":"c"}"#;
        assert_eq!(entry(whole), serde_json::from_str(whole).ok());
        let least = r#"{"id":2,"ts":1.5,"from":"Ada","text":"x","type":"action"}"#;
        assert_eq!(entry(least), serde_json::from_str(least).ok());
        assert!(entry(least).is_some());
        for wrong in ["", "[]", "{}", r#"{"id":"2","ts":1.5,"from":"Ada","text":"x","type":"action"}"#] {
            assert_eq!(entry(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_an_unknown_one() {
        let frame: ErrorFrame = read_json(r#"{"message":"No.","code":"too_blue"}"#).unwrap();
        assert_eq!(frame.code, ErrorCode::Unknown);
    }
}
