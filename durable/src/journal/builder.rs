//! The settings of a journal.

use super::{Clock, Core, Journal};
#[cfg(feature = "sqlite")]
use crate::store::sqlite::{Durability, Sqlite};
use crate::store::{RunStore, Store};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use catena::Result;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The longest wait for a database that is locked, full or gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time after which the run of a process that is gone can be gone on with.
#[cfg(feature = "postgres")]
const LEASE: Duration = Duration::from_secs(15);

/// The settings of a journal; created by [`Journal::builder`].
#[derive(Clone)]
pub struct JournalBuilder {
    patience: Duration,
    clock: Arc<Clock>,
    #[cfg(feature = "sqlite")]
    durability: Durability,
    #[cfg(feature = "postgres")]
    lease: Duration,
}

impl Default for JournalBuilder {
    fn default() -> Self {
        JournalBuilder {
            patience: PATIENCE,
            clock: Arc::new(SystemTime::now),
            #[cfg(feature = "sqlite")]
            durability: Durability::default(),
            #[cfg(feature = "postgres")]
            lease: LEASE,
        }
    }
}

impl JournalBuilder {
    /// Sets how long an operation waits if the database is locked, its disk is full, or it is gone. The default is 30 s. A step
    /// that has finished waits so long for its outcome to be kept, before the run fails.
    pub fn patience(mut self, longest: Duration) -> Self {
        self.patience = longest;
        self
    }

    /// Sets the clock, by which timers end and times are noted. The default is that of the system.
    ///
    /// No order and no lease depends on it: a clock that jumps moves timers, and nothing else.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Sets what a finished step survives. The default is [`Durability::Disk`].
    #[cfg(feature = "sqlite")]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the time after which another process may go on with the run of one that is gone, in Postgres. The default is 15 s. A
    /// process that cannot reach the server for so long stops its runs itself, so that no run is run twice.
    ///
    /// SQLite needs none: there the system says at once that a process is gone.
    #[cfg(feature = "postgres")]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time.max(Duration::from_millis(100));
        self
    }

    /// Opens a journal in a SQLite file; see [`Journal::sqlite`].
    ///
    /// # Errors
    /// Those of [`Journal::sqlite`].
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(self, path: impl AsRef<std::path::Path>) -> Result<Journal> {
        let path = path.as_ref();
        let opened = Sqlite::open(path, self.durability, self.patience).await;
        let store = opened.map_err(|error| error.while_doing(format!("opening the journal {}", path.display())))?;
        Ok(self.with(Arc::new(store), path.display().to_string()))
    }

    /// Opens a journal in a Postgres database, by a URL or by the key words of `libpq`. The tables are created if there are none.
    ///
    /// `sslmode` and `sslrootcert` mean what they mean to `libpq`: by default the connection is encrypted if the server has TLS, and
    /// its certificate is not checked. With `sslmode=verify-full` it is always encrypted, and the certificate has to be for the
    /// host, and signed by a root of the operating system or of the file `sslrootcert`.
    ///
    /// `sslcert` and `sslkey` name the files of a certificate and its key for a server that demands one of clients. They are read
    /// once, and only the owner may read the key. No environment variable is read (`PGSSLMODE`, `PGSSLCERT`, ..): the settings are
    /// all there is.
    ///
    /// ```no_run
    /// # async fn open() -> catena::Result<()> {
    /// use catena_durable::Journal;
    ///
    /// let journal = Journal::builder().postgres("postgres://catena@db.internal/journal?sslmode=verify-full").await?;
    ///
    /// // From a server that knows its clients by their certificates.
    /// let settings = "host=db.internal user=catena dbname=journal sslmode=verify-full \
    ///     sslcert=/etc/tls/catena.crt sslkey=/etc/tls/catena.key";
    /// let journal = Journal::builder().postgres(settings).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`](catena::ErrorKind::BadInput) for settings that cannot be read, a server without the TLS that
    /// they require, or tables of a newer version;
    /// [`ErrorKind::Unavailable`](catena::ErrorKind::Unavailable) if the server cannot be reached for too long.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, settings: &str) -> Result<Journal> {
        let store = crate::store::postgres::Postgres::open(settings, self.patience, self.lease).await;
        let store = store.map_err(|error| error.while_doing("opening a journal in Postgres"))?;
        Ok(self.with(Arc::new(store), "postgres".to_owned()))
    }

    #[cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code))]
    fn with(self, store: Arc<dyn Store>, name: String) -> Journal {
        let core = Core { store: Arc::clone(&store) as Arc<dyn RunStore>, clock: self.clock, process: process() };
        Journal { core: Arc::new(core), store, name: name.into() }
    }
}

/// The number of this process, and its machine.
pub(crate) fn process() -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let machine = machine.or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok());
    match machine.as_deref().map(str::trim) {
        Some(machine) if !machine.is_empty() => format!("{}@{machine}", std::process::id()),
        _ => std::process::id().to_string(),
    }
}

impl fmt::Debug for JournalBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalBuilder").field("patience", &self.patience).finish_non_exhaustive()
    }
}
