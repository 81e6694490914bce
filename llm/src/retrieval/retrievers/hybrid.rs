//! Two retrievers as one.

use crate::retrieval::{Document, Fuse, Query, Retriever};
use catena::{Context, Details, Result};
use futures_util::future::try_join;
use serde_json::json;

/// A retriever that asks two others concurrently and merges their documents by rank, such as a full-text index and a
/// vector index.
///
/// A document in both lists occurs once, with the sum of its scores; see [`Fuse::by_rank`]. If one of the two fails, the
/// search fails. In a chain with a map and [`Fuse`] instead, each search is a step of its own, and may be settled.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Bm25, Document, HashingEmbedder, Hybrid, Retrieve, VectorIndex};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let words = Bm25::in_memory()?;
/// let vectors = VectorIndex::in_memory(HashingEmbedder::new(256))?;
/// let documents = [Document::new("Backups run at two.").with_id("a"), Document::new("Coffee is upstairs.").with_id("b")];
/// words.sync(documents.clone()).await?;
/// vectors.sync(documents).await?;
///
/// let search = Retrieve::new(Hybrid::new(words, vectors).weights([1.0, 2.0])).top(1);
/// assert_eq!(search.invoke("When do backups run?").await?[0].id(), Some("a"));
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Hybrid<A, B> {
    first: A,
    second: B,
    name: String,
    weights: [f64; 2],
    candidates: Option<usize>,
}

impl<A: Retriever, B: Retriever> Hybrid<A, B> {
    /// Creates a retriever that gives both lists the same weight.
    pub fn new(first: A, second: B) -> Self {
        let name = format!("{}+{}", first.name(), second.name());
        Hybrid { first, second, name, weights: [1.0; 2], candidates: None }
    }

    /// Sets the weights of the two lists. The default is 1.
    pub fn weights(mut self, weights: [f64; 2]) -> Self {
        self.weights = weights;
        self
    }

    /// Sets the number of documents that each of the two is asked for. The default is four times the number of documents
    /// that are returned.
    pub fn candidates(mut self, documents: usize) -> Self {
        self.candidates = Some(documents);
        self
    }
}

impl<A: Retriever, B: Retriever> Retriever for Hybrid<A, B> {
    fn name(&self) -> &str {
        &self.name
    }

    fn details(&self, details: &mut Details) {
        self.first.details(details);
        self.second.details(details);
        details.set("weights", json!(self.weights));
        details.class(["langchain", "retrievers", "ensemble", "EnsembleRetriever"]);
    }

    async fn retrieve(&self, query: Query<'_>, cx: &Context) -> Result<Vec<Document>> {
        let candidates = self.candidates.unwrap_or(query.limit.saturating_mul(4)).max(query.limit);
        let wide = Query::new(query.text, candidates, query.filter);
        let (first, second) = try_join(self.first.retrieve(wide, cx), self.second.retrieve(wide, cx)).await?;
        Fuse::by_rank().top(query.limit).merge(vec![first, second], |list| self.weights[list])
    }
}
