//! Vectors in Postgres, by the extension pgvector.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`PgVectors`], the store |
//! | `builder` | its settings |
//! | `connection` | the connection, which is made again when it breaks |
//! | `schema` | the tables |
//! | `condition` | filters as conditions in SQL |
//! | `failure` | errors of Postgres, with explanations |

mod builder;
mod condition;
mod connection;
mod failure;
mod schema;

pub use builder::PgVectorsBuilder;

use crate::retrieval::{
    ContentHash, Document, EmbeddedDocument, Filter, VectorSpace, VectorStore, index::last_of_each_id,
};
use catena::{Details, Error, ErrorKind, Result};
use condition::Condition;
use connection::{Connection, Parameters};
use schema::Table;
use std::{collections::BTreeMap, fmt::Write, sync::Arc};
use tokio_postgres::{Row, types::Type};

/// The number of neighbours that an index of pgvector looks for by default.
const INDEXED: usize = 40;

/// A store of vectors in a table of a Postgres database, by the extension
/// [pgvector](https://github.com/pgvector/pgvector) 0.5 or later. A clone is the same store.
///
/// The search is exact, until there is an [index](Self::create_hnsw_index). Postgres checks filters, by an index on the
/// metadata, and compares values as JSON does: 1 is not 1.0. All writes of one [`add`](VectorStore::add) are one statement.
///
/// A broken connection is made again by the next call. The call that meets it fails with the kind
/// [`Unavailable`](ErrorKind::Unavailable), which a retry repeats.
///
/// `sslmode` and `sslrootcert` in the settings mean what they mean to `libpq`: by default the connection is encrypted if the
/// server has TLS, and its certificate is not checked. With `sslmode=verify-full` it is always encrypted, and the certificate has
/// to be for the host, and signed by a root of the operating system or of the file `sslrootcert`.
///
/// `sslcert` and `sslkey` name the files of a certificate and its key for a server that demands one of clients. They are read
/// once, and only the owner may read the key. No environment variable is read (`PGSSLMODE`, `PGSSLCERT`, ..): the settings are
/// all there is.
///
/// ```no_run
/// use catena_llm::retrieval::{Document, Filter, PgVectors, Retrieve, VectorIndex};
///
/// # async fn run() -> catena::Result<()> {
/// let store = PgVectors::connect("host=localhost user=shop dbname=shop").await?;
/// let index = VectorIndex::new(catena_llm::openai_embeddings("text-embedding-3-small").build()?, store);
/// index.sync([Document::new("Backups run at two.").with_id("backups").with("lang", "en")]).await?;
/// let search = Retrieve::new(index).filter(Filter::new().equals("lang", "en")).top(3);
/// # let _ = search; Ok(()) }
/// ```
#[derive(Clone)]
pub struct PgVectors {
    connection: Arc<Connection>,
    table: Arc<Table>,
}

impl PgVectors {
    /// Connects to a database by settings such as `host=db user=shop dbname=shop` or `postgresql://shop@db/shop`, with the
    /// table `catena_vectors`.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for settings that cannot be read, if the server has not the TLS that they require, and if the
    /// database has no extension `vector` and it cannot be created. [`ErrorKind::Auth`] if the user is refused. [`ErrorKind::Unavailable`] if the server cannot be reached.
    pub async fn connect(settings: &str) -> Result<Self> {
        PgVectors::builder().connect(settings).await
    }

    /// Creates a builder, which sets the name of the table.
    pub fn builder() -> PgVectorsBuilder {
        PgVectorsBuilder::default()
    }

