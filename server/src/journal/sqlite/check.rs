//! `natter check`: reads everything in a store and reports the damage.
//!
//! It changes nothing, neither the store nor the files beside it, even after a crash that left a part of the store in
//! SQLite's write-ahead log.

use super::{
    FILE, LOCK, OpenError, WAL,
    damage::{self, Flaw},
    explained, log_name, schema,
};
use app::protocol::{Entry, EntryId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags, Row, config::DbConfig};
use std::{
    collections::HashMap,
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Upper bound of the problems that are listed; the others are counted.
const NAMED: usize = 100;

/// Characters of a path that are not escaped in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// The columns of [`damage::COLUMNS`] for a store from before the checksums.
const COLUMNS_WITHOUT_CHECKSUM: &str =
    "id, prev, ts, kind, from_name, text, client_id, author, room, NULL, NULL, NULL, NULL";

/// The columns of [`damage::COLUMNS`] for a store from before the amendments.
const COLUMNS_WITHOUT_AMENDMENTS: &str = "id, prev, ts, kind, from_name, text, client_id, author, room, checksum,
    (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'unchecked'), NULL, NULL";

/// The totals of a store, and its problems.
#[derive(Debug, Default)]
pub struct Findings {
    file: PathBuf,
    /// Problems, a sentence each.
    problems: Vec<String>,
    /// Number of problems that are not listed.
    unnamed: u64,
    entries: u64,
    /// Number of entries without a checksum.
    unchecked: u64,
    logs: usize,
    users: usize,
}

impl Findings {
    /// Returns `true` if nothing is damaged.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, problem: impl Into<String>) {
        if self.problems.len() < NAMED {
            self.problems.push(problem.into());
        } else {
            self.unnamed += 1;
        }
    }
}

/// Formats a line for each problem, and the verdict as the last one.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        if self.unnamed > 0 {
            writeln!(f, "There are {} more problems.", self.unnamed)?;
        }
        if self.unchecked > 0 {
            let count = self.unchecked;
            writeln!(
                f,
                "{count} entries were stored without a checksum: another text in one of them would not be noticed."
            )?;
        }
        let verdict = if self.is_whole() { "is whole" } else { "is damaged; nothing was changed" };
        let Self { file, entries, logs, users, .. } = self;
        writeln!(
            f,
            "The store {} {verdict}. Read: {entries} entries, {logs} rooms and conversations, {users} users.",
            file.display()
        )
    }
}

/// Reads everything in the store of a folder.
///
/// # Errors
/// Returns [`OpenError`] if the folder has no readable Natter store, or a server has locked it.
pub fn check(folder: &Path) -> Result<Findings, OpenError> {
    let file = folder.join(FILE);
    if !file.try_exists().is_ok_and(|is_there| is_there) {
        return Err(OpenError::Missing(file));
    }
    let _lock = lock(folder)?;
    let explain = |error| explained(folder, error);
    let connection = open(folder).map_err(explain)?;
    let format = schema::format(&connection).map_err(|error| schema::explained(folder, error))?;
    if format == 0 {
        return Err(OpenError::Missing(file));
    }
    let mut findings = Findings { file, ..Findings::default() };
    check_structure(&connection, &mut findings).map_err(explain)?;
    let logs = check_names(&connection, &mut findings).map_err(explain)?;
    check_entries(&connection, &logs, format, &mut findings).map_err(explain)?;
    Ok(findings)
}

