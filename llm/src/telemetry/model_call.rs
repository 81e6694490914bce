//! The span and the measurement of a call of a chat model.

use super::{
    Convention, Telemetry, integer,
    message::message,
    metrics::{CallLabels, Instruments},
    operation::CONVERSATION,
    server::Server,
};
use crate::{ChatModel, ChatRequest, FinishReason, Message, ResponseFormat, Usage, memory::SESSION};
use catena::{Context, RunId};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::{Span, field::Empty};

/// A call of a chat model in flight.
pub(crate) struct ModelCall {
    telemetry: Telemetry,
    run: Option<RunId>,
    span: Span,
    start: Instant,
    first_chunk: Option<Duration>,
    streams: bool,
    measured: Option<(Arc<Instruments>, CallLabels)>,
}

/// The outcome of a call, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Response<'a> {
    pub(crate) model: Option<&'a str>,
    pub(crate) id: Option<&'a str>,
    pub(crate) finish: Option<&'a FinishReason>,
    pub(crate) usage: Option<Usage>,
    /// The kind of the error, if the call failed.
    pub(crate) error: Option<&'static str>,
}

impl ModelCall {
    /// Opens the span of a call. `None` if the run is not traced, or if neither a subscriber nor a meter is interested.
    pub(crate) fn open<M: ChatModel>(model: &M, request: &ChatRequest, cx: &Context, streams: bool) -> Option<Self> {
        ModelCall::start(&Target::of(model), request, cx, streams)
    }

    // Compiled once for all models.
    fn start(target: &Target<'_>, request: &ChatRequest, cx: &Context, streams: bool) -> Option<Self> {
        let telemetry = cx.observer::<Telemetry>()?;
        let span = target.span(telemetry);
        let measured = telemetry.instruments().map(|instruments| (Arc::clone(instruments), target.labels()));
        if span.is_disabled() && measured.is_none() {
            return None;
        }
        if !span.is_disabled() {
            record_request(&span, request, streams, telemetry.convention());
            span.record("gen_ai.conversation.id", conversation(cx));
            if telemetry.records_content() {
                let said: Value = request.messages.iter().map(message).collect();
                span.record("gen_ai.input.messages", said.to_string());
            }
        }
        let (telemetry, run) = (telemetry.clone(), cx.run().map(catena::Run::id));
        Some(ModelCall { telemetry, run, span, start: Instant::now(), first_chunk: None, streams, measured })
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    pub(crate) fn wants_content(&self) -> bool {
        self.telemetry.records_content() && !self.span.is_disabled()
    }

    /// Records the time of the first chunk.
    pub(crate) fn first_chunk(&mut self) {
        if self.streams && self.first_chunk.is_none() {
            let after = self.start.elapsed();
            self.first_chunk = Some(after);
            self.span.record("gen_ai.response.time_to_first_chunk", after.as_secs_f64());
        }
    }

    /// Records the content of the whole answer.
    pub(crate) fn record_answer(&self, answer: &Message) {
        if self.wants_content() {
            let mut said = message(answer);
            said["finish_reason"] = json!(answer.finish_reason());
            self.span.record("gen_ai.output.messages", json!([said]).to_string());
        }
    }

    /// Records the end of the call.
    pub(crate) fn close(&mut self, response: Response<'_>) {
        let span = &self.span;
        span.record("gen_ai.response.model", response.model);
        span.record("gen_ai.response.id", response.id);
        if let Some(finish) = response.finish {
            span.record("gen_ai.response.finish_reasons", json!([finish]).to_string());
        }
        if let Some(error) = response.error {
            span.record("error.type", error);
            span.record("otel.status_code", "ERROR");
        }
        if let Some(usage) = response.usage {
            self.record_usage(usage);
        }
        let is_cached = self.run.is_some_and(|run| self.telemetry.take_cached(run));
        if let (Some((instruments, labels)), false) = (self.measured.take(), is_cached) {
            instruments.chat(&labels, response, self.start.elapsed(), self.first_chunk);
        }
    }

    fn record_usage(&self, usage: Usage) {
        let span = &self.span;
        span.record("gen_ai.usage.input_tokens", integer(usage.input_tokens));
        span.record("gen_ai.usage.output_tokens", integer(usage.output_tokens));
        for (name, tokens) in [
            ("gen_ai.usage.cache_read.input_tokens", usage.cached_input_tokens),
            // The span has one of these two fields.
            ("gen_ai.usage.cache_creation.input_tokens", usage.cache_write_tokens),
            ("gen_ai.usage.cache_write.input_tokens", usage.cache_write_tokens),
            ("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens),
        ] {
            if tokens > 0 {
                span.record(name, integer(tokens));
            }
        }
    }
}

/// The model of a call, and its server.
struct Target<'a> {
    name: &'a str,
    provider: Option<&'a str>,
    server: Server<'a>,
}

impl<'a> Target<'a> {
    fn of<M: ChatModel>(model: &'a M) -> Self {
        Target { name: model.name(), provider: model.provider(), server: Server::of(model.host()) }
    }

