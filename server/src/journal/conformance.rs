//! Conformance tests that any store must pass: [`conformance!`] generates them for a store.
//!
//! The rules are stated as sentences. Random batches check the writes and lookups behind them: the news must equal that
//! of a small store in memory, and the facts must lead to the same chat as a start from the store does.

use super::{
    Answer, Change, Draft, Fact, Found, JournalError, News, NodeId, Page, Placed, Range, Restored, Search, Ticket,
    memory::Memory,
};
use crate::chat::{
    Chat,
    tests::{SETTINGS, START},
};
use app::protocol::{Entry, EntryId, EntryKind, LogId, Pair, RoomName, Timestamp, UserId, UserName};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU8, Ordering},
};

pub(super) const NODE: NodeId = NodeId(1);
pub(super) const ADA: UserId = UserId(1);
pub(super) const BO: UserId = UserId(2);

/// A store under test.
pub(super) trait Subject {
    /// Creates a new store with the default rooms.
    fn make() -> Self;
    /// Makes the changes of a node's batch in one transaction.
    fn write(&mut self, node: NodeId, batch: &[(Ticket, Change)]) -> News;
    /// See [`Journal::page`](super::Journal::page).
    fn page(&self, log: &LogId, range: Range) -> Result<Page, JournalError>;
    /// See [`Journal::around`](super::Journal::around).
    fn around(&self, log: &LogId, id: EntryId, limit: usize) -> Result<Option<Page>, JournalError>;
    /// See [`Journal::versions`](super::Journal::versions).
    fn versions(&self, log: &LogId, id: EntryId) -> Result<Vec<Entry>, JournalError>;
    /// See [`Journal::search`](super::Journal::search).
    fn search(&self, search: &Search) -> Result<Found, JournalError>;
    /// Returns the state from which a chat starts.
    fn restored(&self) -> Restored;
}

/// Makes a change and returns its answer and facts.
pub(super) fn done(store: &mut impl Subject, change: Change) -> (Answer, Vec<Fact>) {
    let (answer, facts) = done_by(store, NODE, change);
    (answer.unwrap(), facts)
}

/// Makes a change of a node and returns its answer and facts.
pub(super) fn done_by(
    store: &mut impl Subject,
    node: NodeId,
    change: Change,
) -> (Result<Answer, JournalError>, Vec<Fact>) {
    let News { facts, mut answers } = store.write(node, &[(7, change)]);
    (answers.remove(0).result, facts.into_iter().map(|placed| placed.fact).collect())
}

