//! LangServe's paths.

use crate::{chains, running::Running};
use catena::prelude::*;
use catena_serve::{Limits, Server};
use serde_json::{Value, json};

const RUN: &str = "00000000-0000-4000-8000-000000000005";

#[tokio::test]
async fn an_invoke_gives_the_output_and_the_run() {
    let server = Running::start(chains::server()).await;
    let (status, body) = server.answer("shout/invoke", &json!({ "input": "hey" })).await;
    assert_eq!((status, &body["output"]), (200, &json!("HEY")));
    assert_eq!(body["metadata"]["run_id"].as_str().map(str::len), Some(36));
    let asked = json!({ "input": { "text": "to be" }, "config": { "run_id": RUN, "callbacks": null }, "kwargs": {} });
    let (_, body) = server.answer("count/invoke", &asked).await;
    assert_eq!(body["output"], json!({ "words": 2, "text": "to be" }));
    assert_eq!(body["metadata"], json!({ "run_id": RUN, "feedback_tokens": [] }));
}

#[tokio::test]
async fn messages_go_as_langchain_writes_them() {
    let server = Running::start(chains::server()).await;
    let hello = |input: Value| {
        let server = &server;
        async move { server.answer("chat/invoke", &json!({ "input": input })).await }
    };
    let human = json!({ "type": "human", "content": "hi", "additional_kwargs": {}, "name": null, "id": null });
    for input in
        [json!([human]), json!({ "messages": [human] }), json!("hi"), json!([{ "role": "user", "content": "hi" }])]
    {
        let (status, body) = hello(input.clone()).await;
        assert_eq!(status, 200, "{input}: {body}");
        let output = &body["output"];
        assert_eq!((&output["type"], &output["content"]), (&json!("ai"), &json!("Hello there!")), "{input}");
        assert_eq!(output["usage_metadata"]["total_tokens"], 12, "{input}");
    }
    let (_, body) = hello(json!("the weather?")).await;
    let call = json!({ "type": "tool_call", "id": body["output"]["tool_calls"][0]["id"], "name": "weather", "args": { "city": "Oslo" } });
    assert_eq!(body["output"]["tool_calls"], json!([call]));
}

#[tokio::test]
async fn a_batch_keeps_the_order_and_fails_as_a_whole() {
    let server = Running::start(chains::server()).await;
    let (status, body) =
        server.answer("shout/batch", &json!({ "inputs": ["a", "b", "c"], "config": { "run_id": RUN } })).await;
    assert_eq!((status, &body["output"]), (200, &json!(["A", "B", "C"])));
    let ids = body["metadata"]["run_ids"].as_array().unwrap();
    assert_eq!((ids.len(), &ids[0]), (3, &json!(RUN)));
    assert_ne!(ids[1], ids[0]);
    assert_eq!(body["metadata"]["responses"][1]["run_id"], ids[1]);

    let (status, body) = server.answer("fail/batch", &json!({ "inputs": ["fine", "rate", "fine"] })).await;
    assert_eq!((status, &body["error"]["param"]), (429, &json!("inputs[1]")));
    let (status, body) = server.answer("shout/batch", &json!({ "inputs": [] })).await;
    assert_eq!((status, &body["output"]), (200, &json!([])));
    let (status, body) = server.answer("count/batch", &json!({ "inputs": [{ "text": "a" }, { "text": 3 }] })).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("inputs[1].text")));
    let (status, body) = server.answer("shout/batch", &json!({ "inputs": ["a"], "config": [{}, {}] })).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("config")));
}

#[tokio::test]
async fn a_stream_gives_chunks_as_they_come() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("words/stream", &json!({ "input": "to be or", "config": { "run_id": RUN } })).await;
    let names: Vec<&str> = frames.iter().map(|(event, _)| &**event).collect();
    assert_eq!(names, ["metadata", "data", "data", "data", "end"]);
    assert_eq!(frames[0].1, json!({ "run_id": RUN }));
    assert_eq!([&frames[1].1, &frames[2].1, &frames[3].1], [&json!("to "), &json!("be "), &json!("or")]);

    // A step that gives its output at once is a stream of one.
    let frames = server.frames("count/stream", &json!({ "input": { "text": "to be" } })).await;
    assert_eq!(frames[1].1, json!({ "words": 2, "text": "to be" }));

    // Chunks of messages, by themselves and in the fields of a map.
    let frames = server.frames("chat/stream", &json!({ "input": "hi" })).await;
    let texts: String = frames.iter().filter_map(|(_, data)| data["content"].as_str()).collect();
    assert_eq!((&*texts, &frames[1].1["type"]), ("Hello there!", &json!("AIMessageChunk")));
    let frames = server.frames("both/stream", &json!({ "input": { "text": "hi" } })).await;
    let chunks: Vec<&Value> = frames.iter().filter_map(|(_, data)| data.get("gpt")).collect();
    assert!(chunks.iter().all(|chunk| chunk["type"] == "AIMessageChunk"), "{frames:?}");
    assert_eq!(chunks.iter().filter_map(|chunk| chunk["content"].as_str()).collect::<String>(), "Hello there!");
    assert!(frames.iter().any(|(_, data)| data["size"] == 2), "{frames:?}");
}

