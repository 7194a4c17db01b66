//! The bytes of all queues, and frames that are counted in them once.

use super::outlet::{HEAD_MAX, put_text};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tungstenite::{Bytes, Utf8Bytes};

/// Counter of the queued bytes of all connections, and their limit.
#[derive(Debug)]
pub(in crate::chat) struct Budget {
    held: AtomicUsize,
    most: usize,
}

impl Budget {
    pub(in crate::chat) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { held: AtomicUsize::new(0), most })
    }

    pub(in crate::chat) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    pub(in crate::chat) fn is_exceeded(&self) -> bool {
        self.held() > self.most
    }

    pub(super) fn add(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn remove(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Frames in a row that were encoded once for several connections. The budget counts them until the last clone is
/// dropped.
#[derive(Debug, Clone)]
pub struct SharedFrames(Arc<Held>);

#[derive(Debug)]
struct Held {
    /// The frames as they are on the wire: each one's head and text.
    bytes: Bytes,
    /// The texts, which are parts of `bytes`.
    texts: Vec<Utf8Bytes>,
    budget: Arc<Budget>,
}

impl SharedFrames {
    pub(in crate::chat) fn new(texts: &[Utf8Bytes], budget: &Arc<Budget>) -> Self {
        let mut bytes = Vec::with_capacity(texts.iter().map(|text| text.len() + HEAD_MAX).sum());
        let end_of = |text: &Utf8Bytes| {
            put_text(&mut bytes, text);
            bytes.len()
        };
        let ends: Vec<_> = texts.iter().map(end_of).collect();
        let bytes = Bytes::from(bytes);
        let part = |(end, text): (usize, &Utf8Bytes)| {
            Utf8Bytes::try_from(bytes.slice(end - text.len()..end)).unwrap_or_else(|_| text.clone())
        };
        let texts = ends.into_iter().zip(texts).map(part).collect();
        budget.add(bytes.len());
        Self(Arc::new(Held { bytes, texts, budget: Arc::clone(budget) }))
    }

    /// Returns the frames as they are on the wire.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// Returns the frames' texts.
    #[must_use]
    pub fn texts(&self) -> &[Utf8Bytes] {
        &self.0.texts
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.remove(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_in_a_row_are_counted_together_until_the_last_holder_is_gone() {
        let budget = Budget::new(0);
        let texts = ["ab".into(), "cde".into()];
        let frames = SharedFrames::new(&texts, &budget);
        assert_eq!(frames.texts(), texts);
        assert_eq!((frames.bytes().len(), budget.held()), (9, 9));
        let other = frames.clone();
        drop(frames);
        assert_eq!(budget.held(), 9);
        drop(other);
        assert_eq!(budget.held(), 0);
    }
}
