//! The limits of a connection's queue, and of all queues together.

use super::*;
use app::protocol::RoomName;
use futures::FutureExt;
use std::{io::IoSlice, sync::Mutex};

const BUDGET: usize = 64 * 1024 * 1024;

fn own(bytes: usize) -> Box<ServerFrame> {
    Box::new(ServerFrame::notice(RoomName::general(), "x".repeat(bytes)))
}

fn queue() -> (Arc<Budget>, Queue, Frames) {
    let budget = Budget::new(BUDGET);
    let (queue, frames, _) = Queue::new(&budget, &Arc::default());
    queue.end_handshake();
    (budget, queue, frames)
}

#[test]
fn what_a_connection_asks_for_is_bounded_by_bytes_and_one_frame() {
    let (budget, queue, mut frames) = queue();
    let mut pushed = 0;
    while queue.push(own(100_000)) {
        pushed += 1;
    }
    assert_eq!(pushed, OWN_BYTES.div_ceil(100_000));
    assert!(!frames.has_room());
    assert!(budget.held() >= OWN_BYTES && budget.held() < OWN_BYTES + 110_000);
    assert!(queue.push_shared(SharedFrames::new(&["x".into()], &budget)), "what others say still comes");
    assert_eq!(frames.rest().len(), pushed + 1);
    assert!(frames.has_room() && queue.push(own(3 * OWN_BYTES)), "a single frame may be as large as it is");
}

#[test]
fn a_handshake_is_taken_however_long_it_is() {
    let budget = Budget::new(BUDGET);
    let (queue, _frames, _) = Queue::new(&budget, &Arc::default());
    for _ in 0..4 {
        assert!(queue.push(own(OWN_BYTES)));
    }
    queue.end_handshake();
    assert!(!queue.push(own(1)));
}

#[test]
fn a_shared_frame_is_counted_once_for_all_who_have_it_to_read() {
    let budget = Budget::new(BUDGET);
    let mut queues: Vec<_> = (0..100).map(|_| Queue::new(&budget, &Arc::default())).collect();
    let frame = SharedFrames::new(&["x".repeat(1_000_000).into()], &budget);
    for (queue, ..) in &queues {
        assert!(queue.push_shared(frame.clone()));
    }
    drop(frame);
    let bytes = 1_000_000 + 10; // with its head
    assert_eq!(budget.held(), bytes + 100 * PLACE_BYTES);
    queues.truncate(1);
    assert_eq!(budget.held(), bytes + PLACE_BYTES);
    queues.pop().unwrap().0.close(CloseCode::TooSlow);
    assert_eq!(budget.held(), 0, "with a close everything is let go of at once");
}

#[test]
fn what_others_say_is_bounded_by_bytes_however_short_it_is() {
    let (budget, queue, _frames) = queue();
    let frame = SharedFrames::new(&["x".into()], &budget);
    let mut pushed = 0;
    while queue.push_shared(frame.clone()) {
        pushed += 1;
    }
    assert_eq!(pushed, SHARED_BYTES.div_ceil(PLACE_BYTES + 3));
}

#[tokio::test]
async fn a_batch_ends_at_its_bytes_and_is_counted_until_the_next_one() {
    let (budget, queue, mut frames) = queue();
    for _ in 0..4 {
        queue.push(own(30_000));
    }
    let mut batch = VecDeque::new();
    assert!(frames.next(&mut batch, 64).await && batch.len() == 2);
    let in_flight: usize = batch.iter().map(|frame| frame.len()).sum();
    assert!(budget.held() > in_flight + 2 * 30_000, "{}", budget.held());
    assert!(frames.next(&mut batch, 1).await && batch.len() == 3);
    queue.close(CloseCode::GoingAway);
    assert!(frames.next(&mut batch, 64).await && batch.len() == 4, "what waits is sent before the server goes");
    assert!(!frames.next(&mut batch, 64).await);
    assert_eq!(budget.held(), 0);
}

