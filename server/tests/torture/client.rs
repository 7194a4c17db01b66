//! A person: the state machine of the browser over a real socket. This is the only file that knows the machine.
//!
//! Like the browser's adapter it decides nothing: it carries out the machine's effects and reports to it.
//!
//! The machine's clock can run faster than the wall clock, so that its timeouts, which are made for real networks, do
//! not make a test long: what it calls 35 s takes 3.5 s at a speed of 10. The server uses the wall clock, so a fast
//! client gives up a connection that is sound and merely quiet, and reconnects. That costs a handshake and breaks no
//! promise.

use crate::{PATIENCE, dice::Dice, server::Server};
use app::{
    protocol::{
        ClientFrame, CloseCode, Cursor, Entry, EntryId, EntryKind, Place, RoomName, ServerFrame, Snapshot, UserId,
        decode_server_frame, encode_client_frame,
    },
    sync::{self, Effect, Input, Row, Status},
};
use futures::{SinkExt, StreamExt};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    connect_async_with_config,
    tungstenite::{Message, client::IntoClientRequest},
};

/// Silence in the machine's milliseconds after which it gives the server up.
pub(crate) const SILENCE_MS: u64 = app::protocol::limits::CLIENT_PATIENCE_MS;

/// The entries that any client has received.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<watch::Sender<BTreeMap<EntryId, Arc<str>>>>);

impl Witness {
    /// Returns the received entries' texts by identifier.
    pub(crate) fn told(&self) -> BTreeMap<EntryId, Arc<str>> {
        self.0.borrow().clone()
    }

    /// Waits until so many entries were received.
    pub(crate) async fn has_seen(&self, count: usize) {
        let mut told = self.0.subscribe();
        let seen = timeout(PATIENCE, told.wait_for(|told| told.len() >= count)).await;
        seen.expect("people go on talking").unwrap();
    }

    /// Records the entries of a frame, and checks that an `id` always stands for the same entry, even after crashes.
    fn note(&self, frame: &ServerFrame) {
        let entries: Vec<(EntryId, &Arc<str>)> = match frame {
            ServerFrame::Line(line) if line.kind != EntryKind::System && line.amended.is_none() => {
                line.id.map(|id| (id, &line.text)).into_iter().collect()
            }
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => vec![(line.id, &line.text)],
            ServerFrame::Amendment(amendment) => vec![(amendment.id, &amendment.text)],
            ServerFrame::Resumed(resumed) => {
                let rooms = resumed.missed_messages.iter().flat_map(|(_, missed)| missed);
                let missed = rooms.chain(resumed.missed_pms.iter().flat_map(|(_, missed)| missed));
                // An amended entry has another text than the one that is stored under its own id.
                missed.filter(|entry| entry.amended.is_none()).map(|entry| (entry.id, &entry.text)).collect()
            }
            _ => return,
        };
        self.0.send_if_modified(|told| {
            let before = told.len();
            for (id, text) in entries {
                let known = told.entry(id).or_insert_with(|| Arc::clone(text));
                // The words of an edit go with its entry.
                assert!(known == text || text.is_empty(), "entry {id} was told with another text: {known}, {text}");
            }
            told.len() > before
        });
    }
}

/// A typed text, and what the store must have of it.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) client_id: String,
    /// Recipient of a private text, `None` for the room.
    pub(crate) to: Option<String>,
    pub(crate) stored: String,
}

/// A person with an open page, which closes when it is dropped.
#[derive(Debug)]
pub(crate) struct Client {
    name: String,
    room: RoomName,
    page: Arc<Mutex<Page>>,
    inputs: UnboundedSender<Input>,
    changes: watch::Receiver<()>,
    typed: Mutex<Vec<Typed>>,
    _adapter: JoinSet<()>,
}

#[derive(Debug)]
struct Page {
    machine: sync::Client,
    /// Number of attempts to connect.
    attempts: usize,
    /// Number of typed texts that were passed to the machine.
    given: usize,
}

