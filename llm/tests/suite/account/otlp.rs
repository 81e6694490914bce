//! Traces and metrics as a collector receives them: real OTLP over HTTP, decoded by the protocol's own types.

use super::{
    collector::{Collector, get, text},
    gpt,
};
use crate::dispatch::dispatch;
use catena::{Config, ErrorKind, Retry, RunnableExt, StepExt, prelude::*};
use catena_llm::{
    Agent, Message, MessageAssembler, ToolCall, Usage,
    cache::MemoryCache,
    simulator::{Fault, Provider, Simulator},
    telemetry::{Convention, Otlp, Telemetry},
    testing::{Reply, Scripted},
    tool, tools,
};
use futures_util::StreamExt;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use std::time::Duration;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::{Registry, layer::SubscriberExt};

/// Does some work under these exporters, and exports all of it.
async fn export(otlp: &Otlp, work: impl Future) {
    work.with_subscriber(dispatch(Registry::default().with(otlp.layer()))).await;
    let otlp = otlp.clone();
    tokio::task::spawn_blocking(move || otlp.flush()).await.unwrap().unwrap();
}

fn exporters(collector: &Collector, convention: Convention) -> Otlp {
    let observer = Telemetry::new().with_convention(convention);
    let builder = Otlp::builder("shop").endpoint(&collector.url).header("x-key", "k1").observer(observer);
    builder.build().unwrap()
}

fn find<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} in {spans:#?}"))
}

