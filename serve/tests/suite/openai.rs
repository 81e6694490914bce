//! OpenAI's paths.

use crate::{chains, running::Running};
use catena::prelude::*;
use catena_llm::{ChatRequest, Message};
use catena_serve::Server;
use serde_json::{Value, json};

fn user(text: &str) -> Value {
    json!([{ "role": "user", "content": text }])
}

#[tokio::test]
async fn models_are_the_chains_that_are_models() {
    let server = Running::start(chains::server()).await;
    let list: Value = server.get("v1/models").await.json().await.unwrap();
    let names: Vec<&str> = list["data"].as_array().unwrap().iter().filter_map(|model| model["id"].as_str()).collect();
    assert_eq!(names, ["shout", "fail", "words", "chat"]);
    assert_eq!(server.get("v1/models/chat").await.json::<Value>().await.unwrap()["object"], "model");
    for (status, body) in
        [(server.get("v1/models/count").await.status(), server.get("v1/models/count").await.text().await.unwrap()), {
            let (status, body) =
                server.answer("v1/chat/completions", &json!({ "model": "x", "messages": user("a") })).await;
            (status.try_into().unwrap(), body.to_string())
        }]
    {
        assert_eq!(status, 404);
        assert!(body.contains("model_not_found") && !body.contains("shout"), "{body}");
    }
    // Where no chain is a model, there are no such paths.
    let server = Running::start(Server::new().chain("who", chain!(u32 => |n| n + 1))).await;
    assert_eq!(server.get("v1/models").await.status(), 404);
}

