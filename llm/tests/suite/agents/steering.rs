//! Runs that are stopped, added to, and watched as they write.

use super::{Forecast, Scripted, calls, contents, models, weather};
use catena::{Config, ErrorKind, RunnableExt};
use catena_llm::{
    Agent, AgentError, AgentEvent, Chat, Message, Messages, Role, Steering, StopReason, ToolCall,
    simulator::{Answer, Provider, Simulator},
    testing::{self, Reply},
    tool_fn, tools,
};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use std::time::Duration;

type Nothing = serde_json::Map<String, serde_json::Value>;

#[tokio::test]
async fn a_stopped_conversation_goes_on_over_each_protocol() {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        let slow =
            Answer::chunks(["Let me ", "think ", "for long"]).thoughts("Hm.").chunk_delay(Duration::from_millis(200));
        let tool = Answer::new("I wait.")
            .thoughts("Hm.")
            .tool_call("wait", json!({}))
            .tool_call("weather", json!({ "city": "Oslo" }));
        let _script = sim.script(target).answer(slow).answer("Good.").answer(tool).answer("Well.");
    }
    for (provider, model) in models(&sim) {
        let steering = Steering::new();
        let user = steering.clone();
        let wait = tool_fn("wait", "Waits.", move |_: Nothing| {
            let user = user.clone();
            async move {
                // The other call has its result by then.
                tokio::time::sleep(Duration::from_millis(50)).await;
                user.stop();
                std::future::pending::<catena::Result<()>>().await
            }
        });
        let agent = Agent::new(model).tools(tools![weather, wait].unwrap());

        // Amid the answer: what was shown is kept.
        let first = Steering::new();
        let mut events = agent.stream_with("?", Config::new().with(first.clone()));
        let error = loop {
            match events.next().await.unwrap() {
                Ok(AgentEvent::Text(_)) => first.stop(),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        drop(events);
        assert_eq!((error.kind(), error.message()), (&ErrorKind::Cancelled, "the agent was stopped"));
        let stopped = error.downcast_ref::<AgentError>().unwrap();
        assert_eq!(stopped.reason, StopReason::Stopped);
        assert!(stopped.messages[1].text().starts_with("Let me"), "{provider:?}: {}", stopped.messages);
        let go_on =
            |messages: &Messages| messages.iter().cloned().chain([Message::user("Go on.")]).collect::<Messages>();
        let said = agent.invoke(go_on(&stopped.messages)).await;
        assert_eq!(said.unwrap_or_else(|error| panic!("{provider:?}: {error}")).answer.text(), "Good.");

        // Amid calls of tools: each has a result.
        let error = agent.invoke_with("?", Config::new().with(steering)).await.unwrap_err();
        let stopped = error.downcast_ref::<AgentError>().unwrap();
        assert_eq!(
            contents(&stopped.messages)[2..],
            ["Not done: the agent was stopped.", "sunny in Oslo"],
            "{provider:?}"
        );
        let said = agent.invoke(go_on(&stopped.messages)).await;
        assert_eq!(said.unwrap_or_else(|error| panic!("{provider:?}: {error}")).answer.text(), "Well.");
    }
}

#[tokio::test]
async fn messages_are_added_while_it_runs_over_each_protocol() {
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        let _script =
            sim.script(target).answer(Answer::new("").tool_call("look", json!({}))).answer("A hill, and the sea.");
    }
    for (provider, model) in models(&sim) {
        let steering = Steering::new();
        let user = steering.clone();
        let look = tool_fn("look", "Looks.", move |_: Nothing| {
            user.send("And the sea?");
            async { Ok("a hill") }
        });
        let agent = Agent::new(model).tools(tools![look].unwrap());
        let events: Vec<AgentEvent> =
            agent.stream_with("Look.", Config::new().with(steering)).try_collect().await.unwrap();
        let added = events
            .iter()
            .filter_map(|event| if let AgentEvent::Message(message) = event { Some(message.text()) } else { None });
        assert_eq!(added.collect::<Vec<_>>(), ["And the sea?"], "{provider:?}");
        let Some(AgentEvent::Answer(said)) = events.last() else { panic!("{events:?}") };
        assert_eq!(contents(&said.messages)[2..], ["a hill", "And the sea?", "A hill, and the sea."], "{provider:?}");
    }
}

#[tokio::test]
async fn an_agent_that_was_about_to_answer_reads_what_came_meanwhile() {
    let steering = Steering::new();
    let user = steering.clone();
    let model = Scripted::new([Message::assistant("A hill."), Message::assistant("And the sea.")]);
    let after = move |message: Message| {
        if message.text() == "A hill." {
            user.send("More?");
        }
        async { Ok(message) }
    };
    let said = model.agent().after_model(after).invoke_with("?", Config::new().with(steering.clone())).await.unwrap();
    assert_eq!(contents(&said.messages), ["?", "A hill.", "More?", "And the sea."]);
    steering.send("Too late.");
    assert_eq!(steering.take_unread(), [Message::user("Too late.")]);
}

