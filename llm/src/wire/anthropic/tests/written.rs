//! Requests, as they are sent.

use super::*;
use crate::{Image, ResponseFormat, ToolChoice, ToolDefinition};

#[test]
fn roles_alternate_and_nothing_is_sent_that_the_api_refuses() {
    let call = |id: &str| ToolCall::new(id, "look/up", r#"{"q": 1}"#);
    let request = messages([
        Message::system("Be brief."),
        Message::system("  "),
        Message::assistant("Hello"),
        Message::user("Hi"),
        Message::user("").with_image(Image::url("https://example.com/cat.png")),
        Message::assistant("").with_tool_call(call("call:0")).with_tool_call(call("call:0")),
        Message::user("Hurry"),
        Message::tool("call:0", "one"),
        Message::tool("lost", "nothing"),
        Message::assistant("").with_tool_call(call("call:0")),
        Message::tool("call:0", "").with_image(Image::bytes("image/png", *b"png")),
        Message::assistant("\n"),
        Message::assistant("Done. \n"),
    ]);
    let body = sent(&request);
    assert_eq!(body["system"], json!([{"type": "text", "text": "Be brief."}]));
    let used = |id: &str| json!({"type": "tool_use", "id": id, "name": "look_up", "input": {"q": 1}});
    let image = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}});
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "(The beginning of the conversation is left out.)"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
            {"role": "user", "content": [{"type": "text", "text": "Hi"},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.png"}}]},
            {"role": "assistant", "content": [used("call_0"), used("call_0_2")]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "call_0_2", "content": "The call has no result.", "is_error": true},
                {"type": "tool_result", "tool_use_id": "call_0", "content": "one"},
                {"type": "text", "text": "Hurry"},
                {"type": "text", "text": "Result of the tool call lost:\nnothing"}]},
            {"role": "assistant", "content": [used("call_0_3")]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_0_3", "content": [image]}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Done."}]},
        ])
    );
}

#[test]
fn a_call_at_the_end_gets_a_result() {
    let body = sent(&messages([
        Message::user("Hi"),
        Message::assistant("").with_tool_call(ToolCall::new("a", "f", "not json")),
    ]));
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"unreadable": "not json"}));
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "a");
}

#[test]
fn a_system_prompt_alone_is_a_question() {
    let body = sent(&messages([Message::system("Write a poem.")]));
    assert_eq!(body.get("system"), None);
    assert_eq!(body["messages"], json!([{"role": "user", "content": [{"type": "text", "text": "Write a poem."}]}]));
    let nothing = write(&messages([]), &target("claude-sonnet-4-5"), Settings::default());
    assert!(matches!(nothing, Err(Fault::Unsupported(_))));
}

#[test]
fn options_and_tools() {
    let schema = json!({"type": "object", "properties": {"q": {"type": "string"}}, "oneOf": [{"required": ["q"]}]});
    let options = Options::new().temperature(0.5).top_p(0.9).stop("END").max_tokens(100);
    let request = ChatRequest {
        tools: [ToolDefinition::new("a.b", "Looks.", schema)].into(),
        tool_choice: Some(ToolChoice::named("a.b")),
        ..ChatRequest::new("Hi").with_options(options)
    };
    let streamed = Target { stream: true, ..target("claude-sonnet-4-5") };
    let body = write(&request, &streamed, Settings { cache: true }).unwrap();
    let description = body["tools"][0]["description"].as_str().unwrap();
    assert!(description.starts_with("Looks.\n\n") && description.contains("oneOf"), "{description}");
    let expected = json!({
        "model": "claude-sonnet-4-5",
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}],
        "tools": [{"name": "a_b", "description": description, "cache_control": {"type": "ephemeral"},
            "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}}}],
        "tool_choice": {"type": "tool", "name": "a_b"},
        "stream": true,
    });
    assert_eq!(body, expected);
}

#[test]
fn thinking_is_asked_for_as_the_model_knows_it() {
    let ask = |model: &'static str, options: Options| {
        write(&ChatRequest::new("Hi").with_options(options), &target(model), Settings::default())
    };
    let effort = |effort| Options::new().reasoning_effort(effort);
    let body = ask("claude-opus-4-7", effort(ReasoningEffort::High)).unwrap();
    assert_eq!(body["thinking"], json!({"type": "adaptive", "display": "summarized"}));
    assert_eq!(body["output_config"], json!({"effort": "high"}));
    let body = ask("claude-sonnet-4-5", effort(ReasoningEffort::Medium).max_tokens(5000)).unwrap();
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 4999}));
    assert_eq!(body.get("output_config"), None);
    let body = ask("claude-sonnet-4-5", effort(ReasoningEffort::Medium).temperature(1.0)).unwrap();
    assert_eq!(body.get("temperature"), None);
    for (model, options) in [
        ("claude-sonnet-4-5", effort(ReasoningEffort::Low).max_tokens(1024)),
        ("claude-sonnet-4-5", effort(ReasoningEffort::Low).temperature(0.0)),
        ("claude-sonnet-4-5", effort(ReasoningEffort::Minimal)),
        ("claude-mythos-preview", effort(ReasoningEffort::None)),
        ("claude-sonnet-4-5", Options::new().seed(1)),
    ] {
        assert!(matches!(ask(model, options.clone()), Err(Fault::Unsupported(_))), "{options:?}");
    }
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct City {
    name: String,
    twin: Option<String>,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct Sum {
    expr: Expr,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
enum Expr {
    Num(f64),
    Add {
        /// The left side.
        left: Box<Expr>,
        right: Box<Expr>,
    },
}

#[test]
fn structured_output_goes_into_the_prompt_if_the_model_has_none() {
    let (city, sum) = (ResponseFormat::of::<City>(), ResponseFormat::of::<Sum>());
    assert!(has_response_format("claude-sonnet-4-5", &city));
    assert!(!has_response_format("claude-3-5-sonnet-latest", &city));
    assert!(!has_response_format("deepseek-chat", &city));
    assert!(!has_response_format("claude-sonnet-4-5", &sum));
    let ask = |format: &ResponseFormat| {
        sent(&ChatRequest::new("Hi").with_options(Options::new().response_format(format.clone())))
    };
    let body = ask(&city);
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(body["output_config"]["format"]["schema"]["additionalProperties"], false);
    assert_eq!(body.get("system"), None);
    let body = ask(&sum);
    assert_eq!(body.get("output_config"), None);
    assert!(body["system"][0]["text"].as_str().unwrap().contains("left"));
}
