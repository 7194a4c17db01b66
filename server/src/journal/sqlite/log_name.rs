//! Names of logs in the store. A room's log has the room's name; a conversation's log is `@3:7`, by the numbers of its
//! users. No room's name begins with `@`.

use app::protocol::{LogId, Pair, RoomName, UserId};

/// Returns the stored name of a log.
pub(super) fn of(log: &LogId) -> String {
    match log {
        LogId::Room(room) => room.to_string(),
        LogId::Conversation(pair) => {
            let [low, high] = pair.users();
            format!("@{low}:{high}")
        }
    }
}

/// Parses the stored name of a log, or returns `None` if it is invalid. Names of rooms are taken as they were stored,
/// even if they would be refused today.
pub(super) fn read(name: &str) -> Option<LogId> {
    let Some(pair) = name.strip_prefix('@') else {
        return Some(LogId::Room(RoomName::told(name)));
    };
    let (low, high) = pair.split_once(':')?;
    Some(LogId::Conversation(Pair::new(UserId(low.parse().ok()?), UserId(high.parse().ok()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_survives_the_store() {
        let log = LogId::Conversation(Pair::new(UserId(7), UserId(3)));
        assert_eq!(of(&log), "@3:7");
        assert_eq!(read("@3:7"), Some(log));
    }

    #[test]
    fn no_room_is_taken_for_a_conversation() {
        let room = RoomName::parse("@3:7").unwrap();
        assert_eq!(read(room.as_str()), Some(LogId::Room(room)));
        for wrong in ["@", "@3", "@3:x", "@:"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