    /// Creates an index (HNSW), if there is none, which makes searches of many vectors fast and approximate. It is used for
    /// at most 40 documents without a filter; all other searches stay exact. Takes minutes for millions of vectors.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if nothing was ever stored. [`ErrorKind::Step`] if pgvector does not take vectors of this
    /// length, such as of more than 2000 numbers.
    pub async fn create_hnsw_index(&self) -> Result<()> {
        if self.space().await?.is_none() {
            let message = "the store has no vectors yet: create the index after documents were added";
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        // It would keep the other calls of a shared connection waiting.
        self.connection.batch_alone("creating an index of vectors", &self.table.hnsw()).await
    }

    async fn rows(&self, doing: &'static str, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>> {
        self.connection.query(doing, sql, parameters).await
    }

    /// Returns the space of the vectors. Creates the table for this one if there is none.
    async fn space_or(&self, space: &VectorSpace) -> Result<VectorSpace> {
        if let Some(known) = self.space().await? {
            return Ok(known);
        }
        self.connection.batch("creating a table of vectors", &self.table.create(space)).await?;
        // Another process may have been first.
        Ok(self.space().await?.unwrap_or_else(|| space.clone()))
    }
}

impl VectorStore for PgVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    fn details(&self, details: &mut Details) {
        details.set("store", "pgvector");
        details.set("table", self.table.name.as_str());
    }

    async fn space(&self) -> Result<Option<VectorSpace>> {
        let sql = "SELECT model, dimensions FROM catena_vector_spaces WHERE name = $1";
        let rows = self.rows("reading the model of the vectors", sql, &[(&self.table.name, Type::TEXT)]).await?;
        Ok(rows.first().map(|row| {
            let dimensions = usize::try_from(row.get::<_, i64>(1)).unwrap_or_default();
            VectorSpace { model: row.get(0), dimensions }
        }))
    }

    async fn add(&self, space: VectorSpace, documents: Vec<EmbeddedDocument>) -> Result<()> {
        let documents = last_of_each_id(documents);
        documents.iter().try_for_each(|one| storable(&one.document))?;
        let known = self.space_or(&space).await?;
        if known != space {
            return Err(known.differs(&space));
        }
        let ids: Vec<Option<&str>> = documents.iter().map(|one| one.document.id()).collect();
        let contents: Vec<&str> = documents.iter().map(|one| one.document.content()).collect();
        let metadata = documents.iter().map(|one| serde_json::to_string(one.document.metadata()));
        let metadata: Vec<String> = metadata.collect::<Result<_, _>>()?;
        let hashes = documents.iter().map(|one| one.document.content_hash());
        let hashes: Vec<Vec<u8>> = hashes.map(|hash| hash.as_bytes().to_vec()).collect();
        let vectors: Vec<String> = documents.iter().map(|one| text(&one.vector)).collect();
        let parameters: Parameters<'_> = &[
            (&ids, Type::TEXT_ARRAY),
            (&contents, Type::TEXT_ARRAY),
            (&metadata, Type::TEXT_ARRAY),
            (&hashes, Type::BYTEA_ARRAY),
            (&vectors, Type::TEXT_ARRAY),
        ];
        self.rows("storing vectors", &self.table.insert(), parameters).await?;
        Ok(())
    }

    async fn remove(&self, ids: Vec<String>) -> Result<usize> {
        if self.space().await?.is_none() {
            return Ok(0);
        }
        let table = &self.table.quoted;
        let sql =
            format!("WITH gone AS (DELETE FROM {table} WHERE id = ANY ($1) RETURNING 1) SELECT count(*) FROM gone");
        // No stored id has a NUL.
        let ids: Vec<String> = ids.into_iter().filter(|id| !id.contains('\0')).collect();
        Ok(count(&self.rows("removing vectors", &sql, &[(&ids, Type::TEXT_ARRAY)]).await?))
    }

    async fn nearest(&self, vector: &[f32], limit: usize, filter: &Filter) -> Result<Vec<Document>> {
        let Some(condition) = Condition::of(filter, 3) else { return Ok(Vec::new()) };
        let (vector, most) = (text(vector), i64::try_from(limit).unwrap_or(i64::MAX));
        // An index would find too few documents that the filter accepts. Only this form of the order uses one.
        let exact = if filter.is_empty() && limit <= INDEXED { "" } else { " + 0, key" };
        let sql = format!(
            "SELECT id, content, metadata, -distance FROM (
                SELECT id, content, metadata::text, key, vector <#> $1::text::vector AS distance FROM {} WHERE {}
                ORDER BY (vector <#> $1::text::vector){exact} LIMIT $2
            ) AS near ORDER BY distance, key",
            self.table.quoted, condition.sql
        );
        let mut parameters: Vec<_> = vec![(&vector as _, Type::TEXT), (&most as _, Type::INT8)];
        parameters.extend(condition.parameters());
        let rows = self.rows("searching the vectors", &sql, &parameters).await?;
        let document = |row: &Row| {
            let metadata = serde_json::from_str(&row.get::<_, String>(2))?;
            Ok(Document::from_parts(row.get(0), row.get(1), metadata).with_score(row.get(3)))
        };
        rows.iter().map(document).collect()
    }

    async fn hashes(&self, filter: &Filter) -> Result<BTreeMap<String, ContentHash>> {
        let Some(condition) = Condition::of(filter, 1) else { return Ok(BTreeMap::new()) };
        if self.space().await?.is_none() {
            return Ok(BTreeMap::new());
        }
        let sql = format!("SELECT id, hash FROM {} WHERE id IS NOT NULL AND {}", self.table.quoted, condition.sql);
        let parameters: Vec<_> = condition.parameters().collect();
        let rows = self.rows("listing documents", &sql, &parameters).await?;
        // A hash of another length is that of no document, which is then written again.
        let hash = |row: &Row| ContentHash::from_bytes(row.get::<_, Vec<u8>>(1).try_into().unwrap_or([0; 32]));
        Ok(rows.iter().map(|row| (row.get(0), hash(row))).collect())
    }

    async fn len(&self) -> Result<usize> {
        if self.space().await?.is_none() {
            return Ok(0);
        }
        let sql = format!("SELECT count(*) FROM {}", self.table.quoted);
        Ok(count(&self.rows("counting documents", &sql, &[]).await?))
    }
}

