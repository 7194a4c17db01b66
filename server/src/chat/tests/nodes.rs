//! Hosts of several nodes over one store: facts of other nodes, clients that are ahead of a node, and dead nodes.

use super::{ADA, BO, SETTINGS, START};
use crate::{
    chat::{
        Arrival, Behind, Chat, ConnectionId, FrameQueue, Host, HubError, Lost, MissingFacts, Now, Outside,
        PAGE_LEASE_MS, PageRequest, Settings, SharedFrames,
    },
    journal::{Answer, Answered, Change, Fact, JournalError, News, NodeId, Placed, Restored, Ticket, memory::Memory},
};
use app::protocol::{CloseCode, Cursor, EntryId, ServerFrame, Timestamp, UserId, decode_server_frame};
use std::sync::{Arc, Mutex};

const HERE: NodeId = NodeId(1);
const THERE: NodeId = NodeId(2);

#[derive(Debug, Default)]
struct Seen {
    frames: Vec<ServerFrame>,
    closed: Option<CloseCode>,
}

/// A queue of at most two frames.
#[derive(Debug, Default, Clone)]
struct Short(Arc<Mutex<Seen>>);

impl FrameQueue for Short {
    fn push(&mut self, frame: Box<ServerFrame>) -> bool {
        let mut seen = self.0.lock().unwrap();
        seen.frames.push(*frame);
        seen.frames.len() <= 2
    }

    fn push_shared(&mut self, frames: &SharedFrames) -> bool {
        frames.texts().iter().all(|text| self.push(Box::new(decode_server_frame(text).unwrap())))
    }

    fn bytes(&self) -> usize {
        0
    }

    fn close(self, code: CloseCode) {
        self.0.lock().unwrap().closed = Some(code);
    }
}

#[derive(Debug, Default)]
struct Taken(Vec<(Ticket, Change)>);

impl Outside for Taken {
    type Queue = Short;

    fn submit(&mut self, ticket: Ticket, change: Change) -> Result<(), JournalError> {
        self.0.push((ticket, change));
        Ok(())
    }

    fn read(&mut self, _: &Short, _: PageRequest) {}
}

/// Ada and Bo, who have written entries, and so are kept after the grace period.
fn restored() -> Restored {
    let mut restored = super::restored();
    for user in &mut restored.users {
        (user.has_entries, user.has_written) = (true, true);
    }
    restored
}

fn node(node: NodeId) -> Host<Taken> {
    let chat = Chat::new(Restored { node, ..restored() }, SETTINGS, START);
    Host::new(chat, 1, Taken::default(), 10, usize::MAX)
}

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, clock: Timestamp::default() }
}

fn connect(host: &mut Host<Taken>, id: ConnectionId, user: UserId) -> Short {
    let queue = Short::default();
    host.connect(START, id, queue.clone(), Arrival::of(user)).unwrap();
    queue
}

fn hear(host: &mut Host<Taken>, now: Now, news: News) -> Result<(), Lost> {
    let mut items = news.in_order();
    while host.hear(now, &mut items)? {}
    Ok(())
}

/// A fact of the other node.
fn fact(at: EntryId, fact: Fact) -> News {
    News { facts: vec![Placed { at, origin: (THERE, 1), fact }], answers: Vec::new() }
}

fn came(user: UserId, node: NodeId) -> Fact {
    Fact::Came { user, node: Some(node), is_new: true }
}

/// Returns the users whose departure a node has submitted by a time.
fn gone_by(host: &mut Host<Taken>, elapsed_ms: u64) -> Vec<UserId> {
    host.outside_mut().0.clear();
    host.tick(at(elapsed_ms));
    let gone = |(_, change): &(Ticket, Change)| if let Change::Gone { user } = change { Some(*user) } else { None };
    host.outside().0.iter().filter_map(gone).collect()
}

