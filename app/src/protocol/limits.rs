//! Every bound that both sides read. The composer's counter, the server's check and the tests use the same constant.

/// Shortest user name, in characters (Unicode scalar values).
pub const USER_NAME_MIN: usize = 2;
/// Longest user name, in characters.
pub const USER_NAME_MAX: usize = 20;
/// Shortest room name, in characters.
pub const ROOM_NAME_MIN: usize = 2;
/// Longest room name, in characters; what is longer is cut.
pub const ROOM_NAME_MAX: usize = 30;
/// Accents, vowel signs and the like that one letter of a name may have. Vietnamese and Hebrew have two or three; a flood
/// of them would be drawn over the lines above and below.
pub const MARKS_MAX: usize = 4;
/// Longest text of one entry, in characters, after its end was trimmed.
pub const TEXT_MAX: usize = 4_000;
/// Longest `client_id`, in bytes. A random 128-bit number in hexadecimal takes 32.
pub const CLIENT_ID_MAX: usize = 64;
/// Largest frame that a client may send, in bytes. A text of [`TEXT_MAX`] characters fits even when every one of
/// them needs JSON's longest escape (12 bytes, a surrogate pair).
pub const FRAME_MAX: usize = 64 * 1024;
/// Rooms that one user may be in at once.
pub const ROOMS_PER_USER: usize = 50;
/// Rooms that a page lists beside those that the person is in: the fullest. The others are entered by their names.
pub const LISTED_ROOMS: usize = 100;
/// Rooms that a `connected`, a `room_list` to any other client and a page of `/api/rooms` have beside the user's own: the
/// fullest.
pub const ROOMS_TOLD: usize = 500;
/// Entries in a `joined` frame and on the page as it is first served.
pub const JOINED_HISTORY: usize = 50;
/// Entries of one room in a `resumed` frame. A client that missed more sees by the first one's `prev` that older
/// ones are missing.
pub const RESUMED_PER_ROOM: usize = 200;
/// Bytes of JSON that the entries take in what a connection is told at once: in a `resumed`, in all `joined` of a
/// greeting, in a page of history. A text of [`TEXT_MAX`] control characters takes 24 kB, so ten of the longest fit.
pub const CATCH_UP_BYTES: usize = 256 * 1024;
/// Entries that `get_history` answers with when it names no limit.
pub const HISTORY_DEFAULT: usize = 100;
/// Most entries that one `get_history` answers with.
pub const HISTORY_MAX: usize = 200;
/// Conversations in a `resumed` frame and on a page: those with the newest entries. That some are left out is said by `more_pms`.
pub const RESUMED_CONVERSATIONS: usize = 50;
/// Members up to which frames about a room carry the whole list; past it they carry the count alone, because every
/// member would be sent every member.
pub const LISTED_MEMBERS: usize = 200;
/// Members who are away that a list of a room's users names.
pub const LISTED_AWAY: usize = 100;
/// Entries that name somebody on the page that lists them: the newest.
pub const MENTIONS_LISTED: usize = 50;
/// Different people whom one text calls: those that it names first. Who is named behind them is shown as named, and
/// neither counted nor alerted: a text that names everybody calls nobody in particular.
pub const CALLED_AT_ONCE: usize = 16;
/// Members present up to which each is told of who comes: past it those who come within [`MERGE_MS`] are told of in one frame,
/// because after a restart all of them come at once, and each frame carries the list.
pub const TOLD_OF_EACH: usize = 20;
/// Milliseconds in which all who come to a room of more than [`TOLD_OF_EACH`] are told of in one frame, and all who leave one of
/// more than [`LISTED_MEMBERS`] in another.
pub const MERGE_MS: u64 = 1_000;
/// Milliseconds in which the rooms whose counts changed are told of in one frame.
pub const ROOM_COUNTS_MS: u64 = 1_000;
/// Milliseconds after which somebody is not typing any more unless they say so again.
pub const TYPING_LEASE_MS: u64 = 6_000;
/// Pages of history that one connection may wait for at once.
pub const READS_AT_ONCE: usize = 16;

/// Milliseconds between two pings of the server.
pub const PING_EVERY_MS: u64 = 25_000;
/// Milliseconds of silence after which the server gives a connection up.
pub const SERVER_PATIENCE_MS: u64 = 60_000;
/// Milliseconds of silence after which a client gives a connection up: one ping, and ten seconds for it to arrive.
pub const CLIENT_PATIENCE_MS: u64 = PING_EVERY_MS + 10_000;
