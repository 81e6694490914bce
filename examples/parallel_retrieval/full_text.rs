//! A full-text index (FTS5) in a file.

use crate::library::{Document, Hit, terms};
use catena::{BoxError, Error, Result, prelude::*};
use rusqlite::{Connection, params};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

pub(crate) struct FullText {
    connection: Arc<Mutex<Connection>>,
    /// Holds the file, and takes it away in the end.
    _folder: TempDir,
}

impl FullText {
    pub(crate) async fn index(documents: Vec<Document>) -> Result<Self> {
        let build = move || -> Result<Self, BoxError> {
            let folder = tempfile::tempdir()?;
            let mut connection = Connection::open(folder.path().join("notes.db"))?;
            connection
                .execute("CREATE VIRTUAL TABLE notes USING fts5(title, body, tokenize = 'porter unicode61')", [])?;
            let all = connection.transaction()?;
            for document in documents {
                all.execute("INSERT INTO notes VALUES (?1, ?2)", params![document.title, document.text])?;
            }
            all.commit()?;
            Ok(FullText { connection: Arc::new(Mutex::new(connection)), _folder: folder })
        };
        Ok(tokio::task::spawn_blocking(build).await??)
    }

    /// For `--fail sqlite`.
    pub(crate) fn lose_the_index(&self) -> rusqlite::Result<()> {
        lock(&self.connection).execute("DROP TABLE notes", [])?;
        Ok(())
    }
}

#[runnable(name = "sqlite", kind = retriever)]
impl Runnable<String> for FullText {
    type Output = Vec<Hit>;

    async fn call(&self, query: String, _cx: &Context) -> Result<Vec<Hit>> {
        let connection = Arc::clone(&self.connection);
        // SQLite blocks its thread.
        tokio::task::spawn_blocking(move || search(&lock(&connection), &query)).await?.map_err(Error::other)
    }
}

/// The documents with any of the terms, best first. A match in the title counts double.
fn search(connection: &Connection, query: &str) -> rusqlite::Result<Vec<Hit>> {
    // Quoted, so that FTS5 takes no word for an operator.
    let any = terms(query).map(|term| format!("\"{term}\"")).collect::<Vec<_>>().join(" OR ");
    if any.is_empty() {
        return Ok(Vec::new());
    }
    // FTS5 gives better matches lower scores, all below zero.
    let found =
        "SELECT title, body, -bm25(notes, 2.0, 1.0) AS score FROM notes WHERE notes MATCH ?1 ORDER BY score DESC";
    let mut found = connection.prepare(found)?;
    let hits = found.query_map([any], |row| Ok(Hit { title: row.get(0)?, text: row.get(1)?, score: row.get(2)? }))?;
    hits.collect()
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
