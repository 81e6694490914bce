use super::{Reader, read, write};
use crate::{
    ChatRequest, FinishReason, Message, Messages, Options, Part, ProviderState, Reasoning, ReasoningEffort, ToolCall,
    ToolChoice, ToolDefinition, Usage,
    wire::{Fault, Flow, ReadStream, Target},
};
use serde_json::{Value, json};

const ORIGIN: &str = "openai_responses api.openai.com";

/// Reads a stream whose events are the lines.
fn stream(events: &str) -> Result<Message, Fault> {
    let mut reader = Reader::new(ORIGIN);
    let (mut chunks, mut name) = (Vec::new(), "");
    for line in events.lines() {
        let line = line.trim();
        if let Some(event) = line.strip_prefix("event: ") {
            name = event;
        } else if let Some(data) = line.strip_prefix("data: ")
            && reader.event(std::mem::take(&mut name), data, &mut chunks)? == Flow::Done
        {
            break;
        }
    }
    reader.end(&mut chunks)?;
    Ok(chunks.into_iter().collect())
}

fn body(messages: impl Into<Messages>) -> Value {
    let request = ChatRequest { messages: messages.into(), ..ChatRequest::default() };
    write(&request, &Target { model: "gpt-5", origin: ORIGIN, stream: false }).unwrap()
}

/// As the documentation of the streaming events shows them.
const TEXT: &str = r#"
    event: response.created
    data: {"type":"response.created","response":{"id":"resp_67c9","object":"response","created_at":1741290958,"status":"in_progress","error":null,"incomplete_details":null,"instructions":"You are a helpful assistant.","model":"gpt-4o-2024-08-06","output":[],"usage":null}}
    event: response.in_progress
    data: {"type":"response.in_progress","response":{"id":"resp_67c9","status":"in_progress","output":[],"usage":null}}
    event: response.output_item.added
    data: {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_67c9","type":"message","status":"in_progress","role":"assistant","content":[]}}
    event: response.content_part.added
    data: {"type":"response.content_part.added","item_id":"msg_67c9","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}
    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_67c9","output_index":0,"content_index":0,"delta":"Hi"}
    event: response.output_text.delta
    data: {"type":"response.output_text.delta","item_id":"msg_67c9","output_index":0,"content_index":0,"delta":" there!"}
    event: response.output_text.done
    data: {"type":"response.output_text.done","item_id":"msg_67c9","output_index":0,"content_index":0,"text":"Hi there!"}
    event: response.content_part.done
    data: {"type":"response.content_part.done","item_id":"msg_67c9","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hi there!","annotations":[]}}
    event: response.output_item.done
    data: {"type":"response.output_item.done","output_index":0,"item":{"id":"msg_67c9","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi there!","annotations":[]}]}}
    event: response.completed
    data: {"type":"response.completed","response":{"id":"resp_67c9","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"gpt-4o-2024-08-06","output":[{"id":"msg_67c9","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi there!","annotations":[]}]}],"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":30},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":48}}}
"#;

fn usage() -> Usage {
    Usage { cached_input_tokens: 30, reasoning_tokens: 4, ..Usage::new(37, 11) }
}

