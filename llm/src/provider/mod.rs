//! Chat models and embedders of real providers: the protocols of `wire`, over HTTP.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ProviderModel`], the chat model |
//! | `builder`, `embeddings` | the builders of chat models, and of embedders |
//! | `rerank` | rerankers of services |
//! | `kind`, `endpoint` | the providers, their protocols, and their URLs and keys |
//! | `connection`, `settings` | the settings that all builders share, and the connection made of them |
//! | `client`, `headers` | the HTTP client, and the headers of each request |
//! | `secret` | keys, and texts without them |
//! | `protocol` | the protocol of a model, as calls into `wire` |
//! | `request`, `media` | a request, checked and written |
//! | `exchange`, `limits` | a request and its response, packet by packet, within bounds |
//! | `answer`, `stream`, `usage` | a whole answer, a streamed one, and the tokens of one that failed |
//! | `error` | errors, in the provider's words |

mod answer;
mod builder;
mod client;
mod connection;
mod embeddings;
mod endpoint;
mod error;
mod exchange;
mod headers;
mod kind;
mod limits;
mod media;
mod protocol;
mod request;
mod rerank;
mod secret;
mod settings;
mod stream;
mod usage;

pub use builder::{
    ModelBuilder, anthropic, azure_openai, gemini, gemini_openai, ollama, openai, openai_compatible, openai_responses,
};
pub use client::HttpClient;
#[cfg(feature = "mcp")]
pub(crate) use client::shared_client;
pub use embeddings::{
    EmbeddingBuilder, EmbeddingModel, gemini_embeddings, openai_compatible_embeddings, openai_embeddings,
};
pub use error::ProviderError;
pub use rerank::{RerankModel, RerankerBuilder, cohere_reranker, compatible_reranker, jina_reranker};

use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, ModelIdentity, Redactor, ResponseFormat};
use catena::{Chunks, Context, Details, Result};
use connection::Connection;
use std::{fmt, sync::Arc};

/// A provider's model as a step of a chain, created by the builders. Models of all providers have this type, so that a
/// program can choose one at run time.
pub type Model = Chat<ProviderModel>;

/// A model of a real provider; see [`openai`] and similar functions. A clone shares the connections.
#[derive(Clone)]
pub struct ProviderModel(Arc<Inner>);

struct Inner {
    connection: Connection,
    /// `true` if the model supports structured output.
    structured: bool,
}

impl ChatModel for ProviderModel {
    fn name(&self) -> &str {
        &self.0.connection.name
    }

    fn host(&self) -> Option<&str> {
        Some(&self.0.connection.errors.host)
    }

    fn provider(&self) -> Option<&str> {
        Some(self.0.connection.kind.provider())
    }

    fn details(&self, details: &mut Details) {
        let connection = &self.0.connection;
        connection.describe(details);
        if !connection.headers.is_empty() {
            details.set("headers", connection.headers.names());
        }
        details.class(connection.kind.class());
    }

    fn identity(&self, identity: &mut ModelIdentity) {
        self.0.connection.identify(identity);
    }

    fn secrets(&self, secrets: &mut Redactor) {
        self.0.connection.secrets.iter().for_each(|secret| secrets.add(secret.reveal()));
    }

    fn has_response_format(&self, format: &ResponseFormat) -> bool {
        let connection = &self.0.connection;
        let is_text = matches!(format, ResponseFormat::Text);
        is_text || (self.0.structured && connection.protocol.has_response_format(&connection.name, format))
    }

    async fn complete(&self, request: ChatRequest, _cx: &Context) -> Result<Message> {
        // Boxed, because its state is several KiB and would be part of the state of every chain around this step.
        Box::pin(answer::ask(&self.0.connection, &request)).await
    }

    fn stream<'a>(&'a self, request: ChatRequest, _cx: &'a Context) -> Chunks<'a, MessageChunk> {
        stream::open(&self.0.connection, request)
    }
}

impl fmt::Debug for ProviderModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderModel")
            .field("provider", &self.0.connection.kind.title())
            .field("name", &self.0.connection.name)
            .field("host", &self.0.connection.errors.host)
            .finish_non_exhaustive()
    }
}
