//! A server and its clients, for tests. The methods are verbs, so that a test reads as what people do.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, StatusCode},
    },
};

/// Timeout for anything that must come: long enough for a busy machine, and only a failing test waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The free space of a disk.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Disk {
    /// No limit.
    Spacious,
    /// Limit of the store's write-ahead log, in bytes.
    Left(u64),
    /// The store cannot be written, but the server's short log can.
    Full,
}

/// A running server, which is killed when it is dropped.
pub(crate) struct Natter {
    process: Child,
    pub(crate) address: String,
    data: TempDir,
    arguments: Vec<String>,
}

impl Natter {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), arguments).await
    }

    async fn start_on(data: TempDir, arguments: &[&str]) -> Self {
        let process = command(data.path()).args(arguments).spawn().unwrap();
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self { arguments, ..Self::started(data, process).await }
    }

    /// Starts a server with this log level; see [`Natter::log`].
    pub(crate) async fn start_logging(level: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(data.path().join("log")).unwrap();
        let process = command(data.path()).env("NATTER_LOG", level).stderr(log).spawn().unwrap();
        Self::started(data, process).await
    }

    /// Starts a server on a disk that can be filled, with this log level; see [`Natter::disk`] and [`Natter::log`].
    ///
    /// The process ignores the signal for a file that grows too large, so that its writes fail instead.
    pub(crate) async fn start_on_a_disk(level: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(data.path().join("log")).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"trap "" XFSZ && exec "$0" "$@""#, env!("CARGO_BIN_EXE_natter")]);
        let process = configured(shell, data.path()).env("NATTER_LOG", level).stderr(log).spawn().unwrap();
        Self::started(data, process).await
    }

    /// Sets the free space of the disk.
    pub(crate) fn disk(&self, disk: Disk) {
        let written = || std::fs::metadata(self.data().join("natter.db-wal")).unwrap().len();
        let limit = match disk {
            Disk::Spacious => "unlimited".to_owned(),
            Disk::Left(bytes) => (written() + bytes).to_string(),
            Disk::Full => (written() / 2).to_string(),
        };
        let process = self.process.id().expect("it runs").to_string();
        let limit = format!("--fsize={limit}:");
        assert!(std::process::Command::new("prlimit").args(["--pid", &process, &limit]).status().unwrap().success());
    }

    /// Waits until `/readyz` answers with this status.
    pub(crate) async fn until_ready_is(&self, status: u16) {
        let since = Instant::now();
        while reqwest::get(self.url("/readyz")).await.unwrap().status() != status {
            assert!(since.elapsed() < PATIENCE, "not {status} in time");
        }
    }

    /// Returns the log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data().join("log")).unwrap()
    }

    async fn started(data: TempDir, mut process: Child) -> Self {
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("the server starts").unwrap();
        let address = line.strip_prefix("natter is listening on http://").and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("unexpected first line: {line:?}")).to_owned();
        Self { process, address, data, arguments: Vec::new() }
    }

    /// Kills the server with `kill -9` and starts it anew on the same folder, with the same settings.
    pub(crate) async fn crash_and_restart(mut self) -> Self {
        self.process.kill().await.unwrap();
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        Self::start_on(self.data, &arguments).await
    }

    /// Stops the server in order, runs `between` on its folder, and starts it anew with a log: see [`Natter::log`].
    pub(crate) async fn restart_after(mut self, between: impl FnOnce(&Path)) -> Self {
        self.signal("TERM");
        self.ended().await;
        between(self.data());
        let log = std::fs::File::create(self.data().join("log")).unwrap();
        let process = command(self.data.path()).env("NATTER_LOG", "warn").stderr(log).spawn().unwrap();
        Self::started(self.data, process).await
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end of the process.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.process.wait()).await.expect("the server ends").unwrap()
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connects a new user and reads the handshake.
    pub(crate) async fn join_as(&self, name: &str) -> Client {
        let mut client = self.connect(&format!("name={name}")).await;
        client.expect("connected").await;
        client.expect("joined").await;
        client
    }

    /// Connects a new user of any name, without reading the handshake.
    pub(crate) async fn connect_with_name(&self, name: &str) -> Client {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        self.connect(&format!("name={encoded}")).await
    }

    /// Connects a new user, and also returns the session's token.
    pub(crate) async fn join_with_token(&self, name: &str) -> (Client, String) {
        let mut client = self.connect(&format!("name={name}")).await;
        let token = client.expect("connected").await["session_id"].as_str().unwrap().to_owned();
        client.expect("joined").await;
        (client, token)
    }

    /// Reconnects with a token and a cursor, and also returns the `resumed` frame.
    pub(crate) async fn resume(&self, token: &str, cursor: u64) -> (Client, Value) {
        let mut client = self.connect(&format!("session={token}&lastMsgId={cursor}")).await;
        let resumed = client.expect("resumed").await;
        (client, resumed)
    }

    /// Subscribes to the events after one.
    pub(crate) async fn listen(&self, last_event_id: Option<&str>) -> Listener {
        let request = reqwest::Client::new().get(self.url("/events"));
        let request = last_event_id.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        Listener { response: request.send().await.unwrap(), received: String::new() }
    }

    /// Reads the JSON at a path, whatever its status.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let text = reqwest::get(self.url(path)).await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} is no JSON: {text}"))
    }

    pub(crate) async fn connect(&self, query: &str) -> Client {
        self.connect_with(query, &[]).await.expect("the handshake succeeds")
    }

    /// Tries to open a WebSocket at a path. Returns the status of a refusal.
    pub(crate) async fn connect_to(&self, path: &str) -> Option<u16> {
        match connect_async(format!("ws://{}{path}", self.address)).await {
            Err(tungstenite::Error::Http(response)) => Some(response.status().as_u16()),
            _ => None,
        }
    }

    /// Opens a WebSocket with headers. Returns the status of a refusal as the error.
    pub(crate) async fn connect_with(&self, query: &str, headers: &[(&str, &str)]) -> Result<Client, StatusCode> {
        let mut request = format!("ws://{}/ws/chat?{query}", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Client { socket }),
            Err(tungstenite::Error::Http(response)) => Err(response.status()),
            Err(other) => panic!("{other}"),
        }
    }

    /// Signs in a browser without JavaScript by the form.
    pub(crate) async fn browser(&self, name: &str) -> Browser {
        let browser = Browser::new(self);
        let response = browser.sign_in(name).await;
        assert_eq!(response.status(), 303);
        browser
    }
}

