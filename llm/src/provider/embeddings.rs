//! Embedders of real providers, and their builders.

use super::{connection::Settings, exchange::Exchange, kind::Kind, secret::Secret};
use crate::retrieval::{Embedder, Embedding};
use crate::telemetry::{EmbeddingCall, EmbeddingTarget};
use crate::wire::embeddings::{self, Vectors};
use catena::{Context, Details, Error, ErrorKind, Result};
use std::{fmt, sync::Arc};
use tracing::Instrument;

/// The default number of texts in a request, which all providers accept.
const BATCH: usize = 100;

/// Creates a builder of an OpenAI embedder. The key is read from `OPENAI_API_KEY` and the base URL from
/// `OPENAI_BASE_URL`, unless they are set in code.
///
/// ```no_run
/// use catena_llm::{openai_embeddings, retrieval::{Document, Retrieve, VectorIndex}};
///
/// # async fn run() -> catena::Result<()> {
/// let store = VectorIndex::open("library.db", openai_embeddings("text-embedding-3-small").build()?).await?;
/// store.add([Document::new("Backups run at two.").with_id("backups")]).await?;
/// let search = Retrieve::new(store).top(3);
/// # let _ = search; Ok(()) }
/// ```
pub fn openai_embeddings(model: impl Into<String>) -> EmbeddingBuilder {
    EmbeddingBuilder::new(Kind::OpenAi, model.into())
}

/// Creates a builder of a Gemini embedder. The key is read from `GEMINI_API_KEY` and the base URL from
/// `GEMINI_BASE_URL`, unless they are set in code.
pub fn gemini_embeddings(model: impl Into<String>) -> EmbeddingBuilder {
    EmbeddingBuilder::new(Kind::Gemini, model.into())
}

/// Creates a builder of an embedder on any server with OpenAI's protocol, such as Ollama's `http://localhost:11434/v1`.
/// A key is sent if one is set in code.
pub fn openai_compatible_embeddings(base_url: impl Into<String>, model: impl Into<String>) -> EmbeddingBuilder {
    EmbeddingBuilder::new(Kind::Compatible, model.into()).base_url(base_url)
}

/// A builder of embedders; created by [`openai_embeddings`] and similar functions.
#[derive(Clone)]
#[must_use = "there is no model before `build`"]
pub struct EmbeddingBuilder {
    settings: Settings,
    dimensions: Option<usize>,
    batch: usize,
}

impl EmbeddingBuilder {
    fn new(kind: Kind, model: String) -> Self {
        EmbeddingBuilder { settings: Settings::new(kind, model), dimensions: None, batch: BATCH }
    }

    super::settings::connection_setters!();

    /// Sets the length of the vectors, if the model supports shorter ones.
    pub fn dimensions(mut self, dimensions: usize) -> Self {
        self.dimensions = Some(dimensions);
        self
    }

    /// Sets the maximum number of texts in a request, at least one. The default is 100. More texts are sent in several
    /// requests, one after the other.
    pub fn batch(mut self, texts: usize) -> Self {
        self.batch = texts.max(1);
        self
    }

    /// Builds the embedder. No request is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] without a key, [`ErrorKind::BadInput`] for a model without a name, vectors of length 0, or
    /// an invalid base URL.
    pub fn build(self) -> Result<EmbeddingModel> {
        let EmbeddingBuilder { settings, dimensions, batch } = self;
        let name = settings.name("embedding model")?;
        if dimensions == Some(0) {
            return Err(Error::new(ErrorKind::BadInput, "`dimensions` is 0: it has to be at least 1"));
        }
        let connection = settings.connect(name)?;
        Ok(EmbeddingModel(Arc::new(Inner { connection, dimensions, batch })))
    }
}

impl fmt::Debug for EmbeddingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingBuilder")
            .field("provider", &self.settings.kind.title())
            .field("model", &self.settings.model)
            .field("api_key", &self.settings.api_key.as_deref().and_then(Secret::new))
            .finish_non_exhaustive()
    }
}

/// An embedder of a real provider; see [`openai_embeddings`] and similar functions. A clone shares the connections.
#[derive(Clone)]
pub struct EmbeddingModel(Arc<Inner>);

struct Inner {
    connection: super::connection::Connection,
    dimensions: Option<usize>,
    batch: usize,
}

impl Inner {
    fn target(&self) -> EmbeddingTarget<'_> {
        let connection = &self.connection;
        EmbeddingTarget {
            name: &connection.name,
            provider: connection.kind.provider(),
            host: &connection.errors.host,
            dimensions: self.dimensions,
        }
    }

    async fn ask(&self, texts: &[String]) -> Result<Vectors> {
        let connection = &self.connection;
        let (path, mut body) = match connection.kind {
            Kind::Gemini => embeddings::write_gemini(&connection.name, texts, self.dimensions),
            _ => ("embeddings".to_owned(), embeddings::write_openai(&connection.name, texts, self.dimensions)),
        };
        connection.changes.apply(&mut body);
        let body = serde_json::to_vec(&body).map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
        let mut exchange = Exchange::begin(connection, &path, body, false).await?;
        let body = exchange.rest(&[]).await?;
        let read = embeddings::read(&body, texts.len());
        read.map_err(|fault| connection.errors.whole(fault, exchange.content_type()))
    }
}

impl Embedder for EmbeddingModel {
    fn name(&self) -> &str {
        &self.0.connection.name
    }

    fn details(&self, details: &mut Details) {
        self.0.connection.describe(details);
        if let Some(dimensions) = self.0.dimensions {
            details.set("dimensions", dimensions);
        }
    }

    async fn embed(&self, texts: &[String], cx: &Context) -> Result<Vec<Embedding>> {
        if let Some(at) = texts.iter().position(|text| text.trim().is_empty()) {
            let message = format!("text {} of {} is blank, and providers refuse that", at + 1, texts.len());
            return Err(Error::new(ErrorKind::BadInput, message).while_doing("making embeddings"));
        }
        let mut all = Vec::with_capacity(texts.len());
        for batch in texts.chunks(self.0.batch) {
            let asking = || format!("asking {} at {}", self.0.connection.name, self.0.connection.errors.host);
            let call = EmbeddingCall::open(self.0.target(), cx);
            let span = call.span().clone();
            // Boxed, because its state is several KiB and would be part of the state of every chain around this step.
            match Box::pin(self.0.ask(batch).instrument(span)).await {
                Ok(Vectors { vectors, tokens }) => {
                    call.answered(tokens);
                    all.extend(vectors);
                }
                Err(error) => {
                    call.failed(&error);
                    return Err(error.while_doing(asking()));
                }
            }
        }
        Ok(all)
    }
}

impl fmt::Debug for EmbeddingModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingModel")
            .field("provider", &self.0.connection.kind.title())
            .field("name", &self.0.connection.name)
            .field("host", &self.0.connection.errors.host)
            .finish_non_exhaustive()
    }
}
