//! Vectors in a SQLite file.

use super::{
    ContentHash, EmbeddedDocument, VectorSpace, VectorStore,
    nearest::{Nearest, bytes, cosine},
    rows::{self, Condition, Found},
};
use crate::{
    retrieval::{Document, Filter},
    sqlite::{Database, Schema},
};
use catena::Result;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use std::{collections::BTreeMap, path::Path};

/// A store of vectors in a SQLite file or in memory. A clone is the same store.
///
/// The search is exact. It reads every vector that the filter accepts, so its time grows with their number. SQLite checks
/// filters for texts, integers and truth values.
#[derive(Clone, Debug)]
pub struct SqliteVectors {
    database: Database,
}

static SCHEMA: Schema = Schema {
    part: "vectors",
    steps: &["
        CREATE TABLE catena_vectors (
            key INTEGER PRIMARY KEY,
            id TEXT UNIQUE,
            content TEXT NOT NULL,
            metadata TEXT NOT NULL,
            vector BLOB NOT NULL
        );
        CREATE TABLE catena_vector_space (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            model TEXT NOT NULL,
            dimensions INTEGER NOT NULL
        );
    "],
};

impl SqliteVectors {
    /// Opens the store in the file at this path, which is created if it does not exist. A [`Bm25`](super::Bm25), a
    /// history and other programs can share the file.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(SqliteVectors { database: Database::open(path, &SCHEMA).await? })
    }

    /// Creates a store in memory, which is dropped with its last clone.
    ///
    /// # Errors
    /// If SQLite cannot allocate memory.
    pub fn in_memory() -> Result<Self> {
        Ok(SqliteVectors { database: Database::in_memory(&SCHEMA)? })
    }
}

impl VectorStore for SqliteVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    async fn space(&self) -> Result<Option<VectorSpace>> {
        self.database.read("reading the model of the vectors", space_of).await
    }

    async fn add(&self, space: VectorSpace, documents: Vec<EmbeddedDocument>) -> Result<()> {
        let rows: Vec<_> = documents.iter().map(|one| rows::row(&one.document)).collect::<Result<_>>()?;
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            match space_of(transaction)? {
                None => {
                    let sql = "INSERT INTO catena_vector_space (one, model, dimensions) VALUES (1, ?1, ?2)";
                    let dimensions = i64::try_from(space.dimensions).unwrap_or(i64::MAX);
                    transaction.execute(sql, (&space.model, dimensions))?;
                }
                Some(known) if known == space => {}
                Some(known) => return Ok(Err(known.differs(&space))),
            }
            let mut delete = transaction.prepare("DELETE FROM catena_vectors WHERE id = ?1")?;
            let sql = "INSERT INTO catena_vectors (id, content, metadata, vector) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare(sql)?;
            for ((id, content, metadata), one) in rows.iter().zip(&documents) {
                if id.is_some() {
                    delete.execute([id])?;
                }
                insert.execute((id, content, metadata, bytes(&one.vector)))?;
            }
            Ok(Ok(()))
        };
        self.database.write("storing vectors", write).await?
    }

    async fn remove(&self, ids: Vec<String>) -> Result<usize> {
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let mut delete = transaction.prepare("DELETE FROM catena_vectors WHERE id = ?1")?;
            ids.iter().try_fold(0, |removed, id| Ok(removed + delete.execute([id])?))
        };
        self.database.write("removing vectors", write).await
    }

    async fn nearest(&self, vector: &[f32], limit: usize, filter: &Filter) -> Result<Vec<Document>> {
        let (vector, filter) = (vector.to_vec(), filter.clone());
        let read = move |connection: &Connection| {
            let Condition { sql, values } = Condition::of(&filter, 1);
            let sql = format!("SELECT key, vector, metadata FROM catena_vectors WHERE {sql}");
            let mut all = connection.prepare(&sql)?;
            let mut rows = all.query(params_from_iter(values))?;
            let mut nearest = Nearest::new(limit);
            while let Some(row) = rows.next()? {
                if filter.is_empty() || filter.accepts(&rows::metadata(row.get_ref(2)?.as_str()?)) {
                    nearest.add(row.get(0)?, cosine(&vector, row.get_ref(1)?.as_blob()?));
                }
            }
            let sql = "SELECT id, content, metadata, ?2 FROM catena_vectors WHERE key = ?1";
            let mut one = connection.prepare(sql)?;
            let found = nearest
                .best_first()
                .into_iter()
                .map(|near| one.query_row((near.key, f64::from(near.score)), Found::read));
            found.collect::<rusqlite::Result<Vec<Found>>>()
        };
        let found = self.database.read("searching the vectors", read).await?;
        found.into_iter().map(Found::document).collect()
    }

    async fn hashes(&self, filter: &Filter) -> Result<BTreeMap<String, ContentHash>> {
        rows::hashes(&self.database, "catena_vectors", filter).await
    }

    async fn len(&self) -> Result<usize> {
        let read = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM catena_vectors", [], |row| row.get::<_, i64>(0))
        };
        let count = self.database.read("counting documents", read).await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}

fn space_of(connection: &Connection) -> rusqlite::Result<Option<VectorSpace>> {
    let sql = "SELECT model, dimensions FROM catena_vector_space";
    let read = |row: &rusqlite::Row<'_>| {
        let dimensions = usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        Ok(VectorSpace { model: row.get(0)?, dimensions })
    };
    connection.query_row(sql, [], read).optional()
}
