use super::{
    Embedder, Embedding, embedder,
    nearest::{Nearest, bytes, cosine, normalise},
    rows::{self, Found},
};
use crate::{
    retrieval::{Document, Query, Retriever},
    sqlite::{Database, Schema},
};
use catena::{Context, Details, Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// A vector index in a SQLite file or in memory, which finds the documents nearest to a text by cosine similarity. A
/// clone is the same store.
///
/// The search is exact. It reads every vector, so its time grows with their number. The score is the cosine, 1 for the
/// same direction. All vectors must be of one model, whose name the file stores, and of one length; anything else is an
/// error.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Document, HashingEmbedder, Retrieve, VectorStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = VectorStore::in_memory(HashingEmbedder::new(256))?;
/// store.add([Document::new("Backups run at two."), Document::new("Coffee is upstairs.")]).await?;
/// let found = Retrieve::new(store).top(1).invoke("Where is the coffee?").await?;
/// assert_eq!(found[0].content(), "Coffee is upstairs.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct VectorStore<E> {
    embedder: E,
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

impl<E: Embedder> VectorStore<E> {
    /// Opens the store in the file at this path, which is created if it does not exist. A [`Bm25`](super::Bm25), a
    /// history and other programs can share the file.
    ///
    /// # Errors
    /// If the file cannot be opened, is not a database, or has a newer version.
    pub async fn open(path: impl AsRef<Path>, embedder: E) -> Result<Self> {
        Ok(VectorStore { embedder, database: Database::open(path, &SCHEMA).await? })
    }

    /// Creates a store in memory, which is dropped with its last clone.
    ///
    /// # Errors
    /// If SQLite cannot allocate memory.
    pub fn in_memory(embedder: E) -> Result<Self> {
        Ok(VectorStore { embedder, database: Database::in_memory(&SCHEMA)? })
    }

    /// Returns the embedder.
    pub fn embedder(&self) -> &E {
        &self.embedder
    }

    /// Adds documents, all or none, after computing their vectors. A document replaces one with the same id; a document
    /// without an id is always new.
    ///
    /// # Errors
    /// Those of the embedder. [`ErrorKind::BadInput`] if the store has vectors of another model or of another length.
    /// Further, if the database is locked for too long, or full.
    pub async fn add(&self, documents: impl IntoIterator<Item = Document> + Send) -> Result<()> {
        let documents: Vec<Document> = documents.into_iter().collect();
        let texts: Vec<String> = documents.iter().map(|document| document.content().to_owned()).collect();
        if texts.is_empty() {
            return Ok(());
        }
        // Fails for a store of another model before the embedder is paid for.
        self.space().await?;
        let vectors = self.embed(&texts, &Context::new()).await?;
        let space = Space {
            model: self.embedder.name().to_owned(),
            dimensions: i64::try_from(vectors.first().map_or(0, Vec::len)).unwrap_or(i64::MAX),
        };
        let rows = documents.iter().map(rows::row).collect::<Result<Vec<_>>>()?;
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            match Space::of(transaction)? {
                None => space.keep(transaction)?,
                Some(known) if known == space => {}
                Some(known) => return Ok(Err(known.differs(&space))),
            }
            let mut delete = transaction.prepare("DELETE FROM catena_vectors WHERE id = ?1")?;
            let sql = "INSERT INTO catena_vectors (id, content, metadata, vector) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare(sql)?;
            for ((id, content, metadata), vector) in rows.iter().zip(&vectors) {
                if id.is_some() {
                    delete.execute([id])?;
                }
                insert.execute((id, content, metadata, bytes(vector)))?;
            }
            Ok(Ok(()))
        };
        self.database.write("storing vectors", write).await?
    }

    /// Removes the documents with these ids. Returns the number of removed documents.
    ///
    /// # Errors
    /// If the database is locked for too long.
    pub async fn remove<S: Into<String>>(&self, ids: impl IntoIterator<Item = S>) -> Result<usize> {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        let write = move |transaction: &rusqlite::Transaction<'_>| {
            let mut delete = transaction.prepare("DELETE FROM catena_vectors WHERE id = ?1")?;
            ids.iter().try_fold(0, |removed, id| Ok(removed + delete.execute([id])?))
        };
        self.database.write("removing vectors", write).await
    }

    /// Returns the ids of the documents that have one, sorted. Use them to find out which documents to add or remove.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn ids(&self) -> Result<Vec<String>> {
        let read = |connection: &Connection| {
            let mut ids = connection.prepare("SELECT id FROM catena_vectors WHERE id IS NOT NULL ORDER BY id")?;
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
        let read = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM catena_vectors", [], |row| row.get::<_, i64>(0))
        };
        let count = self.database.read("counting documents", read).await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Returns whether the store is empty.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.len().await? == 0)
    }

    /// Returns the vectors, checked and normalised to length 1.
    async fn embed(&self, texts: &[String], cx: &Context) -> Result<Vec<Embedding>> {
        let mut vectors = self.embedder.embed(texts, cx).await?;
        embedder::check(self.embedder.name(), texts.len(), &vectors)?;
        for vector in &mut vectors {
            normalise(vector);
        }
        Ok(vectors)
    }

    /// Returns the model and the length of the stored vectors, if there are any. Fails if they are of another model.
    async fn space(&self) -> Result<Option<Space>> {
        let space = self.database.read("reading the model of the vectors", Space::of).await?;
        match space {
            Some(space) if space.model != self.embedder.name() => {
                let other = Space { model: self.embedder.name().to_owned(), dimensions: space.dimensions };
                Err(space.differs(&other))
            }
            space => Ok(space),
        }
    }
}

