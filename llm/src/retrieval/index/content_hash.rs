//! The identity of a document's content.

use crate::retrieval::Document;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};

/// A hash of the text and the metadata of a document: SHA-256. Two documents with the same hash need not be indexed twice.
///
/// The order of the metadata's entries does not matter. The id and the score are not part of it.
///
/// ```
/// use catena_llm::retrieval::Document;
///
/// let a = Document::new("text").with("lang", "en").with("page", 1);
/// let b = Document::new("text").with("page", 1).with("lang", "en").with_id("7");
/// assert_eq!(a.content_hash(), b.content_hash());
/// assert_ne!(a.content_hash(), Document::new("text").content_hash());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Returns the bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Document {
    /// Returns the hash of the text and the metadata.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = Sha256::new();
        // The length separates the text from what follows.
        hasher.update(u64::try_from(self.content().len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(self.content());
        let entries: BTreeMap<&String, &Value> = self.metadata().iter().collect();
        hasher.update(serde_json::to_vec(&entries).unwrap_or_default());
        ContentHash(hasher.finalize().into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}
