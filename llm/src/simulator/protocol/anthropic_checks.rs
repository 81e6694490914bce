//! The conversations and settings that Anthropic refuses, in its words.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Problem, media, signature::sign};

/// Checks a request whose fields have been read.
pub(super) fn check(body: &Value, messages: &[Value]) -> Result<(), Problem> {
    tools(body)?;
    thinking(body)?;
    if messages.first().is_some_and(|first| first["role"] != "user") {
        return refuse("messages: first message must use the \"user\" role".to_owned());
    }
    for (at, message) in messages.iter().enumerate() {
        blocks(at, message, at + 1 == messages.len())?;
    }
    let messages = &turns(messages);
    let mut ids = HashSet::new();
    for (at, message) in messages.iter().enumerate() {
        for block in of_type(message, "tool_use") {
            if !ids.insert(block["id"].as_str().unwrap_or_default()) {
                return refuse("messages: `tool_use` ids must be unique".to_owned());
            }
        }
        pairs(at, message, at.checked_sub(1).and_then(|before| messages.get(before)), messages.get(at + 1))?;
    }
    if body["thinking"]["type"] == "enabled" {
        begins_with_thoughts(messages)?;
    }
    Ok(())
}

/// Joins neighbours of one role, as the provider does before it looks at calls and results.
fn turns(messages: &[Value]) -> Vec<Value> {
    let mut turns: Vec<Value> = Vec::new();
    for message in messages {
        let blocks = match &message["content"] {
            Value::String(text) => vec![json!({"type": "text", "text": text})],
            _ => content(message).to_vec(),
        };
        match turns.last_mut() {
            Some(last) if last["role"] == message["role"] => {
                if let Some(content) = last["content"].as_array_mut() {
                    content.extend(blocks);
                }
            }
            _ => turns.push(json!({"role": message["role"], "content": blocks})),
        }
    }
    turns
}

fn refuse(why: String) -> Result<(), Problem> {
    Err(Problem::Refused(why))
}