/// The surroundings of a person's page, apart from name and room.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Address for connections: of the server itself, or of a network before it.
    pub(crate) address: String,
    /// Milliseconds of the client's clock in one of the wall clock.
    pub(crate) speed: u32,
    pub(crate) witness: Witness,
}

impl Client {
    /// Signs in and opens a page without entries.
    pub(crate) async fn open(server: &Server, name: &str, room: &str, around: Surroundings, dice: Dice) -> Self {
        let cookie = server.sign_in(name).await;
        let room = RoomName::parse(room).unwrap();
        let machine = sync::Client::new(Snapshot {
            user_id: UserId(0),
            name: name.into(),
            place: Place::Room(room.clone()),
            entries: Vec::new(),
            users: Vec::new(),
            away: Vec::new(),
            count: 0,
            epoch: "".into(),
            cursor: 0,
            rooms: Vec::new(),
            more_rooms: 0,
            conversations: Vec::new(),
        });
        let page = Arc::new(Mutex::new(Page { machine, attempts: 0, given: 0 }));
        let (inputs, queue) = unbounded_channel();
        let (changed, changes) = watch::channel(());
        let adapter = Adapter {
            page: Arc::clone(&page),
            changed,
            since: Instant::now(),
            around,
            cookie,
            dice,
            link: None,
            wake_at: None,
        };
        let mut running = JoinSet::new();
        running.spawn(adapter.run(queue));
        let typed = Mutex::default();
        Self { name: name.to_owned(), room, page, inputs, changes, typed, _adapter: running }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn room(&self) -> &RoomName {
        &self.room
    }

    pub(crate) fn typed(&self) -> Vec<Typed> {
        self.typed.lock().unwrap().clone()
    }

    /// Sends a message to the room.
    pub(crate) fn say(&self, text: &str) {
        self.send(None, |client_id| (format!("{client_id} {text}"), format!("{client_id} {text}")));
    }

    /// Sends an action to the room.
    pub(crate) fn act(&self, text: &str) {
        self.send(None, |client_id| (format!("/me {client_id} {text}"), format!("* {} {client_id} {text}", self.name)));
    }

    /// Sends a private message.
    pub(crate) fn whisper(&self, to: &str, text: &str) {
        self.send(Some(to.to_owned()), |client_id| {
            (format!("/pm {to} {client_id} {text}"), format!("{client_id} {text}"))
        });
    }

    /// Edits one of the person's own entries in the room, or deletes it.
    pub(crate) fn amend(&self, dice: &mut Dice) {
        let mut typed = self.typed.lock().unwrap();
        let own: Vec<(EntryId, EntryKind)> = {
            let page = self.page.lock().unwrap();
            // An input that the machine has not been given yet may amend the same entry.
            if page.given < typed.len() {
                return;
            }
            let machine = &page.machine;
            let entries = machine.rows().into_iter().filter_map(|row| match row {
                Row::Entry(entry) => Some((entry.id, entry.kind)),
                Row::Gap(_) => None,
            });
            entries.filter(|(id, _)| machine.words_of(*id).is_some()).collect()
        };
        if own.is_empty() {
            return;
        }
        let (target, kind) = dice.one_of(&own);
        let client_id = format!("{}-{}", self.name, typed.len());
        let text = (dice.below(3) > 0).then(|| format!("{client_id} {}", dice.text()));
        let stored = match &text {
            Some(text) if kind == EntryKind::Action => format!("* {} {text}", self.name),
            text => text.clone().unwrap_or_default(),
        };
        let input = Input::Amend {
            place: Place::Room(self.room.clone()),
            target,
            text: text.map(Into::into),
            client_id: client_id.as_str().into(),
            at: u64::try_from(typed.len()).unwrap(),
        };
        typed.push(Typed { client_id, to: None, stored });
        self.inputs.send(input).expect("the adapter runs");
    }

    /// Sends a text; `worded` makes the typed and the stored text of a unique `client_id`.
    fn send(&self, to: Option<String>, worded: impl FnOnce(&str) -> (String, String)) {
        let mut typed = self.typed.lock().unwrap();
        let client_id = format!("{}-{}", self.name, typed.len());
        let (text, stored) = worded(&client_id);
        let at = u64::try_from(typed.len()).unwrap();
        let input = Input::Say {
            place: Place::Room(self.room.clone()),
            text: text.into(),
            client_id: client_id.as_str().into(),
            at,
        };
        typed.push(Typed { client_id, to, stored });
        self.inputs.send(input).expect("the adapter runs");
    }

    /// Returns the number of typed texts that are not known to be stored yet.
    pub(crate) fn unsent(&self) -> usize {
        let typed = self.typed.lock().unwrap().len();
        let page = self.page.lock().unwrap();
        typed - page.given + page.machine.outbox().count()
    }

    pub(crate) fn is_live(&self) -> bool {
        self.page.lock().unwrap().machine.status() == Status::Live
    }

    /// Returns the number of attempts to connect.
    pub(crate) fn attempts(&self) -> usize {
        self.page.lock().unwrap().attempts
    }

    /// Returns the entries of the room's log, oldest first, or `None` while there is a gap.
    pub(crate) fn whole_log(&self) -> Option<Vec<Arc<Entry>>> {
        let entries = self.page.lock().unwrap().machine.rows().into_iter().map(|row| match row {
            Row::Entry(entry) => Some(entry),
            Row::Gap(_) => None,
        });
        entries.collect()
    }

    /// Returns the entries of a conversation after the last gap, oldest first.
    pub(crate) fn conversation(&self, peer: UserId) -> Vec<Arc<Entry>> {
        let rows = self.page.lock().unwrap().machine.rows_of(&Place::With(peer));
        let newest = rows.into_iter().rev().map_while(|row| match row {
            Row::Entry(entry) => Some(entry),
            Row::Gap(_) => None,
        });
        let mut entries: Vec<_> = newest.collect();
        entries.reverse();
        entries
    }

    /// Waits until a condition holds.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let mut changes = self.changes.clone();
        let waiting = async {
            while !is_so(self) {
                changes.changed().await.expect("the adapter runs");
            }
        };
        if timeout(PATIENCE, waiting).await.is_err() {
            let machine = &self.page.lock().unwrap().machine;
            let outgoing: Vec<_> = machine.outbox().collect();
            let (status, rows) = (machine.status(), machine.rows().len());
            panic!("{} waits in vain until {what}: {status:?}, {rows} rows, on the way: {outgoing:?}", self.name);
        }
    }

