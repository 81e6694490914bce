//! Bytes as Google's public documentation and public reports have them.

use super::{Reader, has_response_format, path, read, write};
use crate::{
    ChatRequest, FinishReason, Image, Message, MessageChunk, Messages, Options, Part, ProviderState, Reasoning,
    ReasoningEffort, ResponseFormat, ToolCall, ToolChoice, ToolDefinition, Usage,
    wire::{Fault, Flow, ReadStream, Target},
};
use schemars::JsonSchema;
use serde_json::{Value, json};

const ORIGIN: &str = "gemini generativelanguage.googleapis.com";

/// Reads a stream, and returns its chunks with the tokens.
fn chunks<S: AsRef<str>>(events: &[S]) -> (Vec<MessageChunk>, Result<(), Fault>, Option<Usage>) {
    let mut reader = Reader::new(ORIGIN);
    let mut out = Vec::new();
    for data in events {
        match reader.event("", data.as_ref(), &mut out) {
            Ok(Flow::More) => {}
            Ok(Flow::Done) => break,
            Err(fault) => return (out, Err(fault), reader.usage()),
        }
    }
    let end = reader.end(&mut out);
    (out, end, reader.usage())
}

fn streamed<S: AsRef<str>>(events: &[S]) -> Result<Message, Fault> {
    let (chunks, end, _) = chunks(events);
    end?;
    Ok(chunks.into_iter().collect())
}

fn state(value: Value) -> ProviderState {
    ProviderState::new(ORIGIN, value)
}

fn signature(signature: &str) -> ProviderState {
    state(json!({ "thoughtSignature": signature }))
}

fn call(id: &str, name: &str, arguments: &str, state: Option<ProviderState>) -> ToolCall {
    let mut call = ToolCall::new(id, name, arguments);
    call.state = state;
    call
}

fn target(model: &str) -> Target<'_> {
    Target { model, origin: ORIGIN, stream: false }
}

fn messages(messages: impl IntoIterator<Item = Message>) -> ChatRequest {
    ChatRequest::new(messages.into_iter().collect::<Messages>())
}

fn contents(model: &str, request: &ChatRequest) -> Value {
    write(request, &target(model)).unwrap()["contents"].clone()
}

/// Returns an event with these parts.
fn event(parts: &Value, finish: Option<&str>) -> String {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    if let Some(finish) = finish {
        candidate["finishReason"] = finish.into();
    }
    json!({"candidates": [candidate]}).to_string()
}

const PLAIN: [&str; 3] = [
    r#"{"candidates": [{"content": {"parts": [{"text": "The"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 11,"totalTokenCount": 11,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 11}]},"modelVersion": "gemini-2.5-flash","responseId": "m91NaoKoNe2_vr0P3vX0iAY"}"#,
    r#"{"candidates": [{"content": {"parts": [{"text": " sky"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 11,"candidatesTokenCount": 2,"totalTokenCount": 63,"thoughtsTokenCount": 50},"modelVersion": "gemini-2.5-flash","responseId": "m91NaoKoNe2_vr0P3vX0iAY"}"#,
    r#"{"candidates": [{"content": {"parts": [{"text": " is blue."}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 11,"candidatesTokenCount": 5,"totalTokenCount": 66,"thoughtsTokenCount": 50},"modelVersion": "gemini-2.5-flash","responseId": "m91NaoKoNe2_vr0P3vX0iAY"}"#,
];

