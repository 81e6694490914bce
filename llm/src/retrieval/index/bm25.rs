use super::{
    rows::{self, Condition, Found},
    segment::{self, Segment},
    sync::{BATCH, Plan, Synced},
};
use crate::{
    retrieval::{Document, Filter, Query, Retriever},
    sqlite::{Database, Schema},
};
use catena::{Context, Details, Result};
use rusqlite::{params_from_iter, types};
use std::{collections::HashSet, path::Path};

/// A full-text index ranked by BM25: SQLite's FTS5, in a file or in memory. A clone is the same index.
///
/// A query finds documents with any of its words. Words are compared without case and accents, English words by their
/// stem. A word with punctuation, such as `e-mail`, counts as several words. A query is plain text: FTS5's operators
/// are words too. Of a long query, the first 200 different words are used.
///
/// Chinese, Japanese and Korean are indexed by pairs of characters, so that words are found without spaces around them.
/// An index in a file of an earlier version is indexed again when it is opened.
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
    steps: &[
        "
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
    ",
        "
        ALTER TABLE catena_bm25_documents ADD COLUMN words TEXT;
        DROP TRIGGER catena_bm25_added;
        DROP TRIGGER catena_bm25_removed;
        DROP TABLE catena_bm25;
        CREATE VIEW catena_bm25_words AS
            SELECT key, coalesce(words, content) AS content FROM catena_bm25_documents;
        CREATE VIRTUAL TABLE catena_bm25 USING fts5(
            content,
            content = 'catena_bm25_words',
            content_rowid = 'key',
            tokenize = 'porter unicode61 remove_diacritics 2'
        );
        INSERT INTO catena_bm25 (catena_bm25) VALUES ('rebuild');
        CREATE TRIGGER catena_bm25_added AFTER INSERT ON catena_bm25_documents BEGIN
            INSERT INTO catena_bm25 (rowid, content) VALUES (new.key, coalesce(new.words, new.content));
        END;
        CREATE TRIGGER catena_bm25_removed AFTER DELETE ON catena_bm25_documents BEGIN
            INSERT INTO catena_bm25 (catena_bm25, rowid, content)
                VALUES ('delete', old.key, coalesce(old.words, old.content));
        END;
        CREATE TRIGGER catena_bm25_changed AFTER UPDATE OF words ON catena_bm25_documents BEGIN
            INSERT INTO catena_bm25 (catena_bm25, rowid, content)
                VALUES ('delete', old.key, coalesce(old.words, old.content));
            INSERT INTO catena_bm25 (rowid, content) VALUES (new.key, coalesce(new.words, new.content));
        END;
        CREATE TABLE catena_bm25_unsegmented (key INTEGER PRIMARY KEY);
        INSERT INTO catena_bm25_unsegmented SELECT key FROM catena_bm25_documents;
    ",
    ],
};

/// The maximum number of words. FTS5 parses a query recursively, with a maximum depth of 256.
const WORDS: usize = 200;

