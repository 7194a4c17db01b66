//! How much waits for a connection, and for all together.

use super::*;
use app::protocol::RoomName;

const BUDGET: usize = 64 * 1024 * 1024;

fn own(bytes: usize) -> Box<ServerFrame> {
    Box::new(ServerFrame::notice(RoomName::general(), "x".repeat(bytes)))
}

fn queue() -> (Arc<Budget>, Queue, Frames) {
    let budget = Budget::new(BUDGET);
    let (queue, frames, _) = Queue::new(&budget);
    queue.is_greeted();
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
    assert!(queue.push_shared(Shared::new("x".into(), &budget)), "what others say still comes");
    assert_eq!(frames.rest().len(), pushed + 1);
    assert!(frames.has_room() && queue.push(own(3 * OWN_BYTES)), "a single frame may be as large as it is");
}

#[test]
fn a_greeting_is_taken_however_long_it_is() {
    let budget = Budget::new(BUDGET);
    let (queue, _frames, _) = Queue::new(&budget);
    for _ in 0..4 {
        assert!(queue.push(own(OWN_BYTES)));
    }
    queue.is_greeted();
    assert!(!queue.push(own(1)));
}

#[test]
fn a_shared_frame_is_counted_once_for_all_who_have_it_to_read() {
    let budget = Budget::new(BUDGET);
    let mut queues: Vec<_> = (0..100).map(|_| Queue::new(&budget)).collect();
    let frame = Shared::new("x".repeat(1_000_000).into(), &budget);
    for (queue, ..) in &queues {
        assert!(queue.push_shared(frame.clone()));
    }
    drop(frame);
    assert_eq!(budget.held(), 1_000_000 + 100 * PLACE_BYTES);
    queues.truncate(1);
    assert_eq!(budget.held(), 1_000_000 + PLACE_BYTES);
    queues.pop().unwrap().0.close(CloseCode::TooSlow);
    assert_eq!(budget.held(), 0, "with a close everything is let go of at once");
}

#[test]
fn what_others_say_is_bounded_by_bytes_however_short_it_is() {
    let (budget, queue, _frames) = queue();
    let frame = Shared::new("x".into(), &budget);
    let mut pushed = 0;
    while queue.push_shared(frame.clone()) {
        pushed += 1;
    }
    assert_eq!(pushed, SHARED_BYTES.div_ceil(PLACE_BYTES + 1));
}

#[tokio::test]
async fn a_batch_ends_at_its_bytes_and_is_counted_until_the_next_one() {
    let (budget, queue, mut frames) = queue();
    for _ in 0..4 {
        queue.push(own(40_000));
    }
    let mut batch = VecDeque::new();
    assert_eq!(frames.next(&mut batch, 64).await, 2);
    let in_flight: usize = batch.iter().map(|frame| frame.len()).sum();
    assert!(budget.held() > in_flight + 2 * 40_000, "{}", budget.held());
    assert_eq!(frames.next(&mut batch, 1).await, 1);
    queue.close(CloseCode::GoingAway);
    assert_eq!(frames.next(&mut batch, 64).await, 1, "what waits is sent before the server goes");
    assert_eq!(frames.next(&mut batch, 64).await, 0);
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
