//! The spans of OpenTelemetry's conventions, as a subscriber sees them.

use super::{claude, flash, gpt};
use crate::dispatch::dispatch;
use catena::{Config, Context as CallContext, Retry, RunnableExt, Spans, StepExt, prelude::*};
use catena_llm::{
    Agent, Message, MessageAssembler, Messages, Options, ReasoningEffort, ResponseFormat, Spending, ToolCall, Usage,
    cache::MemoryCache,
    keys,
    memory::{HistoryExt, InMemoryHistory, SESSION},
    openai_embeddings,
    retrieval::Embedder,
    simulator::{Fault, Provider, Simulator},
    telemetry::{Convention, Telemetry},
    testing::{Reply, Scripted},
    tool, tools,
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// The fields of a span. A number is its digits.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
    /// What a sampler sees.
    at_start: BTreeMap<&'static str, String>,
}

impl Seen {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps all spans, in the order they were made.
#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Vec<(Id, Seen)>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        let parent = cx.span(id).and_then(|span| Some(span.parent()?.name()));
        let mut seen = Seen { name: attributes.metadata().name(), parent, ..Seen::default() };
        attributes.record(&mut seen);
        seen.at_start = seen.fields.clone();
        self.0.lock().unwrap().push((id.clone(), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some((_, seen)) = self.0.lock().unwrap().iter_mut().rev().find(|(of, _)| of == id) {
            values.record(seen);
        }
    }
}

/// The spans of some work.
async fn spans_of(work: impl Future) -> Vec<Seen> {
    let keep = Keep::default();
    work.with_subscriber(dispatch(Registry::default().with(keep.clone()))).await;
    let spans = keep.0.lock().unwrap();
    spans.iter().map(|(_, seen)| seen.clone()).collect()
}

async fn simulator() -> Simulator {
    Simulator::builder().respond(|_| "It is a kind of computer.").start().await.unwrap()
}

#[tokio::test]
async fn a_model_says_what_it_was_asked_and_what_it_took() {
    let sim = simulator().await;
    for (model, name, provider) in [
        (gpt(&sim), "gpt-4o", "openai"),
        (claude(&sim), "claude-sonnet-4-5", "anthropic"),
        (flash(&sim), "gemini-2.5-flash", "gcp.gemini"),
    ] {
        let model = model.with_options(Options::new().temperature(0.5).max_tokens(100).stop("END"));
        for streamed in [false, true] {
            let config = Config::new().observe(Telemetry::new()).set(&keys::TOP_P, Some(0.25));
            let spans = spans_of(async {
                let answer = if streamed {
                    model.stream_with("Who?", config).assemble(MessageAssembler::default()).await
                } else {
                    model.invoke_with("Who?", config).await
                };
                answer.unwrap();
            });
            let spans = spans.await;
            let chats: Vec<&Seen> = spans.iter().filter(|span| span.name == "chat").collect();
            let [span] = &chats[..] else { panic!("{spans:?}") };
            let port = sim.address().port().to_string();
            for (field, value) in [
                ("otel.name", format!("chat {name}").as_str()),
                ("otel.kind", "client"),
                ("gen_ai.operation.name", "chat"),
                ("gen_ai.provider.name", provider),
                ("gen_ai.request.model", name),
                ("gen_ai.request.temperature", "0.5"),
                ("gen_ai.request.top_p", "0.25"),
                ("gen_ai.request.max_tokens", "100"),
                ("gen_ai.request.stop_sequences", "[\"END\"]"),
                ("gen_ai.request.stream", if streamed { "true" } else { "false" }),
                ("gen_ai.response.model", name),
                ("gen_ai.response.finish_reasons", "[\"stop\"]"),
                ("gen_ai.usage.input_tokens", "1"),
                ("gen_ai.usage.output_tokens", "7"),
                ("server.address", "127.0.0.1"),
                ("server.port", &port),
            ] {
                assert_eq!(span.get(field), Some(value), "{name} {field}");
            }
            for field in ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "server.address"] {
                assert_eq!(span.at_start.get(field), span.fields.get(field), "{name} {field}");
                assert!(span.at_start.contains_key(field), "{name} {field}");
            }
            assert!(span.get("gen_ai.response.id").is_some_and(|id| !id.is_empty()), "{span:?}");
            assert_eq!(span.get("gen_ai.response.time_to_first_chunk").is_some(), streamed, "{span:?}");
            for absent in ["gen_ai.request.seed", "error.type", "otel.status_code"] {
                assert_eq!(span.get(absent), None, "{absent}");
            }
            // Not a word of what was said, anywhere.
            let printed = format!("{spans:?}");
            assert!(!printed.contains("Who?") && !printed.contains("computer"), "{printed}");
        }
    }
}

