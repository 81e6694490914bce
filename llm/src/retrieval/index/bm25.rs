use super::rows::{self, Found};
use crate::{
    retrieval::{Document, Query, Retriever},
    sqlite::{Database, Schema},
};
use catena::{Context, Details, Result};
use std::{collections::HashSet, path::Path};

/// A full-text index ranked by BM25: SQLite's FTS5, in a file or in memory. A clone is the same index.
///
/// A query finds documents with any of its words. Words are compared without case and accents, English words by their
/// stem. A word with punctuation, such as `e-mail`, counts as several words. A query is plain text: FTS5's operators
/// are words too. Of a long query, the first 200 different words are used. In scripts without spaces between words,
/// such as Chinese, only whole runs of characters match.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Bm25, Document, Retrieve};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let index = Bm25::in_memory()?;
/// index.add([Document::new("Backups run at two."), Document::new("Coffee is upstairs.")]).await?;
/// let found = Retrieve::new(index).top(1).invoke("does a \"backup\" AND (coffee run?").await?;
/// assert_eq!(found[0].content(), "Backups run at two.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Bm25 {
    database: Database,
}

static SCHEMA: Schema = Schema {
    part: "bm25",
    steps: &["
        CREATE TABLE catena_bm25_documents (
            key INTEGER PRIMARY KEY,
            id TEXT UNIQUE,
            content TEXT NOT NULL,
            metadata TEXT NOT NULL
        );
        CREATE VIRTUAL TABLE catena_bm25 USING fts5(
            content,
            content = 'catena_bm25_documents',
            content_rowid = 'key',
            tokenize = 'porter unicode61 remove_diacritics 2'
        );
        CREATE TRIGGER catena_bm25_added AFTER INSERT ON catena_bm25_documents BEGIN
            INSERT INTO catena_bm25 (rowid, content) VALUES (new.key, new.content);
        END;
        CREATE TRIGGER catena_bm25_removed AFTER DELETE ON catena_bm25_documents BEGIN
            INSERT INTO catena_bm25 (catena_bm25, rowid, content) VALUES ('delete', old.key, old.content);
        END;
    "],
};

/// The maximum number of words. FTS5 parses a query recursively, with a maximum depth of 256.
const WORDS: usize = 200;

impl Bm25 {
    /// Opens the index in the file at this path, which is created if it does not exist. A
    /// [`VectorStore`](super::VectorStore), a history and other programs can share the file.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Bm25 { database: Database::open(path, &SCHEMA).await? })
    }

    /// Creates an index in memory, which is dropped with its last clone.
    ///
    /// # Errors
    /// If SQLite cannot allocate memory.
    pub fn in_memory() -> Result<Self> {
        Ok(Bm25 { database: Database::in_memory(&SCHEMA)? })
    }

    /// Adds documents, all or none. A document replaces one with the same id; a document without an id is always new.
    ///
    /// # Errors
    /// If the database is locked for too long, or full.
    pub async fn add(&self, documents: impl IntoIterator<Item = Document>) -> Result<()> {
        let rows = documents.into_iter().map(|document| rows::row(&document)).collect::<Result<Vec<_>>>()?;
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let mut delete = transaction.prepare("DELETE FROM catena_bm25_documents WHERE id = ?1")?;
            let sql = "INSERT INTO catena_bm25_documents (id, content, metadata) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare(sql)?;
            for (id, content, metadata) in &rows {
                if id.is_some() {
                    delete.execute([id])?;
                }
                insert.execute((id, content, metadata))?;
            }
            Ok(())
        };
        self.database.write("indexing documents", write).await
    }

    /// Removes the documents with these ids. Returns the number of removed documents.
    ///
    /// # Errors
    /// If the database is locked for too long.
    pub async fn remove<S: Into<String>>(&self, ids: impl IntoIterator<Item = S>) -> Result<usize> {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let mut delete = transaction.prepare("DELETE FROM catena_bm25_documents WHERE id = ?1")?;
            ids.iter().try_fold(0, |removed, id| Ok(removed + delete.execute([id])?))
        };
        self.database.write("removing documents from the index", write).await
    }

    /// Returns the ids of the documents that have one, sorted. Use them to find out which documents to add or remove.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn ids(&self) -> Result<Vec<String>> {
        let read = |connection: &rusqlite::Connection| {
            let mut ids =
                connection.prepare("SELECT id FROM catena_bm25_documents WHERE id IS NOT NULL ORDER BY id")?;
            let ids = ids.query_map([], |row| row.get(0))?;
            ids.collect::<rusqlite::Result<Vec<String>>>()
        };
        self.database.read("listing documents", read).await
    }

    /// Returns the number of documents.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn len(&self) -> Result<usize> {
        let read = |connection: &rusqlite::Connection| {
            connection.query_row("SELECT count(*) FROM catena_bm25_documents", [], |row| row.get::<_, i64>(0))
        };
        let count = self.database.read("counting documents", read).await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Returns whether the index is empty.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.len().await? == 0)
    }
}

impl Retriever for Bm25 {
    fn name(&self) -> &'static str {
        "bm25"
    }

    fn details(&self, details: &mut Details) {
        details.class(["langchain_community", "retrievers", "bm25", "BM25Retriever"]);
    }

    async fn retrieve(&self, query: Query<'_>, _cx: &Context) -> Result<Vec<Document>> {
        let any = any_of(query.text);
        if any.is_empty() || query.limit == 0 {
            return Ok(Vec::new());
        }
        let (limit, filter) = (query.limit, query.filter.clone());
        let read = move |connection: &rusqlite::Connection| {
            // FTS5's rank is negative, and lower is better.
            let sql = "SELECT id, d.content, metadata, -rank FROM catena_bm25 JOIN catena_bm25_documents d ON key = catena_bm25.rowid
                WHERE catena_bm25 MATCH ?1 ORDER BY rank, key LIMIT ?2";
            let most = if filter.is_empty() { i64::try_from(limit).unwrap_or(i64::MAX) } else { i64::MAX };
            let mut found = connection.prepare(sql)?;
            let mut rows = found.query((any, most))?;
            let mut all = Vec::new();
            while all.len() < limit
                && let Some(row) = rows.next()?
            {
                let found = Found::read(row)?;
                if filter.is_empty() || filter.accepts(&rows::metadata(&found.metadata)) {
                    all.push(found);
                }
            }
            Ok(all)
        };
        let found = self.database.read("searching the index", read).await?;
        found.into_iter().map(Found::document).collect()
    }
}

/// Returns the query in FTS5's syntax: any of the words, each one quoted so that it is not an operator.
fn any_of(text: &str) -> String {
    let mut seen = HashSet::new();
    // Marks are kept, because an accent may be a character of its own. The tokenizer removes what else is not part of a
    // word.
    let parts = |c: char| {
        c.is_whitespace() || c.is_control() || c.is_ascii_punctuation() || matches!(c, '\u{2000}'..='\u{206f}')
    };
    let words = text.split(parts);
    let words = words.filter(|word| word.chars().any(char::is_alphanumeric));
    let words = words.map(str::to_lowercase).filter(|word| seen.insert(word.clone())).take(WORDS);
    words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" OR ")
}
