//! Requests for pages, over connections that stay open.

use crate::process::Server;
use anyhow::{Result, ensure};
use memchr::memmem;
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// Connections that ask at once.
const CLIENTS: usize = 8;

/// Signs in, says so many texts in a room, and returns the cookie.
pub(crate) fn fill_room(server: &Server, texts: usize) -> Result<String> {
    let mut client = Client::connect(server)?;
    // The front door gives a cookie that shows that the browser keeps cookies.
    let door = client.get("/", "", "identity")?;
    let answer = client.post("/", &cookie(&door)?, "name=Ada")?;
    let cookie = cookie(&answer)?;
    for number in 0..texts {
        let text = format!("text={number}+{}", "a+line+of+words+as+people+write+them+".repeat(1 + number % 5));
        client.post("/room/general", &cookie, &text)?;
    }
    Ok(cookie)
}

/// Returns the cookies that an answer sets.
fn cookie(head: &str) -> Result<String> {
    let cookies = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookies: Vec<_> = cookies.filter(|cookie| !cookie.ends_with('=')).collect();
    ensure!(!cookies.is_empty(), "no cookie: {head}");
    Ok(cookies.join("; "))
}

/// Returns the number of pages that the server sent in this time.
pub(crate) fn load(server: &Server, cookie: &str, encoding: &str, time: Duration) -> Result<u64> {
    thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|_| {
            scope.spawn(|| -> Result<u64> {
                let mut client = Client::connect(server)?;
                let (begun, mut pages) = (Instant::now(), 0);
                while begun.elapsed() < time {
                    client.get("/room/general", cookie, encoding)?;
                    pages += 1;
                }
                Ok(pages)
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().map_err(|_| anyhow::anyhow!("a client panicked"))?).sum()
    })
}

/// A connection for one request after the other.
struct Client {
    stream: TcpStream,
    host: String,
    read: Vec<u8>,
}

impl Client {
    fn connect(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, host: server.address.to_string(), read: Vec::new() })
    }

    fn post(&mut self, path: &str, cookie: &str, form: &str) -> Result<String> {
        let host = &self.host;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let head = self.request(&request)?;
        ensure!(head.starts_with("HTTP/1.1 303"), "{path}: {head}");
        Ok(head)
    }

    fn get(&mut self, path: &str, cookie: &str, encoding: &str) -> Result<String> {
        let host = &self.host;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept: text/html\r\nAccept-Encoding: {encoding}\r\n\r\n"
        );
        let head = self.request(&request)?;
        ensure!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        Ok(head)
    }

    /// Sends a request, reads the whole answer, and returns its head.
    fn request(&mut self, request: &str) -> Result<String> {
        self.stream.write_all(request.as_bytes())?;
        self.read.clear();
        let head = self.read_until(|read| memmem::find(read, b"\r\n\r\n").map(|end| end + 4))?;
        let text = String::from_utf8_lossy(&self.read[..head]).into_owned();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        match length {
            Some(length) => self.read_until(|read| (read.len() >= head + length).then_some(head + length))?,
            None if text.contains("transfer-encoding: chunked") => {
                self.read_until(|read| read[head - 2..].ends_with(b"\r\n0\r\n\r\n").then_some(read.len()))?
            }
            None => head,
        };
        Ok(text)
    }

    fn read_until(&mut self, find: impl Fn(&[u8]) -> Option<usize>) -> Result<usize> {
        let mut buffer = [0; 64 << 10];
        loop {
            if let Some(end) = find(&self.read) {
                return Ok(end);
            }
            let length = self.stream.read(&mut buffer)?;
            ensure!(length > 0, "the server closed a connection");
            self.read.extend_from_slice(&buffer[..length]);
        }
    }
}
