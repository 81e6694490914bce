//! Fields of types that no documentation mentions: an event is read as far as it can be, and never ends a stream.

use super::{Fault, ReadStream, anthropic, gemini};
use crate::MessageChunk;
use serde_json::{Value, json};

/// Returns the pointers of all values inside of one.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (name, child) in children {
        all.push(format!("/{name}"));
        all.extend(pointers(child).into_iter().map(|rest| format!("/{name}{rest}")));
    }
    all
}

/// Replaces each field of each event by values of every type, and removes it.
fn try_all(events: &[Value], reader: impl Fn() -> Box<dyn ReadStream>) -> usize {
    let odd = [
        json!(null),
        json!(""),
        json!("odd"),
        json!(0),
        json!(-7),
        json!(1.5),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!([null, 3, "a", [1]]),
        json!({"odd": {"odd": [1]}}),
        json!([{"text": "a"}]),
    ];
    let mut tried = 0;
    for (at, event) in events.iter().enumerate() {
        for pointer in pointers(event) {
            for odd in &odd {
                let mut changed = events.to_vec();
                *changed[at].pointer_mut(&pointer).unwrap() = odd.clone();
                let mut reader = reader();
                let mut out: Vec<MessageChunk> = Vec::new();
                let mut result = Ok(());
                for event in &changed {
                    if let Err(fault) = reader.event("", &event.to_string(), &mut out) {
                        result = Err(fault);
                        break;
                    }
                }
                let result = result.and_then(|()| reader.end(&mut out));
                let is_read = match &result {
                    Ok(()) | Err(Fault::Empty { .. } | Fault::Early | Fault::NotAnAnswer(_)) => true,
                    Err(Fault::Reported(_)) => pointer.contains("error") || odd.is_string(),
                    Err(Fault::Blocked { .. }) => pointer.contains("block"),
                    // A call is nothing without its name.
                    Err(Fault::BadCall { .. }) => pointer.ends_with("/name"),
                    Err(_) => false,
                };
                assert!(is_read, "{pointer} = {odd}: {result:?}");
                tried += 1;
            }
        }
    }
    tried
}

#[test]
fn anthropic_reads_fields_of_any_type() {
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude", "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": 4, "output_tokens": 1, "cache_creation": {"ephemeral_5m_input_tokens": 0}}}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "",
            "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "", "citations": []}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hi"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "citations_delta", "citation": {"a": 1}}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "server_tool_use", "id": "s",
            "name": "web_search", "input": {}}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{}"}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "content_block_start", "index": 3, "content_block": {"type": "tool_use", "id": "t", "name": "f",
            "input": {}}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{\"a\":1}"}}),
        json!({"type": "content_block_stop", "index": 3}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null, "stop_details": null},
            "usage": {"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 1}}}),
        json!({"type": "message_stop"}),
    ];
    let tried = try_all(&events, || Box::new(anthropic::Reader::new("anthropic example.com")));
    assert!(tried > 800, "{tried}");
}

#[test]
fn gemini_reads_fields_of_any_type() {
    let candidate = |parts: Value| json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    let mut last = candidate(json!([{"text": "", "thoughtSignature": "YQ=="}]));
    last["finishReason"] = "STOP".into();
    last["safetyRatings"] = json!([{"category": "HARM", "probability": "LOW"}]);
    let events = [
        json!({"candidates": [candidate(json!([{"text": "Hm", "thought": true, "thoughtSignature": "YQ=="}]))],
            "promptFeedback": {"safetyRatings": []}, "modelVersion": "gemini-3", "responseId": "1"}),
        json!({"candidates": [candidate(json!([{"text": "Hi"}, {"inlineData": {"mimeType": "image/png", "data": "YQ=="}},
            {"executableCode": {"code": "1"}}, {"functionCall": {"name": "f", "id": "1", "args": {"a": 1}},
            "thoughtSignature": "YQ=="}]))]}),
        json!({"candidates": [last], "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2,
            "totalTokenCount": 3, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}]}}),
    ];
    let tried = try_all(&events, || Box::new(gemini::Reader::new("gemini example.com")));
    assert!(tried > 500, "{tried}");
}

#[test]
fn pieces_take_linear_time() {
    let started = std::time::Instant::now();
    let mut reader = anthropic::Reader::new("anthropic example.com");
    let mut out = Vec::new();
    let mut read = |data: &str| assert_eq!(reader.event("", data, &mut out), Ok(super::Flow::More));
    for index in 0..2000 {
        let block = json!({"type": "thinking", "thinking": ""});
        read(&json!({"type": "content_block_start", "index": index, "content_block": block}).to_string());
        for _ in 0..20 {
            read(r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"some thoughts"}}"#);
        }
    }
    // Calls that never end.
    for index in 0..20_000 {
        let block = json!({"type": "tool_use", "id": "same", "name": "f"});
        read(&json!({"type": "content_block_start", "index": index, "content_block": block}).to_string());
        read(r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{\"n\": 1}"}}"#);
    }
    for _ in 0..20_000 {
        read(r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"          "}}"#);
    }
    // A second without optimisation; quadratic time would be minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}
