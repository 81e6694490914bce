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

mod properties {
    use super::*;
    use catena_llm::{Image, ToolCallChunk};
    use proptest::{collection::vec, option, prelude::*};

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            ".*".prop_map(Part::Text),
            (".*", ".*").prop_map(|(call_id, content)| Part::ToolResult { call_id, content }),
            ".*".prop_map(|url: String| Part::Image(Image::url(url))),
            (".*", vec(any::<u8>(), 0..40))
                .prop_map(|(media, data): (String, _)| Part::Image(Image::bytes(media, data))),
        ]
    }

    prop_compose! {
        fn message()(
            role in prop_oneof![Just(Role::System), Just(Role::User), Just(Role::Assistant), Just(Role::Tool)],
            parts in vec(part(), 0..4),
            calls in vec((".*", ".*", ".*"), 0..3),
            about in (option::of(".*"), option::of(".*"), option::of("[a-z_]*"), option::of((0..9_u64, 0..9_u64))),
        ) -> Message {
            let (name, id, finish, usage) = about;
            let mut message = parts.into_iter().fold(Message::new(role), Message::with_part);
            for (id, name, arguments) in calls {
                message = message.with_tool_call(ToolCall::new(id, name, arguments));
            }
            if let Some(name) = name { message = message.with_name(name) }
            if let Some(id) = id { message = message.with_id(id) }
            if let Some(word) = finish { message = message.with_finish_reason(word.as_str().into()) }
            if let Some((sent, said)) = usage { message = message.with_usage(Usage::new(sent, said)) }
            message
        }
    }

    /// What a stream may be made of: a piece of text, a piece of one of three tool calls, something about the whole.
    #[derive(Clone, Debug)]
    enum Piece {
        Text(String),
        Arguments(usize, String),
        Usage(u64),
        Finish(bool),
    }

    fn piece() -> impl Strategy<Value = Piece> {
        prop_oneof![
            ".*".prop_map(Piece::Text),
            (0..3_usize, ".*").prop_map(|(index, text)| Piece::Arguments(index, text)),
            (0..99_u64).prop_map(Piece::Usage),
            any::<bool>().prop_map(Piece::Finish),
        ]
    }

    fn chunk(piece: Piece, begun: &mut [bool; 3]) -> MessageChunk {
        let mut chunk = MessageChunk::default();
        match piece {
            Piece::Text(text) => chunk.text = text,
            Piece::Arguments(index, arguments) => {
                let mut call = ToolCallChunk::default();
                (call.index, call.arguments) = (index, arguments);
                if !std::mem::replace(&mut begun[index], true) {
                    (call.id, call.name) = (Some(format!("id {index}")), Some(format!("name {index}")));
                }
                chunk.tool_calls.push(call);
            }
            Piece::Usage(count) => chunk.metadata_mut().usage = Some(Usage::new(count, count)),
            Piece::Finish(cut) => {
                chunk.metadata_mut().finish_reason = Some(if cut { FinishReason::Length } else { FinishReason::Stop });
            }
        }
        chunk
    }

    proptest! {
        #[test]
        fn json_and_pieces_lose_nothing(message in message()) {
            let json = serde_json::to_string(&message).unwrap();
            let read: Message = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&read, &message);
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);

            let mut assembler = MessageAssembler::default();
            MessageAssembler::default().split(message.clone(), &mut |chunk| {
                let json = serde_json::to_string(&chunk).unwrap();
                assembler.push(serde_json::from_str(&json).unwrap());
            });
            prop_assert_eq!(assembler.finish().unwrap(), message);
        }

        #[test]
        fn chunks_add_up_in_whatever_order_they_come(pieces in vec(piece(), 0..20)) {
            let (mut begun, mut assembler) = ([false; 3], MessageAssembler::default());
            pieces.iter().cloned().for_each(|piece| assembler.push(chunk(piece, &mut begun)));
            let message = assembler.finish().unwrap();
            let mut text = String::new();
            let mut arguments: [String; 3] = Default::default();
            let (mut usage, mut finish) = (None, None);
            for piece in pieces {
                match piece {
                    Piece::Text(piece) => text += &piece,
                    Piece::Arguments(index, piece) => arguments[index] += &piece,
                    Piece::Usage(count) => usage = Some(Usage::new(count, count)),
                    Piece::Finish(cut) => finish = Some(if cut { FinishReason::Length } else { FinishReason::Stop }),
                }
            }
            prop_assert_eq!(message.text(), text);
            prop_assert_eq!((message.usage(), message.finish_reason()), (usage, finish.as_ref()));
            for (index, call) in message.tool_calls().iter().enumerate() {
                prop_assert_eq!(&call.raw_arguments, &arguments[index]);
                if begun[index] {
                    prop_assert_eq!(&call.id, &format!("id {index}"));
                }
            }
            prop_assert!(begun.iter().rposition(|begun| *begun).is_none_or(|last| message.tool_calls().len() == last + 1));
        }
    }

    #[test]
    fn an_image_is_written_by_url_or_in_base64_and_what_is_neither_is_an_error() {
        let message =
            Message::user("?").with_image(Image::url("http://x/y.png")).with_image(Image::bytes("image/png", *b"hi"));
        let json = json!({ "role": "user", "content": [
            { "type": "text", "text": "?" },
            { "type": "image", "url": "http://x/y.png" },
            { "type": "image", "media_type": "image/png", "data": "aGk=" },
        ] });
        assert_eq!(serde_json::to_value(&message).unwrap(), json);
        assert_eq!(serde_json::from_value::<Message>(json).unwrap(), message);
        assert_eq!(format!("{:?}", Image::bytes("image/png", *b"hi")), "Image(image/png, 2 bytes)");
        for wrong in [
            json!({ "type": "image" }),
            json!({ "type": "image", "url": "u", "data": "aGk=", "media_type": "image/png" }),
            json!({ "type": "image", "media_type": "image/png", "data": "not base64!" }),
            json!({ "type": "image", "url": "u", "size": 3 }),
        ] {
            assert!(serde_json::from_value::<Part>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}

#[test]
fn an_index_of_a_tool_call_reserves_no_room() {
    let piece = |index, name: Option<&str>, arguments: &str| {
        let mut piece = catena_llm::ToolCallChunk::default();
        piece.index = index;
        piece.id = name.map(|name| format!("id-{name}"));
        piece.name = name.map(str::to_owned);
        piece.arguments = arguments.to_owned();
        let mut chunk = catena_llm::MessageChunk::default();
        chunk.tool_calls.push(piece);
        chunk
    };
    let mut answer = catena_llm::MessageAssembler::default();
    answer.push(piece(usize::MAX, Some("last"), "{\"a\""));
    answer.push(piece(1, Some("first"), "{}"));
    answer.push(piece(usize::MAX, None, ":1}"));
    let answer = answer.finish().unwrap();
    let calls: Vec<_> =
        answer.tool_calls().iter().map(|call| (call.name.as_str(), call.raw_arguments.as_str())).collect();
    assert_eq!(calls, [("", ""), ("first", "{}"), ("last", "{\"a\":1}")]);
}
