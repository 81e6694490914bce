//! Answers as servers send them, whole and streamed, and the requests that follow.

use super::{Dialect, Reader, read, write};
use crate::wire::bytes::read_packets;
use crate::{
    ChatRequest, FinishReason, Message, Messages, Options, Part, ToolDefinition, Usage,
    wire::{Fault, Flow, ReadStream, Target},
};
use serde_json::{Value, json};

const TARGET: Target<'static> = Target { model: "m", origin: "openai_chat api.example.com", stream: true };

fn stream_with(finishes: bool, events: &[&str]) -> Result<Message, Fault> {
    let mut reader = Reader::new(TARGET.origin, finishes);
    let mut chunks = Vec::new();
    for event in events {
        if reader.event("", event, &mut chunks)? == Flow::Done {
            break;
        }
    }
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}

fn stream(events: &[&str]) -> Result<Message, Fault> {
    stream_with(false, events)
}

fn whole(body: &str) -> Result<Message, Fault> {
    read(body, TARGET.origin)
}

fn request(messages: impl Into<Messages>) -> Value {
    let request = ChatRequest { messages: messages.into(), ..ChatRequest::default() };
    write(&request, &TARGET, &Dialect::default()).unwrap()
}

#[test]
fn a_stream_of_openai_is_read() {
    let answer = stream(&[
        r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"!"},"finish_reason":null}]}"#,
        r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":0}}}"#,
        "[DONE]",
    ])
    .unwrap();
    assert_eq!((answer.text(), answer.model(), answer.id()), ("Hello!", Some("gpt-4o-mini"), Some("chatcmpl-123")));
    assert_eq!(answer.finish_reason(), Some(&FinishReason::Stop));
    assert_eq!(answer.usage(), Some(Usage { cached_input_tokens: 4, ..Usage::new(9, 2) }));
}

#[test]
fn unknown_is_not_empty() {
    // Azure (langfuse#2833, mentat#429).
    let answer = stream(&[
        r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
        r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":null,"index":0}],"id":"chatcmpl-1","model":"gpt-4o","error":null}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop","index":0}],"id":"chatcmpl-1","model":"gpt-4o","error":null}"#,
        "[DONE]",
    ]).unwrap();
    assert_eq!((answer.model(), answer.id()), (Some("gpt-4o"), Some("chatcmpl-1")));
    let none = whole(r#"{"id":"","model":"","choices":[{"message":{"content":"Hi"}}]}"#).unwrap();
    assert_eq!((none.model(), none.id()), (None, None));
}

