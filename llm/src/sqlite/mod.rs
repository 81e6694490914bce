//! SQLite files: opening, migrations, work on blocking threads, errors.
//!
//! Several parts may share a file. Each has its own tables and its own version.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Database`], an open connection |
//! | `migrate` | [`Schema`], the tables of a part and their versions |
//! | `error` | errors of SQLite, with explanations |

mod error;
mod migrate;

pub(crate) use migrate::Schema;

use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The maximum wait for the lock of another process before an operation fails.
const BUSY: Duration = Duration::from_secs(5);

/// An open database. A clone is the same connection.
///
/// There is one connection. Operations wait for it on blocking threads, one after the other. An operation that has
/// begun is completed even if its future is dropped. Each operation takes effect as a whole or not at all.
#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    path: Option<PathBuf>,
}

impl Database {
    /// Opens the file at this path, which is created if it does not exist, and migrates the tables of this schema.
    pub(crate) async fn open(path: impl AsRef<Path>, schema: &'static Schema) -> Result<Self> {
        let path = path.as_ref().to_owned();
        blocking(move || {
            let doing = format!("opening {}", path.display());
            let connection = connect(&path).map_err(|error| error::explain(error, Some(&path)));
            let opened = connection.and_then(|connection| Database::with(connection, Some(path), schema));
            opened.map_err(|error| error.while_doing(doing))
        })
        .await
    }

    /// Creates a database in memory, which is dropped with its last clone.
    pub(crate) fn in_memory(schema: &'static Schema) -> Result<Self> {
        let connection = Connection::open_in_memory().map_err(|error| error::explain(error, None))?;
        Database::with(connection, None, schema)
    }

    fn with(mut connection: Connection, path: Option<PathBuf>, schema: &Schema) -> Result<Self> {
        migrate::migrate(&mut connection, schema, path.as_deref())?;
        Ok(Database(Arc::new(Inner { connection: Mutex::new(connection), path })))
    }

    /// Returns the path; `None` for a database in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Sets how long to wait for the lock of another process before an operation fails. The default is 5 s.
    pub(crate) fn set_busy_timeout(&self, timeout: Duration) -> Result<()> {
        self.0.lock().busy_timeout(timeout).map_err(|error| error::explain(error, self.path()))
    }

    /// Runs a read. `doing` completes the phrase "while ..".
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let read = work(&inner.lock());
            read.map_err(|error| error::explain(error, inner.path.as_deref()).while_doing(doing))
        })
        .await
    }

    /// Runs a write in a transaction that takes the lock immediately. It is rolled back if it fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let mut connection = inner.lock();
            let written = transaction(&mut connection, work);
            drop(connection);
            written.map_err(|error| error::explain(error, inner.path.as_deref()).while_doing(doing))
        })
        .await
    }
}

impl Inner {
    /// Locks the connection. A panic in a transaction has rolled it back, so that the connection is usable.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => f.debug_tuple("Database").field(&path).finish(),
            None => f.write_str("Database(in memory)"),
        }
    }
}

fn transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // The path is not a URI: a file's name may begin with `file:`.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    write_ahead(&connection)?;
    // With a write-ahead log this loses nothing when the process is killed, and at most the last commits in a power
    // failure.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
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
            Err(error) if error::is_busy(&error) && waited < BUSY => {
                waited += PAUSE;
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Runs blocking work on a thread for such work, in the `tracing` span of the caller. Without a runtime it runs on this
/// thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
    let span = tracing::Span::current();
    match runtime.spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => Err(Error::new(ErrorKind::Panic, "the work on a database panicked")),
        Err(error) => Err(Error::from_source(ErrorKind::Cancelled, error)),
    }
}
