//! The quick switcher: a dialog that goes to any room or person by a few letters.

use super::goals::{Goal, goals};
use crate::{
    protocol::Place,
    sync::Order,
    ui::{
        state::{Live, Target},
        widgets::{
            choice::clicked,
            close::close_dialog,
            list::Row,
            press::Press,
            reactive::{attribute, flag, react, rows},
        },
    },
};
use leptos::{ev, html, prelude::*, web_sys::HtmlInputElement};

/// The state of the quick switcher. A cheap handle.
#[derive(Debug, Clone, Copy)]
struct Switcher {
    live: Live,
    dialog: NodeRef<html::Dialog>,
    field: NodeRef<html::Input>,
    wanted: RwSignal<String>,
    chosen: RwSignal<usize>,
}

/// A dialog with a field and the matching goals. Its part is loaded and hydrated when it is first opened.
pub(in crate::ui) fn switcher(live: Live) -> impl IntoView {
    let switcher = Switcher {
        live,
        dialog: NodeRef::new(),
        field: NodeRef::new(),
        wanted: RwSignal::new(String::new()),
        chosen: RwSignal::new(0),
    };
    react(move || switcher.opened());
    view! {
        <dialog
            id="switcher"
            data-live="switcher"
            class="sheet switcher"
            aria-label="Go to a room or person"
            closedby="any"
            node_ref=switcher.dialog
            on:close=move |_| switcher.closed()
        >
            <div class="field-row">
                {search_field(switcher)}
                {close_dialog()}
            </div>
            <ul
                id="goals"
                role="listbox"
                aria-label="Rooms and people"
                on:click=move |event: ev::MouseEvent| clicked(&event).into_iter().for_each(|at| switcher.go(at))
                inner_html=rows(move || switcher.rows())
            ></ul>
            <p class="nothing" hidden=flag(move || !live.shown.is_switching.get() || !switcher.goals().is_empty())>
                "No room or person matches."
            </p>
            <form method="get" action="/search">
                <input type="hidden" name="q" value=attribute(move || switcher.wanted.get()) />
                <button class="quiet">"Search the messages"</button>
            </form>
        </dialog>
    }
}

/// The attribute of the dialog in which Enter was pressed before its part is loaded.
pub const ENTERED: &str = "data-entered";

/// Hydrates the switcher.
#[cfg(feature = "hydrate")]
pub fn hydrate_switcher(live: Live) {
    // The server has rendered a closed dialog; by now it is open, unless the person has closed it again.
    let is_open = document().query_selector("#switcher[open]").is_ok_and(|open| open.is_some());
    live.shown.is_switching.set(false);
    crate::ui::hydrate::element("switcher", || switcher(live));
    live.shown.is_switching.set(is_open);
}

fn search_field(switcher: Switcher) -> impl IntoView {
    let typed = move |event: ev::Targeted<ev::Event, HtmlInputElement>| {
        switcher.wanted.set(event.target().value());
        switcher.chosen.set(0);
    };
    view! {
        <input
            type="search"
            role="combobox"
            placeholder="Go to a room or person…"
            aria-label="Room or person"
            aria-expanded="true"
            aria-controls="goals"
            aria-autocomplete="list"
            aria-activedescendant=attribute(move || format!("goal-{}", switcher.chosen.get()))
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            enterkeyhint="go"
            node_ref=switcher.field
            on:keydown=move |event: ev::KeyboardEvent| switcher.key(&event)
            on:input:target=typed
        />
    }
}

impl Switcher {
    fn goals(self) -> Vec<Goal> {
        if self.live.shown.is_switching.get() { goals(self.live, self.wanted.get().trim()) } else { Vec::new() }
    }

    fn rows(self) -> Vec<Row> {
        let chosen = self.chosen.get();
        let row = |(at, goal): (usize, Goal)| goal.shown(self.live, at, at == chosen).row();
        self.goals().into_iter().enumerate().map(row).collect()
    }

    /// Shows the goals in the opened dialog. The first request opens it before its part is loaded, so the text that was
    /// typed meanwhile is used, and the Enter that was pressed.
    fn opened(self) {
        let (Some(dialog), true) = (self.dialog.get(), self.live.shown.is_switching.get()) else {
            return;
        };
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        self.wanted.set(field.value());
        self.chosen.set(0);
        if dialog.has_attribute(ENTERED) {
            drop(dialog.remove_attribute(ENTERED));
            self.go(0);
        }
    }

    /// Notes that the dialog is closed. The browser reports it some time later, when it may be open again.
    fn closed(self) {
        if self.dialog.get_untracked().is_none_or(|dialog| !dialog.open()) {
            self.live.shown.is_switching.set(false);
        }
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let Some(press) = Press::of(event) else {
            return;
        };
        let count = untrack(|| self.goals()).len().max(1);
        let at = self.chosen.get_untracked();
        match press.key() {
            "ArrowDown" => self.chosen.set((at + 1) % count),
            "ArrowUp" => self.chosen.set((at + count - 1) % count),
            "Enter" => self.go(at),
            // A search field would use the key to clear itself.
            "Escape" => self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    fn go(self, at: usize) {
        let Some(goal) = untrack(|| self.goals()).into_iter().nth(at) else {
            return;
        };
        self.close();
        let live = self.live;
        match goal {
            Goal::Room(room) => live.go(Place::Room(room)),
            Goal::Person(id, name) => live.talk(id, name),
            Goal::Make(name, _) => {
                if let Err(reason) = live.command(Order::Join(name.to_string()), move |answer| live.warn_of(answer)) {
                    live.warn(reason);
                }
                live.focus(Target::Composer);
            }
        }
    }
}
