//! Bytes as Anthropic's public documentation and public reports about compatible servers have them.

mod written;

use super::{Reader, Settings, has_response_format, read, write};
use crate::{
    ChatRequest, FinishReason, Message, MessageChunk, Messages, Options, Part, ProviderState, Reasoning,
    ReasoningEffort, Role, ToolCall, Usage,
    wire::{Fault, Flow, ReadStream, Target},
};
use schemars::JsonSchema;
use serde_json::{Value, json};

const ORIGIN: &str = "anthropic api.anthropic.com";

/// Splits events whose lines are `event: ..` and `data: ..`.
fn events(text: &str) -> Vec<(&str, &str)> {
    let field = |event: &'_ str, name: &str| -> Option<std::ops::Range<usize>> {
        let from = event.find(name)? + name.len();
        let to = event[from..].find('\n').map_or(event.len(), |at| from + at);
        Some(from..to)
    };
    let of = |event| {
        let get = |name| field(event, name).map_or("", |range| event[range].trim());
        (get("event:"), get("data:"))
    };
    text.trim().split("\n\n").map(of).collect()
}

/// Reads a stream, and returns its chunks with the tokens.
fn chunks(events: &[(&str, &str)]) -> (Vec<MessageChunk>, Result<(), Fault>, Option<Usage>) {
    let mut reader = Reader::new(ORIGIN);
    let mut out = Vec::new();
    for (name, data) in events {
        match reader.event(name, data, &mut out) {
            Ok(Flow::More) => {}
            Ok(Flow::Done) => break,
            Err(fault) => return (out, Err(fault), reader.usage()),
        }
    }
    let end = reader.end(&mut out);
    (out, end, reader.usage())
}

fn streamed(text: &str) -> Result<Message, Fault> {
    let (chunks, end, _) = chunks(&events(text));
    end?;
    Ok(chunks.into_iter().collect())
}

fn state(value: Value) -> ProviderState {
    ProviderState::new(ORIGIN, value)
}

fn target(model: &str) -> Target<'_> {
    Target { model, origin: ORIGIN, stream: false }
}

fn sent(request: &ChatRequest) -> Value {
    write(request, &target("claude-sonnet-4-5"), Settings::default()).unwrap()
}

fn messages(messages: impl IntoIterator<Item = Message>) -> ChatRequest {
    ChatRequest::new(messages.into_iter().collect::<Messages>())
}

const TOOL: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_014p7gG3wDgGV9EUtLvnow3U","type":"message","role":"assistant","model":"claude-opus-4-1-20250805","stop_sequence":null,"usage":{"input_tokens":472,"cache_creation_input_tokens":100,"cache_read_input_tokens":28,"output_tokens":2},"content":[],"stop_reason":null}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Okay, let's check the"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" weather:"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","name":"get_weather","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"location\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \"San Francisc"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"o, CA\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}

event: message_stop
data: {"type":"message_stop"}
"#;

