//! Traces and metrics of runs that go on: what a collector receives of each process.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../llm/tests/suite/account/collector.rs"]
mod collector;
#[path = "../../../llm/tests/suite/dispatch.rs"]
mod dispatch;

use crate::work::Folder;
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt, Journal};
use catena_llm::{
    Agent, Approval, Message, Spending, ToolCall, Usage,
    telemetry::{Convention, Otlp, Telemetry},
    testing::Scripted,
    tool_fn, tools,
};
use collector::{Collector, get};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::{Registry, layer::SubscriberExt};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct City {
    city: String,
}

fn weather() -> catena_llm::FnTool {
    tool_fn("weather", "The weather", |input: City| async move { Ok(format!("sunny in {}", input.city)) })
}

fn asks(tool: &str, arguments: &str) -> Message {
    let call = ToolCall::new("1", tool, arguments);
    Message::assistant("").with_tool_call(call).with_usage(Usage::new(100, 10))
}

/// One process of a run: what its collector received, its spending, and what it gave.
struct Process {
    spans: Vec<Span>,
    tokens: f64,
    calls: u64,
    spending: Spending,
    outcome: catena::Result<String>,
}

impl Process {
    async fn run(chain: impl Runnable<String, Output = String>, journal: &Journal) -> Self {
        let collector = Collector::start();
        let observer = Telemetry::new().with_convention(Convention::Published);
        let otlp = Otlp::builder("shop").endpoint(&collector.url).observer(observer).build().unwrap();
        let spending = Spending::new();
        let config = Config::new().observe(otlp.observer()).with(spending.clone()).durable(journal.run("chat-7"));
        let work = chain.invoke_with("Where is it sunny?".to_owned(), config);
        let outcome = work.with_subscriber(dispatch::dispatch(Registry::default().with(otlp.layer()))).await;
        tokio::task::spawn_blocking(move || otlp.flush()).await.unwrap().unwrap();
        let metrics = collector.metrics(&[]);
        let of = |name: &str| metrics.get(name).copied().unwrap_or_default();
        let (tokens, calls) = (of("gen_ai.client.token.usage").1, of("gen_ai.client.operation.duration").0);
        Process { spans: collector.spans(), tokens, calls, spending, outcome }
    }

    fn named(&self, name: &str) -> Vec<&Span> {
        self.spans.iter().filter(|span| span.name == name).collect()
    }

    /// The tokens of its spans of agents and models.
    fn input_tokens(&self, name: &str) -> Vec<i64> {
        let tokens = self.named(name).into_iter().map(|span| get(&span.attributes, "gen_ai.usage.input_tokens"));
        tokens.map(|tokens| if let Some(Value::IntValue(tokens)) = tokens { tokens } else { 0 }).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_counts_no_tokens_in_spans_metrics_and_spending() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = |model: &Scripted| {
        let weather = weather();
        let agent = Agent::new(model.clone().named("gpt-4o").chat()).tools(tools![weather].unwrap());
        let agent = agent.approve(|_| Approval::pause());
        chain!(String => agent.durable("support/1") | |answer| answer.answer.text().to_owned())
    };
    let ask = asks("weather", r#"{"city": "Oslo"}"#);
    let first = Process::run(chain(&Scripted::answers([ask])), &journal).await;
    assert_eq!(first.outcome.unwrap_err().kind(), &ErrorKind::Paused);
    assert_eq!((first.tokens, first.calls, first.spending.usage()), (110.0, 1, Usage::new(100, 10)));

    // Another process replays the first answer, and asks for the second.
    journal.answer("chat-7", "approval:1", Approval::Call).await.unwrap();
    let answer = Message::assistant("It is.").with_usage(Usage::new(300, 30));
    let second = Process::run(chain(&Scripted::answers([answer])), &journal).await;
    assert_eq!(second.outcome.as_deref().unwrap(), "It is.");
    assert_eq!((second.tokens, second.calls, second.spending.usage()), (330.0, 1, Usage::new(300, 30)));
    assert_eq!(second.input_tokens("chat gpt-4o"), [300]);
    assert_eq!(second.input_tokens("invoke_agent agent"), [300], "and not the 400 of the conversation");
    assert_eq!(second.named("execute_tool weather").len(), 1);

    // A third one replays it all.
    let third = Process::run(chain(&Scripted::new()), &journal).await;
    assert_eq!(third.outcome.as_deref().unwrap(), "It is.");
    assert_eq!((third.tokens, third.calls, third.spending.calls()), (0.0, 0, 0));
    let names: Vec<&str> = third.spans.iter().map(|span| span.name.as_str()).collect();
    assert!(third.named("chat gpt-4o").is_empty() && third.named("execute_tool weather").is_empty(), "{names:?}");
    assert_eq!(third.input_tokens("invoke_agent agent").iter().sum::<i64>(), 0, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_inside_waits_in_the_journal_and_counts_once() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let chain = |outer: &Scripted, inner: &Scripted| {
        let weather = weather();
        let inner = Agent::new(inner.chat()).tools(tools![weather].unwrap()).approve(|_| Approval::pause());
        let agent = Agent::new(outer.chat()).tools(tools![inner.as_tool("researcher", "Finds out.")].unwrap());
        chain!(String => agent.durable("support/1") | |answer| answer.answer.text().to_owned())
    };
    let task = asks("researcher", r#"{"task": "How is Oslo?"}"#);
    let inner_asks = asks("weather", r#"{"city": "Oslo"}"#);
    let first = Process::run(chain(&Scripted::answers([task]), &Scripted::answers([inner_asks])), &journal).await;
    assert_eq!(first.outcome.unwrap_err().kind(), &ErrorKind::Paused);
    assert_eq!((first.tokens, first.calls), (220.0, 2));
    let waits = journal.inspect("chat-7").await.unwrap().waits;
    let keys: Vec<&str> = waits.iter().map(|wait| &*wait.key).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(waits[0].input["name"], "weather");

    journal.answer("chat-7", &waits[0].key, Approval::Call).await.unwrap();
    let says = |text: &str| Scripted::answers([Message::assistant(text).with_usage(Usage::new(300, 30))]);
    let second = Process::run(chain(&says("Sunny."), &says("It is sunny in Oslo.")), &journal).await;
    assert_eq!(second.outcome.as_deref().unwrap(), "Sunny.");
    assert_eq!((second.tokens, second.calls, second.spending.usage()), (660.0, 2, Usage::new(600, 60)));
    let mut tokens = second.input_tokens("invoke_agent agent");
    tokens.sort_unstable();
    assert_eq!(tokens, [300, 600], "the caller has its own and those of the agent inside");
}
