//! Documents, the items of an index.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, sync::Arc};

/// A text with metadata. A clone copies pointers.
///
/// `Display` writes its content. The JSON form has LangChain's field names, so that LangChain's exports can be read:
///
/// ```
/// use catena_llm::retrieval::Document;
///
/// let document: Document = serde_json::from_str(
///     r#"{"id": "b1", "page_content": "Backups run at two.", "metadata": {"source": "handbook/backups.txt"}}"#,
/// )?;
/// assert_eq!((document.id(), document.source()), (Some("b1"), Some("handbook/backups.txt")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Document {
    id: Option<Arc<str>>,
    content: Arc<str>,
    metadata: Arc<Map<String, Value>>,
    score: Option<f64>,
}

impl Document {
    /// Creates a document without metadata.
    pub fn new(content: impl Into<Arc<str>>) -> Self {
        Document { id: None, content: content.into(), metadata: Arc::default(), score: None }
    }

    /// Sets the id. A document that is added under an existing id replaces the earlier one.
    pub fn with_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds an entry to the metadata. The entry `source` appears in [citations](super::FormatDocuments).
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        Arc::make_mut(&mut self.metadata).insert(key.into(), value.into());
        self
    }

    /// Sets the score; higher is better. Scores of different retrievers are not comparable.
    pub fn with_score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }

    /// Replaces the text.
    pub fn with_content(mut self, content: impl Into<Arc<str>>) -> Self {
        self.content = content.into();
        self
    }

    pub(super) fn from_parts(id: Option<String>, content: String, metadata: Map<String, Value>) -> Self {
        Document { id: id.map(Into::into), content: content.into(), metadata: Arc::new(metadata), score: None }
    }

    /// Returns the id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the text.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Returns the metadata.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// Returns an entry of the metadata.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// Returns the entry `source` of the metadata: the origin of the document.
    pub fn source(&self) -> Option<&str> {
        self.get("source")?.as_str()
    }

    /// Returns the score, if the document was retrieved.
    pub fn score(&self) -> Option<f64> {
        self.score
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.content)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Document");
        if let Some(id) = &self.id {
            out.field("id", id);
        }
        out.field("content", &self.content);
        if !self.metadata.is_empty() {
            out.field("metadata", &self.metadata);
        }
        if let Some(score) = self.score {
            out.field("score", &score);
        }
        out.finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(alias = "content")]
    page_content: String,
    #[serde(default)]
    metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

impl From<Wire> for Document {
    fn from(Wire { id, page_content, metadata, score }: Wire) -> Self {
        Document { score, ..Document::from_parts(id, page_content, metadata) }
    }
}

impl From<Document> for Wire {
    fn from(Document { id, content, metadata, score }: Document) -> Self {
        let id = id.map(|id| id.as_ref().to_owned());
        Wire { id, page_content: content.as_ref().to_owned(), metadata: Arc::unwrap_or_clone(metadata), score }
    }
}
