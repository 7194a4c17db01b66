//! A person: the state machine that the browser runs, over a real socket. This is the only file that knows the machine.
//!
//! Like the browser's adapter it decides nothing: it carries out what the machine says, and reports to it.
//!
//! The machine's clock may run faster than the wall's, so that its patience, which is made for real networks, does not
//! make a test long: what it calls 35 s takes 3.5 s at a speed of 10. The server's clock is the wall's, so a fast client
//! gives up a connection that is sound and merely quiet, and comes back. That costs a handshake and breaks no promise.

use crate::{PATIENCE, dice::Dice, server::Server};
use app::{
    protocol::{
        ClientFrame, CloseCode, Entry, EntryId, RoomName, ServerFrame, UserId, decode_server_frame, encode_client_frame,
    },
    sync::{self, Cursor, Effect, Input, Place, Row, Snapshot, Status},
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

/// How long the machine gives a silent server, in its own time.
pub(crate) const SILENCE_MS: u64 = app::protocol::limits::CLIENT_PATIENCE_MS;

/// What all clients together were told is stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<watch::Sender<BTreeMap<EntryId, Arc<str>>>>);

impl Witness {
    /// What was told up to now: each entry's text.
    pub(crate) fn told(&self) -> BTreeMap<EntryId, Arc<str>> {
        self.0.borrow().clone()
    }

    /// Waits until so many entries were told of.
    pub(crate) async fn has_seen(&self, count: usize) {
        let mut told = self.0.subscribe();
        let seen = timeout(PATIENCE, told.wait_for(|told| told.len() >= count)).await;
        seen.expect("people go on talking").unwrap();
    }

    /// An `id` is one entry's for ever, over every crash.
    fn note(&self, frame: &ServerFrame) {
        let entries: Vec<(EntryId, &Arc<str>)> = match frame {
            ServerFrame::Message(line) | ServerFrame::Action(line) => {
                line.id.map(|id| (id, &line.text)).into_iter().collect()
            }
            ServerFrame::Pm(line) | ServerFrame::PmSent(line) => vec![(line.id, &line.text)],
            ServerFrame::Resumed(resumed) => {
                let rooms = resumed.missed_messages.iter().flat_map(|(_, missed)| missed);
                let missed = rooms.chain(resumed.missed_pms.iter().flat_map(|(_, missed)| missed));
                missed.map(|entry| (entry.id, &entry.text)).collect()
            }
            _ => return,
        };
        self.0.send_if_modified(|told| {
            let before = told.len();
            for (id, text) in entries {
                let known = told.entry(id).or_insert_with(|| Arc::clone(text));
                assert_eq!(known, text, "entry {id} was told with another text");
            }
            told.len() > before
        });
    }
}

/// A text that was typed, and what the store has to hold for it.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) mark: String,
    /// To whom alone; nobody for the room.
    pub(crate) to: Option<String>,
    pub(crate) stored: String,
}

/// A person with a page open. It closes when it is dropped.
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
    /// How often a connection was tried.
    attempts: usize,
    /// How many of the typed texts the machine was given.
    given: usize,
}

/// What a person's page needs to know beside the name and the room.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Where connections are made: to the server itself, or to a network before it.
    pub(crate) address: String,
    /// How many milliseconds of the client's clock pass in one of the wall's.
    pub(crate) speed: u32,
    pub(crate) witness: Witness,
}

impl Client {
    /// Signs in and opens a page that shows nothing yet.
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

    /// Says something in the room.
    pub(crate) fn say(&self, text: &str) {
        self.send(None, |mark| (format!("{mark} {text}"), format!("{mark} {text}")));
    }

    /// Says what the person does.
    pub(crate) fn act(&self, text: &str) {
        self.send(None, |mark| (format!("/me {mark} {text}"), format!("* {} {mark} {text}", self.name)));
    }

