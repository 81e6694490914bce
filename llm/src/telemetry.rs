//! `tracing` spans with the attributes of OpenTelemetry's conventions for generative AI, for tools that understand
//! these conventions.
//!
//! [`GenAiSpans`] is an observer. It creates a span of level `info` for every run of a model, a tool and a retriever. A
//! layer such as `tracing-opentelemetry` exports the spans:
//!
//! | runs of | span | attributes |
//! |---|---|---|
//! | models | `chat {model}`, kind `client` | `gen_ai.operation.name` `chat`, `gen_ai.provider.name`, `gen_ai.request.model`, `.temperature`, `.top_p`, `.top_k`, `.frequency_penalty`, `.presence_penalty`, `.max_tokens`, `.seed`, `.stop_sequences`, `.stream`; `gen_ai.response.model`, `.id`, `.finish_reasons`, `.time_to_first_chunk` (seconds); `gen_ai.usage.input_tokens`, `.output_tokens`, `.cache_read.input_tokens`, `.cache_creation.input_tokens`, `.reasoning.output_tokens`; `server.address`, `server.port` |
//! | tools | `execute_tool {name}` | `gen_ai.operation.name` `execute_tool`, `gen_ai.tool.name`, `gen_ai.tool.type` |
//! | retrievers | `retrieval {name}` | `gen_ai.operation.name` `retrieval`, `gen_ai.data_source.id` |
//!
//! The span of a failed run has the [kind](catena::ErrorKind::name) of the error in `error.type`, and the status
//! `ERROR`. Lists are written as JSON. Each attempt of a retry has a span of its own, with the tokens it used.
//!
//! Contents of messages are private. They are recorded only [on request](GenAiSpans::with_content). The conventions are
//! still in development; the names are those of version 1.41.

use crate::{ChatModel, ChatRequest, FinishReason, Message, Part, Role, Usage};
use catena::{Event, EventKind, Observer, Run, RunId, RunKind};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};
use tracing::{Span, field::Empty};

/// An observer that creates spans with the attributes of OpenTelemetry's conventions for the runs of models, tools and
/// retrievers; see the [module](self).
///
/// ```
/// use catena::{Config, Context, RunnableExt};
/// use catena_llm::{Chat, ChatModel, ChatRequest, Message, telemetry::GenAiSpans};
/// # struct Parrot;
/// # impl ChatModel for Parrot {
/// #     fn name(&self) -> &str { "parrot" }
/// #     async fn complete(&self, _: ChatRequest, _: &Context) -> catena::Result<Message> { Ok(Message::assistant("Hi")) }
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let config = Config::new().observe(GenAiSpans::new());
/// Chat::new(Parrot).invoke_with("Hello", config).await?;
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// If several observers create spans, the first one applies to a run. To use [`Spans`](catena::Spans) for all other
/// runs, add this observer first. If no subscriber is interested in the spans, none are created and nothing is
/// serialized.
#[derive(Debug, Default)]
pub struct GenAiSpans {
    content: bool,
    /// The spans of runs in flight.
    open: Mutex<HashMap<RunId, Span>>,
}

impl GenAiSpans {
    /// Creates an observer that does not record contents.
    pub fn new() -> Self {
        GenAiSpans::default()
    }

    /// Records contents as well: `gen_ai.input.messages`, `gen_ai.output.messages`, `gen_ai.tool.call.arguments`,
    /// `gen_ai.tool.call.result`, `gen_ai.retrieval.query.text`, `gen_ai.retrieval.documents`, all of them as JSON.
    /// Images and long texts are recorded in full.
    pub fn with_content(mut self) -> Self {
        self.content = true;
        self
    }

    fn take(&self, run: &Run) -> Option<Span> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&run.id())
    }
}

