//! Between the state machine and the screen: inputs go in here, signals come out, effects go to the browser.
//!
//! What drives it is handed in by the browser's side ([`install`]), so that the components and this name no socket, no
//! timer and no clock. On the server nothing drives it, and it shows the snapshot.

use crate::{
    protocol::{PrivateLine, RoomName, Timestamp, UserId, UserInfo},
    sync::{Client, Effect, Input, Notice, Outgoing, Row, Snapshot, Status},
};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

/// For how long a connection that came back is called so, in milliseconds.
const BACK_FOR_MS: u64 = 4_000;

/// What the browser does for the page.
pub trait Driver {
    /// The client's clock in milliseconds, which never goes back.
    fn now(&self) -> u64;
    /// The calendar's time in milliseconds since 1970.
    fn clock(&self) -> u64;
    /// A mark for a new text: 128 random bits.
    fn client_id(&self) -> String;
    /// The time of day at the person's place, for people.
    fn time_of_day(&self, ts: Timestamp) -> String;
    /// Hands in what is kept of the outbox: other tabs may have added to it just now.
    fn hand_in(&self);
    /// What was being written in a room when a page of it was last left.
    fn draft(&self, room: &RoomName) -> Option<String>;
    /// Keeps what is being written in a room; nothing for an empty text.
    fn keep_draft(&self, room: &RoomName, text: &str);
    /// Carries an effect out. It must not call back into [`Live`] before it returns.
    fn perform(&self, effect: Effect);
}

thread_local! {
    static START: Cell<Option<fn(Live)>> = const { Cell::new(None) };
    /// Not in the page's own state: that is made on the server too, where it may be let go of on another thread than it
    /// was made on, which nothing of one thread survives.
    static DRIVER: RefCell<Option<Rc<dyn Driver>>> = const { RefCell::new(None) };
}

fn driver() -> Option<Rc<dyn Driver>> {
    DRIVER.with_borrow(Clone::clone)
}

/// Says what starts a page that came alive: it has to call [`Live::drive`]. To be called before hydration.
pub fn install(start: fn(Live)) {
    START.set(Some(start));
}

/// The live state of a page. A cheap handle.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    client: StoredValue<Client>,
    /// Whether the page is alive, connected or not.
    pub(super) is_driven: RwSignal<bool>,
    back_at: StoredValue<Option<u64>>,
    /// The person's name.
    pub(super) name: RwSignal<Arc<str>>,
    /// What the room's log shows.
    pub(super) rows: RwSignal<Vec<Row>>,
    /// What is on its way to the room.
    pub(super) outgoing: RwSignal<Vec<Outgoing>>,
    /// Those present.
    pub(super) users: RwSignal<Vec<UserInfo>>,
    /// How many are present.
    pub(super) count: RwSignal<usize>,
    /// Who else is writing.
    pub(super) typing: RwSignal<Vec<Arc<str>>>,
    /// Lines for the person alone.
    pub(super) notices: RwSignal<Vec<Notice>>,
    /// What the person and others said to each other alone.
    pub(super) private: RwSignal<Vec<PrivateLine>>,
    /// How the connection is.
    pub(super) status: RwSignal<Status>,
    /// Whether the connection has just come back.
    pub(super) is_back: RwSignal<bool>,
    /// The clock, as often as something on the screen depends on it.
    pub(super) now: RwSignal<u64>,
    /// A refused text that the person wants to change.
    pub(super) edited: RwSignal<Option<Outgoing>>,
}

