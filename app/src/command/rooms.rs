//! `/rooms` lists the rooms.

use super::{Command, CommandInfo};
use crate::{bidi::isolated, protocol::RoomInfo};
use std::fmt::Write as _;

pub(super) const INFO: CommandInfo =
    CommandInfo { name: "rooms", arguments: "", summary: "List all rooms", read: |_| Some(Command::Rooms) };

/// Formats the answer to `/rooms`: the given rooms, and the number of others.
#[must_use]
pub fn listed(rooms: &[RoomInfo], total: usize) -> String {
    let mut text = "Rooms: ".to_owned();
    for (at, room) in rooms.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        // Writing to a string cannot fail.
        write!(text, "{comma}{} ({})", isolated(room.name.as_str()), room.users).ok();
    }
    if total > rooms.len() {
        write!(text, " and {} more", total - rooms.len()).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command::parse, protocol::RoomName};

    #[test]
    fn rooms_are_listed_with_who_is_there_and_how_many_more_there_are() {
        assert_eq!(parse("/rooms"), Some(Ok(Command::Rooms)));
        let rooms = [("general", 2), ("help", 0)].map(|(name, users)| RoomInfo { name: RoomName::told(name), users });
        assert_eq!(listed(&rooms, 2), "Rooms: general (2), help (0)");
        assert_eq!(listed(&rooms, 7), "Rooms: general (2), help (0) and 5 more");
    }
}
