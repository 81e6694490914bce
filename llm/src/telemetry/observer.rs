//! The observer that creates spans and measures.

use super::{
    Convention, integer,
    metrics::{Instruments, Measured},
    operation::Operation,
};
use crate::Usage;
use catena::{Context, Event, EventKind, Observer, Run, RunId};
use serde_json::Value;
use std::{
    any::Any,
    collections::{HashMap, HashSet},
    env, fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tracing::Span;

/// An observer that traces and measures a run by OpenTelemetry's conventions; see the [module](crate::telemetry).
///
/// ```
/// use catena::{Config, Context, RunnableExt};
/// use catena_llm::{Chat, ChatModel, ChatRequest, Message, telemetry::Telemetry};
/// # struct Parrot;
/// # impl ChatModel for Parrot {
/// #     fn name(&self) -> &str { "parrot" }
/// #     async fn complete(&self, _: ChatRequest, _: &Context) -> catena::Result<Message> { Ok(Message::assistant("Hi")) }
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let config = Config::new().observe(Telemetry::new());
/// Chat::new(Parrot).invoke_with("Hello", config).await?;
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// Its spans are `tracing` spans of level `info`. If several observers create spans, the first one applies to a run. To
/// use [`Spans`](catena::Spans) for all other runs, add this observer first. If no subscriber is interested in the
/// spans, none are created and nothing is serialized.
///
/// A clone is the same observer.
#[derive(Clone)]
pub struct Telemetry(Arc<Inner>);

#[derive(Clone)]
struct Settings {
    content: bool,
    convention: Convention,
    instruments: Option<Arc<Instruments>>,
}

struct Inner {
    settings: Settings,
    /// The runs in flight.
    open: Mutex<HashMap<RunId, Open>>,
    /// The runs of models that a cache has answered.
    cached: Mutex<HashSet<RunId>>,
}

struct Open {
    span: Span,
    start: Instant,
    operation: Operation,
}

impl Default for Telemetry {
    fn default() -> Self {
        Telemetry::new()
    }
}

impl Telemetry {
    /// Creates an observer that records no contents. The environment selects the [convention](Convention::from_env).
    pub fn new() -> Self {
        Telemetry::with(Settings { content: false, convention: Convention::from_env(), instruments: None })
    }

    /// Creates an observer that records contents if the variable `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is
    /// `true` or `span_only`, as OpenTelemetry's other instrumentations do.
    pub fn from_env() -> Self {
        let asked = env::var("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT").unwrap_or_default();
        let content =
            ["true", "span_only", "span_and_event"].iter().any(|word| asked.trim().eq_ignore_ascii_case(word));
        if content { Telemetry::new().with_content() } else { Telemetry::new() }
    }

    fn with(settings: Settings) -> Self {
        Telemetry(Arc::new(Inner { settings, open: Mutex::default(), cached: Mutex::default() }))
    }

    fn changed(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Telemetry::with(settings)
    }

    /// Records contents as well: `gen_ai.input.messages`, `gen_ai.output.messages`, `gen_ai.tool.call.arguments`,
    /// `gen_ai.tool.call.result`, `gen_ai.retrieval.query.text`, `gen_ai.retrieval.documents`, all of them as JSON.
    /// Images and long texts are recorded in full.
    pub fn with_content(self) -> Self {
        self.changed(|settings| settings.content = true)
    }

    /// Sets the convention, in place of the environment.
    pub fn with_convention(self, convention: Convention) -> Self {
        self.changed(|settings| settings.convention = convention)
    }

    /// Records metrics with the instruments of this meter. The instruments have the names of the convention that is set
    /// when this method is called.
    #[cfg(feature = "otlp")]
    pub fn with_metrics(self, meter: &opentelemetry::metrics::Meter) -> Self {
        let instruments = Instruments::new(meter, self.0.settings.convention);
        self.changed(|settings| settings.instruments = Some(Arc::new(instruments)))
    }

    pub(super) fn records_content(&self) -> bool {
        self.0.settings.content
    }

    pub(super) fn convention(&self) -> Convention {
        self.0.settings.convention
    }

    pub(super) fn instruments(&self) -> Option<&Arc<Instruments>> {
        self.0.settings.instruments.as_ref()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<RunId, Open>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self) -> MutexGuard<'_, HashSet<RunId>> {
        self.0.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a cache answers the run of a model, so that it does not count as a call.
    pub(crate) fn note_cached(cx: &Context) {
        if let (Some(telemetry), Some(run)) = (cx.observer::<Telemetry>(), cx.run()) {
            telemetry.cached().insert(run.id());
        }
    }

    /// Returns whether a cache has answered this run.
    pub(super) fn take_cached(&self, run: RunId) -> bool {
        self.cached().remove(&run)
    }

    /// Returns the span of the run that this context is in, if it is one of this operation.
    fn span_of(cx: &Context, operation: Operation) -> Option<Span> {
        let open = cx.observer::<Telemetry>()?.open();
        open.get(&cx.run()?.id()).filter(|open| open.operation == operation).map(|open| open.span.clone())
    }

    /// Records which call a tool answers.
    pub(crate) fn record_tool_call(cx: &Context, id: &str, description: &str) {
        let Some(span) = Telemetry::span_of(cx, Operation::Tool) else { return };
        if !id.is_empty() {
            span.record("gen_ai.tool.call.id", id);
        }
        if !description.is_empty() {
            span.record("gen_ai.tool.description", description);
        }
    }

    /// Records the model of an agent and the tokens of its run.
    pub(crate) fn record_agent(cx: &Context, model: Option<&str>, usage: Usage) {
        let Some(span) = Telemetry::span_of(cx, Operation::Agent) else { return };
        span.record("gen_ai.request.model", model);
        span.record("gen_ai.usage.input_tokens", integer(usage.input_tokens));
        span.record("gen_ai.usage.output_tokens", integer(usage.output_tokens));
    }

    /// Records how many documents a retriever may return at most.
    pub(crate) fn record_top(cx: &Context, top: usize) {
        let Some(span) = Telemetry::span_of(cx, Operation::Retrieval) else { return };
        let top = i64::try_from(top).unwrap_or(i64::MAX);
        // The span has one of the fields.
        span.record("gen_ai.request.top_k", top);
        span.record("gen_ai.retrieval.top_k", top);
    }
}

impl Observer for Telemetry {
    fn event(&self, event: &Event) {
        let (error, output) = match &event.kind {
            EventKind::Start { .. } => return self.started(&event.run),
            EventKind::Error { error, .. } => (Some(error), None),
            EventKind::End { output, .. } => (None, output.as_deref()),
            _ => return,
        };
        // The lock is released before the subscriber is called.
        let open = self.open().remove(&event.run.id());
        let Some(Open { span, start, operation }) = open else { return };
        let error = error.map(|error| error.kind().name());
        if let Some(error) = error {
            span.record("error.type", error);
            span.record("otel.status_code", "ERROR");
        }
        if let (true, Some((input_name, output_name))) = (self.records_content(), operation.content()) {
            span.record(input_name, text(event.input()));
            span.record(output_name, text(output));
        }
        if let Some(instruments) = self.instruments() {
            instruments.operation(&Measured { operation, name: event.run.name(), error, duration: start.elapsed() });
        }
    }

    fn follows(&self, run: &Run) -> bool {
        Operation::of(run).is_some()
    }

    fn reads(&self) -> bool {
        self.records_content()
    }

    fn span(&self, run: &Run) -> Option<Span> {
        let operation = Operation::of(run)?;
        let span = operation.span(run, self.convention());
        if span.is_disabled() {
            return None;
        }
        self.open().insert(run.id(), Open { span: span.clone(), start: Instant::now(), operation });
        Some(span)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Telemetry {
    /// Measures a run without a span.
    fn started(&self, run: &Run) {
        if let (Some(_), Some(operation)) = (self.instruments(), Operation::of(run)) {
            let open = || Open { span: Span::none(), start: Instant::now(), operation };
            self.open().entry(run.id()).or_insert_with(open);
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("content", &self.records_content())
            .field("convention", &self.convention())
            .field("metrics", &self.instruments().is_some())
            .field("open", &self.open().len())
            .finish()
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
