//! LangChain's messages and prompts as Catena's.

use serde_json::{Map, Value, json};

/// Returns what an input may mean that is not of the chain's type as it is: the same with Catena's messages, the
/// messages of a prompt, a text as a message, and the text of what is more than text.
pub(crate) fn readings(json: &str) -> Vec<Value> {
    let Ok(mut value) = serde_json::from_str::<Value>(json) else { return Vec::new() };
    let mut readings = Vec::new();
    if messages(&mut value) {
        readings.push(value.clone());
    }
    match &value {
        Value::String(_) => {
            let message = json!({ "role": "user", "content": value });
            readings.extend([json!([message.clone()]), message]);
        }
        Value::Array(items) => readings.extend(items.last().and_then(content)),
        Value::Object(fields) => {
            if let Some(list @ Value::Array(items)) = fields.get("messages") {
                readings.push(list.clone());
                readings.extend(items.last().cloned());
                readings.extend(items.last().and_then(content));
            } else if fields.contains_key("role") {
                readings.push(json!([value]));
                readings.extend(content(&value));
            } else if let Some(text @ Value::String(_)) = fields.get("text") {
                let message = json!({ "role": "user", "content": text });
                readings.extend([text.clone(), json!([message.clone()]), message]);
            }
        }
        _ => {}
    }
    readings
}

/// The text of a message.
fn content(message: &Value) -> Option<Value> {
    let fields = message.as_object().filter(|fields| fields.contains_key("role"))?;
    fields.get("content").filter(|content| content.is_string()).cloned()
}

/// Replaces all of LangChain's messages in a value. Returns whether there are any.
fn messages(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => {
            let mut any = false;
            for item in items {
                any |= messages(item);
            }
            any
        }
        Value::Object(fields) => {
            if let Some(message) = message(fields) {
                *value = message;
                return true;
            }
            let mut any = false;
            for field in fields.values_mut() {
                any |= messages(field);
            }
            any
        }
        _ => false,
    }
}

/// Returns one of LangChain's messages as Catena's.
fn message(fields: &Map<String, Value>) -> Option<Value> {
    let role = match fields.get("type")?.as_str()? {
        "human" | "HumanMessage" | "HumanMessageChunk" => "user",
        "ai" | "AIMessage" | "AIMessageChunk" => "assistant",
        "system" | "SystemMessage" | "SystemMessageChunk" => "system",
        "tool" | "ToolMessage" | "ToolMessageChunk" => "tool",
        "chat" | "generic" | "ChatMessage" | "ChatMessageChunk" => match fields.get("role")?.as_str()? {
            "system" | "developer" => "system",
            "assistant" | "ai" => "assistant",
            _ => "user",
        },
        _ => return None,
    };
    let content = fields.get("content")?;
    let mut message = Map::new();
    message.insert("role".into(), role.into());
    if role == "tool" {
        let part = json!({ "type": "tool_result", "call_id": fields.get("tool_call_id")?, "content": text(content) });
        message.insert("content".into(), vec![part].into());
    } else {
        message.insert("content".into(), blocks(content));
    }
    for name in ["name", "id"] {
        if let Some(given @ Value::String(_)) = fields.get(name) {
            message.insert(name.into(), given.clone());
        }
    }
    if let Some(Value::Array(calls)) = fields.get("tool_calls")
        && !calls.is_empty()
    {
        message.insert("tool_calls".into(), calls.iter().map(call).collect());
    }
    if let Some(usage @ Value::Object(_)) = fields.get("usage_metadata") {
        let count = |name: &str| usage.pointer(name).and_then(Value::as_u64).unwrap_or(0);
        let usage = json!({
            "input_tokens": count("/input_tokens"),
            "output_tokens": count("/output_tokens"),
            "cached_input_tokens": count("/input_token_details/cache_read"),
            "cache_write_tokens": count("/input_token_details/cache_creation"),
            "reasoning_tokens": count("/output_token_details/reasoning"),
        });
        message.insert("usage".into(), usage);
    }
    let metadata = fields.get("response_metadata");
    for (theirs, ours) in [("model_name", "model"), ("finish_reason", "finish_reason")] {
        if let Some(given @ Value::String(_)) = metadata.and_then(|metadata| metadata.get(theirs)) {
            message.insert(ours.into(), given.clone());
        }
    }
    Some(message.into())
}

/// The text of content, which may be a list of blocks.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            blocks.iter().filter_map(|block| block.as_str().or_else(|| block.get("text")?.as_str())).collect()
        }
        other => other.to_string(),
    }
}

/// Content as a text or as Catena's parts. A block of a kind that is not known stays, so that the error names its
/// place.
fn blocks(content: &Value) -> Value {
    match content {
        Value::Array(blocks) => blocks.iter().map(block).collect(),
        content => content.clone(),
    }
}