impl<E: Embedder> Retriever for VectorStore<E> {
    fn name(&self) -> &'static str {
        "vectors"
    }

    fn details(&self, details: &mut Details) {
        details.set("embeddings", self.embedder.name());
        self.embedder.details(details);
    }

    async fn retrieve(&self, query: Query<'_>, cx: &Context) -> Result<Vec<Document>> {
        let Some(space) = self.space().await? else { return Ok(Vec::new()) };
        if query.limit == 0 || query.text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut vectors = self.embed(&[query.text.to_owned()], cx).await?;
        let Some(vector) = vectors.pop() else { return Ok(Vec::new()) };
        let dimensions = i64::try_from(vector.len()).unwrap_or(i64::MAX);
        if dimensions != space.dimensions {
            return Err(space.differs(&Space { model: space.model.clone(), dimensions }));
        }
        let (limit, filter) = (query.limit, query.filter.clone());
        let read = move |connection: &Connection| {
            let sql = if filter.is_empty() {
                "SELECT key, vector FROM catena_vectors"
            } else {
                "SELECT key, vector, metadata FROM catena_vectors"
            };
            let mut all = connection.prepare(sql)?;
            let mut rows = all.query([])?;
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
}

/// The model and the length of the stored vectors.
#[derive(PartialEq)]
struct Space {
    model: String,
    dimensions: i64,
}

impl Space {
    fn of(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT model, dimensions FROM catena_vector_space";
        connection.query_row(sql, [], |row| Ok(Space { model: row.get(0)?, dimensions: row.get(1)? })).optional()
    }

    fn keep(&self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO catena_vector_space (one, model, dimensions) VALUES (1, ?1, ?2)";
        connection.execute(sql, (&self.model, self.dimensions)).map(drop)
    }

    #[cold]
    fn differs(&self, other: &Space) -> Error {
        let message = format!(
            "the vectors in this store are by {} and of {} numbers, not by {} and of {}: they do not compare, so use \
             another file or index the documents again",
            self.model, self.dimensions, other.model, other.dimensions
        );
        Error::new(ErrorKind::BadInput, message)
    }
}