    /// Scrolls to each gap until none is left.
    pub(crate) async fn look_at_all_gaps(&self) {
        let is_whole = |person: &Self| {
            let rows = person.page.lock().unwrap().machine.rows();
            let gaps: Vec<_> =
                rows.iter().filter_map(|row| if let Row::Gap(gap) = row { Some(*gap) } else { None }).collect();
            for gap in &gaps {
                person.inputs.send(Input::Fill(*gap)).expect("the adapter runs");
            }
            person.is_live() && gaps.is_empty()
        };
        self.until("the log is whole", is_whole).await;
    }
}

/// Adapter between the machine and the socket.
struct Adapter {
    page: Arc<Mutex<Page>>,
    changed: watch::Sender<()>,
    since: Instant,
    around: Surroundings,
    cookie: String,
    dice: Dice,
    link: Option<Link>,
    wake_at: Option<Instant>,
}

/// A connection, open or being opened. Dropping it ends it and its reports.
struct Link {
    frames: UnboundedSender<ClientFrame>,
    reports: UnboundedReceiver<Report>,
    _running: JoinSet<()>,
}

/// A report of a connection.
enum Report {
    Opened,
    Frame(Box<ServerFrame>),
    Closed { wait_ms: Option<u64>, code: Option<CloseCode> },
}

