//! Chat models and embedders of real providers, over the `genai` client.
//!
//! | file | contents |
//! |---|---|
//! | this file | [`ProviderModel`], the chat model |
//! | `builder`, `embeddings` | the builders of chat models, and of embedders |
//! | `kind`, `endpoint` | the providers, their protocols, and their URLs and keys |
//! | `connection` | the settings that both builders share, and the connection made of them |
//! | `client`, `headers` | the HTTP client, and the headers that it adds |
//! | `secret` | keys, and texts without them |
//! | `request`, `image`, `reasoning` | a request in the client's types |
//! | `response`, `finish_reason`, `usage` | a whole answer, read from the client's types |
//! | `stream`, `frames` | a streamed answer, and the events that it came in |
//! | `openai_compat` | OpenAI's protocol as other servers speak it |
//! | `error` | errors, in the provider's words |

mod builder;
mod client;
mod connection;
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
use connection::Connection;
use std::{fmt, future::Future, sync::Arc};

/// A provider's model as a step of a chain, created by the builders. Models of all providers have this type, so that a
/// program can choose one at run time.
pub type Model = Chat<ProviderModel>;

/// A model of a real provider; see [`openai`] and similar functions. A clone shares the connections.
#[derive(Clone)]
pub struct ProviderModel(Arc<Inner>);

struct Inner {
    connection: Connection,
    /// Whether the model supports structured output.
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

    fn has_response_format(&self, format: &ResponseFormat) -> bool {
        request::has(self.0.connection.kind, self.0.structured, format)
    }

    fn complete<'a>(
        &'a self,
        request: ChatRequest,
        _cx: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        let connection = &self.0.connection;
        async move {
            let (request, options) = request::prepare(connection, &request)?;
            // Boxed, because its state is several KiB and would be part of the state of every chain around this step.
            let response =
                Box::pin(connection.client.exec_chat(connection.target.clone(), request, Some(&options))).await;
            match response {
                Ok(response) => response::read(connection, response),
                Err(error) => response::salvage(connection, error),
            }
        }
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