#[test]
fn a_documented_stream_with_a_tool() {
    let answer = streamed(TOOL).unwrap();
    assert_eq!(answer.text(), "Okay, let's check the weather:");
    let call = ToolCall::new("toolu_01T1x1fJ34qAmk2tNTrN7Up6", "get_weather", r#"{"location": "San Francisco, CA"}"#);
    assert_eq!(answer.tool_calls(), [call]);
    assert_eq!(answer.id(), Some("msg_014p7gG3wDgGV9EUtLvnow3U"));
    assert_eq!(answer.model(), Some("claude-opus-4-1-20250805"));
    assert_eq!(answer.finish_reason(), Some(&FinishReason::ToolCalls));
    let usage = Usage { cached_input_tokens: 28, cache_write_tokens: 100, ..Usage::new(600, 89) };
    assert_eq!(answer.usage(), Some(usage));
}

#[test]
fn a_stream_that_is_cut_is_early() {
    let all = events(TOOL);
    for end in 0..all.len() - 2 {
        let (_, result, usage) = chunks(&all[..end]);
        let early = if end == 0 { Fault::NoEvents { blank: true } } else { Fault::Early };
        assert_eq!(result, Err(early), "{end} events");
        assert_eq!(usage.is_some(), end > 0);
    }
    // The reason to stop is the end, for servers that send no `message_stop`.
    let (cut, result, _) = chunks(&all[..all.len() - 1]);
    assert_eq!(result, Ok(()));
    assert_eq!(cut, chunks(&all).0);
}

#[test]
fn events_without_names_types_or_indices_are_the_same() {
    let expected = streamed(TOOL).unwrap();
    let all = events(TOOL);
    let unnamed: Vec<_> = all.iter().map(|(_, data)| ("", *data)).collect();
    let untyped: Vec<_> = all
        .iter()
        .map(|(name, data)| {
            let mut data: Value = serde_json::from_str(data).unwrap();
            data.as_object_mut().unwrap().remove("type");
            (*name, data.to_string())
        })
        .collect();
    let unindexed: Vec<_> = all
        .iter()
        .map(|(name, data)| {
            let mut data: Value = serde_json::from_str(data).unwrap();
            data.as_object_mut().unwrap().remove("index");
            (*name, data.to_string())
        })
        .collect();
    let gaps: Vec<_> = all.iter().map(|(name, data)| (*name, data.replace("\"index\":1", "\"index\":\"7\""))).collect();
    let zero: Vec<_> = all.iter().map(|(name, data)| (*name, data.replace("\"index\":1", "\"index\":0"))).collect();
    let never_stopped: Vec<_> = all.iter().filter(|(name, _)| *name != "content_block_stop").copied().collect();
    let owned = [untyped, unindexed, gaps, zero];
    let borrowed = owned.iter().map(|events| events.iter().map(|(name, data)| (*name, data.as_str())).collect());
    for events in borrowed.chain([unnamed, never_stopped]) {
        let events: Vec<(&str, &str)> = events;
        let (chunks, end, _) = chunks(&events);
        assert_eq!(end, Ok(()), "{events:?}");
        assert_eq!(chunks.into_iter().collect::<Message>(), expected, "{events:?}");
    }
}

const THINKING: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_01DfGo","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":778,"output_tokens":5}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"I need to find the GCD"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" of 1071 and 462."}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_01","name":"gcd","input":{}}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}

event: message_stop
data: {"type":"message_stop"}
"#;

fn thinking_block() -> Value {
    json!({
        "type": "thinking",
        "thinking": "I need to find the GCD of 1071 and 462.",
        "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"
    })
}

fn redacted_block() -> Value {
    let data = "EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP";
    json!({"type": "redacted_thinking", "data": data})
}

#[test]
fn thoughts_go_back_as_they_came_and_first() {
    let answer = streamed(THINKING).unwrap();
    assert_eq!(answer.reasoning(), "I need to find the GCD of 1071 and 462.");
    assert_eq!(answer.text(), "");
    let parts = [
        Part::Reasoning(Reasoning::new("I need to find the GCD of 1071 and 462.").with_state(state(thinking_block()))),
        Part::Reasoning(Reasoning::default().with_state(state(redacted_block()))),
    ];
    assert_eq!(answer.parts(), parts);
    let body = json!({
        "id": "msg_01DfGo", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [thinking_block(), redacted_block(),
            {"type": "tool_use", "id": "toolu_01", "name": "gcd", "input": {}}],
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 778, "output_tokens": 89}
    });
    assert_eq!(read(&body.to_string(), ORIGIN).unwrap(), answer);

    // Through storage and back.
    let stored: Message = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
    let request = messages([Message::user("GCD?"), stored, Message::tool("toolu_01", "21")])
        .with_options(Options::new().reasoning_effort(ReasoningEffort::Low));
    let body = sent(&request);
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2048}));
    let blocks = json!([thinking_block(), redacted_block(),
        {"type": "tool_use", "id": "toolu_01", "name": "gcd", "input": {}}]);
    assert_eq!(body["messages"][1], json!({"role": "assistant", "content": blocks}));
    let result = json!([{"type": "tool_result", "tool_use_id": "toolu_01", "content": "21"}]);
    assert_eq!(body["messages"][2], json!({"role": "user", "content": result}));

    // Another provider does not get them.
    let other = Target { origin: "anthropic example.com", ..target("claude-sonnet-4-5") };
    let body = write(&request, &other, Settings::default()).unwrap();
    assert_eq!(body["messages"][1]["content"][0]["type"], "tool_use");
    // A turn that began without its thoughts goes on without.
    assert_eq!(body.get("thinking"), None);
}

