//! Opening of files.

use super::error::{explain, is_busy};
use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, MAIN_DB, OpenFlags};
use std::{
    path::{self, Path, PathBuf},
    time::Duration,
};

/// Checks that a path is one of a file, and returns it from the root: a later change of the folder does not matter.
///
/// SQLite takes an empty path, `:memory:` and URIs for databases that are gone when they are closed. A device or a pipe
/// keeps nothing either.
pub(super) fn file(given: &Path) -> Result<PathBuf> {
    let wrong = |why: &str| {
        let message = format!("the database `{}` {why}", given.display());
        Err(Error::new(ErrorKind::BadInput, message))
    };
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
        let message = format!("the database `{}` has no absolute path: {error}", given.display());
        Error::new(ErrorKind::BadInput, message).with_source(error)
    })?;
    match absolute.metadata() {
        Ok(found) if !found.is_file() => wrong("is not a file, so that nothing would be kept"),
        _ => Ok(absolute),
    }
}

/// Opens the connection that writes. Creates the file if there is none.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    let explained = |error| explain(error, Some(path));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(explained)?;
    if connection.path().is_none_or(str::is_empty) || connection.is_readonly(MAIN_DB).map_err(explained)? {
        let message = format!("the database {} cannot be written to: nothing would be kept", path.display());
        return Err(Error::new(ErrorKind::BadInput, message));
    }
    let prepare = || {
        connection.busy_timeout(super::BUSY)?;
        write_ahead(&connection)?;
        // With a write-ahead log this loses nothing when the process is killed, and at most the last commits in a power
        // failure.
        connection.pragma_update(None, "synchronous", "NORMAL")
    };
    prepare().map_err(explained)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    };
    open().map_err(|error| explain(error, Some(path)))
}

/// Switches to a write-ahead log, so that readers and the writer do not wait for each other.
///
/// If two processes switch at the same time, one may fail without SQLite waiting for the other, so this function
/// retries.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        let switched = connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        match switched {
            Err(error) if is_busy(&error) && waited < super::BUSY => {
                waited += PAUSE;
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}
