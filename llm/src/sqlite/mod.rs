//! SQLite files: opening, migrations, work on threads of their own, errors.
//!
//! Several parts may share a file. Each has its own tables and its own version.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`Database`], an open file |
//! | `connect` | paths and connections |
//! | `pool` | the threads that do the work, and the queue in front of them |
//! | `migrate` | [`Schema`], the tables of a part and their versions |
//! | `error` | errors of SQLite, with explanations |

mod connect;
mod error;
mod migrate;
mod pool;

pub(crate) use migrate::Schema;

use catena::Result;
use pool::{Pool, Request};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The maximum wait for the lock of another process before an operation fails.
const BUSY: Duration = Duration::from_secs(5);

/// The most connections that read at the same time.
const READERS: usize = 4;

/// The most reads, and the most writes, that wait for a connection.
const QUEUE: usize = 1024;

/// An open database. A clone is the same database.
///
/// One thread writes, in the order of the requests; others read meanwhile, each by a connection of its own. The queue
/// in front of them is bounded. A write that was asked for is completed even if its future is dropped. Each takes
/// effect as a whole or not at all. Dropping the last clone waits for the writes.
#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    writer: Pool,
    /// A database in memory has one connection, which reads too.
    readers: Option<Pool>,
    path: Option<PathBuf>,
    /// The maximum wait for a lock, in milliseconds.
    busy: AtomicU64,
}

impl Database {
    /// Opens the file at this path, which is created if it does not exist, and migrates the tables of this schema.
    pub(crate) async fn open(path: impl AsRef<Path>, schema: &'static Schema) -> Result<Self> {
        let given = path.as_ref();
        let doing = || format!("opening {}", given.display());
        let path = connect::file(given).map_err(|error| error.while_doing(doing()))?;
        let (to_write, to_read) = (path.clone(), path.clone());
        let database = Database(Arc::new(Inner {
            writer: Pool::new(1, QUEUE, move || connect::writer(&to_write)),
            readers: Some(Pool::new(READERS, QUEUE, move || connect::reader(&to_read))),
            path: Some(path),
            busy: AtomicU64::new(millis(BUSY)),
        }));
        let path = database.0.path.clone();
        let migrate = move |connection: &mut Connection| migrate::migrate(connection, schema, path.as_deref());
        let opened = database.0.writer.run(database.0.request("preparing its tables"), migrate).await;
        opened.map_err(|error| error.while_doing(doing()))?;
        Ok(database)
    }

    /// Creates a database in memory, which is dropped with its last clone.
    pub(crate) fn in_memory(schema: &'static Schema) -> Result<Self> {
        let mut connection = Connection::open_in_memory().map_err(|error| error::explain(error, None))?;
        migrate::migrate(&mut connection, schema, None)?;
        let connection = Mutex::new(Some(connection));
        // There is one thread, which asks once.
        let connect = move || match connection.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(connection) => Ok(connection),
            None => Connection::open_in_memory().map_err(|error| error::explain(error, None)),
        };
        let busy = AtomicU64::new(millis(BUSY));
        Ok(Database(Arc::new(Inner { writer: Pool::new(1, QUEUE, connect), readers: None, path: None, busy })))
    }

    /// Returns the path; `None` for a database in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Sets how long to wait for the lock of another process before an operation fails. The wait counts from the
    /// request. The default is 5 s.
    pub(crate) fn set_busy_timeout(&self, timeout: Duration) {
        self.0.busy.store(millis(timeout), Ordering::Relaxed);
    }

    /// Sets how many connections read at the same time, at least one. The default is 4. A database in memory has one
    /// connection.
    pub(crate) fn set_readers(&self, connections: usize) {
        if let Some(readers) = &self.0.readers {
            readers.set_size(connections);
        }
    }

    /// Sets how many reads, and how many writes, may wait for a connection before further ones fail. The default is 1024
    /// each.
    pub(crate) fn set_max_waiting(&self, requests: usize) {
        self.0.writer.set_queue(requests);
        if let Some(readers) = &self.0.readers {
            readers.set_queue(requests);
        }
    }

    /// Runs a read, which sees the database as it is when it begins. `doing` completes the phrase "while ..".
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.0.path.clone();
        let read = move |connection: &mut Connection| {
            let read = transaction(connection, TransactionBehavior::Deferred, |transaction| work(transaction));
            read.map_err(|error| error::explain(error, path.as_deref()))
        };
        let request = Request { is_optional: true, ..self.0.request(doing) };
        self.0.readers.as_ref().unwrap_or(&self.0.writer).run(request, read).await
    }

    /// Runs a write in a transaction that takes the lock immediately. It is rolled back if it fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.0.path.clone();
        let write = move |connection: &mut Connection| {
            let written = transaction(connection, TransactionBehavior::Immediate, work);
            written.map_err(|error| error::explain(error, path.as_deref()))
        };
        self.0.writer.run(self.0.request(doing), write).await
    }
}

impl Inner {
    fn request(&self, doing: &'static str) -> Request {
        Request { doing, busy: Duration::from_millis(self.busy.load(Ordering::Relaxed)), is_optional: false }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
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
    behavior: TransactionBehavior,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}
