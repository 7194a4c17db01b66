//! A whole afternoon: five people, two of whom know only the frames of the original protocol, talk, send private
//! messages, join, leave, change their names, lose their connection for a moment or for long, and the server is killed
//! in the middle. In the end all of them agree with each other and with the store.

use crate::helpers::{Client, Natter};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ROOMS: [&str; 4] = ["café", "random", "日本語", "ελληνικά"];
const STEPS: usize = 160;

/// An entry as a person has it.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    id: u64,
    prev: u64,
    from: String,
    text: String,
}

impl Line {
    fn of(entry: &Value) -> Self {
        Self {
            id: entry["id"].as_u64().unwrap(),
            prev: entry["prev"].as_u64().unwrap(),
            from: entry["from"].as_str().unwrap_or("system").to_owned(),
            text: entry["text"].as_str().unwrap().to_owned(),
        }
    }
}

/// A person at the keyboard, and the contents of the screen.
struct Person {
    name: String,
    token: String,
    /// `true` for a person who uses only features of the original.
    is_plain: bool,
    client: Option<Client>,
    cursor: u64,
    rooms: BTreeSet<String>,
    lines: BTreeMap<String, BTreeMap<u64, Line>>,
    /// Private entries by the peer's number in the cast, which never changes.
    private: BTreeMap<u64, (String, String)>,
    /// Members of rooms; a room without a current list is absent.
    roster: BTreeMap<String, Vec<String>>,
    said: usize,
}

impl Person {
    async fn enter(natter: &Natter, name: &str, is_plain: bool) -> Self {
        let mut client = natter.connect_with_name(name).await;
        let connected = client.expect("connected").await;
        let mut person = Self {
            name: name.to_owned(),
            token: connected["session_id"].as_str().unwrap().to_owned(),
            is_plain,
            client: None,
            cursor: 0,
            rooms: BTreeSet::new(),
            lines: BTreeMap::new(),
            private: BTreeMap::new(),
            roster: BTreeMap::new(),
            said: 0,
        };
        person.client = Some(client);
        person.until("joined").await;
        // An author is kept, however long the absence.
        person.say("general", "hello").await;
        person
    }

    async fn send(&mut self, frame: Value) {
        self.client.as_mut().expect("somebody is online").send(frame).await;
    }

    /// Handles frames up to one of this type.
    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.client.as_mut().expect("somebody is online").next().await;
            self.take(&frame);
            if frame["type"] == kind {
                return frame;
            }
            assert_ne!(frame["type"], "error", "{}: {frame}", self.name);
        }
    }

    /// Handles everything that was sent up to now.
    async fn catch_up(&mut self) {
        if self.client.is_some() {
            self.send(json!({"type": "ping", "ts": 1})).await;
            self.until("pong").await;
        }
    }

    fn see(&mut self, room: &str, entry: &Value) {
        let line = Line::of(entry);
        self.cursor = self.cursor.max(line.id);
        let known = self.lines.entry(room.to_owned()).or_default().insert(line.id, line.clone());
        assert!(known.is_none_or(|known| known == line), "an entry never changes");
    }

    fn take(&mut self, frame: &Value) {
        let room = frame["room"].as_str().unwrap_or_default().to_owned();
        let users = || -> Option<Vec<String>> {
            let users = frame.get("users")?.as_array()?;
            Some(users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect())
        };
        match frame["type"].as_str().unwrap() {
            "joined" => {
                self.rooms.insert(room.clone());
                for entry in frame["history"].as_array().unwrap() {
                    self.see(&room, entry);
                }
                self.roster.insert(room, users().unwrap());
            }
            "left" => {
                self.rooms.remove(&room);
                self.roster.remove(&room);
            }
            "message" | "action" | "system" => {
                let newest = self.lines.get(&room).and_then(|lines| lines.last_key_value()).map_or(0, |(id, _)| *id);
                let line = Line::of(frame);
                if line.id > newest {
                    assert_eq!(line.prev, newest, "{} misses nothing in {room} live: {frame}", self.name);
                }
                self.see(&room, frame);
            }
            "user_joined" | "user_left" => drop(self.roster.insert(room, users().unwrap())),
            "nick_changed" if frame.get("room").is_none() => {
                self.name = frame["new_name"].as_str().unwrap().to_owned();
                // A client updates the own name in its lists by itself.
                let old = frame["old_name"].as_str().unwrap();
                for names in self.roster.values_mut() {
                    names.iter_mut().filter(|name| *name == old).for_each(|name| name.clone_from(&self.name));
                    names.sort_by_key(|name| name.to_lowercase());
                }
            }
            "nick_changed" => drop(self.roster.insert(room, users().unwrap())),
            "pm" => self.whispered(frame, frame["from"].as_str().unwrap()),
            "pm_sent" => self.whispered(frame, &self.name.clone()),
            "resumed" => self.resumed(frame),
            _ => {}
        }
    }

    fn whispered(&mut self, entry: &Value, from: &str) {
        let id = entry["id"].as_u64().unwrap();
        self.cursor = self.cursor.max(id);
        self.private.insert(id, (from.to_owned(), entry["text"].as_str().unwrap().to_owned()));
    }

    fn resumed(&mut self, frame: &Value) {
        assert_eq!(frame["name"], self.name.as_str());
        self.rooms = frame["rooms"].as_array().unwrap().iter().map(|room| room.as_str().unwrap().to_owned()).collect();
        // Arrivals and departures during the absence are unknown.
        self.roster.clear();
        for (room, entries) in frame["missedMessages"].as_object().unwrap() {
            for entry in entries.as_array().unwrap() {
                self.see(room, entry);
            }
        }
        for entries in frame["missed_pms"].as_object().unwrap().values() {
            for entry in entries.as_array().unwrap() {
                self.whispered(entry, entry["from"].as_str().unwrap());
            }
        }
        if !self.is_plain {
            for (room, head) in frame["heads"].as_object().unwrap() {
                let newest = self.lines.get(room).and_then(|lines| lines.last_key_value()).map_or(0, |(id, _)| *id);
                assert_eq!(*head, newest, "{} has everything of {room}", self.name);
            }
        }
    }

    async fn say(&mut self, room: &str, text: &str) {
        self.said += 1;
        let text = format!("{text} ({})", self.said);
        let mut frame = json!({"type": "message", "room": room, "text": text});
        if self.is_plain {
            self.send(frame).await;
        } else {
            frame["client_id"] = json!(format!("{}-{}", self.token, self.said));
            self.send(frame.clone()).await;
            if self.said.is_multiple_of(3) {
                // A repeat, as after a loss at the wrong moment.
                self.send(frame).await;
            }
        }
        loop {
            let echo = self.until("message").await;
            if echo["text"] == text && echo["from"] == self.name.as_str() {
                return;
            }
        }
    }

    async fn online(&mut self, natter: &Natter) {
        if self.client.is_none() {
            let query = format!("session={}&lastMsgId={}", self.token, self.cursor);
            self.client = Some(natter.connect(&query).await);
            self.until("resumed").await;
        }
    }
}

