//! Chat models and embedders of real providers, over the `genai` client.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ProviderModel`], the chat model |
//! | `builder`, `embeddings` | the builders of chat models, and of embedders |
//! | `kind`, `endpoint` | the providers, their protocols, and their URLs and keys |
//! | `client`, `headers` | the HTTP client, and the headers that it adds |
//! | `secret` | keys, and texts without them |
//! | `request`, `image`, `reasoning` | a request in the client's types |
//! | `response`, `finish_reason`, `usage` | a whole answer, read from the client's types |
//! | `stream`, `frames` | a streamed answer, and the events that it came in |
//! | `openai_compat` | OpenAI's protocol as other servers speak it |
//! | `error` | errors, in the provider's words |

mod builder;
mod client;
mod embeddings;
mod endpoint;
mod error;
mod finish_reason;
mod frames;
mod headers;
mod image;
mod kind;
mod openai_compat;
mod reasoning;
mod request;
mod response;
mod secret;
mod stream;
mod usage;

pub use builder::{ModelBuilder, anthropic, gemini, gemini_openai, ollama, openai, openai_compatible};
pub use embeddings::{
    EmbeddingBuilder, EmbeddingModel, gemini_embeddings, openai_compatible_embeddings, openai_embeddings,
};
pub use error::ProviderError;

use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, ResponseFormat};
use catena::{Chunks, Context, Details, Result};
use error::Blame;
use headers::Headers;
use kind::Kind;
use std::{fmt, future::Future, sync::Arc};

/// A provider's model as a step of a chain: what the builders make. Models of all providers are of this one type, so
/// which one to ask can be decided when the program runs.
pub type Model = Chat<ProviderModel>;

/// A model of a real provider; see [`openai`] and its like. A clone shares the connections.
#[derive(Clone)]
pub struct ProviderModel(Arc<Inner>);

struct Inner {
    kind: Kind,
    name: String,
    client: genai::Client,
    target: genai::ServiceTarget,
    blame: Blame,
    /// Whether there is a key at all: local servers may do without.
    has_key: bool,
    /// Whether it is asked for structured output.
    structured: bool,
    /// Sent with each request.
    headers: Headers,
}

impl ChatModel for ProviderModel {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn host(&self) -> Option<&str> {
        Some(&self.0.blame.host)
    }

    fn provider(&self) -> Option<&str> {
        Some(self.0.kind.provider())
    }

    fn details(&self, details: &mut Details) {
        let kind = self.0.kind;
        details.set("provider", kind.title());
        details.set("base_url", self.0.target.endpoint.base_url());
        if let Some(variable) = self.0.blame.key_variable {
            details.secret(kind.key_setting(), variable);
        } else if self.0.has_key {
            details.secret(kind.key_setting(), kind.key_setting());
        }
        if !self.0.headers.is_empty() {
            details.set("headers", self.0.headers.names());
        }
        details.class(kind.class());
    }

    fn has_response_format(&self, format: &ResponseFormat) -> bool {
        request::has(self.0.kind, self.0.structured, format)
    }

    fn complete<'a>(
        &'a self,
        request: ChatRequest,
        _cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        let inner = &*self.0;
        async move {
            let (request, options) = request::prepare(inner, &request)?;
            // Boxed, for its state is several KiB, and a step's state is part of that of every chain around it.
            let response = Box::pin(inner.client.exec_chat(inner.target.clone(), request, Some(&options))).await;
            match response {
                Ok(response) => response::read(inner, response),
                Err(error) => response::salvage(inner, error),
            }
        }
    }

    fn stream<'a>(&'a self, request: ChatRequest, _cx: &'a Context) -> Chunks<'a, MessageChunk> {
        stream::open(&self.0, request)
    }
}

impl fmt::Debug for ProviderModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderModel")
            .field("provider", &self.0.kind.title())
            .field("name", &self.0.name)
            .field("host", &self.0.blame.host)
            .finish_non_exhaustive()
    }
}
