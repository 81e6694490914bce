//! Documents as rows of a table.

use super::ContentHash;
use crate::{
    retrieval::{Document, Filter},
    sqlite::Database,
};
use catena::{Error, ErrorKind, Result};
use rusqlite::{Connection, Row, params_from_iter, types};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Write};

/// A document to be inserted: id, content, metadata.
pub(super) type NewRow = (Option<String>, String, String);

pub(super) fn row(document: &Document) -> Result<NewRow> {
    let metadata = serde_json::to_string(document.metadata())?;
    Ok((document.id().map(str::to_owned), document.content().to_owned(), metadata))
}

/// A row `id, content, metadata, score`.
pub(super) struct Found {
    pub(super) id: Option<String>,
    pub(super) content: String,
    pub(super) metadata: String,
    pub(super) score: f64,
}

impl Found {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Found { id: row.get(0)?, content: row.get(1)?, metadata: row.get(2)?, score: row.get(3)? })
    }

    pub(super) fn document(self) -> Result<Document> {
        let metadata: Map<String, Value> = serde_json::from_str(&self.metadata).map_err(|error| {
            let document = self.id.as_deref().map_or("a document".to_owned(), |id| format!("the document `{id}`"));
            let message = format!("the metadata of {document} cannot be read: {error}");
            Error::new(ErrorKind::Parse { raw: self.metadata.clone() }, message).with_retryable(false)
        })?;
        Ok(Document::from_parts(self.id, self.content, metadata).with_score(self.score))
    }
}

/// Parses metadata for a filter. Invalid metadata matches no filter; without a filter, reading the document reports the
/// error.
pub(super) fn metadata(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}

/// A filter as a condition on the column `metadata`. It accepts at least what the filter accepts: rows are checked again.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) values: Vec<types::Value>,
}

impl Condition {
    /// Converts a filter to a condition whose parameters have numbers from `first` on.
    pub(super) fn of(filter: &Filter, first: usize) -> Self {
        let (mut checks, mut values): (Vec<String>, Vec<types::Value>) = (Vec::new(), Vec::new());
        for (key, allowed) in filter.conditions() {
            // Other values are not compared as JSON compares them.
            let Some(allowed) = allowed.iter().map(scalar).collect::<Option<Vec<_>>>() else { continue };
            let mut check = format!(
                "EXISTS (SELECT 1 FROM json_each(metadata) AS entry WHERE entry.key = ?{} AND entry.atom IN (",
                first + values.len()
            );
            values.push(key.to_owned().into());
            for (at, value) in allowed.into_iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(check, "{comma}?{}", first + values.len());
                values.push(value);
            }
            check.push_str("))");
            checks.push(check);
        }
        let sql = if checks.is_empty() {
            "1".to_owned()
        } else {
            format!("CASE WHEN json_valid(metadata) THEN {} ELSE 0 END", checks.join(" AND "))
        };
        Condition { sql, values }
    }
}

/// Returns a value that SQLite compares as JSON does.
fn scalar(value: &Value) -> Option<types::Value> {
    match value {
        Value::String(text) => Some(text.clone().into()),
        Value::Bool(truth) => Some(i64::from(*truth).into()),
        Value::Number(number) => number.as_i64().map(types::Value::from),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the hashes of the documents in a table that have an id and that the filter accepts.
pub(super) async fn hashes(
    database: &Database,
    table: &'static str,
    filter: &Filter,
) -> Result<BTreeMap<String, ContentHash>> {
    let filter = filter.clone();
    let read = move |connection: &Connection| {
        let Condition { sql, values } = Condition::of(&filter, 1);
        let sql = format!("SELECT id, content, metadata FROM {table} WHERE id IS NOT NULL AND {sql}");
        let mut all = connection.prepare(&sql)?;
        let mut rows = all.query(params_from_iter(values))?;
        let mut hashes = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let metadata = metadata(row.get_ref(2)?.as_str()?);
            if filter.accepts(&metadata) {
                let document = Document::from_parts(None, row.get(1)?, metadata);
                hashes.insert(row.get(0)?, document.content_hash());
            }
        }
        Ok(hashes)
    };
    database.read("listing documents", read).await
}
