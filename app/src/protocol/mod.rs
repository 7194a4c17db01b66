//! The wire protocol: JSON text frames over a WebSocket, and the same types in HTTP answers.
//!
//! Invariants:
//! - a value of a validated type ([`UserName`], [`RoomName`], [`Text`]) obeys the rules of that type; past the
//!   decoder no bare string stands for a name, a room or a text;
//! - fields are only ever added; a client ignores frames and fields that it does not know.

mod api;
mod client_frame;
mod entry;
mod error;
mod json;
pub mod limits;
mod name;
mod peer;
mod server_frame;
mod system_line;
mod text;
mod timestamp;

pub use api::{ApiError, RoomDetails, Stats};
pub use client_frame::{ClientFrame, decode_client_frame, encode_client_frame};
pub use entry::{Entry, EntryId, EntryKind};
pub use error::{CloseCode, ErrorCode};
pub(crate) use json::from_json;
pub use json::{FromJson, Json, Writer, field, field_or_default, read_json};
pub use name::{
    DEFAULT_ROOMS, GENERAL, NameError, NameKey, RAW_NAME_MAX, RESERVED_NAMES, ROOM_SIGN, RoomName, RoomNameError,
    USER_SIGN, UserName, caseless, is_name_char, is_room_name_char,
};
pub use peer::{Peer, peer_segment};
pub use server_frame::{
    Connected, ConversationInfo, ErrorFrame, History, Joined, Line, Mention, NickChanged, Ping, Presence, Preview,
    PrivateLine, ReadMark, Resumed, RoomCounts, RoomInfo, SYSTEM, ServerFrame, Typing, Unread, UnreadableFrame, UserId,
    UserInfo, UserList, decode_server_frame,
};
pub use system_line::{names_in, renamed};
pub(crate) use text::characters;
pub use text::{Text, TextError};
pub use timestamp::Timestamp;