/// Prepares the binary on a free port without rate limits.
pub(crate) fn command(data: &Path) -> Command {
    configured(Command::new(env!("CARGO_BIN_EXE_natter")), data)
}

fn configured(mut command: Command, data: &Path) -> Command {
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(data);
    for limit in crate::pace::PACE {
        command.env(limit, "0");
    }
    command.env_remove("NATTER_LISTEN").env_remove("NATTER_DATA").kill_on_drop(true);
    command.stdout(Stdio::piped()).stdin(Stdio::null());
    command
}

/// Starts the binary where it cannot start, and returns its exit code and message.
pub(crate) async fn refused_start(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut process = command(data).args(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    process.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    let status = timeout(PATIENCE, process.wait()).await.expect("it ends by itself").unwrap();
    (status.code(), said)
}

/// A WebSocket client.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_raw(&frame.to_string()).await;
    }

    pub(crate) async fn send_raw(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.send(json!({"type": "message", "text": text})).await;
    }

    /// Sends a message and waits for the echo.
    pub(crate) async fn said(&mut self, text: &str) -> Value {
        self.say(text).await;
        let frame = self.until("message").await;
        assert_eq!(frame["text"], text);
        frame
    }

    async fn message(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        timeout(PATIENCE, self.socket.next()).await.expect("something comes in time")
    }

    /// Reads the next frame of the protocol.
    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text().await).unwrap()
    }

    /// Reads the next frame of the protocol, byte for byte.
    pub(crate) async fn next_text(&mut self) -> String {
        loop {
            match self.message().await.expect("the connection stays").expect("the connection is sound") {
                Message::Text(text) => {
                    assert!(text.starts_with(r#"{"type":""#), "the type comes first: {text}");
                    return text.to_string();
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    /// Sends a ping of WebSocket's own and waits for the answer.
    pub(crate) async fn ping_pong(&mut self) {
        self.socket.send(Message::Ping("there?".into())).await.unwrap();
        loop {
            if let Message::Pong(payload) = self.message().await.unwrap().unwrap() {
                assert_eq!(&*payload, b"there?");
                return;
            }
        }
    }

    /// Skips frames up to the next one of this type.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    pub(crate) async fn join(&mut self, room: &str) -> Value {
        self.send(json!({"type": "join", "room": room})).await;
        self.until("joined").await
    }

    /// Reads the next frame, which must be of this type.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    pub(crate) async fn expect_error(&mut self, code: &str) -> Value {
        let frame = self.expect("error").await;
        assert_eq!(frame["code"], code, "{frame}");
        let said = frame["message"].as_str().unwrap();
        assert!(said.ends_with('.') || said.starts_with("Too long: "), "words for a person: {frame}");
        frame
    }

    /// Checks that nothing was sent to this connection up to now.
    pub(crate) async fn expect_nothing(&mut self) {
        self.send(json!({"type": "ping", "ts": 4.5})).await;
        let frame = self.next().await;
        assert_eq!(frame, json!({"type": "pong", "ts": 4.5}));
    }

    /// Skips frames up to the close, and returns its code and reason.
    pub(crate) async fn expect_close(&mut self) -> (u16, String) {
        loop {
            match self.message().await.expect("a close comes before the end").expect("and no reset") {
                Message::Close(Some(close)) => return (close.code.into(), close.reason.to_string()),
                Message::Close(None) => panic!("a close says why"),
                _ => {}
            }
        }
    }
}

/// An event of the event stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heard {
    pub(crate) id: Option<u64>,
    pub(crate) event: String,
    pub(crate) data: Value,
}

/// A subscriber of the event stream.
pub(crate) struct Listener {
    pub(crate) response: reqwest::Response,
    received: String,
}

impl Listener {
    /// Reads the next event, or `None` at the end of the stream.
    pub(crate) async fn heard(&mut self) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.received.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.received = rest;
                let field = |name: &str| {
                    let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    lines.map(str::to_owned).next()
                };
                if let (Some(event), Some(data)) = (field("event"), field("data")) {
                    let id = field("id").map(|id| id.parse().unwrap());
                    return Some(Heard { id, event, data: serde_json::from_str(&data).unwrap() });
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something is heard in time").ok()??;
            self.received.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads the next event apart from statistics.
    pub(crate) async fn news(&mut self) -> Heard {
        loop {
            let heard = self.heard().await.expect("the stream goes on");
            if heard.event != "stats" {
                return heard;
            }
        }
    }

    /// Reads the next statistics.
    pub(crate) async fn stats(&mut self) -> Value {
        loop {
            let heard = self.heard().await.expect("the stream goes on");
            if heard.event == "stats" {
                assert_eq!(heard.id, None);
                return heard.data;
            }
        }
    }
}

/// A browser without JavaScript: it has cookies and an origin, and returns redirects.
pub(crate) struct Browser {
    client: reqwest::Client,
    base: String,
}

impl Browser {
    pub(crate) fn new(natter: &Natter) -> Self {
        let client = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().unwrap(), base: natter.url("") }
    }

    /// Signs in by the form of the front page.
    pub(crate) async fn sign_in(&self, name: &str) -> reqwest::Response {
        self.page("/").await;
        self.post("/", &[("name", name)]).await
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// Loads an image like a browser: with the kind of the page's site, if given, and the page's URL.
    pub(crate) async fn picture(&self, path: &str, site: Option<&str>, page: Option<&str>) -> reqwest::Response {
        let request = self.client.get(format!("{}{path}", self.base));
        let request = site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site));
        page.into_iter().fold(request, |request, page| request.header("referer", page)).send().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> reqwest::Response {
        self.post_from(&self.base, path, form).await
    }

    pub(crate) async fn post_from(&self, origin: &str, path: &str, form: &[(&str, &str)]) -> reqwest::Response {
        let request = self.client.post(format!("{}{path}", self.base)).header("origin", origin).form(form);
        request.send().await.unwrap()
    }
}

/// An entry as the store has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) id: u64,
    pub(crate) text: String,
    pub(crate) client_id: Option<String>,
}

/// Reads the entries of the only used room from the store's own file, and checks that this is intact.
pub(crate) fn stored(data: &Path) -> Vec<Stored> {
    let store = rusqlite::Connection::open(data.join("natter.db")).unwrap();
    let verdict: String = store.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut statement = store.prepare("SELECT id, prev, text, client_id FROM entries ORDER BY id").unwrap();
    let mut above = 0;
    let entries = statement.query_map((), |row| {
        let (id, prev): (i64, i64) = (row.get(0)?, row.get(1)?);
        assert_eq!(prev, above, "the chain is whole");
        above = id;
        Ok(Stored { id: id.unsigned_abs(), text: row.get(2)?, client_id: row.get(3)? })
    });
    entries.unwrap().map(Result::unwrap).collect()
}

/// Returns all cookies that a response sets.
pub(crate) fn cookies(response: &reqwest::Response) -> Vec<String> {
    response.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

/// Returns the session cookie of a sign-in as a `Cookie` header.
pub(crate) fn session_cookie(response: &reqwest::Response) -> String {
    let cookies = response.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let session = cookies.into_iter().find(|cookie| cookie.starts_with("natter_session_")).expect("a session's cookie");
    session.split(';').next().unwrap().to_owned()
}

/// Signs in a new user, and returns the cookie.
pub(crate) async fn signed_in(natter: &Natter, name: &str) -> String {
    session_cookie(&Browser::new(natter).sign_in(name).await)
}

/// Returns the status of a response, and the address that it leads to.
pub(crate) fn location(response: &reqwest::Response) -> (u16, &str) {
    let location = response.headers().get("location").map_or("", |location| location.to_str().unwrap());
    (response.status().as_u16(), location)
}

pub(crate) fn texts(entries: &Value) -> Vec<&str> {
    entries.as_array().unwrap().iter().map(|entry| entry["text"].as_str().unwrap()).collect()
}

pub(crate) fn names(frame: &Value) -> Vec<&str> {
    frame["users"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect()
}
