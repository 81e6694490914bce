//! Agents: each call of the model and each call of a tool is kept.

use crate::work::{Counts, Folder};
use catena::{Config, ErrorKind, prelude::*};
use catena_durable::{ConfigExt, DurableExt};
use catena_llm::{Agent, Approval, Message, Spending, ToolCall, Usage, testing::Scripted, tool_fn, tools};
use futures_util::TryStreamExt;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct City {
    city: String,
}

/// A tool that hangs in one city until it may go on, and says when it does.
#[derive(Clone, Default)]
struct Station {
    counts: Counts,
    hangs: Arc<AtomicBool>,
    hanging: Arc<Notify>,
}

impl Station {
    async fn weather(self, city: String) -> catena::Result<String> {
        self.counts.add(format!("weather({city})"));
        if city == "Oslo" && self.hangs.load(Ordering::Relaxed) {
            self.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        if city == "Atlantis" { Err(catena::Error::msg("no such city")) } else { Ok(format!("{city}: sunny")) }
    }
}

fn asks(cities: &[&str], id: u32) -> Message {
    let call = |(index, city): (usize, &&str)| {
        ToolCall::new(format!("{id}-{index}"), "weather", json!({ "city": city }).to_string())
    };
    let calls = cities.iter().enumerate().map(call);
    calls.fold(Message::assistant(""), Message::with_tool_call).with_usage(Usage::new(100, 10))
}

#[tokio::test]
async fn an_agent_goes_on_after_the_calls_that_were_kept() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let station = Station::default();
    station.hangs.store(true, Ordering::Relaxed);
    let agent = |model: &Scripted| {
        let station = station.clone();
        let weather = tool_fn("weather", "The weather", move |input: City| station.clone().weather(input.city));
        let agent = Agent::new(model.chat()).tools(tools![weather].unwrap());
        chain!(String => agent.durable("support/1") | |answer| answer.answer.text().to_owned())
    };
    let script = [
        asks(&["Rome", "Atlantis"], 1),
        asks(&["Paris", "Oslo"], 2),
        Message::assistant("It is sunny everywhere.").with_usage(Usage::new(300, 30)),
    ];
    let config = || Config::new().durable(journal.run("chat-7"));
    let question = || "Where is it sunny?".to_owned();

    let first = Scripted::answers(script.clone());
    let spent = Spending::new();
    let chain = agent(&first);
    tokio::select! {
        _ = chain.invoke_with(question(), config().with(spent.clone())) => panic!("a tool hangs"),
        () = station.hanging.notified() => {}
    }
    assert_eq!((first.requests().len(), spent.usage()), (2, Usage::new(200, 20)));

    // The next process asks only what is left.
    station.hangs.store(false, Ordering::Relaxed);
    let second = Scripted::answers([script[2].clone()]);
    let spent = Spending::new();
    let answer = agent(&second).invoke_with(question(), config().with(spent.clone())).await.unwrap();
    assert_eq!(answer, "It is sunny everywhere.");
    assert_eq!((second.requests().len(), spent.usage()), (1, Usage::new(300, 30)));
    let counts = &station.counts;
    assert_eq!(["Rome", "Atlantis", "Paris", "Oslo"].map(|city| counts.of(&format!("weather({city})"))), [1, 1, 1, 2]);

    // And a third one nothing, whole or as a stream.
    let third = Scripted::new();
    let spent = Spending::new();
    assert_eq!(agent(&third).invoke_with(question(), config().with(spent.clone())).await.unwrap(), answer);
    let streamed: Vec<_> = agent(&third).stream_with(question(), config()).try_collect().await.unwrap();
    assert_eq!(streamed, [answer]);
    assert_eq!((third.requests().len(), spent.calls()), (0, 0));

    let details = journal.inspect("chat-7").await.unwrap();
    let keys: Vec<&str> = details.steps.iter().map(|step| &*step.key).collect();
    for key in [
        "support/1.[1].model",
        "support/1.[1].[0].tool:weather",
        "support/1.[1].[1].tool:weather",
        "support/1.[2].model",
        "support/1.[2].[1].tool:weather",
        "support/1.[3].model",
        "support/1",
    ] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    // Each token is counted once, by whichever process.
    let usage = details.usage();
    assert_eq!((usage.calls, usage.input_tokens, usage.output_tokens), (3, 500, 50));
    assert!(details.gone.is_empty(), "{:?}", details.gone);
}

#[tokio::test]
async fn calls_wait_for_their_approval_in_the_journal() {
    let folder = Folder::new();
    let journal = folder.journal().await;
    let station = Station::default();
    let agent = |model: &Scripted| {
        let station = station.clone();
        let weather = tool_fn("weather", "The weather", move |input: City| station.clone().weather(input.city));
        let agent = Agent::new(model.chat()).tools(tools![weather].unwrap()).approve(|_| Approval::pause());
        chain!(String => agent.durable("support/1") | |answer| answer.answer.text().to_owned())
    };
    let config = || Config::new().durable(journal.run("chat-8"));
    let question = || "Where is it sunny?".to_owned();
    let script = [asks(&["Rome", "Paris"], 1), Message::assistant("In Paris.")];

    let first = Scripted::answers([script[0].clone()]);
    let error = agent(&first).invoke_with(question(), config()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Paused);
    let waits = journal.inspect("chat-8").await.unwrap().waits;
    let keys: Vec<&str> = waits.iter().map(|wait| &*wait.key).collect();
    assert_eq!(keys, ["support/1.[1].approval:1-0", "support/1.[1].approval:1-1"]);
    assert_eq!(waits[1].input["name"], "weather");

    // One of two is not enough.
    let refused = Approval::refuse("not Rome");
    journal.answer("chat-8", "approval:1-0", refused).await.unwrap();
    let error = agent(&Scripted::new()).invoke_with(question(), config()).await.unwrap_err();
    assert_eq!((error.kind(), station.counts.all()), (&ErrorKind::Paused, 0));

    journal.answer("chat-8", "approval:1-1", Approval::Call).await.unwrap();
    let last = Scripted::answers([script[1].clone()]);
    assert_eq!(agent(&last).invoke_with(question(), config()).await.unwrap(), "In Paris.");
    assert_eq!((station.counts.of("weather(Rome)"), station.counts.of("weather(Paris)")), (0, 1));
    let asked = last.requests();
    assert_eq!(asked[0].messages[2].parts()[0].content(), "Refused: not Rome");
}
