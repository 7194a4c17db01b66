//! The checks during a schedule and at its end, against the store itself.

mod searches;
mod texts;
mod truth;

use crate::{
    broken::Broken,
    engine::Engine,
    person::{Person, Tab, Typed},
    process::Process,
    situations::{Situation, reached},
};
use app::{
    protocol::{Amended, Entry, EntryId, EntryKind, LogId, Pair, Place, RoomName, UserId, UserInfo},
    sync::{Row, Status},
};
use natter_server::journal::{NodeId, Range, Store};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
pub(crate) use truth::Truth;

/// Rooms that people visit.
pub(crate) const ROOMS: [&str; 4] = ["general", "random", "help", "den"];

/// The part of a world that is checked.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) truth: &'a mut Truth,
    pub(crate) engine: &'a Engine,
    pub(crate) people: &'a mut [Person],
    /// The process of each node, `None` for one that is down.
    pub(crate) nodes: Vec<Option<&'a Process>>,
    /// Number of the newest entries of a log in which the server counts unread ones.
    pub(crate) counted: usize,
}

fn all(store: &Store, log: &LogId) -> Vec<Entry> {
    store.page(log, Range { after: 0, before: EntryId::MAX, limit: usize::MAX }).unwrap_or_default().entries
}

/// Returns the log of a place.
pub(crate) fn log_of(user: UserId, place: &Place) -> LogId {
    match place {
        Place::Room(room) => LogId::Room(room.clone()),
        Place::With(peer) => LogId::Conversation(Pair::new(user, *peer)),
        // This list is compiled from rooms, which are checked.
        Place::Mentions => LogId::Room(RoomName::general()),
    }
}

/// Returns every place of which a tab can hold entries.
fn places(tab: &Tab) -> BTreeSet<Place> {
    let rooms = tab.client.rooms().into_iter().map(|room| Place::Room(room.name));
    let peers = tab.client.peers().map(Place::With);
    rooms.chain(peers).chain([tab.client.place().clone()]).collect()
}

/// Checks that all entries on the screens are in the store with the same content, that neighbours are neighbours, and
/// that the unread counts are those of the shown entries.
pub(crate) fn on_the_way(View { truth, engine, people, .. }: &mut View<'_>) -> Result<(), Broken> {
    let store = &engine.store;
    truth.follow(engine);
    for (person, tab) in people.iter().flat_map(|person| person.tabs.iter().map(move |tab| (person, tab))) {
        for place in places(tab) {
            let log = log_of(person.user, &place);
            let (mut above, mut gaps) = (Some(0), 0);
            let rows = tab.client.rows_of(&place);
            counted(person, tab, &place, &rows)?;
            for row in rows {
                match row {
                    Row::Gap(gap) => {
                        above = None;
                        // Entries before the first one that a page ever had are older history, not lost in a fault.
                        gaps += usize::from(gap.after > 0);
                    }
                    Row::Entry(shown) => {
                        // The two sides of a conversation differ in the `client_id`, which only the author gets.
                        let same = |stored: &Entry| what_is_seen(stored) == what_is_seen(&shown);
                        let stored = truth.state(store, &log, shown.id, shown.rev());
                        let Some(stored) = stored.filter(same) else {
                            return Err(Broken(format!("{shown:?} is on a screen and was never in the store")));
                        };
                        let behind = truth.above(&stored);
                        if above.is_some_and(|above| above != behind) {
                            return Err(Broken(format!("{shown:?} stands behind {above:?}, not behind {behind}")));
                        }
                        above = Some(shown.id);
                    }
                }
            }
            if gaps > 0 {
                reached(Situation::GapBetweenEntries);
            }
        }
    }
    Ok(())
}

/// Returns `true` if an entry deletes another one.
pub(crate) fn is_deletion_of(entry: &Entry, target: EntryId) -> bool {
    entry.kind == EntryKind::Delete && entry.target == Some(target)
}