impl Live {
    /// The state that a snapshot shows.
    #[must_use]
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let client = Client::new(snapshot);
        let (users, count) = client.users();
        Self {
            name: RwSignal::new(Arc::clone(client.name())),
            rows: RwSignal::new(client.rows()),
            outgoing: RwSignal::new(client.outgoing()),
            users: RwSignal::new(users.to_vec()),
            count: RwSignal::new(count),
            typing: RwSignal::new(Vec::new()),
            notices: RwSignal::new(Vec::new()),
            private: RwSignal::new(client.private()),
            status: RwSignal::new(client.status()),
            is_back: RwSignal::new(false),
            now: RwSignal::new(0),
            edited: RwSignal::new(None),
            client: StoredValue::new(client),
            is_driven: RwSignal::new(false),
            back_at: StoredValue::new(None),
        }
    }

    /// Comes alive, if anything was installed that can drive it.
    pub(super) fn start(self) {
        if let Some(start) = START.get() {
            start(self);
        }
    }

    /// Takes the driver and comes alive.
    pub fn drive(self, driver: Rc<dyn Driver>) {
        DRIVER.set(Some(driver));
        self.is_driven.set(true);
    }

    /// Hands an input in and shows what comes of it.
    pub fn input(self, input: Input) {
        let Some(driver) = driver() else {
            return;
        };
        let now = driver.now();
        let effects = self.client.try_update_value(|client| client.handle(now, input)).unwrap_or_default();
        self.show(now);
        for effect in effects {
            driver.perform(effect);
        }
    }

    /// A second has passed.
    pub fn tick(self) {
        let Some(driver) = driver() else {
            return;
        };
        let now = driver.now();
        if matches!(self.status.get_untracked(), Status::Offline { .. }) {
            self.now.set(now);
        }
        if self.back_at.get_value().is_some_and(|at| now >= at + BACK_FOR_MS) {
            self.back_at.set_value(None);
            self.is_back.set(false);
        }
    }

    /// Sends a text to the shown room, or does what it commands.
    ///
    /// # Errors
    /// A sentence about why it cannot be taken; nothing was done then.
    pub(super) fn say(self, text: Arc<str>) -> Result<(), String> {
        let Some(driver) = driver() else {
            return Ok(());
        };
        if let Some(reason) = self.client.with_value(|client| client.cannot_take(&text)) {
            return Err(reason);
        }
        driver.hand_in();
        let (client_id, at) = (driver.client_id().into(), driver.clock());
        self.input(Input::Say { room: self.room(), text, client_id, at });
        Ok(())
    }

    /// What was being written in the shown room when a page of it was last left.
    pub(super) fn draft(self) -> Option<String> {
        driver()?.draft(&self.room())
    }

    /// Keeps what is being written in the shown room.
    pub(super) fn keep_draft(self, text: &str) {
        if let Some(driver) = driver() {
            driver.keep_draft(&self.room(), text);
        }
    }

    /// Who the person is, and the log's life in which that is so.
    #[must_use]
    pub fn identity(self) -> (UserId, Arc<str>) {
        self.client.with_value(|client| (client.user_id(), Arc::clone(client.epoch())))
    }

    /// The shown room.
    pub(super) fn room(self) -> RoomName {
        self.client.with_value(|client| client.room().clone())
    }

    /// Whether the page is alive, connected or not.
    pub(super) fn is_started(self) -> bool {
        self.is_driven.get_untracked()
    }

    /// Whether the connection is there.
    pub(super) fn is_live(self) -> bool {
        self.status.get_untracked() == Status::Live
    }

    /// A time of day: the person's own once the page is alive, until then UTC, which is what the server can know.
    pub(super) fn time_of_day(self, ts: Timestamp) -> String {
        let local = self.is_driven.get().then(driver).flatten();
        local.map_or_else(|| format!("{} UTC", ts.utc_hours_minutes()), |driver| driver.time_of_day(ts))
    }

    fn show(self, now: u64) {
        self.client.with_value(|client| {
            show(self.name, Arc::clone(client.name()));
            show(self.rows, client.rows());
            show(self.outgoing, client.outgoing());
            let (users, count) = client.users();
            show(self.users, users.to_vec());
            show(self.count, count);
            show(self.typing, client.typing().cloned().collect());
            show(self.notices, client.notices().cloned().collect());
            show(self.private, client.private());
            let status = client.status();
            if status == Status::Live && self.status.get_untracked() == Status::Reconnecting {
                self.back_at.set_value(Some(now));
                self.is_back.set(true);
            }
            self.now.set(now);
            show(self.status, status);
        });
    }
}

/// Sets a signal if that changes something, so that only what changed is rendered.
fn show<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::protocol::UserId;

    #[test]
    fn a_page_that_was_rendered_may_be_let_go_of_on_any_thread() {
        let snapshot = Snapshot {
            user_id: UserId(1),
            name: "Ada".into(),
            room: RoomName::general(),
            entries: Vec::new(),
            read: 0,
            users: Vec::new(),
            count: 0,
            epoch: "e1".into(),
            cursor: 0,
            conversations: Vec::new(),
        };
        let owner = Owner::new();
        let _page = owner.with(|| Live::new(snapshot));
        std::thread::spawn(move || drop(owner)).join().expect("nothing in it is bound to its thread");
    }
}
