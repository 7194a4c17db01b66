//! Limits that both sides read. The composer's counter, the server's check and the tests use the same constants.

/// Minimum length of a user's name, in characters (Unicode scalar values).
pub const USER_NAME_MIN: usize = 2;
/// Maximum length of a user's name, in characters.
pub const USER_NAME_MAX: usize = 20;
/// Minimum length of a room's name, in characters.
pub const ROOM_NAME_MIN: usize = 2;
/// Maximum length of a room's name, in characters; longer ones are cut.
pub const ROOM_NAME_MAX: usize = 30;
/// Maximum number of combining marks on one letter of a name. Vietnamese and Hebrew need two or three; a flood of them
/// would be drawn over the lines above and below.
pub const MARKS_MAX: usize = 4;
/// Maximum length of an entry's text without trailing white space, in characters.
pub const TEXT_MAX: usize = 4_000;
/// Maximum number of edits of one entry, since all of them are kept until it is deleted.
pub const EDITS_MAX: usize = 100;
/// Maximum length of a `client_id`, in bytes. A random 128-bit number in hexadecimal takes 32.
pub const CLIENT_ID_MAX: usize = 64;
/// Maximum size of a frame from a client, in bytes. A text of [`TEXT_MAX`] characters fits even if each of them needs
/// JSON's longest escape (12 bytes, a surrogate pair).
pub const FRAME_MAX: usize = 64 * 1024;
/// Maximum number of memberships of one user.
pub const ROOMS_PER_USER: usize = 50;
/// Number of rooms that a page lists beside the person's own: the fullest. Other rooms can be opened by name.
pub const LISTED_ROOMS: usize = 100;
/// Maximum number of characters of a search.
pub const QUERY_MAX: usize = 200;
/// Number of entries on a page of a search.
pub const SEARCH_RESULTS: usize = 50;
/// Number of rooms beside the user's own in a `connected`, in a `room_list` to clients other than the page, and on a
/// page of `/api/rooms`: the fullest.
pub const ROOMS_TOLD: usize = 500;
/// Number of entries in a `joined` frame and on a rendered page.
pub const JOINED_HISTORY: usize = 50;
/// Maximum number of entries of one room in a `resumed` frame. A client that missed more sees it by the first one's
/// `prev`.
pub const RESUMED_PER_ROOM: usize = 200;
/// Maximum size of the entries that a connection is sent at once, in bytes of JSON: in a `resumed`, in all `joined`
/// frames of a handshake, and in a page of history. A text of [`TEXT_MAX`] control characters takes 24 kB, so ten of
/// the longest fit.
pub const CATCH_UP_BYTES: usize = 256 * 1024;
/// Default of the `limit` of `get_history`, in entries.
pub const HISTORY_DEFAULT: usize = 100;
/// Maximum of the `limit` of `get_history`, in entries.
pub const HISTORY_MAX: usize = 200;
/// Maximum number of conversations in a `resumed` frame and on a page: those with the newest entries. `more_pms` tells
/// that some are left out.
pub const RESUMED_CONVERSATIONS: usize = 50;
/// Number of present members up to which frames about a room carry the member list. Beyond it they carry the count
/// alone, because every member would be sent every member.
pub const LISTED_MEMBERS: usize = 200;
/// Maximum number of absent members in a member list.
pub const LISTED_AWAY: usize = 100;

/// Members of a room above which no absent members are listed: all of them would have to be sorted for each list.
pub const AWAY_AMONG: usize = 1_000;
/// Maximum number of entries in the list of mentions: the newest.
pub const MENTIONS_LISTED: usize = 50;
/// Number of different people whom one text mentions: the first that it names. Later names are highlighted, but neither
/// counted nor alerted: a text that names everybody addresses nobody in particular.
pub const CALLED_AT_ONCE: usize = 16;
/// Number of present members up to which each arrival is a frame of its own. Beyond it the arrivals within [`MERGE_MS`]
/// are one frame, because after a restart all members arrive together, and each frame carries the list.
pub const TOLD_OF_EACH: usize = 20;
/// Period in milliseconds whose arrivals are merged into one frame in a room with more than [`TOLD_OF_EACH`] members,
/// and whose departures are merged in a room with more than [`LISTED_MEMBERS`].
pub const MERGE_MS: u64 = 1_000;
/// Period in milliseconds whose changed member counts are merged into one frame.
pub const ROOM_COUNTS_MS: u64 = 1_000;
/// Duration of a typing lease in milliseconds.
pub const TYPING_LEASE_MS: u64 = 6_000;
/// Maximum number of pages of history for which one connection waits.
pub const READS_AT_ONCE: usize = 16;

/// Interval of the server's pings in milliseconds.
pub const PING_EVERY_MS: u64 = 25_000;
/// Silence in milliseconds after which the server closes a connection.
pub const SERVER_PATIENCE_MS: u64 = 60_000;
/// Silence in milliseconds after which a client gives a connection up: one ping interval, and ten seconds for the ping
/// to arrive.
pub const CLIENT_PATIENCE_MS: u64 = PING_EVERY_MS + 10_000;
