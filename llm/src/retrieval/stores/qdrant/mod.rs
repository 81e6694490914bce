//! Vectors in a Qdrant server, by its REST API.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`QdrantVectors`], the store |
//! | `builder` | its settings |
//! | `server` | requests to the server, and its errors |
//! | `point` | documents as points |
//! | `condition` | filters as conditions of Qdrant |

mod builder;
mod condition;
mod point;
mod server;

pub use builder::{QdrantBuilder, qdrant};

use crate::retrieval::{
    ContentHash, Document, EmbeddedDocument, Filter, VectorSpace, VectorStore, index::last_of_each_id,
};
use catena::{Details, Result};
use condition::Condition;
use point::Payload;
use reqwest::Method;
use serde_json::{Value, json};
use server::Server;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// The number of points that are written by one request. Qdrant takes 32 MB by default.
const WRITTEN: usize = 128;

/// The number of points that are read by one request, when all are.
const READ: usize = 1000;

/// A store of vectors in a collection of a [Qdrant](https://qdrant.tech) server, 1.10 or later; created by [`qdrant`]. A clone
/// is the same store.
///
/// The collection is created when the first document is added, with the distance `Cosine`. Payloads have the names of
/// LangChain's: `page_content`, `metadata`. Qdrant checks filters for texts, integers, truth values and nulls; all are checked
/// again here, and more is asked for if too few are left. Many documents are written in batches of 128: each is stored as a
/// whole. The order of equally near documents is Qdrant's.
///
/// ```no_run
/// use catena_llm::retrieval::{Document, Filter, Retrieve, VectorIndex, qdrant};
///
/// # async fn run() -> catena::Result<()> {
/// let store = qdrant("http://localhost:6333", "handbook").build()?;
/// let index = VectorIndex::new(catena_llm::openai_embeddings("text-embedding-3-small").build()?, store);
/// index.sync([Document::new("Backups run at two.").with_id("backups").with("lang", "en")]).await?;
/// let search = Retrieve::new(index).filter(Filter::new().equals("lang", "en")).top(3);
/// # let _ = search; Ok(()) }
/// ```
#[derive(Clone)]
pub struct QdrantVectors {
    server: Arc<Server>,
}

impl QdrantVectors {
    /// Sends a request about the points. `None` if there is no such collection.
    async fn points(&self, doing: &'static str, path: &str, body: Value) -> Result<Option<Value>> {
        self.server.send(doing, Method::POST, path, Some(body)).await
    }

    async fn create(&self, dimensions: usize) -> Result<()> {
        let body = json!({ "vectors": { "size": dimensions, "distance": "Cosine" } });
        self.server.send("creating a collection", Method::PUT, "", Some(body)).await.map(|_| ())
    }

    /// Returns the points of one page that a filter of Qdrant accepts, and where the next page begins.
    async fn page(&self, filter: &Value, offset: &Value, limit: usize) -> Result<(Vec<Payload>, Value)> {
        let body = json!({
            "filter": filter, "offset": offset, "limit": limit, "with_payload": ["catena", "metadata"],
            "with_vector": false,
        });
        let Some(mut page) = self.points("listing documents", "points/scroll", body).await? else {
            return Ok((Vec::new(), Value::Null));
        };
        let payloads = point::payloads(&mut page["points"]).into_iter().map(|(payload, _)| payload).collect();
        Ok((payloads, page["next_page_offset"].take()))
    }
}

impl VectorStore for QdrantVectors {
    fn name(&self) -> &'static str {
        "vectors"
    }

    fn details(&self, details: &mut Details) {
        details.set("store", "qdrant");
        details.set("collection", self.server.collection.as_str());
        details.set("host", self.server.host.as_str());
    }

    async fn space(&self) -> Result<Option<VectorSpace>> {
        let ours = json!({ "must_not": [{ "is_empty": { "key": "catena.model" } }] });
        let (points, _) = self.page(&ours, &Value::Null, 1).await?;
        points.into_iter().next().map(|point| point.catena.space()).transpose()
    }

    async fn add(&self, space: VectorSpace, documents: Vec<EmbeddedDocument>) -> Result<()> {
        match self.space().await? {
            Some(known) if known != space => return Err(known.differs(&space)),
            Some(_) => {}
            None => self.create(space.dimensions).await?,
        }
        for batch in last_of_each_id(documents).chunks(WRITTEN) {
            let points: Vec<Value> = batch.iter().map(|one| point::write(one, &space)).collect::<Result<_>>()?;
            let path = "points?wait=true";
            let sent =
                self.server.send("storing vectors", Method::PUT, path, Some(json!({ "points": points }))).await?;
            if sent.is_none() {
                return Err(self.server.gone("storing vectors"));
            }
        }
        Ok(())
    }

    async fn remove(&self, ids: Vec<String>) -> Result<usize> {
        let ids: BTreeSet<String> = ids.iter().map(|id| point::id_of(id).to_string()).collect();
        let mut removed = 0;
        for ids in ids.into_iter().collect::<Vec<_>>().chunks(READ) {
            // An answer to a removal does not say how many there were.
            let body = json!({ "ids": ids, "with_payload": false, "with_vector": false });
            let Some(there) = self.points("removing vectors", "points", body).await? else { return Ok(0) };
            self.points("removing vectors", "points/delete?wait=true", json!({ "points": ids })).await?;
            removed += there.as_array().map_or(0, Vec::len);
        }
        Ok(removed)
    }

    async fn nearest(&self, vector: &[f32], limit: usize, filter: &Filter) -> Result<Vec<Document>> {
        let Some(condition) = Condition::of(filter) else { return Ok(Vec::new()) };
        let mut wanted = limit;
        loop {
            let body = json!({ "query": vector, "limit": wanted, "filter": condition.0, "with_payload": true });
            let found = self.points("searching the vectors", "points/query", body).await?;
            let Some(mut found) = found else { return Err(self.server.gone("searching the vectors")) };
            let points = point::payloads(&mut found["points"]);
            let all = points.len() < wanted;
            let mut points: Vec<_> = points.into_iter().filter(|(point, _)| filter.accepts(&point.metadata)).collect();
            if all || points.len() >= limit {
                points.truncate(limit);
                return Ok(points.into_iter().map(|(point, score)| point.document(score)).collect());
            }
            wanted = wanted.saturating_mul(4);
        }
    }

    async fn hashes(&self, filter: &Filter) -> Result<BTreeMap<String, ContentHash>> {
        let mut hashes = BTreeMap::new();
        let Some(condition) = Condition::of(filter) else { return Ok(hashes) };
        let mut offset = Value::Null;
        loop {
            let (points, next) = self.page(&condition.0, &offset, READ).await?;
            let points = points.into_iter().filter(|point| filter.accepts(&point.metadata));
            hashes.extend(points.filter_map(|point| Some((point.catena.id?, point.catena.hash?))));
            if next.is_null() || next == offset {
                return Ok(hashes);
            }
            offset = next;
        }
    }

    async fn len(&self) -> Result<usize> {
        let counted = self.points("counting documents", "points/count", json!({ "exact": true })).await?;
        let count = counted.and_then(|counted| counted["count"].as_u64()).unwrap_or_default();
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

impl fmt::Debug for QdrantVectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantVectors")
            .field("host", &self.server.host)
            .field("collection", &self.server.collection)
            .finish_non_exhaustive()
    }
}
