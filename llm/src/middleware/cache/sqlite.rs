use super::{CacheKey, CacheStore, CachedAnswer};
use crate::sqlite::{Database, Schema};
use catena::{Error, ErrorKind, Result};
use rusqlite::OptionalExtension;
use std::{path::Path, time::Duration};

/// A store of answers in a SQLite file. A clone is the same store. Several programs may use one file at the same time.
/// The file grows until it is [cleared](SqliteCache::clear).
///
/// The file has the answers in plain text, readable by everyone who can read the file. Of requests it has hashes.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{cache::SqliteCache, testing::Scripted};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("answers.db");
/// let first = Scripted::answers(["Paris"]).chat().cached(SqliteCache::open(&path).await?);
/// first.invoke("The capital of France?").await?;
///
/// // Later, in another program: the model is not called.
/// let later = Scripted::new().chat().cached(SqliteCache::open(&path).await?);
/// assert_eq!(later.invoke("The capital of France?").await?.text(), "Paris");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct SqliteCache {
    database: Database,
}

static SCHEMA: Schema = Schema {
    part: "answers",
    steps: &[
        "CREATE TABLE catena_answers (
        id INTEGER PRIMARY KEY,
        hash INTEGER NOT NULL,
        request TEXT NOT NULL,
        answer TEXT NOT NULL
    );
    CREATE INDEX catena_answers_by_hash ON catena_answers (hash);",
        // The requests of version 1 did not tell tenants apart, and were stored in plain text.
        "DROP TABLE catena_answers;
    CREATE TABLE catena_answers (request TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;",
    ],
};

impl SqliteCache {
    /// Opens the file at this path, which is created if it does not exist. Its folder must exist.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if the file cannot be opened, is not a database, or has a newer version.
    /// [`ErrorKind::Unavailable`] if another program holds the lock for more than 5 s, or the disk is full.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(SqliteCache { database: Database::open(path, &SCHEMA).await? })
    }

    /// Sets how many connections read at the same time. The default is 4; writes have one connection of their own.
    pub fn with_readers(self, connections: usize) -> Self {
        self.database.set_readers(connections);
        self
    }

    /// Sets how many reads, and how many writes, may wait for a connection. The default is 1024 each. Further ones fail
    /// with [`ErrorKind::Unavailable`], as `the database is overloaded`.
    pub fn with_max_waiting(self, requests: usize) -> Self {
        self.database.set_max_waiting(requests);
        self
    }

    /// Sets how long to wait for the lock of another program before the operation fails. The wait counts from the
    /// request. The default is 5 s.
    pub fn with_busy_timeout(self, timeout: Duration) -> Self {
        self.database.set_busy_timeout(timeout);
        self
    }

    /// Returns the number of answers.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn count(&self) -> Result<u64> {
        let count = |connection: &rusqlite::Connection| {
            connection.query_row("SELECT count(*) FROM catena_answers", [], |row| row.get::<_, i64>(0))
        };
        let count = self.database.read("counting cached answers", count).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Removes all answers.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn clear(&self) -> Result<()> {
        let clear =
            |transaction: &rusqlite::Transaction<'_>| transaction.execute("DELETE FROM catena_answers", []).map(drop);
        self.database.write("removing cached answers", clear).await
    }
}

impl CacheStore for SqliteCache {
    async fn get(&self, key: &CacheKey) -> Result<Option<CachedAnswer>> {
        let request = key.as_str().to_owned();
        let read = move |connection: &rusqlite::Connection| {
            let sql = "SELECT answer FROM catena_answers WHERE request = ?1";
            connection.query_row(sql, [request], |row| row.get::<_, String>(0)).optional()
        };
        let json = self.database.read("looking for a cached answer", read).await?;
        let answer = json.map(|json: String| {
            serde_json::from_str(&json).map_err(|error| {
                let message = format!("a cached answer cannot be read: {error}");
                Error::new(ErrorKind::Parse { raw: json }, message).with_source(error)
            })
        });
        answer.transpose()
    }

    async fn put(&self, key: &CacheKey, answer: &CachedAnswer) -> Result<()> {
        let (request, json) = (key.as_str().to_owned(), serde_json::to_string(answer)?);
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let sql = "INSERT OR REPLACE INTO catena_answers (request, answer) VALUES (?1, ?2)";
            transaction.execute(sql, (&request, &json)).map(drop)
        };
        self.database.write("storing an answer", write).await
    }
}
