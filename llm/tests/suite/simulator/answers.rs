//! What good answers look like on the wire.

use catena_llm::simulator::{Answer, Chunking, Finish, Provider, Role, Simulator};
use serde_json::{Value, json};

use super::{MODEL, ask, body, events, header, joined, json_of, request, simulator, text};

// "Hello there" and "Be brief." are 3 tokens each, "You said: Hello there" is 6.

#[tokio::test]
async fn openai_whole() {
    let sim = simulator().await;
    let response = ask(&sim, Provider::OpenAi, false).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert!(header(&response, "x-request-id").starts_with("req_"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], MODEL);
    assert!(body["created"].as_u64().unwrap() > 1_700_000_000);
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["role"], "assistant");
    assert_eq!(choice["message"]["content"], "You said: Hello there");
    assert_eq!((&choice["finish_reason"], &choice["index"]), (&json!("stop"), &json!(0)));
    let usage = &body["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(6), &json!(6)));
    assert_eq!(usage["total_tokens"], 12);
}

#[tokio::test]
async fn openai_stream() {
    let sim = simulator().await;
    for with_usage in [false, true] {
        let mut body = body(Provider::OpenAi, true, "Hello there");
        if with_usage {
            body["stream_options"] = json!({"include_usage": true});
        }
        let response = request(&sim, Provider::OpenAi, true, &body).send().await.unwrap();
        assert_eq!(header(&response, "content-type"), "text/event-stream; charset=utf-8");
        let (events, complete) = events(response).await;
        assert!(complete && events.iter().all(|(name, _)| name.is_empty()));
        let (done, rest) = events.split_last().unwrap();
        assert_eq!(done.1, "[DONE]");
        let mut chunks: Vec<Value> = rest.iter().map(|(_, data)| json_of(data)).collect();
        let one = |key: &str| chunks.iter().all(|chunk| chunk[key] == chunks[0][key]);
        assert!(one("id") && one("model") && one("created"));
        assert_eq!(chunks[0]["object"], "chat.completion.chunk");
        if with_usage {
            let usage = chunks.pop().unwrap();
            assert_eq!(usage["choices"], json!([]));
            assert_eq!(usage["usage"]["total_tokens"], 12);
            assert!(chunks.iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
        } else {
            assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
        }
        let choice = |at: usize| &chunks[at]["choices"][0];
        assert_eq!(choice(0)["delta"]["role"], "assistant");
        assert_eq!(choice(0)["delta"]["content"], "");
        assert_eq!(choice(1)["delta"], json!({"content": "You"}));
        let last = chunks.len() - 1;
        assert_eq!((&choice(last)["delta"], &choice(last)["finish_reason"]), (&json!({}), &json!("stop")));
        assert!(chunks[..last].iter().all(|chunk| chunk["choices"][0]["finish_reason"].is_null()));
        assert_eq!(joined(Provider::OpenAi, &events), "You said: Hello there");
    }
}

#[tokio::test]
async fn anthropic_whole() {
    let sim = simulator().await;
    let response = ask(&sim, Provider::Anthropic, false).await;
    assert!(header(&response, "request-id").starts_with("req_"));
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["type"], &body["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(body["content"], json!([{"type": "text", "text": "You said: Hello there"}]));
    assert_eq!((&body["stop_reason"], &body["stop_sequence"]), (&json!("end_turn"), &Value::Null));
    assert_eq!((&body["usage"]["input_tokens"], &body["usage"]["output_tokens"]), (&json!(6), &json!(6)));
}

#[tokio::test]
async fn anthropic_stream() {
    let sim = simulator().await;
    let (events, complete) = events(ask(&sim, Provider::Anthropic, true).await).await;
    assert!(complete);
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    let order = ["message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop"];
    assert_eq!(names, [&order[..], &["message_delta", "message_stop"]].concat());
    for (name, data) in &events {
        assert_eq!(json_of(data)["type"], *name);
    }
    let start = json_of(&events[0].1);
    assert_eq!(start["message"]["content"], json!([]));
    assert_eq!(start["message"]["usage"]["input_tokens"], 6);
    assert_eq!(json_of(&events[3].1)["delta"], json!({"type": "text_delta", "text": "You"}));
    let end = json_of(&events[events.len() - 2].1);
    assert_eq!(end["delta"], json!({"stop_reason": "end_turn", "stop_sequence": null}));
    assert_eq!(end["usage"]["output_tokens"], 6);
    assert_eq!(joined(Provider::Anthropic, &events), "You said: Hello there");
}

#[tokio::test]
async fn gemini_whole() {
    let sim = simulator().await;
    let response = ask(&sim, Provider::Gemini, false).await;
    assert_eq!(header(&response, "content-type"), "application/json; charset=UTF-8");
    let body: Value = response.json().await.unwrap();
    let candidate = &body["candidates"][0];
    assert_eq!(candidate["content"], json!({"role": "model", "parts": [{"text": "You said: Hello there"}]}));
    assert_eq!(candidate["finishReason"], "STOP");
    assert_eq!(body["usageMetadata"]["promptTokenCount"], 6);
    assert_eq!(body["usageMetadata"]["candidatesTokenCount"], 6);
    assert_eq!(body["usageMetadata"]["totalTokenCount"], 12);
    assert_eq!(body["modelVersion"], MODEL);
}

#[tokio::test]
async fn gemini_stream() {
    let sim = simulator().await;
    let response = ask(&sim, Provider::Gemini, true).await;
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    let (events, complete) = events(response).await;
    assert!(complete);
    let chunks: Vec<Value> = events.iter().map(|(_, data)| json_of(data)).collect();
    assert_eq!(chunks.len(), 4);
    let (last, rest) = chunks.split_last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["candidates"][0]["content"]["parts"][0]["text"], " there");
    assert_eq!(last["usageMetadata"]["candidatesTokenCount"], 6);
    assert!(rest.iter().all(|chunk| chunk["candidates"][0].get("finishReason").is_none()));
    assert_eq!(joined(Provider::Gemini, &events), "You said: Hello there");
}

#[tokio::test]
async fn gemini_streams_an_array_unless_asked_for_events_and_takes_the_key_in_the_query() {
    let sim = simulator().await;
    let url = format!("{}models/{MODEL}:streamGenerateContent?key=secret", sim.gemini_url());
    let request = crate::client().post(url).json(&body(Provider::Gemini, true, "Hello there"));
    let (text, complete) = text(request.send().await.unwrap()).await;
    assert!(complete);
    assert_eq!(json_of(&text).as_array().unwrap().len(), 4);
    assert_eq!(sim.requests()[0].request.query, "key=[redacted]");
}

#[tokio::test]
async fn gemini_speaks_openai_too() {
    let sim = simulator().await;
    let body: Value = ask(&sim, Provider::GeminiOpenAi, false).await.json().await.unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "You said: Hello there");
    let (events, _) = events(ask(&sim, Provider::GeminiOpenAi, true).await).await;
    assert_eq!(events.last().unwrap().1, "[DONE]");
}