    fn labels(&self) -> CallLabels {
        CallLabels::new("chat", self.provider, self.name, self.server)
    }

    /// Creates the span. What a sampler decides by is there from the start.
    fn span(&self, telemetry: &Telemetry) -> Span {
        let Target { name, provider, server } = self;
        // A span has at most 32 fields, and so only those that may be recorded.
        macro_rules! span {
            ($($more:tt)*) => {
                tracing::info_span!(
                    "chat",
                    otel.name = format!("chat {name}"),
                    otel.kind = "client",
                    otel.status_code = Empty,
                    error.type = Empty,
                    gen_ai.operation.name = "chat",
                    gen_ai.provider.name = provider,
                    gen_ai.conversation.id = Empty,
                    gen_ai.output.type = Empty,
                    gen_ai.request.model = name,
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
                    gen_ai.usage.reasoning.output_tokens = Empty,
                    server.address = server.address,
                    server.port = server.port.map(i64::from),
                    $($more)*
                )
            };
        }
        match (telemetry.convention(), telemetry.records_content()) {
            (Convention::Published, false) => span!(gen_ai.usage.cache_creation.input_tokens = Empty),
            (Convention::Published, true) => span!(
                gen_ai.usage.cache_creation.input_tokens = Empty,
                gen_ai.input.messages = Empty,
                gen_ai.output.messages = Empty
            ),
            (Convention::Latest, false) => {
                span!(gen_ai.usage.cache_write.input_tokens = Empty, gen_ai.request.reasoning.level = Empty)
            }
            (Convention::Latest, true) => span!(
                gen_ai.usage.cache_write.input_tokens = Empty,
                gen_ai.request.reasoning.level = Empty,
                gen_ai.input.messages = Empty,
                gen_ai.output.messages = Empty
            ),
        }
    }
}

fn record_request(span: &Span, request: &ChatRequest, streams: bool, convention: Convention) {
    let options = &request.options;
    span.record("gen_ai.request.stream", streams);
    span.record("gen_ai.request.temperature", options.temperature);
    span.record("gen_ai.request.top_p", options.top_p);
    match convention {
        Convention::Published => span.record("gen_ai.request.top_k", options.top_k.map(f64::from)),
        Convention::Latest => span.record("gen_ai.request.top_k", options.top_k.map(i64::from)),
    };
    span.record("gen_ai.request.frequency_penalty", options.frequency_penalty);
    span.record("gen_ai.request.presence_penalty", options.presence_penalty);
    span.record("gen_ai.request.max_tokens", options.max_tokens.map(i64::from));
    span.record("gen_ai.request.seed", options.seed.map(integer));
    if !options.stop.is_empty() {
        span.record("gen_ai.request.stop_sequences", json!(options.stop).to_string());
    }
    if let Some(effort) = options.reasoning_effort {
        span.record("gen_ai.request.reasoning.level", effort.as_str());
    }
    match &options.response_format {
        Some(ResponseFormat::JsonObject | ResponseFormat::JsonSchema { .. }) => {
            span.record("gen_ai.output.type", "json");
        }
        Some(ResponseFormat::Text) => {
            span.record("gen_ai.output.type", "text");
        }
        _ => {}
    }
}

/// Returns the conversation of a run: that of its metadata, else that of its history.
fn conversation(cx: &Context) -> Option<&str> {
    let named = CONVERSATION.iter().find_map(|key| cx.metadata(key).and_then(Value::as_str));
    named.or_else(|| cx.set_value(&SESSION)?.as_deref())
}