impl Observer for GenAiSpans {
    fn event(&self, event: &Event) {
        let (error, output) = match &event.kind {
            EventKind::Error { error, .. } => (Some(error), None),
            EventKind::End { output, .. } => (None, output.as_deref()),
            _ => return,
        };
        let Some(span) = self.take(&event.run) else { return };
        if let Some(error) = error {
            span.record("error.type", error.kind().name());
            span.record("otel.status_code", "ERROR");
        }
        if self.content {
            let (input_name, output_name) = match event.run.kind() {
                RunKind::Tool => ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
                RunKind::Retriever => ("gen_ai.retrieval.query.text", "gen_ai.retrieval.documents"),
                _ => return,
            };
            span.record(input_name, text(event.input()));
            span.record(output_name, text(output));
        }
    }

    fn follows(&self, run: &Run) -> bool {
        matches!(run.kind(), RunKind::ChatModel | RunKind::Tool | RunKind::Retriever)
    }

    fn reads(&self) -> bool {
        self.content
    }

    fn span(&self, run: &Run) -> Option<Span> {
        let name = run.name();
        let span = match run.kind() {
            RunKind::ChatModel => chat(self.content),
            RunKind::Tool => tracing::info_span!(
                "execute_tool",
                otel.name = format!("execute_tool {name}"),
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "execute_tool",
                gen_ai.tool.name = name,
                gen_ai.tool.type = "function",
                gen_ai.tool.call.arguments = Empty,
                gen_ai.tool.call.result = Empty,
            ),
            RunKind::Retriever => tracing::info_span!(
                "retrieval",
                otel.name = format!("retrieval {name}"),
                otel.kind = "client",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "retrieval",
                gen_ai.data_source.id = name,
                gen_ai.retrieval.query.text = Empty,
                gen_ai.retrieval.documents = Empty,
            ),
            _ => return None,
        };
        if span.is_disabled() {
            return None;
        }
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(run.id(), span.clone());
        Some(span)
    }
}

/// Returns a string unchanged, and any other value as JSON.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

/// Creates the span of a model's run. The model fills in the fields of the request and of the answer.
fn chat(content: bool) -> Span {
    // The presence of the fields for contents says whether they are recorded.
    macro_rules! span {
        ($($content:tt)*) => {
            tracing::info_span!(
                "chat",
                otel.name = Empty,
                otel.kind = "client",
                otel.status_code = Empty,
                error.type = Empty,
                gen_ai.operation.name = "chat",
                gen_ai.provider.name = Empty,
                gen_ai.request.model = Empty,
                gen_ai.request.temperature = Empty,
                gen_ai.request.top_p = Empty,
                gen_ai.request.top_k = Empty,
                gen_ai.request.frequency_penalty = Empty,
                gen_ai.request.presence_penalty = Empty,
                gen_ai.request.max_tokens = Empty,
                gen_ai.request.seed = Empty,
                gen_ai.request.stop_sequences = Empty,
                gen_ai.request.stream = Empty,
                gen_ai.response.model = Empty,
                gen_ai.response.id = Empty,
                gen_ai.response.finish_reasons = Empty,
                gen_ai.response.time_to_first_chunk = Empty,
                gen_ai.usage.input_tokens = Empty,
                gen_ai.usage.output_tokens = Empty,
                gen_ai.usage.cache_read.input_tokens = Empty,
                gen_ai.usage.cache_creation.input_tokens = Empty,
                gen_ai.usage.reasoning.output_tokens = Empty,
                server.address = Empty,
                server.port = Empty,
                $($content)*
            )
        };
    }
    if content { span!(gen_ai.input.messages = Empty, gen_ai.output.messages = Empty) } else { span!() }
}

/// A request in flight, with the span of its run.
pub(crate) struct RequestSpan {
    span: Span,
    start: Instant,
    streams: bool,
    content: bool,
}