#[tokio::test]
async fn inner_agents_do_not_read_what_is_said_to_the_outer_one() {
    let steering = Steering::new();
    steering.send("Be quick.");
    let user = steering.clone();
    let inner = Scripted::new([Message::assistant("Found.")]);
    let researcher = inner.agent().before_model(move |turn| {
        user.send("Are you there?");
        async { Ok(turn) }
    });
    let outer = Scripted::new([calls([("researcher", r#"{"task": "Find it."}"#)]), Message::assistant("Here.")]);
    let agent = Agent::new(Chat::new(outer.clone())).tools(tools![researcher.as_tool("researcher", "Finds.")].unwrap());
    agent.invoke_with("?", Config::new().with(steering)).await.unwrap();
    assert_eq!(contents(&inner.asked(0).messages), ["Find it."]);
    assert_eq!(contents(&outer.asked(1).messages), ["?", "Be quick.", "", "Found.", "Are you there?"]);
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_begins_asks_nothing() {
    let steering = Steering::new();
    steering.stop();
    let model = Scripted::new([Message::assistant("Hello.")]);
    let error = model.agent().invoke_with("?", Config::new().with(steering)).await.unwrap_err();
    assert_eq!(error.downcast_ref::<AgentError>().unwrap().steps, 0);
}

#[tokio::test]
async fn arguments_of_calls_are_events_as_they_arrive() {
    let call = Reply::tool_call("weather", json!({ "city": "Oslo" })).chunk_size(4);
    let model = testing::Scripted::answers([call, "Sunny.".into()]).chat();
    let agent = Agent::new(model).tools(tools![weather].unwrap());
    let events: Vec<AgentEvent> = agent.stream("?").try_collect().await.unwrap();
    let parts: Vec<_> = events
        .iter()
        .filter_map(|event| if let AgentEvent::ToolCallChunk(part) = event { Some(part) } else { None })
        .collect();
    assert_eq!(parts[0].name.as_deref(), Some("weather"));
    assert!(parts.len() > 2, "{parts:?}");
    assert_eq!(parts.iter().map(|part| part.arguments.as_str()).collect::<String>(), r#"{"city":"Oslo"}"#);
    let whole = events.iter().position(|event| matches!(event, AgentEvent::ToolCall(_))).unwrap();
    let last = events.iter().rposition(|event| matches!(event, AgentEvent::ToolCallChunk(_))).unwrap();
    assert!(last < whole);
}

#[tokio::test]
async fn a_typed_answer_streams_in_parts_over_each_protocol() {
    #[derive(Clone, Debug, Default, serde::Deserialize, schemars::JsonSchema)]
    #[serde(default)]
    struct Trip {
        city: String,
        stops: Vec<String>,
    }
    let sim = Simulator::start().await.unwrap();
    for target in Provider::ALL {
        let answer =
            Answer::new("").tool_call("final_answer", json!({ "city": "Lugano", "stops": ["Zug", "Bellinzona"] }));
        let _script = sim.script(target).answer(answer);
    }
    for (provider, model) in models(&sim) {
        let events: Vec<AgentEvent<Trip>> =
            Agent::new(model).answering::<Trip>().stream("?").try_collect().await.unwrap();
        let partial = events
            .iter()
            .filter_map(|event| if let AgentEvent::Partial(partial) = event { partial.get() } else { None });
        let last = partial.collect::<Vec<_>>().pop().unwrap_or_else(|| panic!("{provider:?}: {events:?}"));
        assert_eq!((last.city.as_str(), last.stops.len()), ("Lugano", 2), "{provider:?}");
        assert!(!events.iter().any(|event| matches!(event, AgentEvent::ToolCallChunk(_))), "{provider:?}");
    }
    // In characters, so that there is something in between; of a type that is not an object, too.
    let call = Reply::tool_call(
        "final_answer",
        json!({ "answer": [{ "city": "Oslo", "degrees": 1 }, { "city": "Rome", "degrees": 2 }] }),
    );
    let agent = Agent::new(testing::Scripted::answers([call.chunk_size(1)]).chat()).answering::<Vec<Forecast>>();
    let events: Vec<AgentEvent<Vec<Forecast>>> = agent.stream("?").try_collect().await.unwrap();
    let lengths: Vec<usize> = events
        .iter()
        .filter_map(|event| if let AgentEvent::Partial(partial) = event { partial.get().map(Vec::len) } else { None })
        .collect();
    assert!(lengths.contains(&1) && lengths.last() == Some(&2), "{lengths:?}");
    let json = events
        .iter()
        .find_map(|event| if let AgentEvent::Partial(partial) = event { Some(partial.json()) } else { None });
    assert!(json.unwrap().get("answer").is_none(), "{json:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_leaves_stops_everything() {
    // The receiver knows when the other end is dropped.
    let (sent, stopped) = std::sync::mpsc::channel::<()>();
    let guard = std::sync::Mutex::new(Some(sent));
    let wait = tool_fn("wait", "Waits.", move |_: Nothing| {
        let guard = guard.lock().unwrap().take();
        async move {
            let _guard = guard;
            std::future::pending::<catena::Result<()>>().await
        }
    });
    let model = Scripted::new([Message::new(Role::Assistant).with_tool_call(ToolCall::new("1", "wait", "{}"))]);
    let agent = Agent::new(Chat::new(model)).tools(tools![wait].unwrap());
    let mut events = agent.stream("?");
    while let Ok(Some(Ok(event))) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        assert!(!matches!(event, AgentEvent::Answer(_)));
    }
    drop(events);
    assert_eq!(stopped.recv(), Err(std::sync::mpsc::RecvError));
}