/// The visible part of an entry, which is the same on either side of a conversation.
fn what_is_seen(entry: &Entry) -> (EntryId, &str, Option<UserId>, Option<Amended>) {
    (entry.id, &entry.text, entry.user_id, entry.amended)
}

/// Checks an unread count on a page against the entries of others after the page's mark, if all of those are shown.
fn counted(person: &Person, tab: &Tab, place: &Place, rows: &[Row]) -> Result<(), Broken> {
    let read = tab.client.read_up_to(place);
    let is_followed = match place {
        Place::Room(name) => tab.client.rooms().iter().any(|room| room.is_member && room.name == *name),
        Place::With(_) => true,
        Place::Mentions => false,
    };
    let is_missing = |row: &Row| matches!(row, Row::Gap(gap) if gap.before > read);
    if !is_followed || rows.iter().any(is_missing) {
        return Ok(());
    }
    let is_unread = |row: &&Row| matches!(row, Row::Entry(entry) if entry.id > read && entry.is_news() && entry.user_id != Some(person.user));
    let (shown, told) = (rows.iter().filter(is_unread).count(), tab.client.unread(place).count);
    if shown == told {
        return Ok(());
    }
    Err(Broken(format!("tab {} has {told} unread in {place:?} behind {read}, and shows {shown}", tab.id)))
}

/// Checks that every text that a browser removed is stored, or was discarded by hand.
pub(crate) fn removed(View { truth, engine, people, .. }: &mut View<'_>) -> Result<(), Broken> {
    let gone: Vec<(usize, Arc<str>)> = people
        .iter_mut()
        .enumerate()
        .flat_map(|(at, person)| std::mem::take(&mut person.removed).into_iter().map(move |id| (at, id)))
        .collect();
    let users: Vec<_> = people.iter().map(|person| person.user).collect();
    let pairs = users.iter().flat_map(|one| users.iter().map(|other| LogId::Conversation(Pair::new(*one, *other))));
    let logs: Vec<_> = ROOMS.iter().map(|room| LogId::Room(RoomName::told(room))).chain(pairs).collect();
    for (at, id) in gone {
        truth.follow(engine);
        // Another deletion of the same entry makes one superfluous.
        let is_superfluous = |typed: &Typed| {
            typed.deletes.is_some_and(|target| truth.said.values().any(|entry| is_deletion_of(entry, target)))
        };
        let is_given_up =
            people[at].typed.iter().any(|typed| typed.client_id == id && (typed.is_discarded || is_superfluous(typed)));
        if !is_given_up && !truth.has(&engine.store, &id, &logs) {
            return Err(Broken(format!("{id} was removed from its browser and is not stored")));
        }
    }
    Ok(())
}

fn logs(engine: &Engine) -> Vec<LogId> {
    let restored = engine.store.restored(NodeId(0)).unwrap_or_default();
    let rooms = restored.rooms.into_keys().map(LogId::Room);
    rooms.chain(restored.conversations.into_keys().map(LogId::Conversation)).collect()
}

/// Checks at rest that every screen equals the store, and that all typed texts are stored once, in order, or shown as
/// unsent.
pub(crate) fn at_rest(view: &mut View<'_>) -> Result<(), Broken> {
    on_the_way(view)?;
    let logs: BTreeMap<LogId, Vec<Entry>> =
        logs(view.engine).into_iter().map(|log| (log.clone(), all(&view.engine.store, &log))).collect();
    for (log, entries) in &logs {
        let mut above = 0;
        for entry in entries {
            if entry.prev != above {
                return Err(Broken(format!("the chain of {log:?} is broken at {entry:?}")));
            }
            above = entry.id;
            let is_gone = |other: &Entry| Some(other.id) == entry.target && other.is_deleted();
            if !entry.text.is_empty() && entries.iter().any(is_gone) {
                return Err(Broken(format!("{entry:?} is left of a deleted entry")));
            }
        }
    }
    for person in &*view.people {
        screens(person, &logs, view.counted)?;
        for tab in person.tabs.iter().filter(|tab| tab.client.status() == Status::Live) {
            view.nodes[tab.node].map_or(Ok(()), |process| presence(person, tab, process))?;
        }
        texts::check(person, &logs)?;
        searches::check(view.engine, person.user, &logs)?;
    }
    nodes(view)
}

