//! Rerankers: models that order the documents of a retriever again.

use crate::retrieval::{Document, Query, Retriever};
use catena::{Context, Details, Error, ErrorKind, Result};
use std::{collections::HashSet, future::Future, sync::Arc};

/// The relevance of a document to a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The index of the document in the list that was ranked.
    pub index: usize,
    /// The relevance; higher is better.
    pub score: f64,
}

/// A model that orders documents by their relevance to a query. It reads query and document together, so that it is more
/// exact than an index, and slower.
///
/// [`ModelReranker`](super::ModelReranker) asks a chat model. `cohere_reranker`, `jina_reranker` and
/// `compatible_reranker` of this crate ask a service (feature `providers`).
pub trait Reranker: Send + Sync {
    /// Returns the name of the model.
    fn name(&self) -> &str;

    /// Adds the settings, for graphs and manifests.
    fn details(&self, _details: &mut Details) {}

    /// Returns the most relevant documents, best first, at most `limit`.
    fn rank<'a>(
        &'a self,
        query: &'a str,
        documents: &'a [Document],
        limit: usize,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Vec<Ranked>>> + Send + 'a;
}

macro_rules! pointer {
    ($($Pointer:ty),*) => {$(
        impl<K: Reranker> Reranker for $Pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn details(&self, details: &mut Details) {
                (**self).details(details);
            }

            fn rank<'a>(
                &'a self,
                query: &'a str,
                documents: &'a [Document],
                limit: usize,
                cx: &'a Context,
            ) -> impl Future<Output = Result<Vec<Ranked>>> + Send + 'a {
                (**self).rank(query, documents, limit, cx)
            }
        }
    )*};
}
pointer!(&K, Arc<K>);

/// A retriever whose documents are ranked again by a [`Reranker`].
///
/// ```
/// use catena::{Context, RunnableExt};
/// use catena_llm::retrieval::{Bm25, Document, Ranked, Reranked, Reranker, Retrieve};
///
/// /// Short documents are the best.
/// struct Shortest;
///
/// impl Reranker for Shortest {
///     fn name(&self) -> &str { "shortest" }
///
///     async fn rank(&self, _: &str, found: &[Document], limit: usize, _: &Context) -> catena::Result<Vec<Ranked>> {
///         let mut order: Vec<usize> = (0..found.len()).collect();
///         order.sort_by_key(|index| found[*index].content().len());
///         Ok(order.into_iter().take(limit).map(|index| Ranked { index, score: 1.0 }).collect())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let index = Bm25::in_memory()?;
/// index.add([Document::new("backups, backups and backups"), Document::new("backups, at two")]).await?;
/// let found = Retrieve::new(Reranked::new(index, Shortest)).top(1).invoke("backups").await?;
/// assert_eq!(found[0].content(), "backups, at two");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Reranked<R, K> {
    retriever: R,
    reranker: K,
    candidates: usize,
}

/// The default number of documents that are ranked.
const CANDIDATES: usize = 25;

impl<R: Retriever, K: Reranker> Reranked<R, K> {
    /// Creates a retriever that asks `retriever` for 25 documents, or more if more are to be returned, and ranks them.
    pub fn new(retriever: R, reranker: K) -> Self {
        Reranked { retriever, reranker, candidates: CANDIDATES }
    }

    /// Sets the number of documents that are ranked.
    pub fn candidates(mut self, documents: usize) -> Self {
        self.candidates = documents;
        self
    }
}

impl<R: Retriever, K: Reranker> Retriever for Reranked<R, K> {
    fn name(&self) -> &str {
        self.retriever.name()
    }

    fn details(&self, details: &mut Details) {
        self.retriever.details(details);
        details.set("reranker", self.reranker.name());
        details.set("candidates", self.candidates);
        self.reranker.details(details);
    }

    async fn retrieve(&self, query: Query<'_>, cx: &Context) -> Result<Vec<Document>> {
        let wide = Query::new(query.text, self.candidates.max(query.limit), query.filter);
        let found = self.retriever.retrieve(wide, cx).await?;
        if found.is_empty() || query.limit == 0 {
            return Ok(Vec::new());
        }
        let ranked = self.reranker.rank(query.text, &found, query.limit, cx);
        let ranked =
            ranked.await.map_err(|error| error.while_doing(format!("ranking with {}", self.reranker.name())))?;
        let mut seen = HashSet::new();
        let mut best = Vec::with_capacity(ranked.len().min(query.limit));
        for Ranked { index, score } in ranked {
            let Some(document) = found.get(index) else { return Err(self.unknown(index, found.len())) };
            if seen.insert(index) && best.len() < query.limit {
                best.push(document.clone().with_score(score));
            }
        }
        Ok(best)
    }
}

impl<R, K: Reranker> Reranked<R, K> {
    #[cold]
    fn unknown(&self, index: usize, documents: usize) -> Error {
        let name = self.reranker.name();
        let message = format!("{name} ranked document {index}, and there are {documents}, counted from 0");
        Error::new(ErrorKind::Step, message).with_retryable(false)
    }
}