#[tokio::test]
async fn a_stream_that_fails_midway_says_so() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("answer/stream", &json!({ "input": { "text": "cut" } })).await;
    assert_eq!((&frames[1].1, &frames[2].1), (&json!("Hel"), &json!("lo")));
    let (event, error) = frames.last().unwrap();
    assert_eq!((&**event, &error["status_code"], &error["code"]), ("error", &json!(429), &json!("rate_limited")));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn events_are_those_of_all_steps() {
    let server = Running::start(chains::server()).await;
    let asked = json!({ "input": { "text": "hi" }, "config": { "tags": ["night"], "run_name": "mine" } });
    let events = server.frames("answer/stream_events", &asked).await;
    let (first, last) = (&events[0].1, &events[events.len() - 2].1);
    assert_eq!((&first["event"], &first["name"]), (&json!("on_chain_start"), &json!("mine")));
    assert!(first["tags"].as_array().unwrap().contains(&json!("night")), "{first}");
    assert!(first["metadata"]["request_id"].is_string(), "{first}");
    assert_eq!((&last["event"], &last["data"]["output"]), (&json!("on_chain_end"), &json!("Hello there!")));
    let model: Vec<&Value> =
        events.iter().map(|(_, event)| event).filter(|event| event["name"] == "scripted-1").collect();
    assert_eq!(model[0]["event"], "on_chat_model_start");
    assert_eq!(model[0]["data"]["input"]["messages"][0][1]["type"], "human", "{}", model[0]);
    assert_eq!(
        (&model[1]["data"]["chunk"]["type"], &model[1]["data"]["chunk"]["content"]),
        (&json!("AIMessageChunk"), &json!("Hel"))
    );
    assert_eq!(model.last().unwrap()["data"]["output"]["type"], "ai");
    assert_eq!(events.last().unwrap().0, "end");

    let only = json!({ "input": { "text": "hi" }, "include_types": ["chat_model"], "exclude_names": null });
    let events = server.frames("answer/stream_events", &only).await;
    assert!(events.iter().rev().skip(1).all(|(_, event)| event["name"] == "scripted-1"), "{events:?}");
    let (status, body) =
        server.answer("answer/stream_events", &json!({ "input": { "text": "a" }, "include_types": ["x"] })).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("include_types")));
}

#[tokio::test]
async fn errors_in_events_and_logs_are_without_their_words() {
    let server = Running::start(chains::server()).await;
    for path in ["fail/stream_events", "fail/stream_log"] {
        let frames = server.frames(path, &json!({ "input": "step" })).await;
        let all = format!("{frames:?}");
        assert!(!all.contains("secret") && !all.contains("passwd"), "{path}: {all}");
        let (event, error) = frames.last().unwrap();
        assert_eq!((&**event, &error["status_code"]), ("error", &json!(500)), "{path}");
    }
    let server = Running::start(chains::server().debug(true)).await;
    let (_, body) = server.answer("fail/invoke", &json!({ "input": "step" })).await;
    assert!(body["message"].as_str().unwrap().contains("sk-very-secret"), "{body}");
}

#[tokio::test]
async fn the_log_adds_up_to_the_run() {
    let server = Running::start(chains::server()).await;
    let frames = server
        .frames("answer/stream_log", &json!({ "input": { "text": "hi" }, "diff": true, "include_names": null }))
        .await;
    let mut state = Value::Null;
    for (event, data) in &frames {
        if event == "data" {
            let patch: json_patch::Patch = serde_json::from_value(data["ops"].clone()).unwrap();
            json_patch::patch(&mut state, &patch).unwrap();
        }
    }
    assert_eq!(state["final_output"], "Hello there!");
    assert_eq!(state["logs"]["scripted-1"]["final_output"]["content"], "Hello there!");
    assert_eq!(state["logs"]["scripted-1"]["final_output"]["type"], "ai");
    let (status, _) =
        server.answer("answer/stream_log", &json!({ "input": { "text": "a" }, "include_names": ["x"] })).await;
    assert_eq!(status, 422);
}

/// Counts down to zero, by a step that calls itself.
fn down() -> catena::BoxRunnable<u32, u32> {
    chain!(u32 => match {
        0 => |_| 0,
        n => |n| n - 1 | catena::lazy(down),
    })
    .boxed()
}