/// The weather in a city.
#[tool]
fn weather(city: &str) -> String {
    format!("sunny in {city}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_reads_the_whole_tree() {
    let collector = Collector::start();
    let otlp = exporters(&collector, Convention::Published);
    let call = ToolCall::new("call_7", "weather", r#"{"city": "Oslo"}"#);
    let replies = [Reply::from(Message::assistant("").with_tool_call(call)), Reply::from("It is sunny.")];
    let agent = Agent::new(Scripted::answers(replies).named("gpt-4o").chat()).tools(tools![weather].unwrap());
    let chain = chain!(String => agent | |answer| answer.answer.text().to_owned());
    export(&otlp, async {
        let config = Config::new().observe(otlp.observer()).run_name("forecast").metadata("thread_id", "t1");
        chain.invoke_with("Oslo?".to_owned(), config).await.unwrap();
    })
    .await;

    let spans = collector.spans();
    let (workflow, agent) = (find(&spans, "invoke_workflow forecast"), find(&spans, "invoke_agent agent"));
    let (chat, tool) = (find(&spans, "chat gpt-4o"), find(&spans, "execute_tool weather"));
    assert_eq!(spans.len(), 5, "{spans:#?}");
    assert!(spans.iter().all(|span| span.trace_id == workflow.trace_id));
    assert!(workflow.parent_span_id.is_empty());
    assert_eq!(agent.parent_span_id, workflow.span_id);
    assert_eq!((&chat.parent_span_id, &tool.parent_span_id), (&agent.span_id, &agent.span_id));
    assert_eq!((chat.kind(), tool.kind()), (SpanKind::Client, SpanKind::Internal));
    for (span, key, value) in [
        (workflow, "gen_ai.operation.name", "invoke_workflow"),
        (workflow, "openinference.span.kind", "CHAIN"),
        (agent, "openinference.span.kind", "AGENT"),
        (agent, "gen_ai.conversation.id", "t1"),
        (chat, "openinference.span.kind", "LLM"),
        (chat, "gen_ai.request.model", "gpt-4o"),
        (tool, "openinference.span.kind", "TOOL"),
        (tool, "gen_ai.tool.call.id", "call_7"),
    ] {
        assert_eq!(text(&span.attributes, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(collector.services(), [Value::StringValue("shop".to_owned())]);
    assert!(collector.heads().iter().all(|head| head.contains("x-key: k1")), "{:?}", collector.heads());
    // Contents are private.
    assert!(!format!("{spans:?}").contains("Oslo"), "{spans:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_numbers_and_lists_are_lists() {
    let collector = Collector::start();
    let otlp = exporters(&collector, Convention::Published);
    let sim = Simulator::start().await.unwrap();
    let model = gpt(&sim).with_options(catena_llm::Options::new().temperature(0.5).stop("END"));
    export(&otlp, async { model.invoke_with("Who?", Config::new().observe(otlp.observer())).await.unwrap() }).await;
    let spans = collector.spans();
    let attributes = &find(&spans, "chat gpt-4o").attributes;
    let list = |key| match get(attributes, key) {
        Some(Value::ArrayValue(list)) => list.values.into_iter().map(|value| value.value.unwrap()).collect::<Vec<_>>(),
        other => panic!("{key}: {other:?}"),
    };
    assert_eq!(list("gen_ai.response.finish_reasons"), [Value::StringValue("stop".to_owned())]);
    assert_eq!(list("gen_ai.request.stop_sequences"), [Value::StringValue("END".to_owned())]);
    assert_eq!(get(attributes, "gen_ai.request.temperature"), Some(Value::DoubleValue(0.5)));
    assert_eq!(get(attributes, "gen_ai.request.stream"), Some(Value::BoolValue(false)));
    assert!(matches!(get(attributes, "gen_ai.usage.output_tokens"), Some(Value::IntValue(1..))));
    assert_eq!(get(attributes, "server.port"), Some(Value::IntValue(sim.address().port().into())));
}

/// A retry whose first attempt fails, a stream, an answer twice from one cache, and a stream that is dropped.
async fn calls(config: impl Fn() -> Config) {
    let sim = Simulator::builder().respond(|_| "It is a kind of computer.").start().await.unwrap();
    sim.script(Provider::OpenAi).fail(Fault::status(429));
    gpt(&sim).retry(Retry::attempts(2).base(Duration::ZERO)).invoke_with("Who?", config()).await.unwrap();
    gpt(&sim).stream_with("Who?", config()).assemble(MessageAssembler::default()).await.unwrap();
    let cached = Scripted::answers([Reply::from("Once.").usage(Usage::new(100, 10))]).named("gpt-4o").chat();
    let cached = cached.cached(MemoryCache::new(10));
    cached.invoke_with("Who?", config()).await.unwrap();
    cached.invoke_with("Who?", config()).await.unwrap();
    let model = gpt(&sim);
    let mut dropped = model.stream_with("Who?", config());
    dropped.next().await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_each_call_once() {
    let collector = Collector::start();
    let otlp = exporters(&collector, Convention::Published);
    export(&otlp, calls(|| Config::new().observe(otlp.observer()))).await;
    let metrics =
        collector.metrics(&["gen_ai.operation.name", "gen_ai.request.model", "gen_ai.token.type", "error.type"]);
    let get = |name: &str| metrics.get(name).copied().unwrap_or_else(|| panic!("no {name} in {metrics:?}"));
    // The retried one, the streamed one and the first of the cached; neither the second, nor any twice.
    assert_eq!(get("gen_ai.client.operation.duration chat gpt-4o").0, 3);
    assert_eq!(get("gen_ai.client.operation.duration chat gpt-4o rate_limited").0, 1);
    assert_eq!(get("gen_ai.client.operation.duration chat gpt-4o cancelled").0, 1);
    assert_eq!(get("gen_ai.client.operation.time_to_first_chunk chat gpt-4o").0, 2);
    assert_eq!(get("gen_ai.client.token.usage chat gpt-4o input"), (3, 102.0));
    assert_eq!(get("gen_ai.client.token.usage chat gpt-4o output"), (3, 24.0));
    assert_eq!(metrics.len(), 6, "{metrics:?}");

    // Errors and cancelled calls are failed spans.
    let spans = collector.spans();
    let failed = spans.iter().filter(|span| span.status.as_ref().is_some_and(|it| it.code() == StatusCode::Error));
    let mut failed: Vec<_> = failed.filter_map(|span| text(&span.attributes, "error.type")).collect();
    failed.sort_unstable();
    assert_eq!(failed, ["cancelled", "rate_limited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_metrics_are_counters_and_measure_runs() {
    let collector = Collector::start();
    let otlp = exporters(&collector, Convention::Latest);
    export(&otlp, async {
        calls(|| Config::new().observe(otlp.observer())).await;
        let config = Config::new().observe(otlp.observer());
        weather.invoke_with(ToolCall::new("1", "weather", r#"{"city": "Oslo"}"#), config).await.unwrap();
    })
    .await;
    let metrics = collector.metrics(&["gen_ai.tool.name"]);
    assert_eq!(metrics["gen_ai.client.inference.duration"].0, 5);
    assert_eq!(metrics["gen_ai.client.inference.usage.input_tokens"].1.to_string(), "102");
    assert_eq!(metrics["gen_ai.client.inference.usage.output_tokens"].1.to_string(), "24");
    assert_eq!(metrics["gen_ai.execute_tool.duration weather"].0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_disturbs_no_run() {
    // Nothing listens on a port that has just been closed.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let otlp = Otlp::builder("shop").endpoint(format!("http://{closed}")).build().unwrap();
    let subscriber = dispatch(Registry::default().with(otlp.layer()));
    let chat = Scripted::answers(["Hello."]).chat();
    let config = Config::new().observe(otlp.observer());
    let answer = chat.invoke_with("Hi", config).with_subscriber(subscriber).await.unwrap();
    assert_eq!(answer.text(), "Hello.");
    let error = tokio::task::spawn_blocking(move || otlp.flush()).await.unwrap().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }), "{error:?}");

    let error = Otlp::builder("shop").endpoint("not a URL").build().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BadInput), "{error:?}");
}
