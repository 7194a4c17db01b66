//! Which rooms a page lists. There may be thousands, and each costs a row that is rendered, sent and kept up to date.
//!
//! Nobody is locked out by it: every room is entered by its name.

use crate::protocol::{RoomInfo, RoomName, limits::LISTED_ROOMS};

/// Of all rooms those that a page lists, in the order in which they come, and how many it leaves out: listed are the
/// person's own, and of the others the [`LISTED_ROOMS`] fullest; of equally full ones those that come first.
pub fn listed(rooms: &[RoomInfo], is_own: impl Fn(&RoomName) -> bool) -> (Vec<&RoomInfo>, usize) {
    let own: Vec<_> = rooms.iter().map(|room| is_own(&room.name)).collect();
    let others = rooms.iter().zip(&own).filter(|(_, is_own)| !**is_own).map(|(room, _)| room.users);
    let fuller = |than| others.clone().filter(|users| *users > than).count();
    // The fewest people such that no more rooms than are listed have more. To halve what it can be is less code for a
    // browser to download than to sort.
    let (mut fewest, mut most) = (0, others.clone().max().unwrap_or(0));
    while fewest < most {
        let middle = fewest.midpoint(most);
        if fuller(middle) > LISTED_ROOMS { fewest = middle + 1 } else { most = middle }
    }
    let mut as_full = LISTED_ROOMS - fuller(fewest);
    let mut listed = Vec::new();
    for (room, is_own) in rooms.iter().zip(own) {
        let fits = !is_own && room.users == fewest && as_full > 0;
        as_full -= usize::from(fits);
        if is_own || fits || room.users > fewest {
            listed.push(room);
        }
    }
    let left_out = rooms.len() - listed.len();
    (listed, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::cmp::Reverse;

    fn rooms(users: &[usize]) -> Vec<RoomInfo> {
        let room = |(number, users): (usize, &usize)| RoomInfo {
            name: RoomName::told(&format!("r{number:04}")),
            users: *users,
        };
        users.iter().enumerate().map(room).collect()
    }

    #[test]
    fn as_many_others_as_may_be_are_all_listed_and_of_one_more_the_last_of_the_emptiest_is_left_out() {
        let all = rooms(&[0; LISTED_ROOMS]);
        assert_eq!(listed(&all, |_| false), (all.iter().collect(), 0));
        let mut users = [3; LISTED_ROOMS + 1];
        (users[4], users[7]) = (1, 1);
        let all = rooms(&users);
        let (names, left_out) = listed(&all, |_| false);
        assert!(names.contains(&&all[4]) && !names.contains(&&all[7]));
        assert_eq!(left_out, 1);
    }

    #[test]
    fn rooms_of_the_person_are_listed_however_empty_and_take_no_place_from_the_others() {
        let all = rooms(&[[5; LISTED_ROOMS].as_slice(), &[0, 0, 0]].concat());
        let is_own = |room: &RoomName| room.as_str() == "r0101";
        let (names, left_out) = listed(&all, is_own);
        assert_eq!((names.len(), left_out), (LISTED_ROOMS + 1, 2));
        assert_eq!(names.last().map(|room| room.name.as_str()), Some("r0101"));
    }

    proptest! {
        #[test]
        fn the_fullest_are_those_that_a_sort_would_put_first(users in vec(0_usize..6, 0..LISTED_ROOMS * 2)) {
            let all = rooms(&users);
            let mut sorted: Vec<_> = all.iter().collect();
            sorted.sort_by_key(|room| (Reverse(room.users), room.name.clone()));
            sorted.truncate(LISTED_ROOMS);
            sorted.sort_by_key(|room| room.name.clone());
            prop_assert_eq!(listed(&all, |_| false), (sorted, all.len().saturating_sub(LISTED_ROOMS)));
        }
    }
}