#[tokio::test]
async fn tool_calls() {
    let answer = || Answer::new("Let me see.").tool_call("weather", json!({"city": "Köln"}));
    let sim = Simulator::builder().respond(move |_| answer()).start().await.unwrap();
    let ask = async |provider| ask(&sim, provider, false).await.json::<Value>().await.unwrap();

    let choice = ask(Provider::OpenAi).await["choices"][0].take();
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!((&call["type"], &choice["finish_reason"]), (&json!("function"), &json!("tool_calls")));
    assert_eq!(call["function"], json!({"name": "weather", "arguments": "{\"city\":\"Köln\"}"}));

    let message = ask(Provider::Anthropic).await;
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!(message["content"][1]["input"], json!({"city": "Köln"}));

    let parts = ask(Provider::Gemini).await["candidates"][0]["content"]["parts"].take();
    assert_eq!(parts[1]["functionCall"], json!({"name": "weather", "args": {"city": "Köln"}}));

    let (events, _) = events(super::ask(&sim, Provider::OpenAi, true).await).await;
    let deltas: Vec<Value> =
        events.iter().filter(|(_, data)| data.contains("tool_calls\":[")).map(|e| json_of(&e.1)).collect();
    let function = |at: usize| &deltas[at]["choices"][0]["delta"]["tool_calls"][0]["function"];
    assert_eq!(function(0), &json!({"name": "weather", "arguments": ""}));
    assert_eq!(function(1), &json!({"arguments": "{\"city\":\"Köln\"}"}));
}

#[tokio::test]
async fn the_limit_of_tokens_cuts_the_answer() {
    let sim = simulator().await;
    let mut body = body(Provider::Anthropic, false, "Hello there");
    body["max_tokens"] = json!(2);
    let message: Value = request(&sim, Provider::Anthropic, false, &body).send().await.unwrap().json().await.unwrap();
    assert_eq!((&message["stop_reason"], &message["content"][0]["text"]), (&json!("max_tokens"), &json!("You said")));
    assert_eq!(message["usage"]["output_tokens"], 2);
}

#[tokio::test]
async fn chunks_are_as_asked_for() {
    let sim = simulator().await;
    sim.script("some-model")
        .answer(Answer::chunks(["a b", "c", "d"]).finish(Finish::Filtered))
        .answer(Answer::new("abcde").chunking(Chunking::Chars(2)))
        .answer(Answer::new("one two").chunking(Chunking::Whole))
        .answer("  one\n two ");
    let expected = [vec!["a b", "c", "d"], vec!["ab", "cd", "e"], vec!["one two"], vec!["  one", "\n two", " "]];
    for expected in expected {
        let (events, _) = events(ask(&sim, Provider::Anthropic, true).await).await;
        let deltas = events.iter().filter(|(name, _)| name == "content_block_delta");
        let texts: Vec<String> =
            deltas.map(|(_, data)| json_of(data)["delta"]["text"].as_str().unwrap().into()).collect();
        assert_eq!(texts, expected);
    }
}

#[tokio::test]
async fn a_conversation_reads_the_same_in_every_protocol() {
    let openai = json!({"model": MODEL, "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "Be "}, {"type": "text", "text": "brief."}]},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "\"rain\""},
    ]});
    let anthropic = json!({"model": MODEL, "max_tokens": 9, "system": [{"type": "text", "text": "Be brief."}], "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "weather", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "\"rain\""}]},
    ]});
    let gemini = json!({"system_instruction": {"parts": [{"text": "Be brief."}]}, "contents": [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": "rain"}}]},
    ]});
    let bodies = [(Provider::OpenAi, openai), (Provider::Anthropic, anthropic), (Provider::Gemini, gemini)];
    let sim = simulator().await;
    for (provider, body) in bodies {
        let answer = request(&sim, provider, false, &body).send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("The tool said: "), "{provider}");
        let request = sim.requests().pop().unwrap().request;
        let turns: Vec<(Role, &str)> = request.turns.iter().map(|turn| (turn.role, turn.text.as_str())).collect();
        let user = (Role::User, "Weather?");
        assert_eq!(turns, [(Role::System, "Be brief."), user, (Role::Assistant, ""), (Role::Tool, "\"rain\"")]);
        assert_eq!((request.system().as_str(), request.last_user()), ("Be brief.", "Weather?"));
        assert_eq!(request.body, body);
    }
}
