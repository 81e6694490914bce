//! Whole documents in place of their chunks.

use crate::retrieval::{Document, Query, Retriever};
use catena::{Context, Details, Result};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    future::Future,
    hash::BuildHasher,
    sync::Arc,
};

/// A source of documents by their ids.
pub trait DocumentSource: Send + Sync {
    /// Returns the documents with these ids, in order. An unknown id has none.
    fn documents<'a>(&'a self, ids: &'a [String]) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a;
}

impl<S: BuildHasher + Send + Sync> DocumentSource for HashMap<String, Document, S> {
    async fn documents(&self, ids: &[String]) -> Result<Vec<Document>> {
        Ok(ids.iter().filter_map(|id| self.get(id)).cloned().collect())
    }
}

impl DocumentSource for BTreeMap<String, Document> {
    async fn documents(&self, ids: &[String]) -> Result<Vec<Document>> {
        Ok(ids.iter().filter_map(|id| self.get(id)).cloned().collect())
    }
}

impl<D: DocumentSource> DocumentSource for Arc<D> {
    fn documents<'a>(&'a self, ids: &'a [String]) -> impl Future<Output = Result<Vec<Document>>> + Send + 'a {
        (**self).documents(ids)
    }
}

/// A retriever that searches chunks and returns the documents that they are of. Small chunks are found more exactly, and
/// whole documents have what a model needs to answer.
///
/// A chunk names its document by the entry `document` of its metadata, as a `Splitter` does. A document occurs once, with
/// the score of its best chunk. A chunk whose document is unknown is returned itself.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::retrieval::{Bm25, Document, Parents, Retrieve};
/// use std::collections::HashMap;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let page = Document::new("Backups run at two. They take an hour.").with_id("page");
/// let chunks = Bm25::in_memory()?;
/// chunks.add([Document::new("Backups run at two.").with_id("page#0").with("document", "page")]).await?;
/// let pages = HashMap::from([("page".to_owned(), page)]);
///
/// let found = Retrieve::new(Parents::new(chunks, pages)).invoke("When do backups run?").await?;
/// assert_eq!(found[0].content(), "Backups run at two. They take an hour.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Parents<R, D> {
    chunks: R,
    documents: D,
    chunks_per_document: usize,
}

impl<R: Retriever, D: DocumentSource> Parents<R, D> {
    /// Creates a retriever over chunks, whose documents are in `documents`.
    pub fn new(chunks: R, documents: D) -> Self {
        Parents { chunks, documents, chunks_per_document: 4 }
    }

    /// Sets how many chunks are searched for each document that is returned. The default is 4.
    pub fn chunks_per_document(mut self, chunks: usize) -> Self {
        self.chunks_per_document = chunks.max(1);
        self
    }
}

impl<R: Retriever, D: DocumentSource> Retriever for Parents<R, D> {
    fn name(&self) -> &str {
        self.chunks.name()
    }

    fn details(&self, details: &mut Details) {
        self.chunks.details(details);
        details.set("returns", "parents");
    }

    async fn retrieve(&self, query: Query<'_>, cx: &Context) -> Result<Vec<Document>> {
        let wide = Query::new(query.text, query.limit.saturating_mul(self.chunks_per_document), query.filter);
        let chunks = self.chunks.retrieve(wide, cx).await?;
        let parent = |chunk: &Document| chunk.get("document").and_then(Value::as_str).map(str::to_owned);
        let mut ids: Vec<String> = chunks.iter().filter_map(parent).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        let parents = self.documents.documents(&ids).await?;
        let parents: HashMap<&str, &Document> =
            parents.iter().filter_map(|document| Some((document.id()?, document))).collect();
        let (mut found, mut taken) = (Vec::new(), HashSet::new());
        for chunk in &chunks {
            let document = parent(chunk).and_then(|id| parents.get(id.as_str()).copied());
            match document {
                Some(document) if !taken.insert(document.id()) => {}
                Some(document) => found.push(document.clone().with_score(chunk.score().unwrap_or_default())),
                None => found.push(chunk.clone()),
            }
            if found.len() == query.limit {
                break;
            }
        }
        Ok(found)
    }
}