impl Adapter {
    async fn run(mut self, mut inputs: UnboundedReceiver<Input>) {
        self.input(Input::Start);
        loop {
            let wake_at = self.wake_at.unwrap_or_else(Instant::now);
            let input = tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => input,
                    None => return,
                },
                report = report(self.link.as_mut()) => match report {
                    Report::Opened => Input::Opened,
                    Report::Frame(frame) => {
                        self.around.witness.note(&frame);
                        Input::Frame(frame)
                    }
                    Report::Closed { wait_ms, code } => {
                        self.link = None;
                        Input::Closed { jitter: self.dice.point(), wait_ms, code }
                    }
                },
                () = sleep_until(wake_at), if self.wake_at.is_some() => {
                    self.wake_at = None;
                    Input::Woke
                }
            };
            self.input(input);
        }
    }

    fn input(&mut self, input: Input) {
        let now = u64::try_from((self.since.elapsed() * self.around.speed).as_millis()).unwrap();
        let effects = {
            let mut page = self.page.lock().unwrap();
            page.given += usize::from(matches!(input, Input::Say { .. } | Input::Amend { .. }));
            page.machine.handle(now, input)
        };
        for effect in effects {
            match effect {
                Effect::Connect(cursor) => {
                    self.page.lock().unwrap().attempts += 1;
                    self.link = Some(connect(&self.around.address, &self.cookie, &cursor));
                }
                Effect::Disconnect => self.link = None,
                Effect::Send(frame) => {
                    // The frame is lost with the connection, whose end is reported next.
                    self.link.as_ref().map(|link| link.frames.send(frame).ok());
                }
                // The page outlives the test and is the only tab, so nothing needs to be stored.
                Effect::Persist(_) | Effect::Remove(_) | Effect::ClaimSending => {}
                Effect::Shown(place, _) => panic!("nobody asked to be shown {place:?}"),
                Effect::Alert(_) | Effect::Answered(_) | Effect::Deleted(_) => {}
                Effect::WakeAt(at) => {
                    // Rounded up: a machine that is woken early would ask for the same time again.
                    let wait = Duration::from_millis(at + 1) / self.around.speed;
                    self.wake_at = Some(self.since + wait + Duration::from_millis(1));
                }
            }
        }
        self.changed.send_replace(());
    }
}

async fn report(link: Option<&mut Link>) -> Report {
    match link {
        // A connection that ends without a report has panicked.
        Some(link) => link.reports.recv().await.unwrap_or(Report::Closed { wait_ms: None, code: None }),
        None => std::future::pending().await,
    }
}

fn connect(address: &str, cookie: &str, cursor: &Cursor) -> Link {
    let url = format!("ws://{address}/ws/chat?frames=2&lastMsgId={}&epoch={}", cursor.last_id, cursor.epoch);
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
    let (frames, outgoing) = unbounded_channel();
    let (to_adapter, reports) = unbounded_channel();
    let mut running = JoinSet::new();
    running.spawn(async move {
        let (wait_ms, code) = converse(request, outgoing, &to_adapter).await.unwrap_or_default();
        to_adapter.send(Report::Closed { wait_ms, code }).ok();
    });
    Link { frames, reports, _running: running }
}

/// Carries frames both ways until the connection ends. Returns the delay that the server asked for, and its close code.
async fn converse(
    request: impl IntoClientRequest + Unpin,
    mut outgoing: UnboundedReceiver<ClientFrame>,
    reports: &UnboundedSender<Report>,
) -> Option<(Option<u64>, Option<CloseCode>)> {
    let (socket, _) = connect_async_with_config(request, None, true).await.ok()?;
    reports.send(Report::Opened).ok()?;
    let (mut write, mut read) = socket.split();
    let writing = async {
        while let Some(frame) = outgoing.recv().await {
            write.send(Message::text(encode_client_frame(&frame))).await.ok()?;
        }
        None
    };
    let reading = async {
        loop {
            match read.next().await?.ok()? {
                Message::Text(json) => {
                    let frame = decode_server_frame(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
                    reports.send(Report::Frame(Box::new(frame))).ok()?;
                }
                Message::Close(Some(close)) => {
                    let code = CloseCode::from_number(close.code.into());
                    let wait_ms = close.reason.parse().ok().filter(|_| code == Some(CloseCode::GoingAway));
                    return Some((wait_ms, code));
                }
                _ => {}
            }
        }
    };
    tokio::select! {
        end = writing => end,
        end = reading => end,
    }
}