#[test]
fn the_users_of_a_buried_node_have_three_seconds_and_others_their_grace() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, came(ADA, THERE))).unwrap();
    connect(&mut host, 1, BO);
    hear(&mut host, START, fact(2, came(BO, HERE))).unwrap();
    host.disconnect(START, 1);
    hear(&mut host, START, fact(3, Fact::Went { user: BO, node: HERE, caught_up_to: 0 })).unwrap();
    hear(&mut host, START, fact(4, Fact::NodeDown { node: THERE })).unwrap();
    assert_eq!(gone_by(&mut host, 2_999), []);
    assert_eq!(gone_by(&mut host, 3_000), [ADA]);
    assert_eq!(gone_by(&mut host, SETTINGS.grace_ms - 1), []);
    assert_eq!(gone_by(&mut host, SETTINGS.grace_ms), [BO]);
}

#[test]
fn who_is_connected_here_too_or_comes_back_in_time_is_not_gone_with_a_buried_node() {
    let mut host = node(HERE);
    connect(&mut host, 1, ADA);
    for (n, (user, node)) in (1..).zip([(ADA, THERE), (ADA, HERE), (BO, THERE)]) {
        hear(&mut host, START, fact(n, came(user, node))).unwrap();
    }
    hear(&mut host, START, fact(4, Fact::NodeDown { node: THERE })).unwrap();
    hear(&mut host, at(2_000), fact(5, Fact::Came { user: BO, node: Some(NodeId(3)), is_new: false })).unwrap();
    assert_eq!(gone_by(&mut host, 60_000), []);
}

#[test]
fn whom_a_node_awaited_is_gone_though_it_is_buried_before_the_grace_ends() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, came(ADA, THERE))).unwrap();
    hear(&mut host, START, fact(2, Fact::Went { user: ADA, node: THERE, caught_up_to: 0 })).unwrap();
    assert_eq!(gone_by(&mut host, 20_000), [], "that is for the node that was left");
    hear(&mut host, at(20_000), fact(3, Fact::NodeDown { node: THERE })).unwrap();
    assert_eq!(gone_by(&mut host, 23_000), [ADA]);
}

#[test]
fn who_reads_a_page_here_is_said_to_be_present_again_when_another_node_says_they_are_gone() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, came(ADA, THERE))).unwrap();
    hear(&mut host, START, fact(2, Fact::Went { user: ADA, node: THERE, caught_up_to: 0 })).unwrap();
    host.call(START, |chat| chat.page_loaded(START, ADA));
    host.outside_mut().0.clear();
    hear(&mut host, at(1_000), fact(3, Fact::Gone { user: ADA })).unwrap();
    assert!(matches!(host.outside().0[..], [(_, Change::Visited { user: ADA })]));
    // A user for whom that node ran the grace period is not present any more.
    hear(&mut host, START, fact(4, came(BO, THERE))).unwrap();
    hear(&mut host, START, fact(5, Fact::NodeDown { node: THERE })).unwrap();
    host.outside_mut().0.clear();
    hear(&mut host, START, fact(6, Fact::Gone { user: BO })).unwrap();
    assert!(host.outside().0.is_empty());
}

#[test]
fn a_page_that_is_loaded_while_a_connection_ends_keeps_its_reader_for_the_whole_lease() {
    let settings = Settings { forget_after_ms: 2 * PAGE_LEASE_MS, ..SETTINGS };
    for came_is_late in [false, true] {
        let chat = Chat::new(Restored { node: HERE, ..restored() }, settings, START);
        let mut host = Host::new(chat, 1, Taken::default(), 10, usize::MAX);
        connect(&mut host, 1, ADA);
        if !came_is_late {
            hear(&mut host, START, fact(1, came(ADA, HERE))).unwrap();
        }
        host.disconnect(START, 1);
        host.call(START, |chat| chat.page_loaded(START, ADA));
        hear(&mut host, START, fact(1, came(ADA, HERE))).unwrap();
        hear(&mut host, START, fact(2, Fact::Went { user: ADA, node: HERE, caught_up_to: 0 })).unwrap();
        assert_eq!(gone_by(&mut host, PAGE_LEASE_MS - 1), []);
        assert_eq!(gone_by(&mut host, PAGE_LEASE_MS), [ADA]);
    }
}

