//! Reports whether a person looks at the page, by the rules of [`app::watching`].

use crate::dom::{elapsed_ms, is_touched, listen};
use app::{ui::Live, watching::Watching};
use std::{cell::Cell, rc::Rc};
use web_sys::{Document, Window};

/// An observer of the person's attention. A cheap handle.
#[derive(Clone)]
pub(crate) struct Watcher {
    window: Window,
    document: Document,
    live: Live,
    used_at: Rc<Cell<Option<u64>>>,
    was_watched: Rc<Cell<bool>>,
    /// Called when a person begins to look at the page.
    seen: Rc<dyn Fn()>,
}

impl Watcher {
    /// Starts to observe for as long as the document lives, and calls `seen` when a person begins to look at the page.
    pub(crate) fn start(window: &Window, document: &Document, live: Live, seen: Rc<dyn Fn()>) -> Self {
        let watcher = Self {
            window: window.clone(),
            document: document.clone(),
            live,
            used_at: Rc::default(),
            was_watched: Rc::new(Cell::new(true)),
            seen,
        };
        for event in ["pointerdown", "touchmove", "keydown", "wheel"] {
            let used = watcher.clone();
            listen(document, event, move || {
                used.used_at.set(Some(elapsed_ms(&used.window)));
                used.look();
            });
        }
        let focused = watcher.clone();
        listen(window, "focus", move || focused.look());
        let left = watcher.clone();
        listen(window, "blur", move || {
            left.used_at.set(None);
            left.look();
        });
        watcher.look();
        watcher
    }

    /// Observes the page's state, and reports a change.
    pub(crate) fn look(&self) {
        let watching = Watching {
            is_visible: !self.document.hidden(),
            has_focus: self.document.has_focus().unwrap_or(true),
            is_touch: is_touched(),
            used_at: self.used_at.get(),
        };
        let is_watched = watching.is_watched(elapsed_ms(&self.window));
        if self.was_watched.replace(is_watched) != is_watched {
            self.live.watched(is_watched);
            if is_watched {
                (self.seen)();
            }
        }
    }
}
