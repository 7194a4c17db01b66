//! The check of texts: each is stored once and in order, or shown as unsent.

use super::is_deletion_of;
use crate::{
    broken::Broken,
    person::{Person, Tab, Typed},
};
use app::{
    protocol::{Entry, EntryId, LogId, Place},
    sync::{Outgoing, OutgoingState, Status},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn check(person: &Person, logs: &BTreeMap<LogId, Vec<Entry>>) -> Result<(), Broken> {
    let all = || logs.values().flatten();
    let mut places: HashMap<&str, EntryId> = HashMap::new();
    for entry in all().filter(|entry| entry.user_id == Some(person.user)) {
        if let Some(client_id) = &entry.client_id
            && places.insert(client_id, entry.id).is_some()
        {
            return Err(Broken(format!("{client_id} is stored twice")));
        }
    }
    // Nobody waits for the texts of a person who left.
    if person.has_left {
        return Ok(());
    }
    let mut last: BTreeMap<u64, EntryId> = BTreeMap::new();
    for typed in &person.typed {
        match places.get(&*typed.client_id) {
            // Without locks each tab sends its own texts.
            Some(id) => {
                let sender = if person.has_locks { 0 } else { typed.tab };
                stored(person, typed, *id, last.entry(sender).or_default())?;
            }
            None if typed.is_discarded => {}
            // Another deletion of the entry came first, which is its author's if the person tried to delete what is not
            // theirs.
            None if typed.deletes.is_some_and(|target| all().any(|entry| is_deletion_of(entry, target))) => {}
            None => unsent(person, typed)?,
        }
    }
    let kept: BTreeSet<_> = person.storage.keys().collect();
    for tab in &person.tabs {
        let shown: BTreeSet<_> = tab.client.outbox().map(|item| &item.client_id).collect();
        if shown != kept {
            return Err(Broken(format!("tab {} shows {shown:?} on its way, and {kept:?} is kept", tab.id)));
        }
    }
    Ok(())
}

/// Checks a text that is stored; `above` is the entry of the last one from the same sender.
fn stored(person: &Person, typed: &Typed, id: EntryId, above: &mut EntryId) -> Result<(), Broken> {
    let client_id = &typed.client_id;
    // Pages whose session has ended do not hear of it.
    let hears = person.tabs.iter().any(|tab| tab.client.status() == Status::Live);
    if person.storage.contains_key(client_id) && hears {
        return Err(Broken(format!("{client_id} is stored and still on its way")));
    }
    if !typed.is_retried && id < *above {
        return Err(Broken(format!("{client_id} was typed after what is stored below it")));
    }
    if !typed.is_retried {
        *above = id;
    }
    Ok(())
}

/// Checks a text that is not stored.
fn unsent(person: &Person, Typed { client_id, .. }: &Typed) -> Result<(), Broken> {
    let is_kept = person.storage.get(client_id);
    let is_signed_out = person.tabs.iter().any(|tab| tab.client.status() == Status::SignedOut);
    let failed = |tab: &Tab| {
        let is_it = |item: &Outgoing| item.client_id == *client_id && matches!(item.state, OutgoingState::Failed(_));
        let item = tab.client.outbox().find(|item| is_it(item)).map(|item| item.place.clone());
        item.is_some_and(|place| leads_to_unsent(tab, &place))
    };
    let is_shown = is_kept.is_some() && person.tabs.iter().all(failed);
    if !is_shown && (!is_signed_out || is_kept.is_none()) {
        return Err(Broken(format!("{client_id} is neither stored nor shown as unsent: {is_kept:?}")));
    }
    Ok(())
}

/// Returns `true` if a page lists a place as one with unsent texts, and shows them there.
fn leads_to_unsent(tab: &Tab, place: &Place) -> bool {
    let is_shown = tab.client.outgoing_to(place).next().is_some();
    let is_listed = match place {
        Place::Room(name) => tab.client.rooms().iter().any(|room| room.name == *name && room.unsent > 0),
        Place::With(peer) => tab.client.conversations().iter().any(|line| line.id == *peer && line.unsent > 0),
        Place::Mentions => false,
    };
    is_shown && is_listed
}
