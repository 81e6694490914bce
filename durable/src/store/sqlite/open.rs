//! Paths, connections and migrations.

use super::{
    Durability,
    failure::{explain, is_busy},
};
use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use std::{
    path::{self, Path, PathBuf},
    time::{Duration, Instant},
};

/// The migrations, of which the first creates version 1. A released one never changes; changes are appended.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE catena_runs (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        generation INTEGER NOT NULL,
        owner TEXT,
        process TEXT NOT NULL,
        chain TEXT NOT NULL,
        cancelled INTEGER NOT NULL DEFAULT 0,
        gone TEXT NOT NULL DEFAULT '[]',
        error TEXT,
        created INTEGER NOT NULL,
        changed INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE catena_steps (
        sequence INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        input TEXT NOT NULL,
        checksum TEXT NOT NULL,
        usage TEXT NOT NULL,
        chain TEXT NOT NULL,
        process TEXT NOT NULL,
        started INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        payload BLOB NOT NULL
    );
    CREATE UNIQUE INDEX catena_steps_by_key ON catena_steps (run, key);
    CREATE TABLE catena_waits (
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        expects TEXT NOT NULL,
        input TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER,
        answer TEXT,
        answered INTEGER,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID;
"];

/// Checks that a path is one of a file, and returns it from the root.
///
/// SQLite takes an empty path, `:memory:` and URIs for databases that are gone when they are closed.
pub(super) fn file(given: &Path) -> Result<PathBuf> {
    let wrong = |why: &str| Err(Error::new(ErrorKind::BadInput, format!("the journal `{}` {why}", given.display())));
    let text = given.to_string_lossy();
    if text.trim().is_empty() {
        return wrong("has no name, so that nothing would be kept: give the path of a file");
    }
    if text.starts_with(':') || text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:")) {
        return wrong("is not a path for SQLite, and might not be kept: put `./` before it, or choose another name");
    }
    if text.contains('\0') {
        return wrong("has a NUL in it, which no path has");
    }
    let absolute = path::absolute(given).map_err(|error| {
        let message = format!("the journal `{}` has no absolute path: {error}", given.display());
        Error::new(ErrorKind::BadInput, message).with_source(error)
    })?;
    match absolute.metadata() {
        Ok(found) if !found.is_file() => wrong("is not a file, so that nothing would be kept"),
        _ => Ok(absolute),
    }
}

/// Opens the file, which is created if there is none, and migrates its tables.
pub(super) fn connect(path: &Path, durability: Durability, patience: Duration) -> Result<Connection> {
    let explained = |error| explain(error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(explained)?;
    let prepare = || {
        connection.busy_timeout(patience.min(LONGEST))?;
        write_ahead(&connection, patience)?;
        let level = match durability {
            Durability::Disk => "FULL",
            Durability::Process => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", level)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    };
    prepare().map_err(explained)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// The longest wait that SQLite can be asked for: an `int` of milliseconds.
pub(super) const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Switches to a write-ahead log. If two processes switch at the same time, one may fail without SQLite waiting for the
/// other, so this function retries.
fn write_ahead(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    let begun = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(error) if is_busy(&error) && begun.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// Migrates the tables in one transaction. The version is in a table of its own, for other parts may share the file.
fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let explained = |error| explain(error, path);
    if check(version(connection).map_err(explained)?, path)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(explained)?;
    let done = check(version(&transaction).map_err(explained)?, path)?;
    let write = || {
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS catena_versions (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
        )?;
        MIGRATIONS[done..].iter().try_for_each(|step| transaction.execute_batch(step))?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        transaction.execute("INSERT OR REPLACE INTO catena_versions (part, version) VALUES ('durable', ?1)", [known])
    };
    write().map_err(explained)?;
    transaction.commit().map_err(explained)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'catena_versions'";
    if connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    let sql = "SELECT version FROM catena_versions WHERE part = 'durable'";
    let version: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    Ok(version.map_or(0, |version| usize::try_from(version).unwrap_or_default()))
}

fn check(version: usize, path: &Path) -> Result<usize> {
    let known = MIGRATIONS.len();
    if version <= known {
        return Ok(version);
    }
    let message = format!(
        "the journal {} is of version {version}, and this program knows {known}: use a newer program",
        path.display()
    );
    Err(Error::new(ErrorKind::BadInput, message))
}
