//! The identity of a document's content.

use crate::retrieval::Document;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};

/// A hash of the text and the metadata of a document: SHA-256. Two documents with the same hash need not be indexed twice.
///
/// The order of the metadata's entries does not matter. The id and the score are not part of it. `Display` and `serde` write
/// hexadecimal digits.
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
    /// Creates the hash that a store has kept as bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        ContentHash(bytes)
    }

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

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a hash has 64 hexadecimal digits");
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? * 16 + digit(*low)?);
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let bytes = bytes.filter(|_| rest.is_empty()).ok_or_else(wrong)?;
        Ok(ContentHash(bytes.try_into().map_err(|_| wrong())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_and_read_again() {
        let hash = Document::new("text").content_hash();
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{hash}\""));
        assert_eq!(serde_json::from_str::<ContentHash>(&json).unwrap(), hash);
        assert_eq!(ContentHash::from_bytes(*hash.as_bytes()), hash);
        for wrong in ["\"\"", "\"0g\"", "\"000\"", &json.replace('"', "\"00").replacen("\"00", "\"", 1)] {
            assert!(serde_json::from_str::<ContentHash>(wrong).is_err(), "{wrong}");
        }
    }
}
