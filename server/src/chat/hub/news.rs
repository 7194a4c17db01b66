//! The task that applies the journal's news.
//!
//! News for many receivers waits for the changes that are being stored meanwhile: a system call for each receiver is
//! nearly all of a fan-out's cost, with one frame or with ten.

use super::Hub;
use crate::{fatal, journal::News};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    task::yield_now,
    time::{Instant, timeout_at},
};

/// Number of receiving users from which on news waits: writing to so many sockets takes about half a millisecond.
const MANY_RECEIVERS: usize = 200;
/// Longest wait of news for other changes. A commit takes less on most disks.
const TOGETHER_WITHIN: Duration = Duration::from_millis(2);
/// Number of connections to which one turn writes: about a millisecond.
const FLUSHED_IN_A_TURN: usize = 500;
/// Number of facts that are told together at most.
const TOGETHER_MAX: usize = 64;

impl Hub {
    /// Applies the journal's news to the rules for as long as the journal is open.
    pub(super) async fn hear(self: Arc<Self>, mut source: UnboundedReceiver<News>) {
        while let Some(mut news) = source.recv().await {
            self.gather(&mut news, &mut source).await;
            let mut items = news.in_order();
            let mut hear = || {
                self.call(|host, now| host.hear(now, &mut items)).unwrap_or_else(|lost| {
                    tracing::error!(%lost, "the journal's news cannot be told");
                    fatal::end("the journal's news")
                })
            };
            loop {
                let is_more = hear();
                // The connections' tasks get their turn, also within a large fan-out.
                while self.flushes.run(FLUSHED_IN_A_TURN) {
                    yield_now().await;
                }
                yield_now().await;
                if !is_more {
                    break;
                }
            }
        }
    }

    /// Appends later news while changes are being stored, if the news is for many receivers.
    async fn gather(&self, news: &mut News, source: &mut UnboundedReceiver<News>) {
        let until = Instant::now() + TOGETHER_WITHIN;
        while news.facts.len() < TOGETHER_MAX
            && self.ask(|chat| {
                chat.changes_in_flight() > news.answers.len()
                    && news.facts.iter().any(|placed| chat.receiving_users(&placed.fact) >= MANY_RECEIVERS)
            })
        {
            match timeout_at(until, source.recv()).await {
                Ok(Some(later)) => news.extend(later),
                Ok(None) | Err(_) => return,
            }
        }
    }
}