/// Checks that every node has applied all facts and equals a new one; that exactly the connected users are connected by
/// the facts; and that these are present.
fn nodes(View { engine, nodes, .. }: &View<'_>) -> Result<(), Broken> {
    let processes = || nodes.iter().flatten();
    let newest = engine.newest();
    if let Some(behind) = processes().find(|process| process.position() != newest) {
        return Err(Broken(format!("a node is at {}, where {newest} is committed", behind.position())));
    }
    let connected: BTreeSet<_> =
        processes().flat_map(|process| process.connected().into_iter().map(|user| (user, process.node()))).collect();
    if *engine.connected() != connected {
        let told = engine.connected();
        return Err(Broken(format!("{connected:?} are connected, where the facts say {told:?}")));
    }
    match connected.iter().find(|(user, _)| !engine.is_present(*user)) {
        Some((user, _)) => Err(Broken(format!("{user} is connected and not present"))),
        None => Ok(()),
    }
}

fn screens(person: &Person, logs: &BTreeMap<LogId, Vec<Entry>>, tail: usize) -> Result<(), Broken> {
    for tab in person.tabs.iter().filter(|tab| tab.client.status() == Status::Live) {
        let place = tab.client.place();
        let rows = tab.client.rows();
        let seen = rows.iter().map(|row| match row {
            Row::Entry(entry) => Some(what_is_seen(entry)),
            Row::Gap(_) => None,
        });
        let shown: Vec<_> = seen.collect();
        let log = logs.get(&log_of(person.user, place)).map(Vec::as_slice).unwrap_or_default();
        let stored: Vec<_> =
            log.iter().filter(|entry| entry.is_shown()).map(|entry| Some(what_is_seen(entry))).collect();
        if shown != stored {
            return Err(Broken(format!("tab {} shows {shown:?} of {place:?}, where {stored:?} is stored", tab.id)));
        }
        for (log, entries) in logs {
            let LogId::Conversation(pair) = log else { continue };
            if !pair.users().contains(&person.user) {
                continue;
            }
            let peer = pair.other(person.user);
            // Entries from before the page was made are loaded when they are viewed, and until then known to be
            // missing.
            let rows = tab.client.rows_of(&Place::With(peer));
            let newest = entries.last().map_or(0, |entry| entry.id);
            let newest_shown = entries.iter().rev().find(|entry| entry.is_shown()).map_or(0, |entry| entry.id);
            let (ends, newest) = match rows.last() {
                Some(Row::Entry(entry)) => (entry.id, newest_shown),
                // Below this gap the page has an amendment, and no row.
                Some(Row::Gap(gap))
                    if gap.before > newest_shown && entries.iter().any(|entry| entry.id == gap.before) =>
                {
                    continue;
                }
                Some(Row::Gap(gap)) => (gap.before - 1, newest),
                None => (0, newest),
            };
            if ends != newest {
                return Err(Broken(format!("tab {} has {log:?} end with {ends}, not with {newest}", tab.id)));
            }
        }
        unread(person, tab, logs, tail)?;
    }
    Ok(())
}