#[test]
fn a_text_is_read_once_whichever_events_are_missing() {
    let expected = Message::assistant("Hi there!")
        .with_id("resp_67c9")
        .with_model("gpt-4o-2024-08-06")
        .with_finish_reason(FinishReason::Stop)
        .with_usage(usage());
    assert_eq!(stream(TEXT).unwrap(), expected);
    for left_out in [
        &[".delta"][..],
        &["output_item"],
        &[".delta", "output_item"],
        &[".delta", "output_item", "output_text.done"],
        &["output_text.done", "content_part"],
        &["response.created", "in_progress", "output_item.added"],
    ] {
        let is_kept =
            |line: &&str| !left_out.iter().any(|word| line.contains(&format!("{word}\"")) || line.ends_with(word));
        let events: Vec<&str> = TEXT.lines().filter(is_kept).collect();
        assert_eq!(stream(&events.join("\n")).unwrap(), expected, "without {left_out:?}");
    }
    // The type stands in the event alone, and nothing says which item a piece belongs to.
    let bare =
        TEXT.replace(r#""type":"response."#, r#""x":"response."#).replace("output_index", "x").replace("item_id", "x");
    assert_eq!(stream(&bare).unwrap(), expected);
}

#[test]
fn a_text_may_be_in_the_end_of_its_part_alone() {
    let of = |part: &str| {
        let part = format!(
            r#"data: {{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{part}}}"#
        );
        let end = r#"data: {"type":"response.completed","response":{"status":"completed","output":[]}}"#;
        stream(&[part.as_str(), end].join("\n"))
    };
    assert_eq!(of(r#"{"type":"output_text","text":"Hi"}"#).unwrap().text(), "Hi");
    for part in [r#"{"type":"reasoning_text","text":"Hm"}"#, "null", r#""Hi""#] {
        assert!(matches!(of(part), Err(Fault::Empty { .. })), "{part}: {:?}", of(part));
    }
}

#[test]
fn a_whole_answer_is_read_like_a_stream() {
    let whole = TEXT.lines().rfind(|line| line.contains("response.completed\"")).unwrap();
    let event: Value = serde_json::from_str(whole.trim().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(read(&event["response"].to_string(), ORIGIN).unwrap(), stream(TEXT).unwrap());
}

#[test]
fn an_early_end_is_a_fault() {
    let events: Vec<&str> = TEXT.lines().collect();
    for end in 4..events.len() - 3 {
        assert_eq!(stream(&events[..end].join("\n")).unwrap_err(), Fault::Early, "after {end} lines");
    }
    assert_eq!(stream("data: {\"type\":\"response.created\"}\ndata: [DONE]").unwrap_err(), Fault::Early);
    assert_eq!(stream("").unwrap_err(), Fault::NoEvents { blank: true });
}

const CALLS: &str = r#"
    data: {"type":"response.created","response":{"id":"resp_1","model":"o4-mini","status":"in_progress"}}
    data: {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA..short","summary":[]}}
    data: {"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
    data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"**Two"}
    data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":" cities**"}
    data: {"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":0,"text":"**Two cities**"}
    data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":1,"delta":"Call twice."}
    data: {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA..long","summary":[{"type":"summary_text","text":"**Two cities**"},{"type":"summary_text","text":"Call twice."}]}}
    data: {"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":"call_a","name":"get_weather","arguments":"","status":"in_progress"}}
    data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"{\"city\":"}
    data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"\"Paris\"}"}
    data: {"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":1,"arguments":"{\"city\":\"Paris\"}"}
    data: {"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":"call_a","name":"get_weather","arguments":"{\"city\":\"Paris\"}","status":"completed"}}
    data: {"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"fc_2","call_id":"call_b","name":"get_weather","arguments":""}}
    data: {"type":"response.function_call_arguments.delta","item_id":"fc_2","output_index":2,"delta":"{\"city\":\"Rome\"}"}
    data: {"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","id":"fc_2","call_id":"call_b","name":"get_weather","arguments":"{\"city\":\"Rome\"}"}}
    data: {"type":"response.completed","response":{"id":"resp_1","model":"o4-mini","status":"completed","output":[{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA..long","summary":[{"type":"summary_text","text":"**Two cities**"},{"type":"summary_text","text":"Call twice."}]},{"type":"function_call","id":"fc_1","call_id":"call_a","name":"get_weather","arguments":"{\"city\":\"Paris\"}"},{"type":"function_call","id":"fc_2","call_id":"call_b","name":"get_weather","arguments":"{\"city\":\"Rome\"}"}],"usage":{"input_tokens":"37","output_tokens":11.0}}}
"#;

fn reasoning_item() -> Value {
    json!({"id": "rs_1", "type": "reasoning", "encrypted_content": "gAAA..long", "summary": [
        {"type": "summary_text", "text": "**Two cities**"}, {"type": "summary_text", "text": "Call twice."}
    ]})
}

fn state(value: Value) -> ProviderState {
    ProviderState::new(ORIGIN, value)
}

fn called() -> Message {
    let call = |id: &str, item: &str, city: &str| {
        let mut call = ToolCall::new(id, "get_weather", json!({ "city": city }).to_string());
        call.state = Some(state(json!({ "id": item })));
        call
    };
    let reasoning = Reasoning::new("**Two cities**\n\nCall twice.").with_state(state(reasoning_item()));
    Message::new(crate::Role::Assistant)
        .with_part(Part::Reasoning(reasoning))
        .with_tool_call(call("call_a", "fc_1", "Paris"))
        .with_tool_call(call("call_b", "fc_2", "Rome"))
        .with_id("resp_1")
        .with_model("o4-mini")
        .with_finish_reason(FinishReason::ToolCalls)
        .with_usage(Usage::new(37, 11))
}

#[test]
fn calls_and_reasoning_are_read_once_whichever_events_are_missing() {
    assert_eq!(stream(CALLS).unwrap(), called());
    for left_out in [
        &["_arguments.delta"][..],
        &["_arguments.done"],
        &["output_item.done"],
        &["output_item.added"],
        &["_arguments.delta", "output_item.added", "_arguments.done"],
        &["output_item.added", "output_item.done", "_arguments.delta", "_arguments.done", "summary_text.delta"],
    ] {
        let is_kept = |line: &&str| !left_out.iter().any(|word| line.contains(&format!("{word}\"")));
        let events: Vec<&str> = CALLS.lines().filter(is_kept).collect();
        assert_eq!(stream(&events.join("\n")).unwrap(), called(), "without {left_out:?}");
    }
}

#[test]
fn ids_and_places_that_servers_mix_up_do_not_mix_up_calls() {
    // Another id with each event, as GitHub Copilot sends them.
    let mut number = 0;
    let changing: Vec<String> = CALLS
        .lines()
        .map(|line| {
            number += 1;
            let id = format!("enc_{number}");
            ["rs_1", "fc_1", "fc_2"].iter().fold(line.to_owned(), |line, item| line.replace(item, &id))
        })
        .collect();
    let read = stream(&changing.join("\n")).unwrap();
    let arguments =
        |message: &Message| message.tool_calls().iter().map(|call| call.raw_arguments.clone()).collect::<Vec<_>>();
    assert_eq!(arguments(&read), arguments(&called()));
    // Every item at place 0.
    let zero =
        CALLS.replace("\"output_index\":1", "\"output_index\":0").replace("\"output_index\":2", "\"output_index\":0");
    assert_eq!(stream(&zero).unwrap(), called());
    // No places, or no ids of items.
    assert_eq!(stream(&CALLS.replace("output_index", "x")).unwrap(), called());
    assert_eq!(arguments(&stream(&CALLS.replace("item_id", "x")).unwrap()), arguments(&called()));
    // The same id for both calls.
    let same = stream(&CALLS.replace("call_b", "call_a")).unwrap();
    assert_eq!(same.tool_calls().iter().map(|call| &*call.id).collect::<Vec<_>>(), ["call_a", "call_a_2"]);
    assert_eq!(arguments(&same), arguments(&called()));
    // No id at all.
    let none = stream(&CALLS.replace("\"call_id\":\"call_a\",", "").replace("\"call_id\":\"call_b\",", "")).unwrap();
    assert_eq!(none.tool_calls().iter().map(|call| &*call.id).collect::<Vec<_>>(), ["fc_1", "fc_2"]);
    assert_eq!(arguments(&none), arguments(&called()));
}

#[test]
fn reasoning_goes_back_to_its_origin_with_what_follows_it() {
    let results = [Message::tool("call_a", "sunny"), Message::tool("call_b", "rain")];
    let messages = || [vec![Message::user("Weather?"), called()], results.to_vec()].concat();
    let input = body(messages())["input"].clone();
    assert_eq!(
        input,
        json!([
            {"role": "user", "content": "Weather?"},
            reasoning_item(),
            {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "get_weather", "arguments": "{\"city\":\"Paris\"}"},
            {"type": "function_call", "id": "fc_2", "call_id": "call_b", "name": "get_weather", "arguments": "{\"city\":\"Rome\"}"},
            {"type": "function_call_output", "call_id": "call_a", "output": "sunny"},
            {"type": "function_call_output", "call_id": "call_b", "output": "rain"},
        ])
    );
    // To another origin neither the reasoning nor the ids of items go.
    let request = ChatRequest { messages: messages().into(), ..ChatRequest::default() };
    let elsewhere =
        write(&request, &Target { model: "m", origin: "openai_responses x.example", stream: true }).unwrap();
    assert!(!elsewhere.to_string().contains("rs_1") && !elsewhere.to_string().contains("fc_1"), "{elsewhere}");
    // Reasoning that leads to nothing is left out, and so is one that the provider would look for in its store.
    let alone = Message::assistant("").with_part(called().parts()[0].clone());
    let read = Reasoning::new("")
        .with_state(state(json!({"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": null})));
    let stored =
        Message::new(crate::Role::Assistant).with_part(Part::Reasoning(read)).with_part(Part::Text("Hi".to_owned()));
    let input = body([Message::user("?"), alone, Message::user("?"), stored])["input"].clone();
    assert_eq!(
        input,
        json!([{"role": "user", "content": "?"}, {"role": "user", "content": "?"}, {"role": "assistant", "content": "Hi"}])
    );
}

#[test]
fn each_call_has_one_result() {
    let call = |id: &str| ToolCall::new(id, "f", "{}");
    let messages = [
        Message::system("Be brief."),
        Message::system("Be kind."),
        Message::tool("x", "of no call"),
        Message::assistant("").with_tool_call(call("a")).with_tool_call(call("a")).with_tool_call(call("b")),
        Message::tool("a", "1"),
        Message::tool("a", "2"),
        Message::user("Go on."),
        Message::assistant("").with_tool_call(ToolCall::new("a", "f", "{\"broken\": ")),
    ];
    let body = body(messages);
    assert_eq!(body["instructions"], "Be brief.\n\nBe kind.");
    let of = |kind: &str| -> Vec<&str> {
        let items = body["input"].as_array().unwrap().iter();
        items.filter(|item| item["type"] == kind).map(|item| item["call_id"].as_str().unwrap()).collect()
    };
    let (mut calls, mut results) = (of("function_call"), of("function_call_output"));
    calls.sort_unstable();
    results.sort_unstable();
    assert_eq!((calls.len(), &calls), (4, &results));
    calls.dedup();
    assert_eq!(calls.len(), 4);
    let arguments = body["input"].as_array().unwrap().iter().filter_map(|item| item["arguments"].as_str());
    assert!(arguments.clone().all(|arguments| serde_json::from_str::<Value>(arguments).unwrap().is_object()), "{body}");
}

#[test]
fn requests_have_the_settings() {
    let weather = ToolDefinition::new("weather/now", "The weather.", json!({"type": "object", "properties": {}}));
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
    let format = crate::ResponseFormat::JsonSchema { name: "A".to_owned(), schema };
    let options =
        Options::new().max_tokens(100).temperature(0.5).reasoning_effort(ReasoningEffort::Low).response_format(format);
    let request = ChatRequest { tools: [weather].into(), ..ChatRequest::new("Hi") };
    let request = request.with_options(options).with_tool_choice(ToolChoice::named("weather/now"));
    let target = Target { model: "gpt-5", origin: ORIGIN, stream: true };
    assert_eq!(
        write(&request, &target).unwrap(),
        json!({
            "model": "gpt-5", "store": false, "include": ["reasoning.encrypted_content"], "stream": true,
            "input": [{"role": "user", "content": "Hi"}], "max_output_tokens": 100, "temperature": 0.5,
            "reasoning": {"effort": "low"},
            "text": {"format": {"type": "json_schema", "name": "A", "strict": true, "schema": {
                "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false,
            }}},
            "tools": [{"type": "function", "name": "weather_now", "description": "The weather.", "strict": false,
                "parameters": {"type": "object", "properties": {}}}],
            "tool_choice": {"type": "function", "name": "weather_now"},
        })
    );
    let plain = write(&ChatRequest::new("Hi"), &Target { model: "gpt-4.1", origin: ORIGIN, stream: false }).unwrap();
    assert_eq!(plain, json!({"model": "gpt-4.1", "store": false, "input": [{"role": "user", "content": "Hi"}]}));
    let seed = ChatRequest::new("Hi").with_options(Options::new().seed(1));
    assert!(matches!(write(&seed, &target), Err(Fault::Unsupported(_))));
}

#[test]
fn errors_are_faults_in_the_servers_words() {
    for events in [
        r#"data: {"type":"error","code":"ERR_SOMETHING","message":"Something went wrong","param":null,"sequence_number":1}"#,
        r#"data: {"type":"error","error":{"type":"server_error","message":"Something went wrong"}}"#,
        r#"data: {"error":{"message":"Something went wrong"}}"#,
        "event: error\ndata: {\"message\":\"Something went wrong\"}",
        r#"data: {"object":"error","message":"Something went wrong"}"#,
        r#"data: {"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"Something went wrong"},"output":[]}}"#,
        r#"data: {"type":"response.failed","response":{"id":"resp_1","last_error":"Something went wrong"}}"#,
    ] {
        for events in [events.to_owned(), format!("{}\n{events}", TEXT.lines().take(12).collect::<Vec<_>>().join("\n"))]
        {
            let fault = stream(&events).unwrap_err();
            assert!(
                matches!(&fault, Fault::Reported(value) if value.to_string().contains("Something went wrong")),
                "{fault:?}"
            );
        }
    }
    let null = TEXT.replace(r#""type":"response."#, r#""error":null,"type":"response."#);
    assert!(stream(&null).is_ok());
    let failed = r#"{"id":"resp_1","object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down"},"output":[]}"#;
    assert!(
        matches!(read(failed, ORIGIN), Err(Fault::Reported(body)) if body["error"]["code"] == "rate_limit_exceeded")
    );
    assert!(matches!(read(r#"{"error":{"message":"Slow down"}}"#, ORIGIN), Err(Fault::Reported(_))));
    assert!(matches!(read(r#"{"detail":"Not Found"}"#, ORIGIN), Err(Fault::NotAnAnswer(_))));
    assert!(matches!(read("[]", ORIGIN), Err(Fault::NotAnAnswer(_))));
    assert!(matches!(read("<html>", ORIGIN), Err(Fault::NotJson { .. })));
    assert!(matches!(read(r#"{"status":"in_progress","output":[]}"#, ORIGIN), Err(Fault::Early)));
}

#[test]
fn refusals_and_empty_answers_are_faults() {
    let refusal = r#"
        data: {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}
        data: {"type":"response.refusal.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"I'm sorry, "}
        data: {"type":"response.refusal.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"but I cannot."}
        data: {"type":"response.refusal.done","item_id":"msg_1","output_index":0,"content_index":0,"refusal":"I'm sorry, but I cannot."}
        data: {"type":"response.completed","response":{"status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"refusal","refusal":"I'm sorry, but I cannot."}]}]}}"#;
    let refused = Fault::Refused { words: "I'm sorry, but I cannot.".to_owned() };
    assert_eq!(stream(refusal).unwrap_err(), refused);
    let last = refusal.lines().last().unwrap().trim().strip_prefix("data: ").unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(read(&last["response"].to_string(), ORIGIN).unwrap_err(), refused);
    let filtered = r#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}"#;
    let finish = Some(FinishReason::ContentFilter);
    assert_eq!(read(filtered, ORIGIN).unwrap_err(), Fault::Empty { finish, raw: filtered.to_owned() });
    let only_reasoning = r#"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"reasoning","id":"rs_1","summary":[]}]}"#;
    assert!(matches!(read(only_reasoning, ORIGIN), Err(Fault::Empty { finish: Some(FinishReason::Length), .. })));
}

#[test]
fn other_items_and_annotations_are_kept_and_sent_back() {
    let whole = json!({
        "id": "resp_1", "model": "gpt-5", "status": "completed", "error": {}, "output": [
            {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "Rome"}},
            {"type": "message", "id": "msg_1", "role": "assistant", "phase": "commentary", "content": [
                {"type": "output_text", "text": "I look.", "annotations": []}]},
            {"type": "message", "id": "msg_2", "role": "assistant", "phase": "final_answer", "content": [
                {"type": "output_text", "text": "Rome.", "annotations": [{"type": "url_citation", "url": "https://x.example"}]}]},
        ]
    });
    let message = read(&whole.to_string(), ORIGIN).unwrap();
    assert_eq!(message.text(), "I look.Rome.");
    let parts = message.parts().iter().map(Part::text).collect::<Vec<_>>();
    assert_eq!(parts, ["", "I look.", "", "Rome.", ""]);
    let input = body([Message::user("?"), message])["input"].clone();
    assert_eq!(input[1], whole["output"][0]);
    assert_eq!(input[2]["phase"], "commentary");
    assert_eq!(input[3]["content"], whole["output"][2]["content"]);
}
