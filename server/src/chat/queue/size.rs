//! Sizes of frames before they are encoded.

use super::PLACE_BYTES;
use app::protocol::{Entry, ServerFrame, UserInfo};

/// Estimates the memory of a frame before it is encoded, in bytes.
pub(super) fn size(frame: &ServerFrame) -> usize {
    let entries = |entries: &[Entry]| entries.iter().map(|entry| 200 + entry.text.len()).sum::<usize>();
    let users = |users: &[UserInfo]| users.len() * (size_of::<UserInfo>() + 48);
    let listed = |listed: &Option<Vec<UserInfo>>| listed.as_deref().map_or(0, users);
    PLACE_BYTES
        + size_of::<ServerFrame>()
        + match frame {
            ServerFrame::Connected(connected) => connected.rooms.len() * 32,
            ServerFrame::Resumed(resumed) => {
                let missed = resumed.missed_messages.iter().map(|(_, missed)| entries(missed)).sum::<usize>();
                let private = resumed.missed_pms.iter().map(|(_, missed)| entries(missed)).sum::<usize>();
                let lists = resumed.rooms.len() + resumed.heads.len() + resumed.conversations.len() * 2;
                missed + private + 32 * (lists + resumed.read.len() + resumed.unread.len())
            }
            ServerFrame::Joined(joined) => entries(&joined.history) + listed(&joined.users),
            ServerFrame::Preview(preview) => entries(&preview.history) + listed(&preview.users) + users(&preview.away),
            ServerFrame::History(history) => entries(&history.messages),
            ServerFrame::Mentions { mentions } => {
                mentions.iter().map(|mention| 232 + mention.entry.text.len()).sum::<usize>()
            }
            ServerFrame::RoomList { rooms, .. } => rooms.len() * 32,
            ServerFrame::UserList(list) => users(&list.users) + users(&list.away),
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => line.text.len(),
            ServerFrame::Line(line) => line.text.len(),
            _ => 0,
        }
}