/// Returns `true` if a node has submitted the deletion of Ada by a time.
fn forgets(host: &mut Host<Taken>, elapsed_ms: u64) -> bool {
    host.outside_mut().0.clear();
    host.tick(at(elapsed_ms));
    host.outside().0.iter().any(|(_, change)| matches!(change, Change::Forget { user: ADA, .. }))
}

#[test]
fn only_the_node_that_shows_a_user_forgets_them_until_it_dies() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, Fact::Came { user: ADA, node: None, is_new: true })).unwrap();
    let due = 2 * SETTINGS.forget_after_ms;
    assert!(!forgets(&mut host, due), "the other node hears of the pages that keep them here");
    hear(&mut host, at(due), fact(2, Fact::NodeDown { node: THERE })).unwrap();
    assert!(forgets(&mut host, due + 2 * SETTINGS.forget_after_ms));
}

#[test]
fn a_user_whom_another_node_showed_is_remembered_from_when_they_were_gone() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, Fact::Came { user: ADA, node: None, is_new: true })).unwrap();
    let gone_at = SETTINGS.forget_after_ms - 1;
    hear(&mut host, at(gone_at), fact(2, Fact::Gone { user: ADA })).unwrap();
    assert!(!forgets(&mut host, gone_at + SETTINGS.forget_after_ms - 1));
    assert!(forgets(&mut host, gone_at + SETTINGS.forget_after_ms));
}

#[test]
fn what_a_buried_node_asks_for_is_not_done_and_it_goes_no_further() {
    let mut memory = Memory::of(&Restored { node: THERE, ..restored() });
    let came = Change::Came { user: ADA, node: THERE };
    memory.write(&[(1, came.clone())]);
    let news = memory.write(&[(2, Change::Bury { node: THERE }), (3, Change::Bury { node: THERE }), (4, came)]);
    let facts: Vec<_> = news.facts.iter().map(|fact| &fact.fact).collect();
    assert_eq!(facts, [&Fact::NodeDown { node: THERE }], "once");
    let answer = |ticket, result| Answered { ticket, at: 2, result };
    let fenced = || Err(JournalError::Fenced);
    assert_eq!(news.answers, [answer(2, Ok(Answer::Done)), answer(3, fenced()), answer(4, fenced())]);

    let mut host = node(THERE);
    let answers = News { facts: Vec::new(), answers: news.answers[1..].to_vec() };
    assert_eq!(hear(&mut host, START, answers), Err(Lost::Fenced));
    assert_eq!(hear(&mut node(THERE), START, fact(1, Fact::NodeDown { node: THERE })), Err(Lost::Fenced));
}

#[test]
fn nobody_is_forgotten_who_is_connected_to_another_node_when_this_one_starts() {
    let present = [(ADA, [THERE].into())].into();
    let chat = Chat::new(Restored { node: HERE, present, ..restored() }, SETTINGS, START);
    let mut host = Host::new(chat, 1, Taken::default(), 10, usize::MAX);
    host.tick(at(10 * SETTINGS.forget_after_ms));
    let forgets = |(_, change): &(Ticket, Change)| {
        if let Change::Forget { user, .. } = change { Some(*user) } else { None }
    };
    assert_eq!(host.outside().0.iter().filter_map(forgets).collect::<Vec<_>>(), [BO]);
}