#[test]
fn thoughts_that_were_cut_or_are_not_wanted_are_not_sent() {
    let cut = json!({"type": "thinking", "thinking": "I need"});
    let answer = Message::new(Role::Assistant)
        .with_part(Part::Reasoning(Reasoning::new("I need").with_state(state(cut))))
        .with_part(Part::Text("So".to_owned()));
    let body = sent(&messages([Message::user("GCD?"), answer, Message::user("Go on")]));
    assert_eq!(body["messages"][1]["content"], json!([{"type": "text", "text": "So"}]));

    let answer = streamed(THINKING).unwrap();
    let off = messages([Message::user("GCD?"), answer, Message::tool("toolu_01", "21")])
        .with_options(Options::new().reasoning_effort(ReasoningEffort::None));
    let body = sent(&off);
    assert_eq!(body["thinking"], json!({"type": "disabled"}));
    assert_eq!(body["messages"][1]["content"][0]["type"], "tool_use");
}

#[test]
fn server_tools_and_citations_go_back_in_their_place() {
    let text = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_01G","type":"message","role":"assistant","model":"claude-opus-4-1","content":[],"stop_reason":null,"usage":{"input_tokens":2679,"output_tokens":3}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"srvtoolu_014","name":"web_search","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\": \"weather NYC\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"srvtoolu_014","content":[{"type":"web_search_result","title":"Weather","url":"https://world-weather.info","encrypted_content":"Ev0DCioIAxgCIiQ3","page_age":null}]}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":"","citations":null}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://world-weather.info","title":"Weather","encrypted_index":"Eo8BCioIAhgB","cited_text":"78 F"}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"It is 78 F."}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"some_new_block","content":null,"list":[1]}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"some_new_delta","content":"su","list":[2]}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"some_new_delta","content":"mmary"}}

event: content_block_stop
data: {"type":"content_block_stop","index":3}

event: some_new_event
data: {"type":"some_new_event","what":["ever"]}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":10682,"output_tokens":510,"server_tool_use":{"web_search_requests":1}}}

event: message_stop
data: {"type":"message_stop"}"#;
    let answer = streamed(text).unwrap();
    assert_eq!(answer.text(), "It is 78 F.");
    assert_eq!(answer.usage(), Some(Usage::new(10682, 510)));
    let citation = json!({"type": "web_search_result_location", "url": "https://world-weather.info",
        "title": "Weather", "encrypted_index": "Eo8BCioIAhgB", "cited_text": "78 F"});
    let result = json!([{"type": "web_search_result", "title": "Weather", "url": "https://world-weather.info",
        "encrypted_content": "Ev0DCioIAxgCIiQ3", "page_age": null}]);
    let content = json!([
        {"type": "server_tool_use", "id": "srvtoolu_014", "name": "web_search", "input": {"query": "weather NYC"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_014", "content": result},
        {"type": "text", "text": "It is 78 F.", "citations": [citation]},
        {"type": "some_new_block", "content": "summary", "list": [1, 2]},
    ]);
    let body = sent(&messages([Message::user("Weather?"), answer.clone(), Message::user("Thanks")]));
    assert_eq!(body["messages"][1]["content"], content);
    let whole = json!({"id": "msg_01G", "type": "message", "model": "claude-opus-4-1", "content": content,
        "stop_reason": "end_turn", "usage": {"input_tokens": 10682, "output_tokens": 510}});
    assert_eq!(read(&whole.to_string(), ORIGIN).unwrap(), answer);
}

#[test]
fn an_answer_that_pauses_has_no_text() {
    let body = r#"{"type":"message","content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"a"}}],"stop_reason":"pause_turn","usage":{"input_tokens":1,"output_tokens":2}}"#;
    let answer = read(body, ORIGIN).unwrap();
    assert_eq!(answer.finish_reason(), Some(&FinishReason::Other("pause_turn".to_owned())));
    assert!(matches!(answer.parts(), [Part::Opaque(_)]));
}

#[test]
fn input_comes_with_the_beginning_or_in_pieces() {
    let start = r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"","name":"a","input":{"x":1}}}"#;
    let end = r#"data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":null}"#;
    let answer = streamed(&format!("{start}\n\n{end}")).unwrap();
    assert_eq!(answer.tool_calls(), [ToolCall::new("call_0", "a", r#"{"x":1}"#)]);
    let piece = r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"x\": 2}"}}"#;
    let answer = streamed(&format!("{start}\n\n{piece}\n\n{end}")).unwrap();
    assert_eq!(answer.tool_calls(), [ToolCall::new("call_0", "a", r#"{"x": 2}"#)]);
    // Two calls with one id are two calls.
    let second = start.replace(r#""id":"""#, r#""id":"same""#);
    let third = second.replace(r#""index":0"#, r#""index":1"#);
    let answer = streamed(&format!("{second}\n\n{third}\n\n{end}")).unwrap();
    assert_eq!(answer.tool_calls().iter().map(|call| &*call.id).collect::<Vec<_>>(), ["same", "same_2"]);
}

#[test]
fn pieces_of_several_calls_may_be_mixed() {
    let text = r#"data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"a","name":"f"}}

data: {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"b","name":"g"}}

data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"n\""}}

data: {"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{\"m\":2}"}}

data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":":1}"}}

data: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#;
    let answer = streamed(text).unwrap();
    assert_eq!(answer.tool_calls(), [ToolCall::new("a", "f", r#"{"n":1}"#), ToolCall::new("b", "g", r#"{"m":2}"#)]);
}

#[test]
fn errors_are_in_the_servers_words_wherever_they_come() {
    let overloaded =
        json!({"type": "error", "error": {"details": null, "type": "overloaded_error", "message": "Overloaded"}});
    let bare = json!({"error": "rate limited"});
    let named = json!({"message": "engine died", "code": 500});
    let object = json!({"object": "error", "message": "engine died", "code": 500});
    let all = events(TOOL);
    for at in 0..all.len() - 1 {
        for (name, error) in [("error", &overloaded), ("", &overloaded), ("", &bare), ("error", &named), ("", &object)]
        {
            let data = error.to_string();
            let mut events = all[..at].to_vec();
            events.push((name, &data));
            assert_eq!(chunks(&events).1, Err(Fault::Reported(error.clone())), "{at}");
        }
    }
    assert_eq!(read(&overloaded.to_string(), ORIGIN), Err(Fault::Reported(overloaded)));
    assert_eq!(read(&bare.to_string(), ORIGIN), Err(Fault::Reported(bare)));
    assert_eq!(read(r#"{"detail": "x"}"#, ORIGIN), Err(Fault::NotAnAnswer(json!({"detail": "x"}))));
    assert!(matches!(read("<html>", ORIGIN), Err(Fault::NotJson { .. })));
    assert!(matches!(read("", ORIGIN), Err(Fault::NotJson { .. })));
    assert_eq!(streamed(r#"data: {"detail": "x"}"#), Err(Fault::NotAnAnswer(json!({"detail": "x"}))));
    assert!(matches!(streamed("data: {\"type\":\"content_"), Err(Fault::NotJson { .. })));
}

#[test]
fn nulls_and_empty_words_are_not_known() {
    let text = r#"data: {"type":"message_start","error":null,"message":{"id":"","model":"","content":null,"stop_reason":"","usage":null}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi th"},"error":{}}

data: {"type":"message_delta","delta":{"stop_reason":""},"usage":{}}"#;
    assert_eq!(streamed(text), Err(Fault::Early));
    let answer = streamed(&format!("{text}\n\ndata: [DONE]")).unwrap();
    assert_eq!(answer, Message::assistant("Hi th"));
    let answer = read(r#"{"type":"message","id":null,"content":"Hi","usage":{"input_tokens":"3"}}"#, ORIGIN).unwrap();
    assert_eq!(answer, Message::assistant("Hi").with_usage(Usage::new(3, 0)));
}

#[test]
fn an_answer_as_one_event_is_an_answer() {
    let answer =
        streamed(r#"data: {"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}"#);
    assert_eq!(answer, Ok(Message::assistant("Hi").with_finish_reason(FinishReason::Stop)));
}

#[test]
fn empty_answers_and_refusals() {
    let empty = |reason: &str| format!(r#"{{"type":"message","content":[],"stop_reason":"{reason}"}}"#);
    for (word, finish) in [
        ("end_turn", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("refusal", FinishReason::ContentFilter),
    ] {
        let raw = empty(word);
        assert_eq!(read(&raw, ORIGIN), Err(Fault::Empty { finish: Some(finish), raw: raw.clone() }));
    }
    let refused = r#"{"type":"message","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"This request was blocked."}}"#;
    assert_eq!(read(refused, ORIGIN), Err(Fault::Refused { words: "This request was blocked.".to_owned() }));
}