#[tokio::test]
async fn what_is_said_is_there_where_it_is_asked_for() {
    let sim = simulator().await;
    let model = gpt(&sim);
    let prompt = Messages::from([Message::system("Be brief."), Message::user("Who?")]);
    for streamed in [false, true] {
        let config = Config::new().observe(Telemetry::new().with_content());
        let spans = spans_of(async {
            if streamed {
                model.stream_with(prompt.clone(), config).assemble(MessageAssembler::default()).await.unwrap();
            } else {
                model.invoke_with(prompt.clone(), config).await.unwrap();
            }
        });
        let spans = spans.await;
        let span = spans.iter().find(|span| span.name == "chat").unwrap();
        let read = |field| serde_json::from_str::<Value>(span.get(field).unwrap()).unwrap();
        let said = |role: &str, text: &str| json!({"role": role, "parts": [{"type": "text", "content": text}]});
        assert_eq!(read("gen_ai.input.messages"), json!([said("system", "Be brief."), said("user", "Who?")]));
        let mut answer = said("assistant", "It is a kind of computer.");
        answer["finish_reason"] = json!("stop");
        assert_eq!(read("gen_ai.output.messages"), json!([answer]), "{streamed}");
    }
}

#[tokio::test]
async fn each_attempt_is_a_span_and_failures_say_why() {
    let sim = simulator().await;
    sim.script(Provider::OpenAi).fail(Fault::status(429)).fail(Fault::EmptyAnswer);
    let model = gpt(&sim).retry(Retry::attempts(3).base(Duration::ZERO));
    let spans = spans_of(async {
        model.invoke_with("Who?", Config::new().observe(Telemetry::new())).await.unwrap();
    });
    let spans = spans.await;
    let chats: Vec<&Seen> = spans.iter().filter(|span| span.name == "chat").collect();
    let told: Vec<_> = chats
        .iter()
        .map(|span| (span.get("error.type"), span.get("otel.status_code"), span.get("gen_ai.usage.input_tokens")))
        .collect();
    let failed = Some("ERROR");
    assert_eq!(
        told,
        [(Some("rate_limited"), failed, None), (Some("parse"), failed, Some("1")), (None, None, Some("1"))]
    );
    // One that nobody reads to its end is stopped.
    let spans = spans_of(async {
        let model = gpt(&sim);
        let mut chunks = model.stream_with("Who?", Config::new().observe(Telemetry::new()));
        chunks.next().await.unwrap().unwrap();
    });
    let spans = spans.await;
    assert_eq!(spans.iter().find(|span| span.name == "chat").unwrap().get("error.type"), Some("cancelled"));
}

#[runnable(kind = tool)]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[runnable(kind = retriever)]
fn library(query: String) -> Vec<String> {
    vec![format!("a book on {query}")]
}

#[tokio::test]
async fn tools_and_retrievers_have_spans_of_their_own() {
    for content in [false, true] {
        let observer = if content { Telemetry::new().with_content() } else { Telemetry::new() };
        let chain = chain!(String => library | |books| record! { a: i64::try_from(books.len())?, b: 2_i64 } | add);
        let spans = spans_of(async {
            // A step without a span here has one of the second observer.
            let config = Config::new().observe(observer).observe(Spans);
            assert_eq!(chain.invoke_with("bits".to_owned(), config).await.unwrap(), 3);
        });
        let spans = spans.await;
        let names: Vec<_> = spans.iter().map(|span| (span.name, span.parent)).collect();
        for expected in
            [("invoke_workflow", None), ("run", Some("invoke_workflow")), ("retrieval", Some("invoke_workflow"))]
        {
            assert!(names.contains(&expected), "{names:?}");
        }
        let find = |name| spans.iter().find(|span| span.name == name).unwrap();
        let (retrieval, tool) = (find("retrieval"), find("execute_tool"));
        assert_eq!(retrieval.get("otel.name"), Some("retrieval library"));
        assert_eq!(retrieval.get("gen_ai.data_source.id"), Some("library"));
        assert_eq!(tool.get("otel.name"), Some("execute_tool add"));
        assert_eq!(tool.get("gen_ai.tool.name"), Some("add"));
        let texts = [
            (retrieval, "gen_ai.retrieval.query.text", "bits"),
            (retrieval, "gen_ai.retrieval.documents", "[\"a book on bits\"]"),
            (tool, "gen_ai.tool.call.result", "3"),
        ];
        for (span, field, text) in texts {
            assert_eq!(span.get(field), content.then_some(text), "{field}");
        }
    }
}

