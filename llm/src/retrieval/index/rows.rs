//! Documents as rows of a table.

use crate::retrieval::Document;
use catena::{Error, ErrorKind, Result};
use rusqlite::Row;
use serde_json::{Map, Value};

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
