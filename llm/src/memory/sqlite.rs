use super::HistoryStore;
use crate::{
    Messages,
    sqlite::{Database, Schema},
};
use catena::{Error, ErrorKind, Result};
use rusqlite::OptionalExtension;
use std::{path::Path, time::Duration};

/// A store of conversations in a SQLite file. A clone is the same store.
///
/// Several programs may use one file at the same time. Stored turns survive when the program is killed. A power failure
/// may lose the last turns, but none before them. Turns are ordered by when they were stored, independent of any clock.
///
/// ```
/// use catena_llm::{Message, memory::{HistoryStore, SqliteHistory}};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("chats.db");
/// let history = SqliteHistory::open(&path).await?;
/// history.append("anna", [Message::user("Hello"), Message::assistant("Hi, Anna.")].into()).await?;
/// drop(history);
/// let later = SqliteHistory::open(&path).await?;
/// assert_eq!(later.get("anna").await?.len(), 2);
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// # Errors
/// [`ErrorKind::Unavailable`] if another program holds the lock for too long or the disk is full; nothing of the turn
/// is then stored. [`ErrorKind::BadInput`] for a file that is not a database, or has a newer version.
#[derive(Clone, Debug)]
pub struct SqliteHistory {
    database: Database,
}

static SCHEMA: Schema = Schema {
    part: "history",
    steps: &["CREATE TABLE catena_messages (
        session TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (session, sequence)
    ) WITHOUT ROWID"],
};

impl SqliteHistory {
    /// Opens the file at this path, which is created if it does not exist. Its folder must exist.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(SqliteHistory { database: Database::open(path, &SCHEMA).await? })
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
}

impl HistoryStore for SqliteHistory {
    async fn get(&self, session: &str) -> Result<Messages> {
        let id = session.to_owned();
        let read = move |connection: &rusqlite::Connection| {
            let sql = "SELECT sequence, message FROM catena_messages WHERE session = ?1 ORDER BY sequence";
            let mut rows = connection.prepare(sql)?;
            let rows = rows.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()
        };
        let rows = self.database.read("reading a conversation", read).await?;
        let message = |(sequence, json): (i64, String)| {
            serde_json::from_str(&json).map_err(|error| {
                let message = format!("message {sequence} of session `{session}` cannot be read: {error}");
                Error::new(ErrorKind::Parse { raw: json }, message).with_source(error).with_retryable(false)
            })
        };
        rows.into_iter().map(message).collect()
    }

    async fn append(&self, session: &str, messages: Messages) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let session = session.to_owned();
        let rows: Vec<String> = messages.iter().map(serde_json::to_string).collect::<serde_json::Result<_>>()?;
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let sql = "SELECT max(sequence) FROM catena_messages WHERE session = ?1";
            let last: Option<Option<i64>> = transaction.query_row(sql, [&session], |row| row.get(0)).optional()?;
            let first = last.flatten().map_or(1, |last| last + 1);
            let sql = "INSERT INTO catena_messages (session, sequence, message) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare(sql)?;
            for (sequence, row) in (first..).zip(&rows) {
                insert.execute((&session, sequence, row))?;
            }
            Ok(())
        };
        self.database.write("storing a turn of a conversation", write).await
    }

    async fn clear(&self, session: &str) -> Result<()> {
        let session = session.to_owned();
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            transaction.execute("DELETE FROM catena_messages WHERE session = ?1", [session]).map(drop)
        };
        self.database.write("removing a conversation", write).await
    }

    async fn sessions(&self) -> Result<Vec<String>> {
        let read = |connection: &rusqlite::Connection| {
            let mut rows = connection.prepare("SELECT DISTINCT session FROM catena_messages ORDER BY session")?;
            let rows = rows.query_map([], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        };
        self.database.read("listing the conversations", read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[tokio::test]
    async fn a_full_disk_is_a_clear_error_and_costs_nothing_that_was_stored() {
        let folder = tempfile::tempdir().unwrap();
        let history = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
        let turn = |answer: String| Messages::from([Message::user("more"), Message::assistant(answer)]);
        history.append("a", turn("first".to_owned())).await.unwrap();
        // The current number of pages, and two more.
        let full = |connection: &rusqlite::Transaction<'_>| {
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            connection.pragma_update(None, "max_page_count", pages + 2)
        };
        history.database.write("filling the disk", full).await.unwrap();
        let error = history.append("a", turn("x".repeat(100_000))).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
        assert!(error.to_string().contains("full") && error.to_string().contains("storing a turn"), "{error}");
        assert_eq!(history.get("a").await.unwrap(), turn("first".to_owned()));
        history.append("a", turn("second".to_owned())).await.unwrap();
        assert_eq!(history.get("a").await.unwrap().len(), 4);
    }
}