    /// Says something to one other alone.
    pub(crate) fn whisper(&self, to: &str, text: &str) {
        self.send(Some(to.to_owned()), |mark| (format!("/pm {to} {mark} {text}"), format!("{mark} {text}")));
    }

    /// `worded` makes of the mark what is typed and what is stored for it.
    fn send(&self, to: Option<String>, worded: impl FnOnce(&str) -> (String, String)) {
        let mut typed = self.typed.lock().unwrap();
        let mark = format!("{}-{}", self.name, typed.len());
        let (text, stored) = worded(&mark);
        let at = u64::try_from(typed.len()).unwrap();
        let input = Input::Say {
            place: Place::Room(self.room.clone()),
            text: text.into(),
            client_id: mark.as_str().into(),
            at,
        };
        typed.push(Typed { mark, to, stored });
        self.inputs.send(input).expect("the adapter runs");
    }

    /// How many texts were typed and are not yet known to be stored.
    pub(crate) fn unsent(&self) -> usize {
        let typed = self.typed.lock().unwrap().len();
        let page = self.page.lock().unwrap();
        typed - page.given + page.machine.outbox().count()
    }

    pub(crate) fn is_live(&self) -> bool {
        self.page.lock().unwrap().machine.status() == Status::Live
    }

    /// How often a connection was tried.
    pub(crate) fn attempts(&self) -> usize {
        self.page.lock().unwrap().attempts
    }

    /// What the room's log shows, oldest first; nothing while something is known to be missing.
    pub(crate) fn whole_log(&self) -> Option<Vec<Arc<Entry>>> {
        let entries = self.page.lock().unwrap().machine.rows().into_iter().map(|row| match row {
            Row::Entry(entry) => Some(entry),
            Row::Hole(_) => None,
        });
        entries.collect()
    }

    /// What the page holds of the conversation with somebody, oldest first: all behind the last hole.
    pub(crate) fn conversation(&self, peer: UserId) -> Vec<Arc<Entry>> {
        let rows = self.page.lock().unwrap().machine.rows_of(&Place::With(peer));
        let newest = rows.into_iter().rev().map_while(|row| match row {
            Row::Entry(entry) => Some(entry),
            Row::Hole(_) => None,
        });
        let mut entries: Vec<_> = newest.collect();
        entries.reverse();
        entries
    }

    /// Waits until it is so.
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

    /// Scrolls to each place where something is missing, until nothing is.
    pub(crate) async fn look_at_all_holes(&self) {
        let is_whole = |person: &Self| {
            let rows = person.page.lock().unwrap().machine.rows();
            let holes: Vec<_> =
                rows.iter().filter_map(|row| if let Row::Hole(hole) = row { Some(*hole) } else { None }).collect();
            for hole in &holes {
                person.inputs.send(Input::Fill(*hole)).expect("the adapter runs");
            }
            person.is_live() && holes.is_empty()
        };
        self.until("the log is whole", is_whole).await;
    }
}

/// Between the machine and the socket.
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

/// A connection being made or there. Dropping it ends it, and its reports.
struct Link {
    frames: UnboundedSender<ClientFrame>,
    reports: UnboundedReceiver<Report>,
    _running: JoinSet<()>,
}

/// What a connection tells of itself.
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
            page.given += usize::from(matches!(input, Input::Say { .. }));
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
                    // Lost with the connection, whose end is reported next.
                    self.link.as_ref().map(|link| link.frames.send(frame).ok());
                }
                // One page, which outlives the test: there is nothing to keep, and no other tab.
                Effect::Keep(_) | Effect::LetGo(_) | Effect::ClaimSending => {}
                Effect::Shown(place, _) => panic!("nobody asked to be shown {place:?}"),
                Effect::Alert(_) | Effect::Answered(_) => {}
                Effect::WakeAt(at) => {
                    // Rounded up: a machine that is woken early would ask for the same moment again.
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
        // A connection that ends without a word has panicked.
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

/// Carries frames both ways until the connection ends; how long the server asked to wait then, and why it closed it.
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