#[tokio::test]
async fn whoever_reads_a_page_waits_until_most_of_what_was_asked_for_is_read() {
    let (_budget, queue, mut frames) = queue();
    queue.push(own(OWN_BYTES));
    let (first, second) = (queue.line(), queue.line());
    let mut order = tokio::spawn(async move { first.in_turn(async { 1 }).await });
    let late = tokio::spawn(async move { second.in_turn(async { 2 }).await });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!order.is_finished() && !late.is_finished());
    assert_eq!(frames.rest().len(), 1);
    assert_eq!((&mut order).await.unwrap(), Some(1));
    assert_eq!(late.await.unwrap(), Some(2));
    queue.push(own(OWN_BYTES));
    let line = queue.line();
    let gone = tokio::spawn(async move { line.in_turn(async { 3 }).await });
    queue.close(CloseCode::TooSlow);
    assert_eq!(gone.await.unwrap(), None);
}

/// A socket that takes some bytes and is full then.
#[derive(Debug, Default)]
struct Small {
    takes: Mutex<usize>,
    taken: Mutex<Vec<u8>>,
}

impl Outlet for Small {
    fn write(&self, frames: &[IoSlice<'_>]) -> Written {
        let mut takes = self.takes.lock().unwrap();
        for (number, frame) in frames.iter().enumerate() {
            let part = frame.len().min(*takes);
            *takes -= part;
            self.taken.lock().unwrap().extend(&frame[..part]);
            if part < frame.len() {
                return Written { frames: number + usize::from(part > 0), is_whole: part == 0 };
            }
        }
        Written { frames: frames.len(), is_whole: true }
    }
}

struct Direct {
    budget: Arc<Budget>,
    flushes: Arc<Flushes>,
    queue: Queue,
    frames: Frames,
    socket: Arc<Small>,
}

impl Direct {
    fn new(takes: usize) -> Self {
        let (budget, flushes) = (Budget::new(BUDGET), Arc::default());
        let (queue, frames, _) = Queue::new(&budget, &flushes);
        queue.end_handshake();
        let socket = Arc::new(Small { takes: Mutex::new(takes), ..Small::default() });
        frames.write_through(Arc::clone(&socket) as Arc<dyn Outlet>);
        Self { budget, flushes, queue, frames, socket }
    }

    fn say(&self, text: &str) {
        assert!(self.queue.push_shared(SharedFrames::new(&[text.into()], &self.budget)));
    }

    fn taken(&self) -> String {
        let taken = std::mem::take(&mut *self.socket.taken.lock().unwrap());
        taken.into_iter().filter(u8::is_ascii_alphanumeric).map(char::from).collect()
    }

    /// Returns what the connection's task has to write, or `None` if it has nothing to do.
    fn task(&mut self) -> Option<Vec<String>> {
        let mut batch = VecDeque::new();
        let next = self.frames.next(&mut batch, 64).now_or_never()?;
        assert!(next);
        Some(batch.iter().map(|frame| frame.chars().filter(char::is_ascii_alphanumeric).collect()).collect())
    }
}

#[test]
fn what_others_say_is_written_without_the_connections_task() {
    let mut direct = Direct::new(usize::MAX);
    let many: Vec<_> = (0..64).map(|number| format!("{number},")).collect();
    many.iter().for_each(|text| direct.say(text));
    assert_eq!(direct.taken(), "", "while the chat is locked nothing is written");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), many.concat().replace(',', ""));
    assert_eq!((direct.task(), direct.budget.held()), (None, 0));
}

#[test]
fn a_socket_with_much_to_take_keeps_its_writer_for_one_write_alone() {
    let mut direct = Direct::new(usize::MAX);
    (0..65).for_each(|_| direct.say("a"));
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken().len(), 64);
    assert_eq!(direct.task().map(|left| left.len()), Some(1));
    let mut direct = Direct::new(usize::MAX);
    let large = "a".repeat(200_000);
    (0..3).for_each(|_| direct.say(&large));
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken().len(), 400_000, "256 KiB, and the row that goes beyond");
    assert_eq!(direct.task().map(|left| left.len()), Some(1));
}