fn content(message: &Value) -> &[Value] {
    message["content"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn of_type<'a>(message: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    content(message).iter().filter(move |block| block["type"] == kind)
}

fn is_name(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn tools(body: &Value) -> Result<(), Problem> {
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        // The provider's own tools have a type and no schema.
        if tool["type"].as_str().is_some_and(|kind| kind != "custom") {
            continue;
        }
        if !is_name(tool["name"].as_str().unwrap_or_default(), 128) {
            return refuse(format!("tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"));
        }
        let schema = &tool["input_schema"];
        if schema["type"] != "object" {
            return refuse(format!("tools.{at}.custom.input_schema.type: Field required"));
        }
        if ["oneOf", "allOf", "anyOf"].iter().any(|key| !schema[*key].is_null()) {
            let why = "input_schema does not support oneOf, allOf, or anyOf at the top level";
            return refuse(format!("tools.{at}.custom.input_schema: {why}"));
        }
    }
    Ok(())
}

fn thinking(body: &Value) -> Result<(), Problem> {
    let kind = body["thinking"]["type"].as_str().unwrap_or("disabled");
    if kind == "disabled" {
        return Ok(());
    }
    let budget = body["thinking"]["budget_tokens"].as_u64();
    if kind == "enabled" {
        match budget {
            None => return refuse("thinking.enabled.budget_tokens: Field required".to_owned()),
            Some(0..1024) => {
                let why = "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
                return refuse(why.to_owned());
            }
            Some(budget) if body["max_tokens"].as_u64().is_some_and(|limit| limit <= budget) => {
                return refuse("`max_tokens` must be greater than `thinking.budget_tokens`.".to_owned());
            }
            Some(_) => {}
        }
    }
    if body["temperature"].as_f64().is_some_and(|temperature| (temperature - 1.0).abs() > f64::EPSILON) {
        return refuse("`temperature` may only be set to 1 when thinking is enabled.".to_owned());
    }
    if body["tool_choice"]["type"] == "any" || body["tool_choice"]["type"] == "tool" {
        return refuse("Thinking may not be enabled when tool_choice forces tool use.".to_owned());
    }
    Ok(())
}

fn blocks(at: usize, message: &Value, is_last: bool) -> Result<(), Problem> {
    let is_model = message["role"] == "assistant";
    let is_empty = match &message["content"] {
        Value::String(text) => text.is_empty(),
        Value::Array(blocks) => blocks.is_empty(),
        _ => true,
    };
    if is_empty && !(is_model && is_last) {
        let why = "all messages must have non-empty content except for the optional final assistant message";
        return refuse(format!("messages.{at}: {why}"));
    }
    for (index, block) in content(message).iter().enumerate() {
        let place = format!("messages.{at}.content.{index}");
        let text = |key: &str| block[key].as_str().unwrap_or_default();
        media::anthropic(block, is_model, &place)?;
        match text("type") {
            "text" if text("text").is_empty() => {
                return refuse("messages: text content blocks must be non-empty".to_owned());
            }
            "text" if text("text").trim().is_empty() => {
                return refuse("messages: text content blocks must contain non-whitespace text".to_owned());
            }
            "tool_use" if !is_name(text("id"), usize::MAX) => {
                return refuse(format!("{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"));
            }
            "tool_use" if !is_name(text("name"), 200) => {
                let pattern = "'^[a-zA-Z0-9_-]{1,200}$'";
                return refuse(format!("{place}.tool_use.name: String should match pattern {pattern}"));
            }
            "tool_use" if !block["input"].is_object() => {
                return refuse(format!("{place}.tool_use.input: Input should be a valid dictionary"));
            }
            "thinking" if block["signature"].is_null() => {
                return refuse(format!("{place}.thinking.signature: Field required"));
            }
            "thinking" if text("signature") != sign(text("thinking")) => {
                return refuse(format!("{place}: Invalid `signature` in `thinking` block"));
            }
            "tool_result" => {
                for (inner, part) in block["content"].as_array().into_iter().flatten().enumerate() {
                    let place = format!("{place}.tool_result.content.{inner}");
                    if !["text", "image", "document", "search_result"].contains(&part["type"].as_str().unwrap_or("")) {
                        return refuse(format!("{place}: Input tag does not match any of the expected tags"));
                    }
                    media::anthropic(part, false, &place)?;
                }
            }
            "" => return refuse(format!("{place}.type: Field required")),
            _ => {}
        }
    }
    let end = match &message["content"] {
        Value::String(text) => text.as_str(),
        _ => content(message).last().and_then(|block| block["text"].as_str()).unwrap_or_default(),
    };
    if is_model && is_last && end.ends_with(char::is_whitespace) {
        return refuse("messages: final assistant content cannot end with trailing whitespace".to_owned());
    }
    Ok(())
}

/// Checks that the results of calls are in the next message, and that results have a call in the one before.
fn pairs(at: usize, message: &Value, before: Option<&Value>, after: Option<&Value>) -> Result<(), Problem> {
    let ids = |message: Option<&Value>, kind: &str, key: &str| -> Vec<String> {
        let blocks = message.into_iter().flat_map(|message| of_type(message, kind));
        blocks.map(|block| block[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    let results = ids(after, "tool_result", "tool_use_id");
    let missing: Vec<String> =
        ids(Some(message), "tool_use", "id").into_iter().filter(|id| !results.contains(id)).collect();
    if !missing.is_empty() {
        return refuse(format!(
            "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            missing.join(", ")
        ));
    }
    let calls = ids(before, "tool_use", "id");
    if let Some(id) = ids(Some(message), "tool_result", "tool_use_id").into_iter().find(|id| !calls.contains(id)) {
        return refuse(format!(
            "messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must \
             have a corresponding `tool_use` block in the previous message."
        ));
    }
    Ok(())
}

/// Checks that the model's turn that is not over begins with thoughts.
fn begins_with_thoughts(messages: &[Value]) -> Result<(), Problem> {
    let is_question = |message: &Value| {
        message["role"] == "user" && content(message).iter().any(|block| block["type"] != "tool_result")
    };
    let open = messages.iter().rposition(is_question).map_or(0, |at| at + 1);
    let first = messages.iter().enumerate().skip(open).find(|(_, message)| message["role"] == "assistant");
    let Some((at, first)) = first.filter(|(_, message)| of_type(message, "tool_use").next().is_some()) else {
        return Ok(());
    };
    match content(first).first().and_then(|block| block["type"].as_str()) {
        Some("thinking" | "redacted_thinking") => Ok(()),
        found => refuse(format!(
            "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`. When `thinking` \
             is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of \
             `tool_use` and `tool_result` blocks).",
            found.unwrap_or_default()
        )),
    }
}