#[test]
fn a_stream_as_it_comes() {
    let answer = streamed(&PLAIN).unwrap();
    let usage = Usage { reasoning_tokens: 50, ..Usage::new(11, 55) };
    let expected = Message::assistant("The sky is blue.")
        .with_id("m91NaoKoNe2_vr0P3vX0iAY")
        .with_model("gemini-2.5-flash")
        .with_finish_reason(FinishReason::Stop)
        .with_usage(usage);
    assert_eq!(answer, expected);
    // As a list, which is what the API sends without `alt=sse`.
    assert_eq!(streamed(&[format!("[{}]", PLAIN.join(",\r\n"))]).unwrap(), expected);
    assert_eq!(read(&format!("[{}]", PLAIN.join(",\r\n")), ORIGIN).unwrap(), expected);
    for end in 0..PLAIN.len() {
        let (_, result, usage) = chunks(&PLAIN[..end]);
        let early = if end == 0 { Fault::NoEvents { blank: true } } else { Fault::Early };
        assert_eq!((result, usage.is_some()), (Err(early), end > 0));
    }
    // Wrapped by a gateway.
    let wrapped: Vec<_> = PLAIN.iter().map(|event| format!(r#"{{"response": {event}, "traceId": "1"}}"#)).collect();
    assert_eq!(streamed(&wrapped).unwrap(), expected);
}

#[test]
fn a_finish_reason_does_not_end_a_stream() {
    let events = [
        event(&json!([{"text": "Let me compute. "}]), Some("STOP")),
        event(&json!([{"text": "It is 42."}]), Some("STOP")),
        r#"{"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 9}}"#.to_owned(),
    ];
    let answer = streamed(&events).unwrap();
    assert_eq!(answer.text(), "Let me compute. It is 42.");
    assert_eq!(answer.usage(), Some(Usage::new(3, 9)));
    let cut = [event(&json!([{"text": "a"}]), Some("MAX_TOKENS")), event(&json!([]), Some("STOP"))];
    assert_eq!(streamed(&cut).unwrap().finish_reason(), Some(&FinishReason::Length));
}

#[test]
fn calls_come_whole_and_are_never_one() {
    let paths = ["a.md", "b.md", "notes/c.md"];
    let part = |path: &str| json!({"functionCall": {"name": "read_file", "args": {"path": path}}});
    let apart: Vec<_> = paths.iter().map(|path| event(&json!([part(path)]), Some("STOP"))).collect();
    let at_once = event(&paths.iter().map(|path| part(path)).collect(), Some("STOP"));
    let calls: Vec<_> = paths
        .iter()
        .enumerate()
        .map(|(at, path)| ToolCall::new(format!("call_{at}"), "read_file", json!({ "path": path }).to_string()))
        .collect();
    for answer in [streamed(&apart), streamed(&[&at_once]), read(&at_once, ORIGIN)] {
        let answer = answer.unwrap();
        assert_eq!(answer.tool_calls(), calls);
        assert_eq!(answer.finish_reason(), Some(&FinishReason::ToolCalls));
    }
}

#[test]
fn ids_are_kept_and_distinct() {
    let part = |id: Value| json!({"functionCall": {"name": "f", "id": id, "args": null}});
    let parts = json!([part(json!("x1")), part(json!("x1")), part(Value::Null), part(json!(""))]);
    let answer = streamed(&[event(&parts, Some("STOP"))]).unwrap();
    let ids: Vec<_> = answer.tool_calls().iter().map(|call| (&*call.id, &*call.raw_arguments)).collect();
    assert_eq!(ids, [("x1", "{}"), ("x1_2", "{}"), ("call_2", "{}"), ("call_3", "{}")]);
}

#[test]
fn signatures_go_back_in_their_place() {
    let parts = json!([
        {"text": "**Weighing it**", "thought": true},
        {"text": "I look it up."},
        {"functionCall": {"name": "check_flight", "args": {"flight": "AA100"}}, "thoughtSignature": "c2lnLUE="},
        {"functionCall": {"name": "check_flight", "args": {"flight": "AA101"}}},
    ]);
    let answer = streamed(&[event(&parts, Some("STOP"))]).unwrap();
    assert_eq!(read(&event(&parts, Some("STOP")), ORIGIN).unwrap(), answer);
    assert_eq!(answer.text(), "I look it up.");
    assert_eq!(answer.reasoning(), "**Weighing it**");
    let calls = [
        call("call_0", "check_flight", r#"{"flight":"AA100"}"#, Some(signature("c2lnLUE="))),
        call("call_1", "check_flight", r#"{"flight":"AA101"}"#, None),
    ];
    assert_eq!(answer.tool_calls(), calls);

    let stored: Message = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
    let request = messages([
        Message::user("Flights?"),
        stored,
        Message::tool("call_0", r#"{"status": "delayed"}"#),
        Message::tool("call_1", "on time"),
    ]);
    let expected = json!([
        {"role": "user", "parts": [{"text": "Flights?"}]},
        {"role": "model", "parts": [
            {"text": "I look it up."},
            {"functionCall": {"name": "check_flight", "args": {"flight": "AA100"}}, "thoughtSignature": "c2lnLUE="},
            {"functionCall": {"name": "check_flight", "args": {"flight": "AA101"}}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"name": "check_flight", "response": {"status": "delayed"}}},
            {"functionResponse": {"name": "check_flight", "response": {"output": "on time"}}}]},
    ]);
    assert_eq!(contents("gemini-3-pro-preview", &request), expected);
    // Another server does not get the signature, and Gemini 3 gets the documented stand-in.
    let other = |model| {
        let other = Target { origin: "gemini example.com", ..target(model) };
        write(&request, &other).unwrap()["contents"][1]["parts"].clone()
    };
    let parts = other("gemini-3-pro-preview");
    assert_eq!(parts[1]["thoughtSignature"], "skip_thought_signature_validator");
    assert_eq!(parts[2].get("thoughtSignature"), None);
    assert_eq!(other("gemini-2.5-pro")[1].get("thoughtSignature"), None);
}

#[test]
fn signatures_of_texts_follow_them() {
    let events = [
        event(&json!([{"text": "Step", "thought": true, "thoughtSignature": "dGhvdWdodA=="}]), None),
        event(&json!([{"text": "It is "}]), None),
        event(&json!([{"text": "42."}]), None),
        event(&json!([{"text": "", "thoughtSignature": "c2ln"}]), Some("STOP")),
    ];
    let answer = streamed(&events).unwrap();
    let parts = [
        Part::Reasoning(Reasoning::new("Step").with_state(signature("dGhvdWdodA=="))),
        Part::Text("It is 42.".to_owned()),
        Part::Opaque(signature("c2ln")),
    ];
    assert_eq!(answer.parts(), parts);
    let sent = contents("gemini-3-flash", &messages([Message::user("?"), answer, Message::user("Sure?")]));
    let parts = json!([
        {"text": "Step", "thought": true, "thoughtSignature": "dGhvdWdodA=="},
        {"text": "It is 42.", "thoughtSignature": "c2ln"},
    ]);
    assert_eq!(sent[1]["parts"], parts);

    // After a call, the signature has a part of its own.
    let events = [
        event(&json!([{"functionCall": {"name": "f", "id": "1", "args": {}}, "thoughtSignature": "Yg=="}]), None),
        event(&json!([{"text": "", "thoughtSignature": "YQ=="}]), Some("STOP")),
    ];
    let answer = streamed(&events).unwrap();
    assert_eq!(answer.text(), "");
    let sent = contents("gemini-3-flash", &messages([Message::user("?"), answer, Message::tool("1", "")]));
    let parts = json!([
        {"functionCall": {"name": "f", "id": "1", "args": {}}, "thoughtSignature": "Yg=="},
        {"text": "", "thoughtSignature": "YQ=="},
    ]);
    assert_eq!(sent[1]["parts"], parts);
    let response = json!({"functionResponse": {"name": "f", "id": "1", "response": {"output": ""}}});
    assert_eq!(sent[2]["parts"], json!([response]));
}

#[test]
fn parts_of_other_kinds_are_kept() {
    let parts = json!([
        {"executableCode": {"language": "PYTHON", "code": "print(2)"}, "thoughtSignature": "YQ=="},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2\n"}},
        {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["F1"]}, "id": "nqh2j2zy"}},
        {"inlineData": {"mimeType": "image/png", "data": "cG5n"}, "thoughtSignature": "Yg=="},
        {"inlineData": {"mimeType": "audio/wav", "data": "d2F2"}},
    ]);
    let answer = streamed(&[event(&parts, Some("STOP"))]).unwrap();
    let [Part::Opaque(_), Part::Opaque(_), Part::Opaque(_), Part::Image(image), Part::Opaque(_), Part::Opaque(_)] =
        answer.parts()
    else {
        panic!("{answer:?}")
    };
    assert_eq!(image, &Image::bytes("image/png", *b"png"));
    let sent = contents("gemini-3-pro-image", &messages([Message::user("?"), answer, Message::user("More")]));
    assert_eq!(sent[1]["parts"], parts);
}

#[test]
fn blocked_prompts_say_why_whole_and_streamed() {
    let body = r#"{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9}, "modelVersion": "gemini-2.5-flash"}"#;
    let blocked = Fault::Blocked { reason: "PROHIBITED_CONTENT".to_owned(), raw: body.to_owned() };
    assert_eq!(read(body, ORIGIN), Err(blocked.clone()));
    let (_, result, usage) = chunks(&[body]);
    assert_eq!((result, usage), (Err(blocked), Some(Usage::new(9, 0))));
}

#[test]
fn answers_without_content_say_why() {
    for (word, finish) in [
        ("SAFETY", FinishReason::ContentFilter),
        ("RECITATION", FinishReason::ContentFilter),
        ("MAX_TOKENS", FinishReason::Length),
        ("STOP", FinishReason::Stop),
        ("MALFORMED_FUNCTION_CALL", FinishReason::Other("MALFORMED_FUNCTION_CALL".to_owned())),
        ("UNEXPECTED_TOOL_CALL", FinishReason::Other("UNEXPECTED_TOOL_CALL".to_owned())),
    ] {
        for content in
            [json!({}), json!({"role": "model"}), Value::Null, json!({"parts": null}), json!({"parts": [{"text": ""}]})]
        {
            let raw =
                json!({"candidates": [{"content": content, "finishReason": word, "finishMessage": "why"}]}).to_string();
            let empty = Err(Fault::Empty { finish: Some(finish.clone()), raw: raw.clone() });
            assert_eq!(read(&raw, ORIGIN), empty);
            assert_eq!(streamed(&[&raw]), empty);
        }
    }
    for body in [r#"{"candidates": []}"#, r#"{"usageMetadata": {"promptTokenCount": 1}}"#, r#"{"candidates": [{}]}"#] {
        assert_eq!(read(body, ORIGIN), Err(Fault::Empty { finish: None, raw: body.to_owned() }));
        assert_eq!(streamed(&[body]), Err(Fault::Early));
    }
}

#[test]
fn errors_are_in_the_servers_words_wherever_they_come() {
    let error = json!({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}});
    let list = json!([error]);
    for at in 0..PLAIN.len() {
        for (sent, reported) in [(&error, &error), (&list, &error)] {
            let mut events: Vec<String> = PLAIN[..at].iter().map(ToString::to_string).collect();
            events.push(sent.to_string());
            assert_eq!(chunks(&events).1, Err(Fault::Reported(reported.clone())));
        }
    }
    assert_eq!(read(&error.to_string(), ORIGIN), Err(Fault::Reported(error.clone())));
    assert_eq!(read(&list.to_string(), ORIGIN), Err(Fault::Reported(error)));
    let null = PLAIN.map(|event| event.replacen('{', r#"{"error": null, "#, 1));
    assert_eq!(streamed(&null).unwrap().text(), "The sky is blue.");
    assert_eq!(read(r#"{"detail": "x"}"#, ORIGIN), Err(Fault::NotAnAnswer(json!({"detail": "x"}))));
    assert_eq!(streamed(&[r#"{"detail": "x"}"#]), Err(Fault::NotAnAnswer(json!({"detail": "x"}))));
    assert_eq!(read("{}", ORIGIN), Err(Fault::NotAnAnswer(json!({}))));
    assert!(matches!(read("<html>", ORIGIN), Err(Fault::NotJson { .. })));
    assert!(matches!(streamed(&["{\"candidates\": [{"]), Err(Fault::NotJson { .. })));
}

#[test]
fn fields_of_other_types_are_not_known() {
    let text = r#"{"candidates": {"index": "0", "content": {"parts": {"text": "Hi", "thought": null, "thoughtSignature": ""}}, "finishReason": "stop"}, "promptFeedback": null, "usageMetadata": {"promptTokenCount": "3", "candidatesTokenCount": 1.0}, "modelVersion": "", "responseId": null}"#;
    let expected = Message::assistant("Hi").with_finish_reason(FinishReason::Stop).with_usage(Usage::new(3, 1));
    assert_eq!(read(text, ORIGIN), Ok(expected.clone()));
    assert_eq!(streamed(&[text, "null", "", "[DONE]"]), Ok(expected));
    let args = event(&json!([{"function_call": {"name": "f", "args": "{\"a\": 1}"}}]), Some("FUNCTION_CALL"));
    assert_eq!(read(&args, ORIGIN).unwrap().tool_calls(), [ToolCall::new("call_0", "f", r#"{"a": 1}"#)]);
}

#[test]
fn every_call_has_one_result_directly_after_it() {
    let request = messages([
        Message::system("Be brief."),
        Message::assistant("Hello").with_tool_call(ToolCall::new("toolu_1", "a.b", "")),
        Message::user("Hurry"),
        Message::tool("toolu_1", "[1]"),
        Message::tool("lost", "nothing"),
        Message::assistant("")
            .with_tool_call(ToolCall::new("toolu_1", "f", "{}"))
            .with_tool_call(ToolCall::new("toolu_2", "f", "{}")),
        Message::tool("toolu_2", "2"),
        Message::user(" "),
    ]);
    let body = write(&request, &target("gemini-2.5-flash")).unwrap();
    assert_eq!(body["systemInstruction"], json!({"parts": [{"text": "Be brief."}]}));
    let call = |id: &str, name: &str| json!({"functionCall": {"name": name, "id": id, "args": {}}});
    let response = |id: &str, name: &str, response: Value| json!({"functionResponse": {"name": name, "id": id, "response": response}});
    let none = json!({"error": "The call has no result."});
    assert_eq!(
        body["contents"],
        json!([
            {"role": "user", "parts": [{"text": "(The beginning of the conversation is left out.)"}]},
            {"role": "model", "parts": [{"text": "Hello"}, call("toolu_1", "a_b")]},
            {"role": "user", "parts": [response("toolu_1", "a_b", json!({"output": [1]}))]},
            {"role": "user", "parts": [{"text": "Hurry"}, {"text": "Result of the tool call lost:\nnothing"}]},
            {"role": "model", "parts": [call("toolu_1_2", "f"), call("toolu_2", "f")]},
            {"role": "user", "parts": [response("toolu_1_2", "f", none), response("toolu_2", "f", json!({"output": "2"}))]},
        ])
    );
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct Line {
    from: Point,
    /// The end.
    to: Point,
    state: State,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct Point {
    x: f64,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
enum State {
    /// It is there.
    There,
    /// It is not.
    Gone,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct Tree {
    children: Vec<Tree>,
}

#[test]
fn options_tools_and_schemas() {
    assert_eq!(path("gemini-2.5-flash", false), "models/gemini-2.5-flash:generateContent");
    assert_eq!(path("tunedModels/mine", true), "tunedModels/mine:streamGenerateContent?alt=sse");
    let options = Options::new().temperature(0.5).top_p(0.9).stop("END").max_tokens(100).seed(7);
    let options = options.reasoning_effort(ReasoningEffort::Low).response_format(ResponseFormat::of::<Line>());
    let plain = ChatRequest::new("Hi").with_options(options);
    let body = write(&plain, &target("gemini-2.5-flash")).unwrap();
    let config = &body["generationConfig"];
    assert_eq!((&config["temperature"], &config["topP"], &config["seed"]), (&json!(0.5), &json!(0.9), &json!(7)));
    assert_eq!((&config["maxOutputTokens"], &config["stopSequences"]), (&json!(100), &json!(["END"])));
    assert_eq!(config["thinkingConfig"], json!({"thinkingBudget": 1024, "includeThoughts": true}));
    assert_eq!(config["responseMimeType"], "application/json");
    let schema = &config["responseJsonSchema"];
    assert_eq!(schema["properties"]["from"], json!({"$ref": "#/$defs/Point"}));
    assert_eq!(schema["properties"]["to"]["anyOf"], json!([{"$ref": "#/$defs/Point"}]));
    assert!(!schema.to_string().contains("const") && schema.to_string().contains("enum"), "{schema}");

    let tools = [
        ToolDefinition::new("now", "", json!({"type": "object", "properties": {}})),
        ToolDefinition::new("grow", "Grows.", crate::schema::of::<Tree>()),
    ];
    let with_tools = ChatRequest { tools: tools.into(), tool_choice: Some(ToolChoice::Required), ..plain };
    let body = write(&with_tools, &target("gemini-2.5-flash")).unwrap();
    // Older models take no schema beside tools.
    assert_eq!(body["generationConfig"].get("responseJsonSchema"), None);
    assert!(body["systemInstruction"]["parts"][0]["text"].as_str().unwrap().contains("JSON Schema"));
    assert_eq!(body["toolConfig"], json!({"functionCallingConfig": {"mode": "ANY"}}));
    assert_eq!(body["tools"][0]["functionDeclarations"][0], json!({"name": "now"}));
    let grow = &body["tools"][0]["functionDeclarations"][1];
    assert_eq!(grow["description"], "Grows.");
    let items = json!({"type": "object"});
    assert_eq!(grow["parametersJsonSchema"]["properties"]["children"]["items"], items, "{grow}");
    let body = write(&with_tools, &target("gemini-3-flash")).unwrap();
    assert_eq!(body["generationConfig"]["thinkingConfig"], json!({"thinkingLevel": "LOW", "includeThoughts": true}));
    assert!(body["generationConfig"]["responseJsonSchema"].is_object());

    assert!(!has_response_format(&ResponseFormat::JsonObject));
    assert!(!has_response_format(&ResponseFormat::of::<Tree>()));
    for (model, options) in [
        ("gemini-2.5-flash", Options::new().reasoning_effort(ReasoningEffort::Minimal)),
        ("gemini-3-flash", Options::new().reasoning_effort(ReasoningEffort::None)),
        ("gemini-3-flash", Options::new().seed(u64::MAX)),
    ] {
        let request = ChatRequest::new("Hi").with_options(options);
        assert!(matches!(write(&request, &target(model)), Err(Fault::Unsupported(_))), "{request:?}");
    }
}

#[test]
fn images_are_sent_by_bytes_and_by_url() {
    let question = Message::user("?")
        .with_image(Image::bytes("image/png", *b"png"))
        .with_image(Image::url("https://example.com/cat.jpg?size=1"));
    let parts = json!([
        {"text": "?"},
        {"inlineData": {"mimeType": "image/png", "data": "cG5n"}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://example.com/cat.jpg?size=1"}},
    ]);
    assert_eq!(contents("gemini-2.5-flash", &messages([question]))[0]["parts"], parts);
    let empty = messages([Message::user("?").with_image(Image::bytes("image/png", *b""))]);
    assert!(matches!(write(&empty, &target("gemini-2.5-flash")), Err(Fault::Unsupported(_))));
}