#[tokio::test]
async fn without_a_subscriber_nothing_is_written() {
    let sim = simulator().await;
    let observer = Telemetry::new().with_content();
    gpt(&sim).invoke_with("Who?", Config::new().observe(observer.clone())).await.unwrap();
    assert!(format!("{observer:?}").contains("open: 0"), "{observer:?}");
}

/// The weather in a city.
#[tool]
fn weather(city: &str) -> String {
    format!("sunny in {city}")
}

#[tokio::test]
async fn an_agent_is_a_span_around_its_models_and_tools() {
    let call = ToolCall::new("call_7", "weather", r#"{"city": "Oslo"}"#);
    let replies = [
        Reply::from(Message::assistant("").with_tool_call(call)).usage(Usage::new(10, 2)),
        Reply::from("It is sunny.").usage(Usage::new(20, 3)),
    ];
    let agent = Agent::new(Scripted::answers(replies).named("gpt-4o").chat()).tools(tools![weather].unwrap());
    let researcher = agent.named("researcher");
    let spans = spans_of(async {
        let config = Config::new().observe(Telemetry::new()).metadata("thread_id", "t1");
        researcher.invoke_with("Oslo?", config).await.unwrap();
    });
    let spans = spans.await;
    let names: Vec<_> = spans.iter().map(|span| (span.name, span.parent)).collect();
    let inside = Some("invoke_agent");
    assert_eq!(names, [("invoke_agent", None), ("chat", inside), ("execute_tool", inside), ("chat", inside)]);
    let [agent, chat, tool, _] = &spans[..] else { panic!("{spans:?}") };
    for (span, field, value) in [
        (agent, "otel.name", "invoke_agent researcher"),
        (agent, "gen_ai.agent.name", "researcher"),
        (agent, "gen_ai.conversation.id", "t1"),
        (agent, "gen_ai.request.model", "gpt-4o"),
        (agent, "gen_ai.usage.input_tokens", "30"),
        (agent, "gen_ai.usage.output_tokens", "5"),
        (chat, "gen_ai.conversation.id", "t1"),
        (tool, "gen_ai.tool.name", "weather"),
        (tool, "gen_ai.tool.call.id", "call_7"),
        (tool, "gen_ai.tool.description", "The weather in a city."),
    ] {
        assert_eq!(span.get(field), Some(value), "{field}: {span:?}");
    }
    assert_eq!(agent.at_start.get("gen_ai.agent.name").map(String::as_str), Some("researcher"));
}

#[tokio::test]
async fn a_conversation_is_that_of_the_history_and_a_format_is_a_type() {
    let chat =
        Scripted::answers(["{}"]).chat().with_options(Options::new().response_format(ResponseFormat::JsonObject));
    let chat = chat.with_history(InMemoryHistory::new(), &SESSION).as_messages();
    let spans = spans_of(async {
        let config = Config::new().observe(Telemetry::new()).set(&SESSION, Some("anna".to_owned()));
        chat.invoke_with(Message::user("Who?"), config).await.unwrap();
    });
    let spans = spans.await;
    let chat = spans.iter().find(|span| span.name == "chat").unwrap();
    assert_eq!(chat.get("gen_ai.conversation.id"), Some("anna"));
    // A model that may not support the format is asked in the prompt.
    assert_eq!(chat.get("gen_ai.output.type"), None);
    let sim = simulator().await;
    let typed = gpt(&sim).with_options(Options::new().response_format(ResponseFormat::JsonObject));
    let spans = spans_of(async {
        typed.invoke_with("Say JSON.", Config::new().observe(Telemetry::new())).await.unwrap();
    });
    assert_eq!(spans.await[0].get("gen_ai.output.type"), Some("json"));
}

#[tokio::test]
async fn newer_names_are_there_for_those_who_opt_in() {
    let sim = simulator().await;
    let model = gpt(&sim).with_options(Options::new().reasoning_effort(ReasoningEffort::Low));
    let chain = chain!(String => library | |books| books.join(", ") | model);
    for (convention, workflow, level, content) in [
        (Convention::Published, "gen_ai.workflow.name", None, false),
        (Convention::Latest, "gen_ai.agent.name", Some("low"), false),
        (Convention::Latest, "gen_ai.agent.name", Some("low"), true),
    ] {
        let observer = Telemetry::new().with_convention(convention);
        let observer = if content { observer.with_content() } else { observer };
        let spans = spans_of(async {
            let config = Config::new().observe(observer).run_name("books");
            chain.invoke_with("bits".to_owned(), config).await.unwrap();
        });
        let spans = spans.await;
        let find = |name| spans.iter().find(|span| span.name == name).unwrap();
        assert_eq!(find("invoke_workflow").get(workflow), Some("books"));
        assert_eq!(find("chat").get("gen_ai.request.reasoning.level"), level);
        assert_eq!(find("chat").get("gen_ai.output.messages").is_some(), content);
        let kind = if convention == Convention::Latest { "internal" } else { "client" };
        assert_eq!(find("retrieval").get("otel.kind"), Some(kind));
    }
}

#[tokio::test]
async fn a_cached_answer_has_no_tokens() {
    let replies = [Reply::from("A computer.").usage(Usage::new(10, 2))];
    let chat = Scripted::answers(replies).chat().cached(MemoryCache::new(10));
    for streamed in [false, true] {
        let spans = spans_of(async {
            for _ in 0..2 {
                let config = Config::new().observe(Telemetry::new());
                if streamed {
                    chat.stream_with("Who?", config).assemble(MessageAssembler::default()).await.unwrap();
                } else {
                    chat.invoke_with("Who?", config).await.unwrap();
                }
            }
        });
        let spans = spans.await;
        let tokens: Vec<_> = spans.iter().map(|span| span.get("gen_ai.usage.input_tokens")).collect();
        let first = if streamed { "0" } else { "10" };
        assert_eq!(tokens, [Some(first), Some("0")]);
    }
}

#[tokio::test]
async fn an_embedder_has_a_span_and_its_tokens_are_spent() {
    let sim = simulator().await;
    let embedder = openai_embeddings("text-embedding-3-small").base_url(sim.openai_url()).api_key("k").batch(1);
    let embedder = embedder.dimensions(8).build().unwrap();
    let spending = Spending::new();
    let cx = CallContext::new();
    let cx = cx.configured(&Config::new().observe(Telemetry::new()).with(spending.clone()));
    let spans = spans_of(async {
        embedder.embed(&["one".to_owned(), "two".to_owned()], &cx).await.unwrap();
    });
    let spans = spans.await;
    assert_eq!(spans.len(), 2, "a request, a span: {spans:?}");
    let mut tokens = 0;
    for span in &spans {
        for (field, value) in [
            ("otel.name", "embeddings text-embedding-3-small"),
            ("gen_ai.operation.name", "embeddings"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.embeddings.dimension.count", "8"),
            ("server.address", "127.0.0.1"),
        ] {
            assert_eq!(span.get(field), Some(value), "{field}");
        }
        tokens += span.get("gen_ai.usage.input_tokens").unwrap().parse::<u64>().unwrap();
    }
    assert!(tokens > 0);
    assert_eq!((spending.calls(), spending.usage()), (2, Usage::new(tokens, 0)));

    sim.script(Provider::OpenAi).fail(Fault::status(401));
    let spans = spans_of(async {
        embedder.embed(&["three".to_owned()], &cx).await.unwrap_err();
    });
    assert_eq!(spans.await[0].get("error.type"), Some("auth"));
}
