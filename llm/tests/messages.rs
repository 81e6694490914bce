//! Messages as values: their JSON, their pieces, what they cost.

use catena::Assemble;
use catena_llm::{
    AsPrompt, FinishReason, Message, MessageAssembler, MessageChunk, Messages, Part, PriceTable, Role, ToolCall, Usage,
};
use serde_json::json;

/// Messages with and without everything that a message can have.
fn all_sorts() -> Vec<Message> {
    let texts: [&[Part]; 6] = [
        &[],
        &[Part::Text(String::new())],
        &[Part::Text("One.".into())],
        &[Part::Text("One. ".into()), Part::Text(String::new()), Part::Text("Two: ä\u{0}\"".into())],
        &[Part::ToolResult { call_id: "1".into(), content: "rain".into() }],
        &[Part::ToolResult { call_id: "1".into(), content: String::new() }, Part::Text("Well.".into())],
    ];
    let mut all = Vec::new();
    for role in [Role::System, Role::User, Role::Assistant, Role::Tool] {
        for parts in texts {
            let plain = parts.iter().cloned().fold(Message::new(role), Message::with_part);
            let rich = plain
                .clone()
                .with_name("Ann")
                .with_tool_call(ToolCall::new("1", "weather", r#"{"city": "Oslo"}"#))
                .with_tool_call(ToolCall::new("2", "", "not JSON"))
                .with_model("gpt-4o")
                .with_id("chatcmpl-1")
                .with_finish_reason(FinishReason::Other("eos".into()))
                .with_usage(Usage::new(1, 2));
            all.extend([plain, rich]);
        }
    }
    all
}

#[test]
fn a_message_put_together_from_its_pieces_is_the_same() {
    for message in all_sorts() {
        let mut whole = MessageAssembler::default();
        MessageAssembler::default().split(message.clone(), &mut |chunk| whole.push(chunk));
        assert_eq!(whole.finish().unwrap(), message);
    }
}

#[test]
fn a_message_read_from_its_json_is_the_same() {
    for message in all_sorts() {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), message, "{text}");
    }
    let all: Messages = all_sorts().into_iter().collect();
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Messages>(&text).unwrap(), all);
}

#[test]
fn the_json_form_is_stable() {
    let answer = Message::assistant("It rains.")
        .with_tool_call(ToolCall::new("1", "weather", "{}"))
        .with_model("gpt-4o")
        .with_finish_reason(FinishReason::ToolCalls)
        .with_usage(Usage::new(12, 3));
    assert_eq!(
        json!([Message::system("Be brief."), Message::tool("1", "rain"), answer]),
        json!([
            {"role": "system", "content": "Be brief."},
            {"role": "tool", "content": [{"type": "tool_result", "call_id": "1", "content": "rain"}]},
            {
                "role": "assistant",
                "content": "It rains.",
                "tool_calls": [{"id": "1", "name": "weather", "arguments": "{}"}],
                "model": "gpt-4o",
                "finish_reason": "tool_calls",
                "usage": {"input_tokens": 12, "output_tokens": 3}
            }
        ])
    );
    // What others write is read too.
    let empty: Message = serde_json::from_value(json!({"role": "assistant", "content": null, "extra": 1})).unwrap();
    assert_eq!(empty, Message::new(Role::Assistant));
    assert!(serde_json::from_value::<Message>(json!({"role": "nobody", "content": ""})).is_err());
}

#[test]
fn the_text_of_a_message_is_that_of_all_its_parts() {
    let message = Message::user("One, ").with_part(Part::Text("two".into()));
    assert_eq!(message.text(), "One, two");
    assert_eq!(message.clone().with_part(Part::Text(", three".into())).text(), "One, two, three");
    assert_eq!(message.text(), "One, two");
    assert_eq!(format!("[{:>4}]", Message::user("hi")), "[  hi]");
}

#[test]
fn text_that_is_streamed_is_one_part() {
    let mut answer = MessageAssembler::default();
    for text in ["It ", "", "rains", "."] {
        answer.push(MessageChunk::text(text));
    }
    assert_eq!(answer.finish().unwrap(), Message::assistant("It rains."));
    assert_eq!(MessageAssembler::default().finish().unwrap(), Message::new(Role::Assistant));
}

#[test]
fn many_values_are_prompts() {
    let message = Message::user("Hi");
    let messages = Messages::from(message.clone());
    let prompts: [&dyn AsPrompt; 8] = [
        &"Hi",
        &"Hi".to_owned(),
        &std::borrow::Cow::Borrowed("Hi"),
        &message,
        &messages,
        &vec![message.clone()],
        &[Message::user("Hi")],
        &std::sync::Arc::new(messages.clone()),
    ];
    for prompt in prompts {
        assert_eq!(prompt.to_messages(), messages);
    }
}

#[test]
fn an_answer_has_a_price_where_all_is_known() {
    let prices = PriceTable::default();
    let answer = Message::assistant("Hi").with_model("gpt-4o-mini-2024-07-18").with_usage(Usage::new(820, 0));
    assert_eq!(prices.cost_of(&answer).unwrap().to_string(), "$0.000123");
    assert_eq!(prices.cost_of(&Message::assistant("Hi").with_model("gpt-4o-mini")), None);
    assert_eq!(prices.cost_of(&answer.with_model("llama3.2")), None);
    assert_eq!(PriceTable::empty().cost("gpt-4o-mini", &Usage::new(1, 1)), None);
}