#[tokio::test]
async fn a_completion_has_text_usage_and_calls() {
    let server = Running::start(chains::server()).await;
    let (status, body) =
        server.answer("v1/chat/completions", &json!({ "model": "chat", "messages": user("hi") })).await;
    assert_eq!(status, 200, "{body}");
    let choice = &body["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!("Hello there!"), &json!("stop")));
    assert_eq!((&body["usage"]["prompt_tokens"], &body["usage"]["total_tokens"]), (&json!(7), &json!(12)));
    assert_eq!((&body["model"], &body["object"]), (&json!("chat"), &json!("chat.completion")));

    let (_, body) =
        server.answer("v1/chat/completions", &json!({ "model": "chat", "messages": user("the weather?") })).await;
    let choice = &body["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&Value::Null, &json!("tool_calls")));
    assert_eq!(
        choice["message"]["tool_calls"][0]["function"],
        json!({ "name": "weather", "arguments": r#"{"city":"Oslo"}"# })
    );

    // A chain over text gets the user's last words.
    let said = json!([{ "role": "user", "content": "a" }, { "role": "assistant", "content": "b" }, { "role": "user", "content": [{ "type": "text", "text": "c" }] }]);
    let (_, body) = server.answer("v1/chat/completions", &json!({ "model": "shout", "messages": said })).await;
    assert_eq!((&body["choices"][0]["message"]["content"], &body["usage"]), (&json!("C"), &Value::Null));
}

#[tokio::test]
async fn a_completion_streams() {
    let server = Running::start(chains::server()).await;
    let asked =
        json!({ "model": "chat", "messages": user("hi"), "stream": true, "stream_options": { "include_usage": true } });
    let frames = server.frames("v1/chat/completions", &asked).await;
    let chunks: Vec<&Value> = frames.iter().map(|(_, data)| data).collect();
    let [first, texts @ .., last, usage, done] = &chunks[..] else { panic!("{chunks:?}") };
    assert_eq!(first["choices"][0]["delta"]["role"], "assistant");
    let said: Vec<&str> = texts.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(said, ["Hel", "lo ", "there!"]);
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(12)));
    assert_eq!(*done, "[DONE]");

    let asked = json!({ "model": "chat", "messages": user("the weather?"), "stream": true });
    let frames = server.frames("v1/chat/completions", &asked).await;
    let arguments: String = frames
        .iter()
        .filter_map(|(_, data)| data["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, r#"{"city":"Oslo"}"#);
    assert_eq!(frames[frames.len() - 2].1["choices"][0]["finish_reason"], "tool_calls");

    let asked = json!({ "model": "chat", "messages": user("cut"), "stream": true });
    let frames = server.frames("v1/chat/completions", &asked).await;
    let error = &frames.last().unwrap().1["error"];
    assert_eq!((&error["code"], &error["type"]), (&json!("rate_limited"), &json!("rate_limit_error")));
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// What reaches the chain of a request.
#[runnable]
fn echo(request: ChatRequest) -> Message {
    Message::assistant(serde_json::to_string(&request).unwrap_or_default())
}

#[tokio::test]
async fn tools_and_options_reach_a_chain_that_takes_them() {
    let server = Running::start(Server::new().chain("echo", echo).chain("shout", chains::shout)).await;
    let tool = json!({ "name": "weather", "description": "d", "parameters": { "type": "object" } });
    let call = json!({ "id": "c1", "type": "function", "function": { "name": "weather", "arguments": "{}" } });
    let asked = json!({
        "model": "echo",
        "messages": [
            { "role": "developer", "content": "s" },
            { "role": "user", "content": [{ "type": "text", "text": "u" }, { "type": "image_url", "image_url": { "url": "data:image/png;base64,cG5n" } }] },
            { "role": "assistant", "content": null, "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "c1", "content": "sunny" },
        ],
        "temperature": 0.5, "max_completion_tokens": 9, "stop": "x", "seed": 3, "reasoning_effort": "low",
        "tools": [{ "type": "function", "function": tool }], "tool_choice": "required", "user": "someone",
        "response_format": { "type": "json_schema", "json_schema": { "name": "n", "schema": { "type": "object" } } },
        "presence_penalty": 0.25, "frequency_penalty": -0.25, "service_tier": "flex",
    });
    let (status, body) = server.answer("v1/chat/completions", &asked).await;
    assert_eq!(status, 200, "{body}");
    let seen: Value = serde_json::from_str(body["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    assert_eq!(seen["messages"][0], json!({ "role": "system", "content": "s" }));
    assert_eq!(
        seen["messages"][1]["content"][1],
        json!({ "type": "image", "media_type": "image/png", "data": "cG5n" })
    );
    assert_eq!(seen["messages"][2]["tool_calls"][0]["name"], "weather");
    assert_eq!(seen["messages"][3]["content"][0]["call_id"], "c1");
    assert_eq!(
        seen["options"],
        json!({
            "temperature": 0.5, "max_tokens": 9, "stop": ["x"], "seed": 3, "reasoning_effort": "low",
            "response_format": { "type": "json_schema", "name": "n", "schema": { "type": "object" } },
            "presence_penalty": 0.25, "frequency_penalty": -0.25, "service_tier": "flex",
        })
    );
    assert_eq!((&seen["tools"][0]["name"], &seen["tool_choice"]), (&json!("weather"), &json!("required")));

    let asked = json!({ "model": "shout", "messages": user("a"), "tools": [{ "type": "function", "function": tool }] });
    let (status, body) = server.answer("v1/chat/completions", &asked).await;
    assert_eq!((status, &body["error"]["param"]), (400, &json!("tools")));
}

#[tokio::test]
async fn options_reach_the_models_of_a_chain() {
    let model = chains::scripted();
    let chain = model.chat();
    let server = Running::start(Server::new().chain("chat", chain!(String => chain))).await;
    let asked = json!({ "model": "chat", "messages": user("hi"), "temperature": 0.25, "max_tokens": 7 });
    assert_eq!(server.answer("v1/chat/completions", &asked).await.0, 200);
    let options = &model.requests()[0].options;
    assert_eq!((options.temperature, options.max_tokens), (Some(0.25), Some(7)));
}

#[tokio::test]
async fn what_no_chain_has_is_refused_by_name() {
    let server = Running::start(chains::server()).await;
    for (path, field, value) in [
        ("v1/chat/completions", "audio", json!({ "voice": "alloy" })),
        ("v1/chat/completions", "frequency_penalty", json!(0.5)),
        ("v1/chat/completions", "functions", json!([{ "name": "f" }])),
        ("v1/chat/completions", "logit_bias", json!({ "1": 2 })),
        ("v1/chat/completions", "logprobs", json!(true)),
        ("v1/chat/completions", "modalities", json!(["text", "audio"])),
        ("v1/chat/completions", "n", json!(2)),
        ("v1/chat/completions", "parallel_tool_calls", json!(false)),
        ("v1/chat/completions", "prediction", json!({ "type": "content" })),
        ("v1/chat/completions", "presence_penalty", json!(0.5)),
        ("v1/chat/completions", "service_tier", json!("flex")),
        ("v1/chat/completions", "store", json!(true)),
        ("v1/chat/completions", "tool_choice", json!("required")),
        ("v1/chat/completions", "tool_choice", json!({ "type": "function", "function": { "name": "f" } })),
        ("v1/chat/completions", "verbosity", json!("low")),
        ("v1/chat/completions", "web_search_options", json!({ "search_context_size": "low" })),
        ("v1/chat/completions", "reasoning_effort", json!("utmost")),
        ("v1/chat/completions", "messages[0].role", json!("wizard")),
        ("v1/responses", "background", json!(true)),
        ("v1/responses", "include", json!(["message.output_text.logprobs"])),
        ("v1/responses", "max_tool_calls", json!(1)),
        ("v1/responses", "parallel_tool_calls", json!(false)),
        ("v1/responses", "previous_response_id", json!("resp_1")),
        ("v1/responses", "service_tier", json!("priority")),
        ("v1/responses", "store", json!(true)),
        ("v1/responses", "tool_choice", json!("required")),
        ("v1/responses", "top_logprobs", json!(3)),
        ("v1/responses", "truncation", json!("auto")),
        ("v1/responses", "text.verbosity", json!("low")),
        ("v1/responses", "input[0].type", json!("computer_call")),
    ] {
        let mut asked = json!({ "model": "chat", "messages": user("a"), "input": user("a") });
        match field.rsplit_once('.') {
            Some((object @ "text", name)) => asked[object] = json!({ name: value }),
            Some((list, name)) => asked[list.trim_end_matches("[0]")][0][name] = value,
            None => asked[field] = value,
        }
        let (status, body) = server.answer(path, &asked).await;
        assert_eq!((status, &body["error"]["param"]), (400, &json!(field)), "{body}");
    }
    // The same options, as they are without being asked for.
    let nothing = json!({
        "n": 1, "logprobs": false, "top_logprobs": 0, "logit_bias": {}, "modalities": ["text"], "parallel_tool_calls": true,
        "frequency_penalty": 0, "presence_penalty": 0.0, "service_tier": "auto", "store": false, "tool_choice": "auto",
        "verbosity": "medium", "audio": null, "truncation": "disabled", "include": [], "user": "u", "metadata": { "a": "b" },
    });
    for path in ["v1/chat/completions", "v1/responses"] {
        let mut asked = nothing.clone();
        asked["model"] = "chat".into();
        asked[if path.ends_with("responses") { "input" } else { "messages" }] = user("a");
        let (status, body) = server.answer(path, &asked).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    let (status, body) = server.answer("v1/chat/completions", &json!({ "model": "chat" })).await;
    assert_eq!(status, 422, "{body}");
}

#[tokio::test]
async fn a_response_has_items() {
    let server = Running::start(chains::server()).await;
    let (status, body) =
        server.answer("v1/responses", &json!({ "model": "chat", "input": "hi", "instructions": "Be brief." })).await;
    assert_eq!((status, &body["status"]), (200, &json!("completed")));
    assert_eq!(body["output"][0]["content"][0]["text"], "Hello there!");
    assert_eq!(body["usage"]["total_tokens"], 12);
    let input = json!([
        { "role": "user", "content": [{ "type": "input_text", "text": "the weather?" }] },
        { "type": "reasoning", "summary": [{ "type": "summary_text", "text": "Hm." }] },
        { "type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "c1", "output": "sunny" },
        { "role": "user", "content": "the weather again?" },
    ]);
    let (status, body) = server.answer("v1/responses", &json!({ "model": "chat", "input": input })).await;
    assert_eq!(status, 200, "{body}");
    let call = &body["output"][0];
    assert_eq!(
        (&call["type"], &call["name"], &call["arguments"]),
        (&json!("function_call"), &json!("weather"), &json!(r#"{"city":"Oslo"}"#))
    );
}

#[tokio::test]
async fn a_response_streams_its_items() {
    let server = Running::start(chains::server()).await;
    let frames = server.frames("v1/responses", &json!({ "model": "chat", "input": "hi", "stream": true })).await;
    let names: Vec<&str> = frames.iter().map(|(event, _)| &**event).collect();
    let delta = "response.output_text.delta";
    let wanted = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        delta,
        delta,
        delta,
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(names, wanted);
    for (number, (event, data)) in frames.iter().enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(event), &json!(number)));
    }
    let response = &frames.last().unwrap().1["response"];
    assert_eq!(
        (&response["output"][0]["content"][0]["text"], &response["usage"]["total_tokens"]),
        (&json!("Hello there!"), &json!(12))
    );
    let id = &response["output"][0]["id"];
    assert!(frames.iter().all(|(_, data)| data.get("item_id").is_none_or(|item| item == id)), "{frames:?}");

    let frames = server.frames("v1/responses", &json!({ "model": "chat", "input": "cut", "stream": true })).await;
    let (event, data) = frames.last().unwrap();
    assert_eq!((&**event, &data["response"]["error"]["code"]), ("response.failed", &json!("rate_limited")));
    assert!(!data.to_string().contains("secret"), "{data}");
}
