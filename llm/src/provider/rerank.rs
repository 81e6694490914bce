//! Rerankers of services with Cohere's protocol, which Jina, vLLM and others speak too.

use super::{connection::Settings, exchange::Exchange, kind::Kind, secret::Secret};
use crate::{
    retrieval::{Document, Ranked, Reranker},
    wire::rerank,
};
use catena::{Context, Details, Error, ErrorKind, Result};
use serde_json::json;
use std::{fmt, sync::Arc};

/// Creates a builder of a reranker of Cohere. The key is read from `COHERE_API_KEY`, unless it is set in code.
///
/// ```no_run
/// use catena_llm::{cohere_reranker, retrieval::{Bm25, Reranked, Retrieve}};
///
/// # async fn run() -> catena::Result<()> {
/// let index = Bm25::open("library.db").await?;
/// let search = Retrieve::new(Reranked::new(index, cohere_reranker("rerank-v3.5").build()?)).top(3);
/// # let _ = search; Ok(()) }
/// ```
pub fn cohere_reranker(model: impl Into<String>) -> RerankerBuilder {
    RerankerBuilder::new(Kind::Cohere, model.into())
}

/// Creates a builder of a reranker of Jina. The key is read from `JINA_API_KEY`, unless it is set in code.
pub fn jina_reranker(model: impl Into<String>) -> RerankerBuilder {
    RerankerBuilder::new(Kind::Jina, model.into())
}

/// Creates a builder of a reranker on any server with this protocol, such as vLLM's `http://localhost:8000/v1`. A key is
/// sent if one is set in code.
pub fn compatible_reranker(base_url: impl Into<String>, model: impl Into<String>) -> RerankerBuilder {
    RerankerBuilder::new(Kind::Reranker, model.into()).base_url(base_url)
}

/// A builder of rerankers; created by [`cohere_reranker`] and similar functions.
#[derive(Clone)]
#[must_use = "there is no reranker before `build`"]
pub struct RerankerBuilder {
    settings: Settings,
}

impl RerankerBuilder {
    fn new(kind: Kind, model: String) -> Self {
        RerankerBuilder { settings: Settings::new(kind, model) }
    }

    super::settings::connection_setters!();

    /// Builds the reranker. No request is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] without a key, [`ErrorKind::BadInput`] for a model without a name or an invalid base URL.
    pub fn build(self) -> Result<RerankModel> {
        let name = self.settings.name("reranker")?;
        Ok(RerankModel(Arc::new(self.settings.connect(name)?)))
    }
}

impl fmt::Debug for RerankerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RerankerBuilder")
            .field("model", &self.settings.model)
            .field("api_key", &self.settings.api_key.as_deref().and_then(Secret::new))
            .finish_non_exhaustive()
    }
}

/// A reranker of a service; see [`cohere_reranker`] and similar functions. A clone shares the connections.
#[derive(Clone)]
pub struct RerankModel(Arc<super::connection::Connection>);

impl Reranker for RerankModel {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn details(&self, details: &mut Details) {
        self.0.describe(details);
    }

    async fn rank(&self, query: &str, documents: &[Document], limit: usize, _cx: &Context) -> Result<Vec<Ranked>> {
        let connection = &*self.0;
        let texts: Vec<&str> = documents.iter().map(Document::content).collect();
        let body = json!({ "model": connection.name, "query": query, "documents": texts, "top_n": limit });
        let body = serde_json::to_vec(&body).map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
        // Boxed, because its state is several KiB and would be part of the state of every chain around this step.
        let read = Box::pin(async move {
            let mut exchange = Exchange::begin(connection, "rerank", body, false).await?;
            let body = exchange.rest(&[]).await?;
            let read = rerank::read(&body);
            read.map_err(|fault| connection.errors.whole(fault, exchange.content_type()))
        });
        let asking = || format!("asking {} at {}", connection.name, connection.errors.host);
        let mut ranked = read.await.map_err(|error| error.while_doing(asking()))?;
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranked.truncate(limit);
        Ok(ranked)
    }
}

impl fmt::Debug for RerankModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RerankModel")
            .field("name", &self.0.name)
            .field("host", &self.0.errors.host)
            .finish_non_exhaustive()
    }
}