fn block(block: &Value) -> Value {
    if block.is_string() {
        return json!({ "type": "text", "text": block });
    }
    let converted = match block["type"].as_str() {
        Some("text") => Some(json!({ "type": "text", "text": block["text"] })),
        Some("image_url") => {
            let url = &block["image_url"];
            url.as_str().or_else(|| url["url"].as_str()).map(image)
        }
        Some("image") => block["url"].as_str().map(image).or_else(|| {
            let data = block["base64"].as_str().or_else(|| block["data"].as_str())?;
            Some(json!({ "type": "image", "media_type": block["mime_type"], "data": data }))
        }),
        Some("file" | "audio") if block["mime_type"].is_string() => Some(file(block)),
        Some("reasoning") => {
            let mut part = json!({ "type": "reasoning", "text": block["reasoning"].as_str().unwrap_or_default() });
            if let Some(state) = block.pointer("/extras/catena") {
                part["state"] = state.clone();
            }
            Some(part)
        }
        Some("non_standard") => block.pointer("/value/catena").cloned().map(|mut state| {
            state["type"] = "opaque".into();
            state
        }),
        _ => None,
    };
    converted.unwrap_or_else(|| block.clone())
}

/// An image by its URL, which may have the data in it.
fn image(url: &str) -> Value {
    json!({ "type": "image", "url": url })
}

/// A file by its bytes, its URL or the id of an upload, in the blocks of LangChain 1 or in those before.
fn file(block: &Value) -> Value {
    let mut file = json!({ "type": "file", "media_type": block["mime_type"] });
    let by_id = if block["source_type"] == "id" { &block["id"] } else { &block["file_id"] };
    let name = [block.pointer("/extras/filename"), block.pointer("/metadata/filename"), block.get("filename")];
    let values = [
        ("data", block["base64"].as_str().or_else(|| block["data"].as_str())),
        ("url", block["url"].as_str()),
        ("id", by_id.as_str()),
        ("name", name.into_iter().flatten().find_map(Value::as_str)),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            file[name] = value.into();
        }
    }
    file
}

fn call(call: &Value) -> Value {
    let arguments = match &call["args"] {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        args => args.to_string(),
    };
    let mut read =
        json!({ "id": call["id"].as_str().unwrap_or_default(), "name": call["name"], "arguments": arguments });
    if let Some(state) = call.pointer("/extras/catena") {
        read["state"] = state.clone();
    }
    read
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::readings;
    use catena_llm::{File, Image, Message, Part, ProviderState, Reasoning, ToolCall, Usage};
    use serde_json::{Value, json};

    /// A message that went to a client and came back is the same, with all that a provider needs to see again.
    #[test]
    fn messages_survive_the_way_there_and_back() {
        let state = ProviderState::new("anthropic", json!({ "signature": "c2ln" }));
        let mut call = ToolCall::new("call_1", "weather", r#"{"city":"Oslo"}"#);
        call.state = Some(state.clone());
        for message in [
            Message::system("Be brief."),
            Message::user("Look:")
                .with_image(Image::bytes("image/png", *b"png"))
                .with_image(Image::url("https://a/b.png"))
                .with_file(File::pdf(*b"%PDF-1.7").named("report.pdf"))
                .with_file(File::url("text/csv", "https://a/b.csv"))
                .with_file(File::uploaded("application/pdf", "file-1"))
                .with_file(File::bytes("audio/wav", *b"RIFF")),
            Message::assistant("Hi").with_model("gpt-4o").with_usage(Usage::new(1, 2)).with_id("m1"),
            Message::new(catena_llm::Role::Assistant)
                .with_part(Part::Reasoning(Reasoning::new("Hm.").with_state(state.clone())))
                .with_part(Part::Opaque(state))
                .with_part(Part::Text("So.".into()))
                .with_tool_call(call),
            Message::tool("call_1", "sunny"),
        ] {
            let written = write::message(&message);
            let [written] = &written[..] else { panic!("{written:?}") };
            let read = readings(&written.to_string());
            assert_eq!(serde_json::from_value::<Message>(read[0].clone()).unwrap(), message, "{written}");
        }
    }

    #[test]
    fn files_are_read_as_langchain_wrote_them_before() {
        let block = json!({
            "type": "file", "source_type": "base64", "mime_type": "application/pdf", "data": "JVBERi0=",
            "filename": "report.pdf",
        });
        let read = readings(&json!([{ "type": "human", "content": [block] }]).to_string());
        let message = Message::user("").with_file(File::pdf(*b"%PDF-").named("report.pdf"));
        let read: Message = serde_json::from_value(read[0][0].clone()).unwrap();
        assert_eq!(read.parts().last(), message.parts().last());
    }

    #[test]
    fn prompts_are_messages_or_text() {
        let prompt =
            json!({ "messages": [{ "type": "system", "content": "s" }, { "type": "human", "content": "hi" }] });
        let read = readings(&prompt.to_string());
        assert!(read.contains(&json!([{ "role": "system", "content": "s" }, { "role": "user", "content": "hi" }])));
        assert!(read.contains(&json!("hi")));
        assert!(readings(r#"{"type":"StringPromptValue","text":"x"}"#).contains(&json!("x")));
        assert!(readings(r#""x""#).contains(&json!([{ "role": "user", "content": "x" }])));
        assert_eq!(readings("[1]"), Vec::<Value>::new());
    }
}
