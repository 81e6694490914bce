//! Traces and metrics by OpenTelemetry's conventions for generative AI, for tools that understand these conventions.
//!
//! [`Telemetry`] is an observer. It creates `tracing` spans of level `info`. With the feature `otlp`, [`Otlp`] exports
//! them, and metrics, to a collector; else a layer such as `tracing-opentelemetry` does.
//!
//! | runs of | span | attributes at its start | attributes afterwards |
//! |---|---|---|---|
//! | models | `chat {model}`, kind `client` | `gen_ai.operation.name`, `gen_ai.provider.name`, `gen_ai.request.model`, `server.address`, `server.port` | `gen_ai.conversation.id`, `gen_ai.output.type`; `gen_ai.request.temperature`, `.top_p`, `.top_k`, `.frequency_penalty`, `.presence_penalty`, `.max_tokens`, `.seed`, `.stop_sequences`, `.stream`; `gen_ai.response.model`, `.id`, `.finish_reasons`, `.time_to_first_chunk` (seconds); `gen_ai.usage.input_tokens`, `.output_tokens`, `.cache_read.input_tokens`, `.cache_creation.input_tokens`, `.reasoning.output_tokens` |
//! | embedders of providers | `embeddings {model}`, kind `client` | as of models, and `gen_ai.embeddings.dimension.count` | `gen_ai.usage.input_tokens` |
//! | agents | `invoke_agent {name}` | `gen_ai.operation.name`, `gen_ai.agent.name`, `gen_ai.conversation.id` | `gen_ai.request.model`, `gen_ai.usage.input_tokens`, `.output_tokens` |
//! | the outermost chain | `invoke_workflow {name}` | `gen_ai.operation.name`, `gen_ai.workflow.name`, `gen_ai.conversation.id` | |
//! | tools | `execute_tool {name}` | `gen_ai.operation.name`, `gen_ai.tool.name`, `gen_ai.tool.type` | `gen_ai.tool.call.id`, `gen_ai.tool.description` |
//! | retrievers | `retrieval {name}`, kind `client` | `gen_ai.operation.name`, `gen_ai.data_source.id` | `gen_ai.request.top_k` |
//!
//! No step creates an agent at a provider, so there is no span `create_agent`. The span of a failed run has the
//! [kind](catena::ErrorKind::name) of the error in `error.type`, and the status `ERROR`. Lists are written as JSON, which
//! [`Otlp`] exports as lists. The conversation is the entry `conversation_id`, `thread_id` or `session_id` of the run's
//! metadata; for calls of models, the [session](crate::memory::SESSION) of the history too.
//!
//! Contents of messages are private. They are recorded only [on request](Telemetry::with_content).
//!
//! # Counts
//!
//! Each attempt of a retry has a span of its own, with the tokens it used, and counts as a call. An answer from a
//! [cache](crate::cache) has a span with 0 tokens, and is in no metric. A call that a journal replays has no
//! span and is in no metric, and the span of its agent does not count its tokens. A cancelled call has the error `cancelled`, and the tokens that the provider had reported by then.
//!
//! # Metrics
//!
//! With [`Telemetry::with_metrics`] or [`Otlp`] (feature `otlp`):
//!
//! | [`Published`](Convention::Published) | [`Latest`](Convention::Latest) | |
//! |---|---|---|
//! | `gen_ai.client.operation.duration` | `gen_ai.client.inference.duration`, `gen_ai.client.embeddings.duration` | seconds, of calls; with `error.type` if they failed |
//! | `gen_ai.client.operation.time_to_first_chunk` | `gen_ai.client.inference.time_to_first_chunk` | seconds, of streamed calls |
//! | `gen_ai.client.token.usage`, by `gen_ai.token.type` | `gen_ai.client.inference.usage.input_tokens`, `.output_tokens`, `.cache_read.input_tokens`, `.cache_write.input_tokens`, `.reasoning.output_tokens`, `gen_ai.client.embeddings.operation.input_tokens` | tokens |
//! | | `gen_ai.invoke_agent.duration`, `gen_ai.execute_tool.duration`, `gen_ai.retrieval.duration` | seconds, of runs |
//!
//! # Versions
//!
//! The conventions are still in development. The names are by default those of version 1.41 of OpenTelemetry's semantic
//! conventions. `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` selects those of version 0.1 of the
//! conventions for generative AI alone. They have `gen_ai.agent.name` for the name of a workflow,
//! `gen_ai.usage.cache_write.input_tokens` for `cache_creation`, `gen_ai.retrieval.top_k`,
//! `gen_ai.request.reasoning.level`, a retrieval of kind `internal`, and the metrics in the second column.

mod convention;
#[cfg(feature = "providers")]
mod embedding_call;
mod message;
mod metrics;
mod model_call;
mod observer;
mod operation;
#[cfg(feature = "otlp")]
mod otlp;
mod server;
#[cfg(feature = "otlp")]
mod span_exporter;

pub use convention::Convention;
pub use observer::Telemetry;
#[cfg(feature = "otlp")]
pub use otlp::{Otlp, OtlpBuilder};

#[cfg(feature = "providers")]
pub(crate) use embedding_call::{EmbeddingCall, EmbeddingTarget};
pub(crate) use model_call::{ModelCall, Response};

/// Converts a number to the one type of integers that OpenTelemetry has. Layers export others as text.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
