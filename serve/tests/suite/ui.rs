//! Streams for user interfaces.

use crate::{chains, running::Running};
use catena::prelude::*;
use catena_llm::{
    Agent, MessageChunk, Messages, Reasoning,
    testing::{Reply, Scripted},
    tool, tools,
};
use catena_serve::Server;
use serde_json::{Value, json};

fn ask(text: &str) -> Value {
    json!({ "id": "chat1", "trigger": "submit-message", "messages": [{ "id": "u1", "role": "user", "parts": [{ "type": "text", "text": text }] }] })
}

fn run(text: &str) -> Value {
    json!({
        "threadId": "th", "runId": "r", "state": {}, "tools": [], "context": [], "forwardedProps": {},
        "messages": [{ "id": "u1", "role": "user", "content": text }],
    })
}

/// The types of the parts, with those that repeat left out, and the text in them.
fn told(frames: &[(String, Value)], delta: &str) -> (Vec<String>, String) {
    let mut types: Vec<String> =
        frames.iter().filter_map(|(_, data)| data["type"].as_str().map(str::to_owned)).collect();
    types.dedup();
    let text = frames.iter().filter(|(_, data)| data["type"] == delta).filter_map(|(_, data)| data["delta"].as_str());
    (types, text.collect())
}

#[tokio::test]
async fn a_message_is_streamed_in_parts() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("chat/ai-sdk", &ask("hi")).await;
    let (types, text) = told(&frames, "text-delta");
    assert_eq!(text, "Hello there!");
    assert_eq!(types, ["start", "start-step", "text-start", "text-delta", "text-end", "finish-step", "finish"]);
    assert_eq!(frames.last().unwrap().1, "[DONE]");

    let frames = server.frames("chat/ag-ui", &run("hi")).await;
    let (types, text) = told(&frames, "TEXT_MESSAGE_CONTENT");
    assert_eq!(text, "Hello there!");
    assert_eq!(
        types,
        ["RUN_STARTED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "RUN_FINISHED"]
    );
}