#[test]
fn whom_nobody_awaits_any_more_when_a_node_starts_is_gone_after_the_grace() {
    let present = [(ADA, [].into()), (BO, [THERE].into())].into();
    let chat = Chat::new(Restored { node: HERE, present, ..restored() }, SETTINGS, START);
    let mut host = Host::new(chat, 1, Taken::default(), 10, usize::MAX);
    assert_eq!(gone_by(&mut host, SETTINGS.grace_ms - 1), []);
    assert_eq!(gone_by(&mut host, SETTINGS.grace_ms), [ADA]);
}

#[test]
fn a_missing_fact_ends_a_host_and_one_that_comes_again_changes_nothing() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, came(ADA, THERE))).unwrap();
    let digest = host.chat().digest();
    hear(&mut host, START, fact(1, Fact::Gone { user: ADA })).unwrap();
    assert_eq!(host.chat().digest(), digest);
    let gap = MissingFacts { last: 1, found: 3 };
    assert_eq!(hear(&mut host, START, fact(3, Fact::Gone { user: ADA })), Err(Lost::MissingFacts(gap)));
    assert_eq!(host.chat().digest(), digest);
}

#[test]
fn a_session_or_a_cursor_that_is_ahead_waits_for_what_was_committed_when_it_came_and_no_longer() {
    let mut host = node(HERE);
    hear(&mut host, START, fact(1, came(ADA, THERE))).unwrap();
    let (known, unknown) = ([1; 32], [9; 32]);
    let cursor = |epoch: &str, last_id| Cursor { epoch: epoch.into(), last_id };
    let behind = |session, cursor: Option<Cursor>, newest| host.behind(&session, cursor.as_ref(), newest);
    assert_eq!(behind(known, None, 5), None);
    assert_eq!(behind(unknown, None, 2), Some(Behind { until: 2 }));
    assert_eq!(behind(unknown, None, 1), None, "a stranger's");
    assert_eq!(behind(known, Some(cursor("e", 1)), 5), None);
    assert_eq!(behind(known, Some(cursor("e", 2)), 5), Some(Behind { until: 2 }));
    assert_eq!(behind(known, Some(cursor("", 5)), 5), Some(Behind { until: 5 }));
    assert_eq!(behind(known, Some(cursor("e", 6)), 5), None, "nobody can have told of it");
    assert_eq!(behind(known, Some(cursor("another", 2)), 5), None);
    assert_eq!(behind(unknown, Some(cursor("e", 2)), 4), Some(Behind { until: 4 }));
}

#[test]
fn a_connection_whose_queue_is_full_is_closed_and_the_others_hear_all() {
    let mut host = node(HERE);
    let (slow, quick) = (connect(&mut host, 1, ADA), connect(&mut host, 2, BO));
    quick.0.lock().unwrap().frames.clear();
    assert_eq!(slow.0.lock().unwrap().frames.len(), 2, "the handshake fills it");
    hear(&mut host, START, fact(1, came(BO, HERE))).unwrap();
    assert_eq!(slow.0.lock().unwrap().closed, Some(CloseCode::TooSlow));
    assert_eq!((host.closed().too_slow, host.connections()), (1, 1));
    hear(&mut host, START, fact(2, came(ADA, THERE))).unwrap();
    let seen = quick.0.lock().unwrap();
    assert!(matches!(seen.frames[..], [ServerFrame::UserJoined(_)]) && seen.closed.is_none());
}

#[test]
fn a_host_takes_so_many_connections_and_none_while_it_stops() {
    let chat = Chat::new(restored(), SETTINGS, START);
    let mut host = Host::new(chat, 1, Taken::default(), 1, usize::MAX);
    let arrival = || Arrival::of(ADA);
    let queue = connect(&mut host, 1, ADA);
    assert_eq!(host.connect(START, 2, Short::default(), arrival()), Err(HubError::AtCapacity));
    host.disconnect(START, 1);
    host.stop();
    assert_eq!(host.connect(START, 3, queue, arrival()), Err(HubError::Stopping));
    assert_eq!(host.request(START, Box::new(|_| ()), |_, _| ()), Err(HubError::Stopping));
}
