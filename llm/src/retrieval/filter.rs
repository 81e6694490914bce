//! Conditions on the metadata of documents.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A filter on documents: conditions on their metadata, all of which must hold.
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
    /// Creates a filter that accepts all documents.
    pub fn new() -> Self {
        Filter::default()
    }

    /// Adds the condition that an entry has this value.
    pub fn equals(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.one_of(key, [value])
    }

    /// Adds the condition that an entry has one of these values.
    pub fn one_of<V: Into<Value>>(mut self, key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        self.0.push((key.into(), values.into_iter().map(Into::into).collect()));
        self
    }

    /// Returns the conditions: the key of an entry, and the values that it may have. A store that is a database checks them
    /// itself.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    /// Returns whether the filter accepts all documents.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether the filter accepts a document with this metadata.
    pub fn accepts(&self, metadata: &Map<String, Value>) -> bool {
        self.0.iter().all(|(key, values)| metadata.get(key).is_some_and(|value| values.contains(value)))
    }
}