/// Locks the folder against servers during the check. A folder that no server has used has no lock file.
fn lock(folder: &Path) -> Result<Option<File>, OpenError> {
    let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
    let file = match File::open(folder.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(unusable)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Opens a connection that leaves every file as it is.
fn open(folder: &Path) -> rusqlite::Result<Connection> {
    let file = folder.join(FILE);
    if fs::metadata(folder.join(WAL)).is_ok_and(|log| log.len() > 0) {
        // Reading the write-ahead log needs a lock, and that write access; with an exclusive lock SQLite keeps the
        // log's index in memory instead of a file.
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "query_only", true)?;
        return Ok(connection);
    }
    let path = file.canonicalize().unwrap_or(file);
    let path = path.to_string_lossy();
    let uri = format!("file:{}?immutable=1", utf8_percent_encode(&path, PATH));
    Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

/// Reports the damage that SQLite finds in tables and indexes.
fn check_structure(connection: &Connection, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({NAMED})"))?;
    for finding in statement.query_map((), |row| row.get::<_, String>(0))? {
        match finding {
            Ok(finding) if finding == "ok" => {}
            Ok(finding) => {
                let lines = finding.lines().filter(|line| !line.starts_with("***"));
                lines.for_each(|line| findings.note(format!("The file is damaged: {line}.")));
            }
            Err(error) if damage::is_damage(&error) => findings.note(format!("The file is damaged: {error}.")),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Checks the names of users and logs, and returns the names of logs by their keys.
fn check_names(connection: &Connection, findings: &mut Findings) -> rusqlite::Result<HashMap<i64, String>> {
    let mut logs = HashMap::new();
    for (table, what) in [("users", "user"), ("rooms", "room or conversation")] {
        let mut statement = connection.prepare(&format!("SELECT id, name FROM {table} NOT INDEXED"))?;
        let named = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get_ref(1)?.as_str().ok().map(str::to_owned)));
        for row in statement.query_map((), named)? {
            let (id, name) = match row {
                Err(error) if damage::is_damage(&error) => {
                    findings.note(format!("The table {table} cannot be read to its end: {error}."));
                    break;
                }
                row => row?,
            };
            let is_room = table == "rooms";
            *if is_room { &mut findings.logs } else { &mut findings.users } += 1;
            match name.filter(|name| !is_room || log_name::read(name).is_some()) {
                Some(name) if is_room => drop(logs.insert(id, name)),
                Some(_) => {}
                None => findings.note(format!("The name of {what} {id} is damaged.")),
            }
        }
    }
    Ok(logs)
}

/// Reads all entries from the first on and, where damage ends that, from the last one back.
fn check_entries(
    connection: &Connection,
    logs: &HashMap<i64, String>,
    format: i64,
    findings: &mut Findings,
) -> rusqlite::Result<()> {
    let columns = match format {
        schema::AMENDMENTS.. => damage::COLUMNS,
        schema::CHECKSUMS.. => COLUMNS_WITHOUT_AMENDMENTS,
        _ => COLUMNS_WITHOUT_CHECKSUM,
    };
    let select = format!("SELECT {columns} FROM entries NOT INDEXED WHERE id > ?1 ORDER BY id");
    let mut ends = HashMap::<i64, EntryId>::new();
    let mut scan = |order: &str, after: i64, findings: &mut Findings| {
        let mut statement = connection.prepare(&format!("{select} {order}"))?;
        let mut rows = statement.query([after])?;
        let mut reached = None;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok((reached, true)),
                Err(error) if damage::is_damage(&error) => return Ok((reached, false)),
                Err(error) => return Err(error),
            };
            let (id, room): (i64, _) = (row.get(0)?, row.get_ref(8)?.as_i64().unwrap_or_default());
            reached = Some(id);
            findings.entries += 1;
            findings.unchecked += u64::from(row.get_ref(9)? == rusqlite::types::ValueRef::Null);
            let name = logs.get(&room).map_or_else(|| format!("log {room}"), Clone::clone);
            let before = ends.insert(room, id.unsigned_abs()).unwrap_or(0);
            let entry = damage::present(connection, row)?;
            if let Some(problem) = problem(entry, (order.is_empty()).then_some(before)) {
                findings.note(format!("Entry {id} in {name} is damaged: {problem}."));
            }
        }
    };
    let (last, is_done) = scan("", i64::MIN, findings)?;
    if !is_done {
        let last = last.unwrap_or(0);
        let (next, _) = scan("DESC", last, findings)?;
        let up_to = next.map_or_else(String::new, |next| format!(" and before {next}"));
        findings.note(format!("Entries after {last}{up_to} cannot be read."));
    }
    if is_done && format >= schema::CHECKSUMS {
        check_heads(connection, logs, &ends, findings)?;
    }
    Ok(())
}

/// Checks that the noted head of each log is its newest entry.
fn check_heads(
    connection: &Connection,
    logs: &HashMap<i64, String>,
    ends: &HashMap<i64, EntryId>,
    findings: &mut Findings,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT id, head FROM rooms NOT INDEXED")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (id, noted) = (row.get(0)?, row.get_ref(1)?.as_i64().ok());
        let newest = ends.get(&id).copied().unwrap_or(0);
        if noted != i64::try_from(newest).ok() {
            let name = logs.get(&id).map_or("a log", String::as_str);
            findings.note(format!("The newest entry of {name} is {newest}, and another one is noted."));
        }
    }
    Ok(())
}

/// Returns the problem of an entry, whose previous entry in the log is `before`.
fn problem(entry: Result<Entry, Flaw>, before: Option<EntryId>) -> Option<String> {
    match entry {
        Err(flaw) => Some(flaw.to_string()),
        Ok(entry) => before
            .filter(|before| *before != entry.prev)
            .map(|before| format!("entry {before} is before it, and it names {}", entry.prev)),
    }
}
