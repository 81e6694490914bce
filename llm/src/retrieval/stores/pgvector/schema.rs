//! The tables: one of all spaces, and one of each store.

use crate::retrieval::VectorSpace;
use catena::{Error, ErrorKind, Result};

/// The version of the tables that this program knows.
const VERSION: i64 = 1;

/// Asks whether the extension and the table of spaces are there.
pub(super) const IS_PREPARED: &str = "SELECT to_regclass('catena_vector_spaces') IS NOT NULL \
     AND EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector')";

/// Creates the extension and the table of spaces. A lock lets one process after the other do so.
pub(super) const PREPARE: &str = "
    SELECT pg_advisory_xact_lock(7240120);
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS catena_versions (part TEXT PRIMARY KEY, version BIGINT NOT NULL);
    INSERT INTO catena_versions (part, version) VALUES ('vectors', 1) ON CONFLICT DO NOTHING;
    CREATE TABLE IF NOT EXISTS catena_vector_spaces (
        name TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        dimensions BIGINT NOT NULL
    );
";

/// Asks for the version of the tables.
pub(super) const VERSION_OF: &str = "SELECT version FROM catena_versions WHERE part = 'vectors'";

pub(super) fn refuse_newer(version: Option<i64>) -> Result<()> {
    match version {
        Some(version) if version > VERSION => {
            let message = format!(
                "the vectors in Postgres are of version {version}, and this program knows {VERSION}: use a newer program"
            );
            Err(Error::new(ErrorKind::BadInput, message))
        }
        _ => Ok(()),
    }
}

/// The longest name of a table, so that those of its indices are shorter than Postgres' limit.
const LONGEST: usize = 50;

/// The table of a store.
pub(super) struct Table {
    pub(super) name: String,
    /// The name in SQL.
    pub(super) quoted: String,
}

impl Table {
    pub(super) fn new(name: String) -> Result<Self> {
        let fits = !name.is_empty() && name.len() <= LONGEST;
        if !fits || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message =
                format!("`{name}` cannot be a table of vectors: use letters, digits and `_`, {LONGEST} at most");
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        let quoted = format!("\"{name}\"");
        Ok(Table { name, quoted })
    }

    /// Creates the table for vectors of this space, if there is none.
    pub(super) fn create(&self, space: &VectorSpace) -> String {
        let Table { name, quoted } = self;
        let (model, dimensions) = (space.model.replace('\'', "''"), space.dimensions);
        // A text with `E` before it would have escapes; without, a backslash is one.
        format!(
            "SELECT pg_advisory_xact_lock(7240120);
            SET LOCAL standard_conforming_strings = on;
            CREATE TABLE IF NOT EXISTS {quoted} (
                key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                id TEXT UNIQUE,
                content TEXT NOT NULL,
                metadata JSONB NOT NULL,
                hash BYTEA NOT NULL,
                vector VECTOR({dimensions}) NOT NULL
            );
            CREATE INDEX IF NOT EXISTS \"{name}_metadata\" ON {quoted} USING gin (metadata jsonb_path_ops);
            INSERT INTO catena_vector_spaces (name, model, dimensions) VALUES ('{name}', '{model}', {dimensions})
                ON CONFLICT DO NOTHING;"
        )
    }

    /// Stores documents: their ids, contents, metadata, hashes and vectors, as arrays. One that replaces another one comes
    /// last.
    pub(super) fn insert(&self) -> String {
        let quoted = &self.quoted;
        format!(
            "INSERT INTO {quoted} (id, content, metadata, hash, vector)
            SELECT id, content, metadata::jsonb, hash, vector::vector
                FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS new (id, content, metadata, hash, vector, place)
                ORDER BY place
            ON CONFLICT (id) DO UPDATE SET key = DEFAULT, content = excluded.content, metadata = excluded.metadata,
                hash = excluded.hash, vector = excluded.vector"
        )
    }

    pub(super) fn hnsw(&self) -> String {
        let Table { name, quoted } = self;
        format!("CREATE INDEX IF NOT EXISTS \"{name}_hnsw\" ON {quoted} USING hnsw (vector vector_ip_ops)")
    }
}