#[tokio::test]
async fn a_record_is_given_beside_the_conversation_or_in_it() {
    let server = Running::start(chains::server()).await;
    for body in [
        json!({ "messages": [], "input": { "text": "to be" } }),
        json!({ "messages": [{ "role": "user", "parts": [{ "type": "text", "text": r#"{"text":"to be"}"# }] }] }),
    ] {
        let frames = server.frames("count/ai-sdk", &body).await;
        let output = frames.iter().find(|(_, data)| data["type"] == "data-output").unwrap();
        assert_eq!(output.1["data"]["words"], 2);
    }
    let mut body = run("");
    body["forwardedProps"]["input"] = json!({ "text": "to be" });
    let frames = server.frames("count/ag-ui", &body).await;
    assert_eq!(frames.last().unwrap().1["result"]["words"], 2);
    let (status, body) = server.answer("count/ai-sdk", &ask("hi")).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("input")));
}

#[tokio::test]
async fn a_run_that_fails_ends_the_message() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("answer/ai-sdk", &json!({ "messages": [], "input": { "text": "cut" } })).await;
    let (types, text) = told(&frames, "text-delta");
    assert_eq!(text, "Hello");
    assert!(types.ends_with(&["text-end", "error", "finish-step", "finish"].map(str::to_owned)), "{types:?}");
    assert!(!format!("{frames:?}").contains("secret"));

    let mut body = run("");
    body["forwardedProps"]["input"] = json!({ "text": "cut" });
    let frames = server.frames("answer/ag-ui", &body).await;
    let (_, error) = frames.last().unwrap();
    assert_eq!((&error["type"], &error["code"]), (&json!("RUN_ERROR"), &json!("rate_limited")));
    let count = |ty: &str| frames.iter().filter(|(_, data)| data["type"] == ty).count();
    assert_eq!(count("STEP_STARTED"), count("STEP_FINISHED"));
}

/// Says that it looks, under a name of its own.
#[runnable]
fn look(text: String, cx: &Context) -> String {
    cx.emit("looking", || json!({ "at": text }));
    text
}

#[tokio::test]
async fn events_of_a_steps_own_are_shown() {
    let server =
        Running::start(Server::new().chain("look", chain!(String => look | |text| text.len().to_string()))).await;
    let frames = server.frames("look/ai-sdk", &ask("hey")).await;
    let event = &frames.iter().find(|(_, data)| data["type"] == "data-event").unwrap().1;
    assert_eq!(event["data"], json!({ "name": "looking", "data": { "at": "hey" } }));
    let frames = server.frames("look/ag-ui", &run("hey")).await;
    let event = &frames.iter().find(|(_, data)| data["type"] == "CUSTOM").unwrap().1;
    assert_eq!((&event["name"], &event["value"]), (&json!("looking"), &json!({ "at": "hey" })));
}

#[tokio::test]
async fn thoughts_are_shown_before_the_text() {
    let thinks = catena::generator(|_: catena::Chunks<'_, String>| {
        let thought = |text: &str| MessageChunk::reasoning(Reasoning::new(text));
        let chunks = [thought("Let me "), thought("see."), MessageChunk::text("It is "), MessageChunk::text("42.")];
        catena::Chunks::new(futures_util::stream::iter(chunks.map(Ok)))
    });
    let server = Running::start(Server::new().chain("thinks", chain!(String => thinks))).await;
    let frames = server.frames("thinks/ai-sdk", &ask("?")).await;
    let (types, text) = told(&frames, "text-delta");
    assert_eq!((text.as_str(), told(&frames, "reasoning-delta").1.as_str()), ("It is 42.", "Let me see."));
    let own = &types[2..types.len() - 2];
    assert_eq!(own, ["reasoning-start", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-end"]);
    let frames = server.frames("thinks/ag-ui", &run("?")).await;
    let (types, thoughts) = told(&frames, "REASONING_MESSAGE_CONTENT");
    assert_eq!(thoughts, "Let me see.");
    assert_eq!(
        types,
        [
            "RUN_STARTED",
            "REASONING_START",
            "REASONING_MESSAGE_START",
            "REASONING_MESSAGE_CONTENT",
            "REASONING_MESSAGE_END",
            "REASONING_END",
            "TEXT_MESSAGE_START",
            "TEXT_MESSAGE_CONTENT",
            "TEXT_MESSAGE_END",
            "RUN_FINISHED"
        ]
    );
}

#[tokio::test]
async fn tools_of_the_client_go_to_chains_that_take_them() {
    let server = Running::start(chains::server()).await;
    let mut asked = run("hi");
    asked["tools"] = json!([{ "name": "paint", "description": "d", "parameters": { "type": "object" } }]);
    let (status, body) = server.answer("chat/ag-ui", &asked).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("tools")), "{body}");
}

/// Tomorrow's weather in a city.
#[tool]
fn weather(city: String) -> String {
    format!("{city}: sunny")
}

/// An agent that looks up the weather once.
pub(crate) fn agent() -> impl Runnable<Messages, Output = catena_llm::AgentAnswer> {
    let model = Scripted::answers([
        Reply::tool_call("weather", json!({ "city": "Oslo" })),
        Reply::chunks(["It is ", "sunny."]),
    ]);
    Agent::new(model.chat()).tools(tools![weather].unwrap())
}

#[tokio::test]
async fn an_agents_tools_are_shown_with_their_results() {
    let server = Running::start(Server::new().chain("agent", agent())).await;
    let frames = server.frames("agent/ai-sdk", &ask("Where is it warm?")).await;
    let find =
        |ty: &str| &frames.iter().find(|(_, data)| data["type"] == ty).unwrap_or_else(|| panic!("{ty}: {frames:?}")).1;
    let (call, result) = (find("tool-input-available"), find("tool-output-available"));
    assert_eq!((&call["toolName"], &call["input"]), (&json!("weather"), &json!({ "city": "Oslo" })));
    assert_eq!(call["toolCallId"], result["toolCallId"]);
    assert!(result["output"].to_string().contains("Oslo: sunny"), "{result}");
    assert_eq!(told(&frames, "text-delta").1, "It is sunny.");
}
