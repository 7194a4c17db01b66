//! The goals of the quick switcher: rooms and people, ranked by how well their names match.

use crate::{
    bidi::isolated,
    characters::is_alphanumeric,
    protocol::{Place, ROOM_SIGN, RoomName, USER_SIGN, UserId, UserInfo, caseless},
    ui::{
        state::Live,
        widgets::{choice::Choice, unread::in_words},
    },
};
use std::sync::Arc;

/// Most goals that are offered at once.
const OFFERED: usize = 10;
/// Exclusive upper bound of the ranks.
const RANKS: usize = 20;

/// A target of the quick switcher.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Goal {
    Room(RoomName),
    Person(UserId, Arc<str>),
    /// A room to create, or, with `true`, one that may exist without being listed.
    Make(RoomName, bool),
}

impl Goal {
    pub(super) fn shown(&self, live: Live, at: usize, is_chosen: bool) -> Choice {
        let (sign, name, place) = match self {
            Self::Room(room) => ("#", room.to_string(), Some(Place::Room(room.clone()))),
            Self::Person(id, name) => ("@", name.to_string(), Some(Place::With(*id))),
            Self::Make(name, false) => ("+", format!("Create “{}”", isolated(name.as_str())), None),
            Self::Make(name, true) => ("+", format!("Join or create “{}”", isolated(name.as_str())), None),
        };
        let unread = place.map(|place| live.unread_of(&place)).unwrap_or_default();
        Choice { list: "goal", at, is_chosen, sign, name, summary: in_words(unread) }
    }
}

/// Returns the matching goals, best first: a name that begins with the text precedes one that contains it, and the
/// person's own rooms precede others.
pub(super) fn goals(live: Live, wanted: &str) -> Vec<Goal> {
    // The page shows names with their signs, and people type them so.
    let wanted = wanted.trim_start_matches([ROOM_SIGN, USER_SIGN]);
    let found = fitting(live, wanted);
    let mut goals: Vec<_> = (0..RANKS)
        .flat_map(|rank| found.iter().filter(move |(its, _)| *its == rank))
        .map(|(_, goal)| goal.clone())
        .take(OFFERED)
        .collect();
    let more = live.shown.more_rooms.get() > 0;
    goals.extend(named(wanted).filter(|name| live.room(name, |_| ()).is_none()).map(|name| Goal::Make(name, more)));
    goals
}

/// Returns the rooms and people with names that contain the text, each with its rank.
fn fitting(live: Live, wanted: &str) -> Vec<(usize, Goal)> {
    let low = caseless(wanted);
    let mut found: Vec<(usize, Goal)> = Vec::new();
    let mut offer = |name: &str, rank: usize, goal: Goal| {
        let name = caseless(name);
        let place = if name.starts_with(&low) { 0 } else { 10 };
        if name.contains(&low) && !found.iter().any(|(_, other)| *other == goal) {
            found.push((place + rank, goal));
        }
    };
    live.shown.conversations.with(|lines| {
        for line in lines {
            offer(&line.name, usize::from(line.unread == 0), Goal::Person(line.id, Arc::clone(&line.name)));
        }
    });
    live.shown.rooms.with(|rooms| {
        for room in rooms {
            let rank = if room.unread.count > 0 { 0 } else { 2 - usize::from(room.is_member) };
            offer(room.name.as_str(), rank, Goal::Room(room.name.clone()));
        }
    });
    let me = live.me();
    for (users, rank) in [(live.shown.users, 3), (live.shown.away, 4)] {
        users.with(|users: &Vec<UserInfo>| {
            for user in users.iter().filter(|user| user.id != me) {
                offer(&user.name, rank, Goal::Person(user.id, Arc::clone(&user.name)));
            }
        });
    }
    found
}

/// Returns the name of the room that would be created. A name of punctuation alone is not offered, since it is rarely
/// meant.
fn named(wanted: &str) -> Option<RoomName> {
    RoomName::parse(wanted).ok().filter(|name| name.as_str().contains(is_alphanumeric))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        protocol::{ListedRoom, Snapshot, Standing, Unread},
        ui::state::{Draft, Start, empty_snapshot},
    };
    use leptos::prelude::Owner;

    fn user(id: u64, name: &str) -> UserInfo {
        UserInfo { id: UserId(id), name: name.into(), typing: false }
    }

    /// Returns the offers to Ada as they read: she is in general, Bo is present there and Bea is away.
    fn offered(wanted: &str) -> Vec<String> {
        let unread = Unread { count: 3, mentions: 1 };
        let snapshot = Snapshot {
            users: vec![user(1, "Ada"), user(2, "Bo")],
            away: vec![user(3, "Bea")],
            count: 2,
            rooms: vec![ListedRoom {
                name: RoomName::general(),
                users: 2,
                standing: Some(Standing { unread, ..Standing::default() }),
            }],
            ..empty_snapshot()
        };
        let owner = Owner::new();
        owner.with(|| {
            let live = Live::new(Start { snapshot, mentions: Vec::new(), draft: Draft::default() });
            let shown = |goal: Goal| {
                let Choice { sign, name, summary, .. } = goal.shown(live, 0, false);
                [sign, &*name, &*summary].join(" ").trim_end().to_owned()
            };
            goals(live, wanted).into_iter().map(shown).collect()
        })
    }

    #[test]
    fn people_who_are_away_are_found_behind_those_who_are_here() {
        assert_eq!(offered("B")[..2], ["@ Bo", "@ Bea"]);
    }

    #[test]
    fn a_place_is_offered_with_what_waits_there() {
        assert_eq!(offered("gen"), ["# general 3 unread, 1 of them for you", "+ Create “gen”"]);
    }

    #[test]
    fn a_room_is_offered_under_the_name_that_it_will_have() {
        assert_eq!(offered("Tea & cake"), ["+ Create “tea_cake”"]);
        assert_eq!(offered("GENERAL"), ["# general 3 unread, 1 of them for you"]);
    }

    #[test]
    fn a_name_is_found_with_the_sign_that_the_page_writes_before_it() {
        assert_eq!(offered("#gen")[0], offered("gen")[0]);
        assert_eq!(offered("@Bo")[0], "@ Bo");
    }

    #[test]
    fn no_room_is_offered_for_signs_alone_or_for_too_little() {
        assert!(offered("?!").is_empty());
        assert!(offered("x").is_empty());
    }
}
