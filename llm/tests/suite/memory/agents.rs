//! Agents with a history: what is streamed, and which messages are stored.

use catena::{Config, ErrorKind, RunnableExt};
use catena_llm::{
    Agent, AgentEvent, Messages, Role,
    memory::{HistoryExt, HistoryStore, InMemoryHistory, SESSION},
    testing::{Reply, Scripted},
    tool, tools,
};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use std::time::Duration;

/// The weather in a city.
#[tool]
fn weather(city: &str) -> String {
    format!("sunny in {city}")
}

fn session() -> Config {
    Config::new().set(&SESSION, Some("anna".to_owned()))
}

fn roles(messages: &Messages) -> Vec<&Role> {
    messages.iter().map(catena_llm::Message::role).collect()
}

const TURN: [&Role; 4] = [&Role::User, &Role::Assistant, &Role::Tool, &Role::Assistant];

/// Looks the weather up, and then says these words, one a second.
fn forecaster(turns: usize) -> Scripted {
    (0..turns).fold(Scripted::new(), |model, _| {
        let slow = Reply::chunks(["It ", "is ", "sunny."]).chunk_delay(Duration::from_secs(1));
        model.answer(Reply::tool_call("weather", json!({ "city": "Oslo" }))).answer(slow)
    })
}

#[tokio::test(start_paused = true)]
async fn events_arrive_while_the_model_writes_and_the_whole_turn_is_stored_with_the_answer() {
    let (model, store) = (forecaster(2), InMemoryHistory::new());
    let agent = Agent::new(model.chat()).tools(tools![weather].unwrap()).with_history(store.clone(), &SESSION);
    let begun = tokio::time::Instant::now();
    let mut events = agent.stream_with("How is Oslo?", session());
    let mut seen = Vec::new();
    while let Some(event) = events.try_next().await.unwrap() {
        // Whoever has read the answer may stop there.
        let answered = matches!(event, AgentEvent::Answer(_));
        let word = match event {
            AgentEvent::Text(text) => text,
            AgentEvent::ToolCall(call) => call.name,
            AgentEvent::ToolResult(result) => result.content().to_owned(),
            AgentEvent::Answer(answer) => format!("{} steps", answer.steps),
            AgentEvent::ToolCallChunk(_) => continue,
            other => panic!("{other:?}"),
        };
        seen.push((begun.elapsed().as_secs(), word));
        assert_eq!(store.get("anna").await.unwrap().is_empty(), !answered, "stored with the answer: {seen:?}");
    }
    let expected = [(0, "weather"), (0, "sunny in Oslo"), (1, "It "), (2, "is "), (3, "sunny."), (4, "2 steps")];
    assert_eq!(seen, expected.map(|(at, word)| (at, word.to_owned())));
    assert_eq!(roles(&store.get("anna").await.unwrap()), TURN);

    // The next turn sends the first one as it was, and stores only what it adds.
    agent.invoke_with("And now?", session()).await.unwrap();
    assert_eq!(roles(&model.requests()[2].messages), [&TURN[..], &[&Role::User]].concat());
    assert_eq!(roles(&store.get("anna").await.unwrap()), [TURN, TURN].concat());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_left_or_fails_between_a_call_and_its_answer_stores_nothing() {
    let store = InMemoryHistory::new();
    let agent = Agent::new(forecaster(1).chat()).tools(tools![weather].unwrap()).with_history(store.clone(), &SESSION);
    let mut events = agent.stream_with("How is Oslo?", session());
    while !matches!(events.next().await, Some(Ok(AgentEvent::ToolResult(_)))) {}
    drop(events);
    assert!(store.get("anna").await.unwrap().is_empty(), "a call without its answer was stored");

    let model = forecaster(1);
    let limited =
        Agent::new(model.chat()).tools(tools![weather].unwrap()).max_steps(1).with_history(store.clone(), &SESSION);
    let error = limited.stream_with("How is Oslo?", session()).try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Recursion { limit: 1 }), "{error:?}");
    assert!(store.get("anna").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reader_may_stop_after_a_typed_answer() {
    let store = InMemoryHistory::new();
    let agent =
        Agent::new(Scripted::answers(["[1, 2]"]).chat()).answering::<Vec<u8>>().with_history(store.clone(), &SESSION);
    let mut events = agent.stream_with("?", session());
    while let Some(event) = events.try_next().await.unwrap() {
        if let AgentEvent::Answer(answer) = event {
            assert_eq!(answer.answer, [1, 2]);
            break;
        }
    }
    drop(events);
    assert_eq!(roles(&store.get("anna").await.unwrap()), [&Role::User, &Role::Assistant]);
}
