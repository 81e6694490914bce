//! Which documents count, by what is known of them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Conditions on the metadata of documents, all of which have to hold.
///
/// ```
/// use catena_llm::retrieval::{Document, Filter};
///
/// let filter = Filter::new().equals("lang", "en").one_of("section", ["news", "blog"]);
/// assert!(filter.accepts(Document::new("..").with("lang", "en").with("section", "blog").metadata()));
/// assert!(!filter.accepts(Document::new("..").with("lang", "en").metadata()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter(Vec<(String, Vec<Value>)>);

impl Filter {
    /// All documents.
    pub fn new() -> Self {
        Filter::default()
    }

    /// And only those of this value.
    pub fn equals(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.one_of(key, [value])
    }

    /// And only those of one of these values.
    pub fn one_of<V: Into<Value>>(mut self, key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        self.0.push((key.into(), values.into_iter().map(Into::into).collect()));
        self
    }

    /// Whether all documents count.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a document of this metadata counts.
    pub fn accepts(&self, metadata: &Map<String, Value>) -> bool {
        self.0.iter().all(|(key, values)| metadata.get(key).is_some_and(|value| values.contains(value)))
    }
}
