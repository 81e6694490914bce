//! Documents as points.

use crate::retrieval::{ContentHash, Document, EmbeddedDocument, VectorSpace};
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The payload of a point.
#[derive(Deserialize)]
pub(super) struct Payload {
    #[serde(default)]
    page_content: String,
    #[serde(default)]
    pub(super) metadata: Map<String, Value>,
    /// Points of other programs have none.
    #[serde(default)]
    pub(super) catena: Own,
}

/// The part of a payload that is for this store alone.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Own {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) hash: Option<ContentHash>,
    model: String,
    dimensions: usize,
    version: u32,
}

/// The version of payloads that this program knows.
const VERSION: u32 = 1;

impl Own {
    /// Returns the space of the point's vector. A payload of a newer version is an error.
    pub(super) fn space(self) -> Result<VectorSpace> {
        let Own { model, dimensions, version, .. } = self;
        if version > VERSION {
            let message = format!(
                "the vectors in Qdrant are of version {version}, and this program knows {VERSION}: use a newer program"
            );
            return Err(Error::new(ErrorKind::BadInput, message));
        }
        Ok(VectorSpace { model, dimensions })
    }
}

impl Payload {
    pub(super) fn document(self, score: f64) -> Document {
        Document::from_parts(self.catena.id, self.page_content, self.metadata).with_score(score)
    }
}

/// Returns the payloads of points with their scores. A payload that cannot be read is that of another program, and is left
/// out.
pub(super) fn payloads(points: &mut Value) -> Vec<(Payload, f64)> {
    let points = points.as_array_mut().map(std::mem::take).unwrap_or_default();
    let read = |mut point: Value| {
        let score = point["score"].as_f64().unwrap_or_default();
        Some((serde_json::from_value(point["payload"].take()).ok()?, score))
    };
    points.into_iter().filter_map(read).collect()
}

/// Returns the point of a document.
pub(super) fn write(one: &EmbeddedDocument, space: &VectorSpace) -> Result<Value> {
    let EmbeddedDocument { document, vector } = one;
    let id = document.id().map_or_else(Uuid::new_v4, id_of);
    let own = Own {
        id: document.id().map(str::to_owned),
        hash: Some(document.content_hash()),
        model: space.model.clone(),
        dimensions: space.dimensions,
        version: VERSION,
    };
    let own = serde_json::to_value(own).map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
    let payload = json!({ "page_content": document.content(), "metadata": document.metadata(), "catena": own });
    Ok(json!({ "id": id.to_string(), "vector": vector, "payload": payload }))
}

/// Returns the id of the point of the document with this id. Qdrant takes UUIDs and numbers.
pub(super) fn id_of(id: &str) -> Uuid {
    let digest = Sha256::digest(id);
    let (bytes, _) = digest.as_chunks::<16>();
    Builder::from_custom_bytes(bytes.first().copied().unwrap_or_default()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn a_document_keeps_its_point() {
        // Stored points are found by it.
        assert_eq!(id_of("backups").to_string(), "9d488c88-87ad-8009-aa70-5807a2b6fae5");
        assert_ne!(id_of("a"), id_of("b"));
    }
}