impl RequestSpan {
    /// Records the request in the current span. `None` if that is not a span of [`GenAiSpans`].
    pub(crate) fn open<M: ChatModel>(model: &M, request: &ChatRequest, streams: bool) -> Option<Self> {
        let span = Span::current();
        if !span.has_field("gen_ai.request.model") {
            return None;
        }
        let name = model.name();
        span.record("otel.name", format!("chat {name}"));
        span.record("gen_ai.request.model", name);
        span.record("gen_ai.request.stream", streams);
        if let Some(provider) = model.provider() {
            span.record("gen_ai.provider.name", provider);
        }
        if let Some(host) = model.host() {
            match host.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())) {
                Some((host, Ok(port))) => {
                    span.record("server.address", host);
                    span.record("server.port", port);
                }
                _ => {
                    span.record("server.address", host);
                }
            }
        }
        let options = &request.options;
        span.record("gen_ai.request.temperature", options.temperature);
        span.record("gen_ai.request.top_p", options.top_p);
        span.record("gen_ai.request.top_k", options.top_k);
        span.record("gen_ai.request.frequency_penalty", options.frequency_penalty);
        span.record("gen_ai.request.presence_penalty", options.presence_penalty);
        span.record("gen_ai.request.max_tokens", options.max_tokens);
        span.record("gen_ai.request.seed", options.seed);
        if !options.stop.is_empty() {
            span.record("gen_ai.request.stop_sequences", json!(options.stop).to_string());
        }
        let content = span.has_field("gen_ai.input.messages");
        if content {
            let said: Value = request.messages.iter().map(message).collect();
            span.record("gen_ai.input.messages", said.to_string());
        }
        Some(RequestSpan { span, start: Instant::now(), streams, content })
    }

    pub(crate) fn wants_content(&self) -> bool {
        self.content
    }

    /// Records the time of the first chunk.
    pub(crate) fn first_chunk(&self) {
        if self.streams {
            self.span.record("gen_ai.response.time_to_first_chunk", self.start.elapsed().as_secs_f64());
        }
    }

    /// Records the content of the whole answer.
    pub(crate) fn record_answer(&self, answer: &Message) {
        if self.content {
            let mut said = message(answer);
            said["finish_reason"] = json!(answer.finish_reason());
            self.span.record("gen_ai.output.messages", json!([said]).to_string());
        }
    }

    /// Records the metadata of the answer, complete or as known before it failed.
    pub(crate) fn record_response(
        &self,
        model: Option<&str>,
        id: Option<&str>,
        finish: Option<&FinishReason>,
        usage: Option<Usage>,
    ) {
        let span = &self.span;
        span.record("gen_ai.response.model", model);
        span.record("gen_ai.response.id", id);
        if let Some(finish) = finish {
            span.record("gen_ai.response.finish_reasons", json!([finish]).to_string());
        }
        let Some(usage) = usage else { return };
        span.record("gen_ai.usage.input_tokens", usage.input_tokens);
        span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        for (name, tokens) in [
            ("gen_ai.usage.cache_read.input_tokens", usage.cached_input_tokens),
            ("gen_ai.usage.cache_creation.input_tokens", usage.cache_write_tokens),
            ("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens),
        ] {
            if tokens > 0 {
                span.record(name, tokens);
            }
        }
    }
}

/// Converts a message to the form of the conventions.
fn message(message: &Message) -> Value {
    let part = |part: &Part| {
        if let Part::Text(text) = part {
            json!({"type": "text", "content": text})
        } else if let Part::ToolResult { call_id, content } = part {
            json!({"type": "tool_call_response", "id": call_id, "response": content})
        } else {
            serde_json::to_value(part).unwrap_or_default()
        }
    };
    let calls = message.tool_calls().iter().map(|call| {
        let arguments = call.arguments().unwrap_or_else(|_| Value::from(call.raw_arguments.as_str()));
        json!({"type": "tool_call", "id": call.id, "name": call.name, "arguments": arguments})
    });
    let role = match message.role() {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    json!({"role": role, "parts": message.parts().iter().map(part).chain(calls).collect::<Vec<_>>()})
}