#[tokio::test]
async fn settings_are_those_of_an_allow_list() {
    let server = Running::start(chains::server()).await;
    for (config, wrong) in [
        (json!({ "colour": "red" }), "config.colour"),
        (json!({ "recursionLimit": 26 }), "config.recursionLimit"),
        (json!({ "max_concurrency": 0 }), "config.max_concurrency"),
        (json!({ "tags": "one" }), "config"),
        (json!({ "configurable": { "nonsense": 1 } }), "config"),
    ] {
        let (status, body) = server.answer("shout/invoke", &json!({ "input": "a", "config": config })).await;
        assert_eq!((status, &body["error"]["param"]), (422, &json!(wrong)), "{config}: {body}");
    }
    // A limit that the server raises has an effect.
    let deep = Running::start(Server::new().chain("down", down()).limits(Limits::new().recursion(150))).await;
    let ask = async |config: Value| deep.answer("down/invoke", &json!({ "input": 120, "config": config })).await;
    assert_eq!(ask(json!({})).await.0, 500);
    assert_eq!(ask(json!({ "recursion_limit": 151 })).await.0, 422);
    let (status, body) = ask(json!({ "recursion_limit": 150 })).await;
    assert_eq!((status, &body["output"]), (200, &json!(0)), "{body}");
    let schema: Value = deep.get("down/config_schema").await.json().await.unwrap();
    assert_eq!(schema["properties"]["recursion_limit"]["maximum"], 150);

    // Those that the steps of the chain declare.
    let model = chains::scripted();
    let chat = Running::start(Server::new().chain("chat", chain!(String => model.chat()))).await;
    let asked = json!({ "input": "hi", "config": { "configurable": { "temperature": 0.25 } } });
    assert_eq!(chat.answer("chat/invoke", &asked).await.0, 200);
    assert_eq!(model.requests()[0].options.temperature, Some(0.25));
    let schema: Value = chat.get("chat/config_schema").await.json().await.unwrap();
    assert!(schema["properties"]["configurable"]["properties"]["temperature"].is_object(), "{schema}");

    let known = json!({
        "tags": [], "metadata": {}, "callbacks": null, "recursion_limit": 25, "runName": "x", "maxConcurrency": 2,
        "configurable": { "__pregel_read": 1 }, "signal": {}, "timeout": 100,
    });
    let (status, body) = server.answer("shout/invoke", &json!({ "input": "a", "config": known })).await;
    assert_eq!(status, 200, "{body}");
    let (status, body) = server.answer("shout/invoke", &json!({ "input": "a", "kwargs": { "stop": "x" } })).await;
    assert_eq!((status, &body["error"]["param"]), (422, &json!("kwargs.stop")));
}

#[tokio::test]
async fn schemas_and_graphs_are_there() {
    let server = Running::start(chains::server()).await;
    let json = async |path: &str| server.get(path).await.json::<Value>().await.unwrap();
    assert_eq!(json("count/input_schema").await["properties"]["text"]["type"], "string");
    assert_eq!(json("count/output_schema").await["properties"]["words"]["type"], "integer");
    assert_eq!(json("chat/input_schema").await["type"], "array");
    assert_eq!(json("shout/config_schema").await["properties"]["run_id"]["format"], "uuid");
    assert_eq!(json("count/graph").await["nodes"][1]["data"]["name"], "count");
    for (format, kind, has) in [
        ("svg", "image/svg+xml", "<svg"),
        ("mermaid", "text/plain; charset=utf-8", "flowchart"),
        ("text", "text/plain; charset=utf-8", "─▶ count"),
    ] {
        let response = server.get(&format!("count/graph?format={format}")).await;
        assert_eq!(response.headers()["content-type"], kind);
        assert!(response.text().await.unwrap().contains(has), "{format}");
    }
    assert_eq!(server.get("count/graph?format=jpeg").await.status(), 422);
    // As the header `Accept` asks, if the address does not.
    for (accept, kind) in [
        ("image/svg+xml", "image/svg+xml"),
        ("text/html;q=0.9, text/plain", "text/plain; charset=utf-8"),
        ("application/json, image/svg+xml", "application/json"),
        ("*/*", "application/json"),
    ] {
        let response = server.client.get(server.url("count/graph")).header("accept", accept).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], kind, "{accept}");
    }

    let document = json("openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let input = &document["paths"]["/count/invoke"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(input["properties"]["input"]["$ref"], "#/components/schemas/count_Input");
    // Each reference leads somewhere.
    let text = document.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"#/components/schemas/") {
        let name = text[at..].split('/').nth(3).unwrap().split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