/// Makes a change and returns its only entry.
pub(super) fn said(store: &mut impl Subject, change: Change) -> Entry {
    match &done(store, change).1[..] {
        [Fact::Said(_, entry)] => entry.clone(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

/// A change that creates a user with a session of its own.
pub(super) fn user(name: &str) -> Change {
    static SESSIONS: AtomicU8 = AtomicU8::new(0);
    let session = [SESSIONS.fetch_add(1, Ordering::Relaxed); 32];
    Change::CreateUser { name: UserName::parse(name).unwrap(), session, by_form: false, at: Timestamp::from_millis(1) }
}

pub(super) fn join(user: UserId, name: &str) -> Change {
    Change::Join { user, room: room(name), at: Timestamp::from_millis(2) }
}

pub(super) fn leave(user: UserId, name: &str) -> Change {
    Change::Leave { user, room: room(name) }
}

pub(super) fn says(log: LogId, author: UserId, text: &str, client_id: Option<&str>) -> Change {
    let (text, client_id, at) = (text.into(), client_id.map(Into::into), Timestamp::from_millis(3));
    Change::Append(Draft { log, author, kind: EntryKind::Message, text, client_id, at, target: None })
}

/// An edit, or with an empty text a deletion.
pub(super) fn amends(log: LogId, author: UserId, target: EntryId, text: &str, client_id: Option<&str>) -> Change {
    let kind = if text.is_empty() { EntryKind::Delete } else { EntryKind::Edit };
    let (text, client_id, at) = (text.into(), client_id.map(Into::into), Timestamp::from_millis(4));
    Change::Append(Draft { log, author, kind, text, target: Some(target), client_id, at })
}

pub(super) fn in_room(name: &str) -> LogId {
    LogId::Room(room(name))
}

pub(super) fn between(one: UserId, other: UserId) -> LogId {
    LogId::Conversation(Pair::new(one, other))
}

pub(super) fn forget(user: UserId, if_no_entries: bool) -> Change {
    Change::Forget { user, if_no_entries, uptime_ms: 9 }
}

/// A store with Ada and Bo.
pub(super) fn with_two<S: Subject>() -> S {
    let mut store = S::make();
    assert_eq!(done(&mut store, user("Ada")).0, Answer::Created(ADA));
    assert_eq!(done(&mut store, user("Bo")).0, Answer::Created(BO));
    store
}

pub(super) mod searches;
pub(super) mod sentences;

/// Generates the tests of a store: `conformance!(name, Subject)`.
macro_rules! conformance {
    ($name:ident, $subject:ty) => {
        mod $name {
            use super::*;
            use $crate::journal::conformance::{self, searches, sentences};

            #[test]
            fn facts_are_at_consecutive_positions_and_an_entry_has_that_of_its_fact() {
                sentences::positions::<$subject>();
            }

            #[test]
            fn a_name_has_one_owner_in_any_spelling_until_it_is_changed_or_forgotten() {
                sentences::names::<$subject>();
            }

            #[test]
            fn a_new_name_is_told_by_a_line_in_each_room_of_its_user() {
                sentences::lines_of_a_name::<$subject>();
            }

            #[test]
            fn a_room_appears_with_its_first_member_and_vanishes_with_the_last_unless_it_has_entries() {
                sentences::rooms::<$subject>();
            }

            #[test]
            fn only_members_speak_in_a_room_and_only_users_who_exist_with_each_other() {
                sentences::membership::<$subject>();
            }

            #[test]
            fn a_text_under_a_client_id_is_stored_once_whatever_has_changed_since() {
                sentences::repeats::<$subject>();
            }

            #[test]
            fn an_author_amends_their_own_words_until_they_are_deleted() {
                sentences::amendments::<$subject>();
            }

            #[test]
            fn a_repeated_amendment_is_stored_once_and_a_repeated_text_stays_deleted() {
                sentences::repeated_amendments::<$subject>();
            }

            #[test]
            fn a_page_counts_what_is_shown_and_carries_what_amends_it() {
                sentences::pages_of_amendments::<$subject>();
            }

            #[test]
            fn an_entry_is_edited_as_often_as_the_limit_says_and_deleted_past_it() {
                sentences::many_edits::<$subject>();
            }

            #[test]
            fn an_entry_stands_in_the_middle_of_its_neighbours_in_its_own_log_alone() {
                sentences::around::<$subject>();
            }

            #[test]
            fn an_entry_is_on_its_page_though_the_entries_after_it_fill_one() {
                sentences::around_long::<$subject>();
            }

            #[test]
            fn a_read_mark_goes_forward_to_the_end_of_the_log_and_a_new_member_has_read_everything() {
                sentences::reads::<$subject>();
            }

            #[test]
            fn a_user_who_is_connected_or_has_written_is_not_forgotten_and_entries_stay() {
                sentences::forgetting::<$subject>();
            }

            #[test]
            fn a_user_is_present_from_the_first_coming_on_until_they_are_gone_from_everywhere() {
                sentences::presence::<$subject>();
            }

            #[test]
            fn a_dead_node_changes_nothing_and_the_others_go_on() {
                sentences::fencing::<$subject>();
            }

            #[test]
            fn what_is_said_is_found_by_any_part_of_it_in_any_script() {
                searches::parts::<$subject>();
            }

            #[test]
            fn an_entry_is_found_by_its_present_text_alone() {
                searches::present::<$subject>();
            }

            #[test]
            fn a_conversation_is_found_by_its_two_users_alone() {
                searches::own::<$subject>();
            }

            #[test]
            fn a_search_keeps_to_an_author_a_time_and_links() {
                searches::filters::<$subject>();
            }

            #[test]
            fn a_search_goes_on_until_each_entry_was_found_once() {
                searches::pages::<$subject>();
            }

            proptest::proptest! {
                #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, ..Default::default() })]

                #[test]
                fn random_batches_have_the_news_of_the_model_and_lead_to_the_chat_that_a_start_makes(
                    batches in conformance::batches(),
                ) {
                    conformance::agrees::<$subject>(&batches)?;
                }

                #[test]
                fn a_search_finds_what_a_look_at_each_entry_finds(
                    sayings in searches::sayings(), query in "[aAäb 中“?]{1,4}",
                ) {
                    searches::agrees::<$subject>(&sayings, &query)?;
                }
            }
        }
    };
}
pub(super) use conformance;

/// The model: a store in memory with the default rooms.
fn model() -> Memory {
    let mut restored = Restored { node: NODE, ..Restored::default() };
    restored.rooms = app::protocol::DEFAULT_ROOMS.map(|name| (room(name), super::StoredRoom::default())).into();
    Memory::of(&restored)
}

/// Changes over a few users, rooms, texts and `client_id`s, so that they collide often.
fn change() -> impl Strategy<Value = Change> {
    let who = || (1..5_u64).prop_map(UserId);
    let name = || prop::sample::select(vec!["Ada", "ada", "Bo", "Cy", "Zoe"]);
    let place = || prop::sample::select(vec!["general", "random", "den"]);
    let log = || prop_oneof![place().prop_map(in_room), (who(), who()).prop_map(|(one, other)| between(one, other)),];
    let client_id = || prop::option::of(prop::sample::select(vec!["m", "n"]));
    let text = || prop::sample::select(vec!["hi", "ho"]);
    let at = Timestamp::from_millis(5);
    let kind = || prop::sample::select(vec![EntryKind::Message, EntryKind::Action]);
    prop_oneof![
        2 => name().prop_map(user),
        1 => (who(), name()).prop_map(move |(user, name)| {
            Change::Rename { user, name: UserName::parse(name).unwrap(), at }
        }),
        3 => (who(), place()).prop_map(|(user, name)| join(user, name)),
        2 => (who(), place()).prop_map(|(user, name)| leave(user, name)),
        6 => (log(), who(), kind(), text(), client_id()).prop_map(move |(log, author, kind, text, client_id)| {
            Change::Append(Draft { log, author, kind, text: text.into(), client_id: client_id.map(Into::into), at, target: None })
        }),
        4 => (log(), who(), 1..40_u64, prop::sample::select(vec!["", "hi", "ho"]), client_id()).prop_map(
            |(log, author, target, text, client_id)| amends(log, author, target, text, client_id)
        ),
        1 => (who(), kind(), text()).prop_map(|(author, kind, text)| {
            Change::LookupByClientId { author, client_id: "m".into(), kind, text: text.into(), target: None }
        }),
        1 => (who(), any::<bool>()).prop_map(|(user, if_no_entries)| forget(user, if_no_entries)),
        2 => (who(), log(), 0..40_u64).prop_map(|(user, log, id)| Change::Read { user, log, id }),
        1 => (who(), 0..20_u8).prop_map(|(user, of)| Change::EndSessions { user, sessions: vec![[of; 32]] }),
        2 => who().prop_map(|user| Change::Came { user, node: NODE }),
        1 => who().prop_map(|user| Change::Visited { user }),
        1 => who().prop_map(|user| Change::Went { user, node: NODE, caught_up_to: 0 }),
        1 => who().prop_map(|user| Change::Gone { user }),
        1 => (0..3_u64).prop_map(|node| Change::Bury { node: NodeId(7 + node) }),
        1 => Just(Change::Probe),
    ]
}

/// Batches like those of the writer's thread, of this node and of one that can be declared dead.
pub(super) fn batches() -> impl Strategy<Value = Vec<(NodeId, Vec<Change>)>> {
    let node = prop_oneof![3 => Just(NODE), 1 => Just(NodeId(7))];
    prop::collection::vec((node, prop::collection::vec(change(), 1..6)), 1..20)
}

/// Gives a new user a session that is unique by its ticket.
fn with_session(ticket: Ticket, change: &Change) -> Change {
    match change.clone() {
        Change::CreateUser { name, by_form, at, .. } => {
            Change::CreateUser { name, session: [ticket.to_le_bytes()[0]; 32], by_form, at }
        }
        change => change,
    }
}

/// Checks that the store answers like the model, and that a chat that applied each fact equals one that starts from the
/// store.
pub(super) fn agrees<S: Subject>(batches: &[(NodeId, Vec<Change>)]) -> Result<(), TestCaseError> {
    let (mut store, mut model) = (S::make(), model());
    let mut heard = Chat::new(store.restored(), SETTINGS, START);
    let mut tickets = 1..;
    let mut logs: BTreeMap<LogId, Vec<Entry>> = BTreeMap::new();
    for (node, batch) in batches {
        let batch: Vec<_> =
            tickets.by_ref().zip(batch).map(|(ticket, change)| (ticket, with_session(ticket, change))).collect();
        let (news, expected) = (store.write(*node, &batch), model.write_by(*node, &batch));
        prop_assert_eq!(&news, &expected);
        for fact in news.facts {
            if let Fact::Said(log, entry) = &fact.fact {
                let entries = logs.entry(log.clone()).or_default();
                entries.iter_mut().for_each(|said| {
                    said.amend(entry);
                });
                entries.push(entry.clone());
            }
            prop_assert!(heard.applied(START, fact).is_ok());
        }
    }
    let started = Chat::new(store.restored(), SETTINGS, START);
    prop_assert_eq!(heard.digest(), started.digest(), "a start finds what the facts told");
    for (log, entries) in logs {
        let page = store.page(&log, Range { after: 0, before: EntryId::MAX, limit: 200 }).unwrap();
        prop_assert_eq!(page.entries, entries);
    }
    Ok(())
}

/// Returns the positions of facts.
pub(super) fn places(facts: &[Placed]) -> Vec<EntryId> {
    facts.iter().map(|placed| placed.at).collect()
}
