//! A model that asks for more than it may.

use catena::{Config, ErrorKind, RunnableExt};
use catena_llm::{
    Agent, AgentEvent, Message, ToolCall, Tools,
    testing::{Reply, Scripted},
    tool_fn, tools,
};
use futures_util::StreamExt;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A tool without parameters.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

/// How many calls were made, and how many at the same time.
#[derive(Clone, Default)]
struct Calls {
    made: Arc<AtomicUsize>,
    in_flight: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

impl Calls {
    fn tools(&self) -> Tools {
        let calls = self.clone();
        let wait = tool_fn("wait", "Waits.", move |_: Nothing| {
            let calls = calls.clone();
            async move {
                calls.made.fetch_add(1, Ordering::SeqCst);
                let now = calls.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
                calls.peak.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                calls.in_flight.fetch_sub(1, Ordering::SeqCst);
                Ok("done")
            }
        });
        tools![wait].unwrap()
    }

    fn counts(&self) -> (usize, usize) {
        (self.made.load(Ordering::SeqCst), self.peak.load(Ordering::SeqCst))
    }
}

fn flood(count: usize) -> Reply {
    (0..count).fold(Reply::from(""), |reply, _| reply.and_tool_call("wait", json!({})))
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_calls_in_one_answer_are_not_all_made() {
    for is_stream in [false, true] {
        let (calls, model) = (Calls::default(), Scripted::answers([flood(10_000), "done".into()]));
        let agent = Agent::new(model.chat()).tools(calls.tools()).max_steps(2);
        let answer = if is_stream {
            let events: Vec<_> = agent.stream("Go").collect().await;
            match events.into_iter().next_back() {
                Some(Ok(AgentEvent::Answer(answer))) => answer,
                other => panic!("{other:?}"),
            }
        } else {
            agent.invoke("Go").await.unwrap()
        };
        assert_eq!(calls.counts(), (128, 32));
        assert_eq!(answer.answer.text(), "done");
        // Each call has its result, as providers want, and the model knows which were not made.
        let requests = model.requests();
        let results: Vec<&str> =
            requests[1].messages.iter().skip(2).map(|message| message.parts()[0].content()).collect();
        assert_eq!(results.len(), 10_000);
        assert!(results[..128].iter().all(|result| *result == "done"));
        assert!(results[128..].iter().all(|result| result.starts_with("Not called: ")), "{}", results[128]);
        assert!(results[128].contains("128") && results[128].contains("call 129"), "{}", results[128]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_limits_can_be_set() {
    let (calls, model) = (Calls::default(), Scripted::answers([flood(300), "done".into()]));
    let tools = calls.tools().max_calls(200).max_concurrent_calls(5);
    Agent::new(model.chat()).tools(tools).invoke("Go").await.unwrap();
    assert_eq!(calls.counts(), (200, 5));
    // The smaller limit applies.
    let (calls, model) = (Calls::default(), Scripted::answers([flood(300), "done".into()]));
    let agent = Agent::new(model.chat()).tools(calls.tools());
    agent.invoke_with("Go", Config::new().max_concurrency(3)).await.unwrap();
    assert_eq!(calls.counts(), (128, 3));
}

#[tokio::test(start_paused = true)]
async fn a_set_of_tools_as_a_step_has_the_same_limits() {
    let calls = Calls::default();
    let asked = (0..1000).fold(Message::assistant(""), |message, at| {
        message.with_tool_call(ToolCall::new(format!("c{at}"), "wait", "{}"))
    });
    let results = calls.tools().invoke(asked).await.unwrap();
    assert_eq!((calls.counts(), results.len()), ((128, 32), 1000));
    assert!(results[999].parts()[0].content().starts_with("Not called: "));
}

#[tokio::test]
async fn calls_without_end_end_at_the_limit_of_steps() {
    let model = Scripted::new().respond(|_| Some(flood(200)));
    let error = Agent::new(model.chat()).tools(Calls::default().tools()).max_steps(2).invoke("Go").await.unwrap_err();
    assert_eq!((error.kind(), model.requests().len()), (&ErrorKind::Recursion { limit: 2 }, 2));
}