#[test]
fn an_early_end_is_no_answer() {
    for (events, is_early) in [
        // ollama#4357.
        (vec![r#"{"choices":[{"index":0,"delta":{"content":"Hi th"},"finish_reason":""}]}"#], true),
        (
            vec![
                r#"{"choices":[{"index":0,"delta":{"content":"Hi th"},"finish_reason":null}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
            ],
            true,
        ),
        (vec![r#"{"choices":[{"delta":{"content":"Hi"}}]}"#, "[DONE]"], false),
        (
            vec![
                r#"{"choices":[{"delta":{"content":"Hi"}}]}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
            ],
            false,
        ),
        (vec![r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#], false),
    ] {
        assert_eq!(stream(&events) == Err(Fault::Early), is_early, "{events:?}");
    }
    assert_eq!(stream_with(true, &[r#"{"choices":[{"delta":{"content":"Hi"}}]}"#, "[DONE]"]), Err(Fault::Early));
}

#[test]
fn errors_are_found_in_every_form_and_place() {
    let hi = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;
    for error in [
        // goose#8021 (vLLM).
        r#"{"object":"error","message":"engine died","code":500}"#,
        r#"{"error":{"message":"engine died","type":"server_error"}}"#,
        r#"{"error":"engine died"}"#,
        r#"{"error":["engine died"]}"#,
        r#"[{"error":{"code":503,"message":"engine died"}}]"#,
        r#"{"type":"error","message":"engine died"}"#,
        r#"{"detail":"engine died"}"#,
        r#"{"message":"engine died","code":"internal"}"#,
        r#""engine died""#,
        // OpenRouter.
        r#"{"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"engine died"}}]}"#,
        r#"{"error":{"message":"engine died"},"choices":[{"delta":{"content":"Hi"}}]}"#,
    ] {
        for events in [vec![error], vec![hi, error, "[DONE]"]] {
            match stream(&events) {
                Err(Fault::Reported(value)) => assert!(value.to_string().contains("engine died"), "{value}"),
                other => panic!("{events:?}: {other:?}"),
            }
        }
        assert!(matches!(whole(error), Err(Fault::Reported(_))), "{error}");
    }
    let mut reader = Reader::new(TARGET.origin, false);
    assert_eq!(reader.event("error", "overloaded", &mut Vec::new()), Err(Fault::Reported("overloaded".into())));
}

#[test]
fn an_empty_error_is_none() {
    // foundry-local#273.
    for error in ["null", "{}", "\"\"", "[]", "false", "0", r#"{"message":null,"code":0}"#] {
        let answer = whole(&format!(r#"{{"error":{error},"choices":[{{"message":{{"content":"Hi"}}}}]}}"#)).unwrap();
        assert_eq!(answer.text(), "Hi", "{error}");
    }
}

#[test]
fn bodies_without_an_answer_are_faults_that_say_so() {
    for body in [r#"{"choices":[]}"#, r#"{"message":{"content":"Hi"}}"#, r#"{"hello":"world"}"#, r#"{"choices":null}"#]
    {
        assert!(matches!(whole(body), Err(Fault::NotAnAnswer(_))), "{body}: {:?}", whole(body));
    }
    assert!(matches!(whole(r#"{"choices":["Hi"]}"#), Err(Fault::NotAnAnswer(_))));
    assert!(matches!(whole(r#"{"id": "x", "choi"#), Err(Fault::NotJson { .. })));
    let empty = whole(r#"{"choices":[{"message":{"content":" "},"finish_reason":"length"}]}"#);
    assert!(matches!(empty, Err(Fault::Empty { finish: Some(FinishReason::Length), .. })), "{empty:?}");
    let refused = whole(r#"{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}"#);
    assert_eq!(refused, Err(Fault::Refused { words: "No.".to_owned() }));
    let refused = stream(&[
        r#"{"choices":[{"delta":{"refusal":"I can"}}]}"#,
        r#"{"choices":[{"delta":{"refusal":"not."},"finish_reason":"stop"}]}"#,
    ]);
    assert_eq!(refused, Err(Fault::Refused { words: "I cannot.".to_owned() }));
}

#[test]
fn broken_json_and_repeated_fields_are_read_as_far_as_they_can_be() {
    assert_eq!(whole(r#"{"choices":[{"message":{"content":"a\ud83db"}}]}"#).unwrap().text(), "a\u{fffd}b");
    assert_eq!(whole(r#"{"id":"a","id":"b","choices":[{"message":{"content":"Hi"}}]}"#).unwrap().id(), Some("b"));
    let joined = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\n";
    assert_eq!(read_packets("openai_chat", [joined.as_bytes()]).unwrap().text(), "ab");
    let fault = stream(&[r#"{"choices":[{"delta":{"content":"a"#]);
    assert!(matches!(fault, Err(Fault::NotJson { .. })), "{fault:?}");
}

#[test]
fn unknown_events_and_parts_do_not_end_a_stream() {
    let answer = stream(&[
        r#"{"type":"ping"}"#,
        r#"{"choices":[{"delta":{"content":[{"type":"text","text":"Hi"},{"type":"video","url":"x"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":" there"},"finish_reason":"stop","content_filter_results":{}}],"obfuscation":"x"}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"another choice"}}]}"#,
    ]).unwrap();
    assert_eq!(answer.text(), "Hi there");
    let [_, Part::Opaque(state), _] = answer.parts() else { panic!("{answer:?}") };
    assert_eq!(state.value(), &json!({ "content": [{ "type": "video", "url": "x" }] }));
}

#[test]
fn reasoning_is_no_text_and_goes_back_with_calls_to_its_server() {
    // DeepSeek, vLLM, and servers that leave the thoughts in the text.
    let call = r#"{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#;
    for (first, second, back) in [
        (
            r#"{"reasoning_content":"Let me","content":null}"#,
            r#"{"reasoning_content":" see."}"#,
            json!({"reasoning_content": "Let me see.", "content": "Hi"}),
        ),
        (r#"{"reasoning":"Let me"}"#, r#"{"reasoning":" see."}"#, json!({"reasoning": "Let me see.", "content": "Hi"})),
        (
            r#"{"content":"<thi"}"#,
            r#"{"content":"nk>Let me see.</think>\n"}"#,
            json!({"content": "<think>Let me see.</think>\nHi"}),
        ),
        (
            r#"{"reasoning":"Let me","reasoning_details":[{"type":"reasoning.text","text":"Let me","index":0,"signature":null}]}"#,
            r#"{"reasoning":" see.","reasoning_details":[{"type":"reasoning.text","text":" see.","index":0,"signature":"c2ln"},{"type":"reasoning.encrypted","data":"xyz","index":1}]}"#,
            json!({"reasoning_details": [{"type":"reasoning.text","text":"Let me see.","index":0,"signature":"c2ln"},{"type":"reasoning.encrypted","data":"xyz","index":1}], "content": "Hi"}),
        ),
    ] {
        let events = [first, second, r#"{"content":"Hi"}"#, &format!(r#"{{"tool_calls":[{call}]}}"#)]
            .map(|delta| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#));
        let mut events: Vec<&str> = events.iter().map(String::as_str).collect();
        events.push(r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#);
        let answer = stream(&events).unwrap();
        assert_eq!((answer.text(), &*answer.reasoning()), ("Hi", "Let me see."), "{first}");
        let mut wanted = back.clone();
        wanted["role"] = "assistant".into();
        wanted["tool_calls"] = json!([{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
        let asked = [Message::user("?"), answer.clone(), Message::tool("c", "x")];
        assert_eq!(request(asked.clone())["messages"][1], wanted, "{first}");
        // It survives JSON, and stays away from other servers.
        let again: Vec<Message> = serde_json::from_value(serde_json::to_value(&asked).unwrap()).unwrap();
        assert_eq!(request(again)["messages"][1], wanted, "{first}");
        let other = ChatRequest { messages: asked.into(), ..ChatRequest::default() };
        let other = write(&other, &Target { origin: "openai_chat other.example.com", ..TARGET }, &Dialect::default());
        assert_eq!(other.unwrap()["messages"][1]["content"], "Hi", "{first}");
    }
    let whole = whole(r#"{"choices":[{"message":{"reasoning_content":"Hm.","content":"Hi"},"finish_reason":"stop"}]}"#)
        .unwrap();
    assert_eq!((whole.text(), &*whole.reasoning()), ("Hi", "Hm."));
    assert_eq!(
        request([Message::user("?"), whole, Message::user("?")])["messages"][1],
        json!({"role": "assistant", "content": "Hi"})
    );
}

#[test]
fn signatures_of_gemini_go_back_with_their_call_and_text() {
    let answer = stream(&[
        r#"{"choices":[{"delta":{"role":"assistant","content":"Let me look.","extra_content":{"google":{"thought_signature":"c2lnMQ=="}}},"index":0}]}"#,
        r#"{"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"c2lnMg=="}},"function":{"arguments":"{\"path\":\"a\"}","name":"read"},"id":"function-call-1","type":"function"}]},"finish_reason":"tool_calls","index":0}]}"#,
        "[DONE]",
    ]).unwrap();
    let body = request([Message::user("?"), answer, Message::tool("function-call-1", "x")]);
    assert_eq!(body["messages"][1]["extra_content"]["google"]["thought_signature"], "c2lnMQ==");
    assert_eq!(body["messages"][1]["tool_calls"][0]["extra_content"]["google"]["thought_signature"], "c2lnMg==");
    assert_eq!(body["messages"][1]["content"], "Let me look.");
    assert_eq!(body["messages"][2], json!({"role": "tool", "tool_call_id": "function-call-1", "content": "x"}));
    let thought = stream(&[
        r#"{"choices":[{"delta":{"content":"<thought>Hm.","extra_content":{"google":{"thought":true}}}}]}"#,
        r#"{"choices":[{"delta":{"content":"</thought>Hi"},"finish_reason":"stop"}]}"#,
    ])
    .unwrap();
    assert_eq!((thought.text(), &*thought.reasoning()), ("Hi", "Hm."));
}

#[test]
fn requests_have_nothing_that_strict_servers_refuse() {
    let odd = crate::ToolCall::new("c", "made up!", "not json");
    let messages = [
        Message::system("Be brief."),
        Message::user("Hi").with_part(Part::Text(String::new())),
        Message::new(crate::Role::Assistant).with_part(Part::Text(String::new())).with_tool_call(odd),
        Message::tool("c", "no such tool"),
    ];
    let mut asked = ChatRequest::default().with_options(Options::new().max_tokens(7).stop("END"));
    asked.messages = messages.into();
    asked.tools = [ToolDefinition::new("files.read", "", json!({"type": "object"}))].into();
    let dialect = Dialect { max_tokens: "max_completion_tokens", stream_options: false, ..Dialect::default() };
    assert_eq!(
        write(&asked, &TARGET, &dialect).unwrap(),
        json!({
            "model": "m", "stream": true, "max_completion_tokens": 7, "stop": ["END"],
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "made_up_", "arguments": "{\"unreadable\":\"not json\"}"}}
                ]},
                {"role": "tool", "tool_call_id": "c", "content": "no such tool"},
            ],
            "tools": [{"type": "function", "function": {"name": "files_read", "parameters": {"type": "object", "properties": {}}}}],
        })
    );
}

#[test]
fn each_call_is_followed_by_its_result() {
    let call = |id: &str| crate::ToolCall::new(id, "f", "{}");
    let body = request([
        Message::tool("z", "of no call"),
        Message::assistant("").with_tool_call(call("a")).with_tool_call(call("b")),
        Message::user("And?"),
        Message::tool("b", "late"),
    ]);
    let messages = body["messages"].as_array().unwrap();
    let said: Vec<_> =
        messages.iter().map(|message| (message["role"].as_str().unwrap(), message["content"].as_str())).collect();
    let none = crate::wire::pairs::NO_RESULT;
    assert_eq!(
        said,
        [
            ("user", Some("Result of the tool call z:\nof no call")),
            ("assistant", None),
            ("tool", Some(none)),
            ("tool", Some("late")),
            ("user", Some("And?")),
        ]
    );
    assert_eq!((&messages[2]["tool_call_id"], &messages[3]["tool_call_id"]), (&json!("a"), &json!("b")));
}

#[test]
fn ids_are_no_longer_than_the_server_takes() {
    let id = "fc_0f0e50a1476a6c35006912c58dc9f8819192c25864eb16f07f";
    let other = id.replace("f07f", "f07e");
    let call = |id: &str| crate::ToolCall::new(id, "f", "{}");
    let messages = [
        Message::assistant("").with_tool_call(call(id)).with_tool_call(call(&other)),
        Message::tool(id, "1"),
        Message::tool(other.as_str(), "2"),
    ];
    let asked = ChatRequest { messages: messages.into(), ..ChatRequest::default() };
    let dialect = Dialect { longest_id: Some(40), ..Dialect::default() };
    let body = write(&asked, &TARGET, &dialect).unwrap();
    let sent = |at: usize| body["messages"][0]["tool_calls"][at]["id"].as_str().unwrap();
    assert!(sent(0).len() <= 40 && sent(0) != sent(1), "{body}");
    assert_eq!((&body["messages"][1]["tool_call_id"], &body["messages"][1]["content"]), (&json!(sent(0)), &json!("1")));
    assert_eq!((&body["messages"][2]["tool_call_id"], &body["messages"][2]["content"]), (&json!(sent(1)), &json!("2")));
}

#[test]
fn a_choice_at_the_top_of_a_tools_schema_is_described() {
    let schema = json!({"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]});
    let asked = ChatRequest {
        messages: [Message::user("?")].into(),
        tools: [ToolDefinition::new("f", "Does it.", schema)].into(),
        ..ChatRequest::default()
    };
    let body = write(&asked, &TARGET, &Dialect::default()).unwrap();
    let function = &body["tools"][0]["function"];
    assert_eq!(function["parameters"], json!({"type": "object", "properties": {}}));
    assert!(function["description"].as_str().unwrap().contains("\"oneOf\""), "{function}");
}

#[test]
fn calls_of_tools_without_a_schema_go_back_as_they_came() {
    let answer = whole(
        r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"exec","input":"ls -la"}}]},"finish_reason":"tool_calls"}]}"#,
    )
    .unwrap();
    assert_eq!(answer.tool_calls()[0].raw_arguments, "ls -la");
    let body = request([Message::user("?"), answer, Message::tool("c", "done")]);
    let custom = json!([{"id": "c", "type": "custom", "custom": {"name": "exec", "input": "ls -la"}}]);
    assert_eq!(body["messages"][1]["tool_calls"], custom);
}