/// Checks that the unread count of a page is at most the number of entries of others after its mark, and at least the
/// number of those among the newest, which the server counts.
fn unread(person: &Person, tab: &Tab, logs: &BTreeMap<LogId, Vec<Entry>>, tail: usize) -> Result<(), Broken> {
    let rooms = tab.client.rooms().into_iter().filter(|room| room.is_member).map(|room| Place::Room(room.name));
    let conversations = tab.client.peers().map(Place::With);
    for place in rooms.chain(conversations) {
        let read = tab.client.read_up_to(&place);
        let entries = logs.get(&log_of(person.user, &place)).map(Vec::as_slice).unwrap_or_default();
        let is_unread = |entry: &&Entry| entry.id > read && entry.is_news() && entry.user_id != Some(person.user);
        let said = entries.iter().filter(is_unread).count();
        let newest = entries.iter().rev().filter(|entry| entry.is_shown()).take(tail).filter(is_unread).count();
        let told = tab.client.unread(&place).count;
        if !(newest..=said).contains(&told) {
            return Err(Broken(format!(
                "tab {} has {told} unread in {place:?} behind {read}, where it is {said}, {newest} of them of late",
                tab.id
            )));
        }
    }
    Ok(())
}

/// Checks a page's presence against the server's: the number of present members of each listed room, the present and
/// absent ones of the shown room, the number of other rooms, and the presence of a conversation's peer.
fn presence(person: &Person, tab: &Tab, process: &Process) -> Result<(), Broken> {
    let (rooms, tab_id) = (process.rooms(), tab.id);
    let listed = tab.client.rooms();
    for line in &listed {
        let stored = rooms.iter().find(|room| room.name == line.name).map_or(0, |room| room.users);
        if line.users != stored {
            return Err(Broken(format!(
                "tab {tab_id} has {} people in {}, where there are {stored}",
                line.users, line.name
            )));
        }
    }
    // An archived room is listed while it is shown, or while the person's own texts are there.
    let unlisted = rooms.len().saturating_sub(listed.len());
    if tab.client.more_rooms() != unlisted {
        return Err(Broken(format!(
            "tab {tab_id} has {} more rooms, where there are {unlisted}",
            tab.client.more_rooms()
        )));
    }
    let ids = |users: &[UserInfo]| users.iter().map(|user| user.id).collect::<Vec<_>>();
    let (users, count) = tab.client.users();
    match tab.client.place() {
        Place::Room(room) => {
            let (here, away) = process.people_in(person.user, room);
            if (ids(users), ids(tab.client.away()), count) != (ids(&here), ids(&away), here.len()) {
                let shown = (users, tab.client.away());
                return Err(Broken(format!(
                    "tab {tab_id} has {count} in {room}, {shown:?}, where it is {here:?}, {away:?}"
                )));
            }
            let others = here.iter().filter(|user| user.typing && user.id != person.user);
            let writers: BTreeSet<_> = others.map(|user| &user.name).collect();
            let shown: BTreeSet<_> = tab.client.typing().collect();
            if shown != writers {
                return Err(Broken(format!("tab {tab_id} has {shown:?} typing in {room}, where it is {writers:?}")));
            }
        }
        Place::With(peer) => {
            let is_here = process.people_in(person.user, &RoomName::general()).0.iter().any(|user| user.id == *peer);
            let is_away = tab.client.away().iter().any(|user| user.id == *peer);
            if *peer != person.user && is_here == is_away {
                return Err(Broken(format!("tab {tab_id} has {peer} away: {is_away}, where they are here: {is_here}")));
            }
        }
        Place::Mentions => {}
    }
    Ok(())
}

/// Describes the pages that keep a world from coming to rest.
pub(crate) fn restless(people: &[Person]) -> String {
    let tabs = people.iter().flat_map(|person| &person.tabs).map(|tab| {
        let waiting: Vec<_> = tab.client.outbox().map(|item| (&item.client_id, &item.state)).collect();
        let gaps = tab.client.rows().into_iter().filter(|row| matches!(row, Row::Gap(_)));
        let (status, gaps) = (tab.client.status(), gaps.collect::<Vec<_>>());
        format!("tab {} {status:?} {waiting:?} {gaps:?} {:?}", tab.id, tab.news)
    });
    tabs.collect::<Vec<_>>().join("; ")
}