/// A generator that makes the same afternoon each time.
struct Dice(u64);

impl Dice {
    /// Draws a number below `sides` (a linear congruential generator; Knuth's constants for 64 bits).
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

async fn step(natter: &Natter, cast: &mut [Person], dice: &mut Dice) {
    let who = dice.roll(cast.len());
    let action = dice.roll(12);
    cast[who].online(natter).await;
    let mine: Vec<String> = cast[who].rooms.iter().cloned().collect();
    let room = mine[dice.roll(mine.len())].clone();
    let other = cast[(who + 1 + dice.roll(cast.len() - 1)) % cast.len()].name.clone();
    let person = &mut cast[who];
    match action {
        0..=4 => person.say(&room, "something\nto say \u{1f9d1}\u{200d}\u{1f680}").await,
        5 => {
            person.send(json!({"type": "message", "room": room, "text": "/me sips ☕"})).await;
            while person.until("action").await["from"] != person.name.as_str() {}
        }
        6 => {
            let room = ROOMS[dice.roll(ROOMS.len())];
            person.send(json!({"type": "join", "room": room})).await;
            while person.until("joined").await["room"] != room {}
        }
        7 if room != "general" => {
            person.send(json!({"type": "leave", "room": room})).await;
            person.until("left").await;
        }
        7 | 8 => {
            person.send(json!({"type": "pm", "to": other, "text": format!("psst {}", person.said)})).await;
            person.until("pm_sent").await;
        }
        9 => {
            person.said += 1;
            let name = format!("{}_{}", ["Ζωή", "Zoë", "ゾーイ"][dice.roll(3)], person.said * 10 + who);
            if dice.roll(2) == 0 {
                person.send(json!({"type": "set_nick", "name": name})).await;
            } else {
                person.send(json!({"type": "message", "text": format!("/nick {name}")})).await;
            }
            while person.name != name {
                person.until("nick_changed").await;
            }
        }
        10 => {
            person.send(json!({"type": "typing", "room": room, "typing": true})).await;
            person.catch_up().await;
        }
        // The connection is lost until this person's next action.
        _ => person.client = None,
    }
}

/// Reads the whole log of a room with the API.
async fn log_of(natter: &Natter, room: &str) -> Vec<Line> {
    let encoded: String = room.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mut log: Vec<Line> = Vec::new();
    loop {
        let before = log.first().map_or(u64::MAX >> 12, |line| line.id);
        let page = natter.json(&format!("/api/room/{encoded}/history?before={before}&limit=50")).await;
        let Some(page) = page.as_array().filter(|page| !page.is_empty()) else {
            return log;
        };
        log.splice(0..0, page.iter().map(Line::of));
    }
}

fn stored(natter: &Natter, query: &str) -> Vec<(u64, String, String)> {
    let store = rusqlite::Connection::open(natter.data().join("natter.db")).unwrap();
    let mut statement = store.prepare(query).unwrap();
    let rows = statement.query_map((), |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn five_people_two_of_them_with_the_original_frames_agree_after_a_whole_afternoon() {
    let mut natter = Natter::start_with(&["--grace", "0"]).await;
    let mut cast = Vec::new();
    for (name, is_plain) in [("Ada", false), ("Bo", false), ("Cy", false), ("Plain_Di", true), ("Plain_Ed", true)] {
        cast.push(Person::enter(&natter, name, is_plain).await);
    }
    let mut dice = Dice(2_026);
    for n in 0..STEPS {
        if n == STEPS / 2 {
            natter = natter.crash_and_restart().await;
            for person in &mut cast {
                person.client = None;
            }
        }
        step(&natter, &mut cast, &mut dice).await;
        let listening = dice.roll(cast.len());
        cast[listening].catch_up().await;
    }

    // Everybody reconnects and says goodbye; a client with all goodbyes has everything before them.
    for person in &mut cast {
        person.online(&natter).await;
        person.say("general", "goodbye").await;
    }
    for person in &mut cast {
        person.catch_up().await;
    }

    let rooms: Vec<String> = natter
        .json("/api/rooms")
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|room| room["name"].as_str().unwrap().to_owned())
        .collect();
    let mut total = 0;
    for room in &rooms {
        let log = log_of(&natter, room).await;
        total += log.len();
        let chain: Vec<u64> = log.iter().map(|line| line.prev).collect();
        let ids: Vec<u64> = [0].into_iter().chain(log.iter().map(|line| line.id)).take(log.len()).collect();
        assert_eq!(chain, ids, "{room} is one chain");
        let encoded: String = room.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let present = natter.json(&format!("/api/room/{encoded}/users")).await;
        let present: Vec<&str> =
            present.as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect();
        for person in &cast {
            assert_eq!(present.contains(&&*person.name), person.rooms.contains(room), "{} in {room}", person.name);
            if !person.rooms.contains(room) {
                continue;
            }
            let lines: Vec<Line> = person.lines.get(room).into_iter().flat_map(BTreeMap::values).cloned().collect();
            let differs = lines.iter().zip(&log).find(|(mine, stored)| mine != stored);
            assert_eq!(differs, None, "{} has {room} as it is stored", person.name);
            assert_eq!(lines.len(), log.len(), "{} has all of {room}", person.name);
            if let Some(roster) = person.roster.get(room) {
                let (mut seen, mut there) = (roster.clone(), present.clone());
                seen.sort();
                there.sort_unstable();
                assert_eq!(seen, there, "{} sees who is in {room}", person.name);
            }
        }
    }
    let entries = stored(
        &natter,
        "SELECT id, from_name, text FROM entries JOIN rooms ON rooms.id = room WHERE name NOT LIKE '@%'"
            .replace("SELECT id", "SELECT entries.id")
            .as_str(),
    );
    assert_eq!(entries.len(), total, "and the store has nothing else");

    let whispers = stored(
        &natter,
        "SELECT entries.id, name, text FROM entries JOIN rooms ON rooms.id = room WHERE name LIKE '@%' ORDER BY entries.id",
    );
    assert!(whispers.len() > 10, "there was whispering");
    for (n, person) in cast.iter().enumerate() {
        let id = (n + 1).to_string();
        let concerns = |log: &str| log.trim_start_matches('@').split(':').any(|user| user == id);
        let mine: Vec<(u64, &str)> =
            whispers.iter().filter(|(_, log, _)| concerns(log)).map(|(id, _, text)| (*id, &**text)).collect();
        let seen: Vec<(u64, &str)> = person.private.iter().map(|(id, (_, text))| (*id, &**text)).collect();
        assert_eq!(seen, mine, "{} has every private message and none of others", person.name);
    }
    let stats = natter.json("/api/stats").await;
    assert_eq!(stats["messages_total"], total + whispers.len());
    assert_eq!(stats["users_online"], 5);
    // Each text is stored once, although a third of them was sent twice.
    let texts: Vec<&String> =
        entries.iter().filter(|(_, _, text)| text.contains(" (")).map(|(_, _, text)| text).collect();
    assert_eq!(texts.len(), cast.iter().map(|person| person.said).sum::<usize>() - renames(&entries));
}

/// Returns the number of name changes, which count as said and have a line in each room.
fn renames(entries: &[(u64, String, String)]) -> usize {
    let lines = entries.iter().filter(|(_, from, _)| from == "system").map(|(_, _, text)| text);
    lines.collect::<BTreeSet<_>>().len()
}
