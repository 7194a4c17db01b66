//! The wire protocol: JSON text frames over a WebSocket, and the same types in HTTP answers.
//!
//! Invariants:
//! - a value of a validated type ([`UserName`], [`RoomName`], [`Text`]) obeys the rules of that type; beyond the
//!   decoder no bare string stands for a name, a room or a text;
//! - fields are only ever added; a client ignores frames and fields that it does not know.

mod api;
mod client_frame;
mod entry;
mod error;
mod json;
pub mod limits;
mod log_id;
mod name;
mod peer;
mod place;
mod server_frame;
mod snapshot;
mod system_line;
mod text;
mod timestamp;
mod user_id;
mod wire_name;

pub use api::{ApiError, RoomDetails, SearchResult, SearchResults, Stats};
pub use client_frame::{ClientFrame, decode_client_frame, encode_client_frame};
pub use entry::{Amended, Entry, EntryId, EntryKind};
pub use error::{CloseCode, ErrorCode};
pub(crate) use json::from_json;
pub use json::{Fields, FromJson, Json, Writer, field, field_or_default, read_json};
pub use log_id::{LogId, Pair};
pub use name::{
    DEFAULT_ROOMS, GENERAL, NameError, NameKey, RAW_NAME_MAX, RESERVED_NAMES, ROOM_SIGN, RoomName, RoomNameError,
    USER_SIGN, UserName, caseless, is_name_char, is_room_name_char,
};
pub use peer::{Peer, name_in, peer_segment};
pub use place::Place;
pub use server_frame::{
    Amendment, Connected, ConversationInfo, ErrorFrame, History, Joined, Line, Mention, NickChanged, Ping, Presence,
    Preview, PrivateLine, ReadMark, Resumed, RoomCounts, RoomInfo, SYSTEM, ServerFrame, Typing, Unread,
    UnreadableFrame, UserInfo, UserList, decode_server_frame,
};
pub use snapshot::{Cursor, ListedRoom, Snapshot, Standing};
pub use system_line::{acted, names_in, renamed};
pub(crate) use text::characters;
pub use text::{Text, TextError};
pub use timestamp::Timestamp;
pub use user_id::UserId;
pub use wire_name::WireName;