fn count(rows: &[Row]) -> usize {
    rows.first().and_then(|row| usize::try_from(row.get::<_, i64>(0)).ok()).unwrap_or_default()
}

/// Returns a vector as pgvector reads it.
fn text(vector: &[f32]) -> String {
    let mut text = String::with_capacity(vector.len() * 12);
    text.push('[');
    for (at, number) in vector.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{number}", if at == 0 { "" } else { "," });
    }
    text.push(']');
    text
}

/// Checks that Postgres can store a document: its texts have no NUL.
fn storable(document: &Document) -> Result<()> {
    let in_metadata = || serde_json::to_string(document.metadata()).is_ok_and(|json| has_nul(&json));
    if document.content().contains('\0') || document.id().is_some_and(|id| id.contains('\0')) || in_metadata() {
        let name = document.id().map_or_else(|| "a document".to_owned(), |id| format!("the document {id:?}"));
        let message = format!("{name} has the character U+0000 in it, which Postgres cannot store: take it out");
        return Err(Error::new(ErrorKind::BadInput, message));
    }
    Ok(())
}

/// Returns whether JSON has the escape `\u0000`, and not a backslash before `u0000`.
fn has_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json.get(..at).unwrap_or_default();
        before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0
    })
}

impl std::fmt::Debug for PgVectors {
    /// The settings may have a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgVectors").field("table", &self.table.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{has_nul, text};

    #[test]
    fn a_backslash_before_u0000_is_no_nul() {
        for (value, nul) in [("a\0b", true), ("\\u0000", false), ("\\\0", true), ("\\\\u0000", false), ("", false)] {
            assert_eq!(has_nul(&serde_json::to_string(value).unwrap()), nul, "{value:?}");
        }
    }

    #[test]
    fn numbers_are_written_so_that_they_are_read_again() {
        assert_eq!(text(&[1.0, -0.25, 1e-20]), "[1,-0.25,0.00000000000000000001]");
        assert_eq!(text(&[]), "[]");
    }
}