#[test]
fn what_a_full_socket_does_not_take_is_left_to_the_task_in_order() {
    let mut direct = Direct::new(7);
    ["ab", "cd", "ef"].iter().for_each(|text| direct.say(text));
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "abc", "the head of a frame has two bytes, and the third frame waits");
    assert_eq!(direct.task(), Some(vec!["ef".to_owned()]), "behind the end of the second");
    direct.say("gh");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "", "the task has not written its batch yet");
    *direct.socket.takes.lock().unwrap() = usize::MAX;
    assert_eq!(direct.task(), Some(vec!["gh".to_owned()]));
    assert_eq!(direct.task(), None);
    direct.say("ij");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "ij");
}

#[test]
fn the_end_of_a_frame_alone_wakes_the_task() {
    let mut direct = Direct::new(3);
    direct.say("ab");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "a");
    assert_eq!(direct.task(), Some(Vec::new()), "it flushes the outlet");
    assert_eq!(direct.task(), None);
}

#[test]
fn what_stands_behind_an_own_frame_does_not_overtake_it() {
    let mut direct = Direct::new(usize::MAX);
    direct.say("ab");
    direct.queue.push(own(1));
    direct.say("cd");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "ab");
    let left = direct.task().unwrap();
    assert!(left.len() == 2 && left[1] == "cd", "{left:?}");
}

#[test]
fn a_closed_queue_leaves_everything_to_its_task() {
    let direct = Direct::new(usize::MAX);
    direct.say("ab");
    let Direct { queue, mut frames, flushes, .. } = direct;
    queue.close(CloseCode::GoingAway);
    flushes.run(usize::MAX);
    assert_eq!(frames.rest().len(), 1);
}

#[tokio::test]
async fn a_row_of_frames_is_taken_in_parts_and_nothing_overtakes_the_second_part() {
    let mut direct = Direct::new(usize::MAX);
    direct.queue.push(own(1));
    let row = SharedFrames::new(&["ab".into(), "cd".into(), "ef".into()], &direct.budget);
    assert!(direct.queue.push_shared(row));
    let mut batch = VecDeque::new();
    assert!(direct.frames.next(&mut batch, 2).await);
    direct.say("gh");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "");
    assert_eq!(direct.task(), Some(vec!["cd".to_owned(), "ef".to_owned()]));
    assert_eq!(direct.task(), Some(vec!["gh".to_owned()]));
}

#[test]
fn a_fan_out_is_written_in_turns() {
    let flushes = Arc::default();
    let budget = Budget::new(BUDGET);
    let socket = Arc::new(Small { takes: Mutex::new(usize::MAX), ..Small::default() });
    let queues: Vec<_> = (0..5).map(|_| Queue::new(&budget, &flushes)).collect();
    let row = SharedFrames::new(&["ab".into()], &budget);
    for (queue, frames, _) in &queues {
        frames.write_through(Arc::clone(&socket) as Arc<dyn Outlet>);
        assert!(queue.push_shared(row.clone()));
    }
    let turns: Vec<_> = (0..3).map(|_| (flushes.run(2), socket.taken.lock().unwrap().len() / 4)).collect();
    assert_eq!(turns, [(true, 2), (true, 4), (false, 5)]);
}

#[tokio::test]
async fn a_connection_that_ends_lets_go_of_its_socket_and_of_what_waits_for_it() {
    let Direct { budget, queue, frames, socket, .. } = Direct::new(0);
    queue.push(own(OWN_BYTES));
    let line = queue.line();
    let page = tokio::spawn(async move { line.in_turn(async { 1 }).await });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!page.is_finished());
    let held = queue.line();
    drop((queue, frames));
    assert_eq!(page.await.unwrap(), None);
    assert_eq!((Arc::strong_count(&socket), budget.held()), (1, 0));
    drop(held);
}

#[test]
fn a_held_or_detached_socket_is_left_to_its_task() {
    let mut direct = Direct::new(usize::MAX);
    direct.frames.hold();
    direct.say("ab");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "");
    assert_eq!(direct.task(), Some(vec!["ab".to_owned()]));
    assert_eq!(direct.task(), None);
    direct.frames.detach();
    direct.say("cd");
    direct.flushes.run(usize::MAX);
    assert_eq!(direct.taken(), "");
    assert_eq!(direct.task(), Some(vec!["cd".to_owned()]));
}