impl Bm25 {
    /// Opens the index in the file at this path, which is created if it does not exist. A
    /// [`VectorIndex`](super::VectorIndex), a history and other programs can share the file.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let index = Bm25 { database: Database::open(path, &SCHEMA).await? };
        index.segment_old().await?;
        Ok(index)
    }

    /// Segments the documents of a file from before there were segments. Does nothing the next time.
    async fn segment_old(&self) -> Result<()> {
        let is_any = |connection: &rusqlite::Connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM catena_bm25_unsegmented)";
            connection.query_row(sql, [], |row| row.get::<_, bool>(0))
        };
        if !self.database.read("preparing its tables", is_any).await? {
            return Ok(());
        }
        let write = |transaction: &rusqlite::Transaction<'_>| {
            let sql = "SELECT key, content FROM catena_bm25_documents JOIN catena_bm25_unsegmented USING (key)";
            let mut old = transaction.prepare(sql)?;
            let mut rows = old.query([])?;
            let mut segmented: Vec<(i64, String)> = Vec::new();
            while let Some(row) = rows.next()? {
                let content = row.get_ref(1)?.as_str()?;
                if segment::has_east_asian(content) {
                    segmented.push((row.get(0)?, segment::spaced(content)));
                }
            }
            let mut update = transaction.prepare("UPDATE catena_bm25_documents SET words = ?2 WHERE key = ?1")?;
            segmented.iter().try_for_each(|row| update.execute((row.0, &row.1)).map(drop))?;
            transaction.execute("DELETE FROM catena_bm25_unsegmented", []).map(drop)
        };
        self.database.write("indexing documents", write).await
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
            let sql = "INSERT INTO catena_bm25_documents (id, content, metadata, words) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare(sql)?;
            for (id, content, metadata) in &rows {
                if id.is_some() {
                    delete.execute([id])?;
                }
                let words = segment::has_east_asian(content).then(|| segment::spaced(content));
                insert.execute((id, content, metadata, words))?;
            }
            Ok(())
        };
        self.database.write("indexing documents", write).await
    }

    /// Makes the index have these documents and no others with an id. Documents whose
    /// [hash](Document::content_hash) has not changed are not written.
    ///
    /// They are written in batches of 100, and removals come last. After an interruption, another call does the rest.
    ///
    /// # Errors
    /// [`BadInput`](catena::ErrorKind::BadInput) for a document without an id, and for two with the same. Further those
    /// of [`add`](Self::add).
    pub async fn sync(&self, documents: impl IntoIterator<Item = Document>) -> Result<Synced> {
        self.sync_where(&Filter::new(), documents.into_iter().collect()).await
    }

    /// Makes the part of the index that a filter accepts, such as all of one `source`, have these documents and no
    /// others with an id.
    ///
    /// # Errors
    /// [`BadInput`](catena::ErrorKind::BadInput) for a document that the filter does not accept. Further those of
    /// [`sync`](Self::sync).
    pub async fn sync_where(&self, filter: &Filter, documents: Vec<Document>) -> Result<Synced> {
        let known = rows::hashes(&self.database, "catena_bm25_documents", filter).await?;
        let Plan { write, remove, synced } = Plan::new(known, documents, filter)?;
        for batch in write.chunks(BATCH) {
            self.add(batch.iter().cloned()).await?;
        }
        if !remove.is_empty() {
            self.remove(remove).await?;
        }
        Ok(synced)
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
            let Condition { sql, values } = Condition::of(&filter, 3);
            // FTS5's rank is negative, and lower is better.
            let sql = format!(
                "SELECT id, d.content, metadata, -rank FROM catena_bm25
                JOIN catena_bm25_documents d ON d.key = catena_bm25.rowid
                WHERE catena_bm25 MATCH ?1 AND {sql} ORDER BY rank, d.key LIMIT ?2"
            );
            let most = if filter.is_empty() { i64::try_from(limit).unwrap_or(i64::MAX) } else { i64::MAX };
            let mut found = connection.prepare(&sql)?;
            let values = [types::Value::from(any), most.into()].into_iter().chain(values);
            let mut rows = found.query(params_from_iter(values))?;
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
    let mut terms = Vec::new();
    for word in text.split(parts).filter(|word| word.chars().any(char::is_alphanumeric)) {
        for segment in segment::segments(word) {
            match segment {
                Segment::Other(other) if other.chars().any(char::is_alphanumeric) => terms.push(quoted(other)),
                Segment::Other(_) => {}
                // Each character begins a word of the index.
                Segment::EastAsian(run) if run.chars().nth(1).is_none() => terms.push(quoted(run) + "*"),
                Segment::EastAsian(run) => terms.extend(segment::pairs(run).map(quoted)),
            }
        }
    }
    let terms: Vec<String> = terms.into_iter().filter(|term| seen.insert(term.clone())).take(WORDS).collect();
    terms.join(" OR ")
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.to_lowercase())
}
