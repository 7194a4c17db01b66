//! Tells the page whether somebody looks at it, by [`app::watching`].

use crate::dom::{elapsed_ms, is_touched, listen};
use app::{ui::Live, watching::Watching};
use std::{cell::Cell, rc::Rc};
use web_sys::{Document, Window};

/// Looks whether somebody looks. A cheap handle.
#[derive(Clone)]
pub(crate) struct Watcher {
    window: Window,
    document: Document,
    live: Live,
    used_at: Rc<Cell<Option<u64>>>,
    was_watched: Rc<Cell<bool>>,
    /// Called when somebody begins to look.
    seen: Rc<dyn Fn()>,
}

impl Watcher {
    /// Looks from now on, for as long as the document lives, and calls back when somebody begins to look.
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

    /// Looks, and tells what has changed.
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
