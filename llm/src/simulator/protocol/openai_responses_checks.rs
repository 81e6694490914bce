//! The requests that OpenAI's responses refuse, in OpenAI's words.

use serde_json::Value;

use super::{Problem, media, signature::sign};

/// The mark in the ids of items that came after reasoning.
pub(super) const REASONED: &str = "r";

/// Checks a request whose fields have been read.
pub(super) fn check(body: &Value, items: &[Value], model: &str) -> Result<(), Problem> {
    fields(body, model)?;
    for (at, item) in items.iter().enumerate() {
        match kind(item) {
            "message" => content(at, item)?,
            "function_call" => call(at, item)?,
            "reasoning" => reasoning(item, items.get(at + 1))?,
            "function_call_output" => output(at, item)?,
            _ => {}
        }
        let id = item["id"].as_str().unwrap_or_default();
        let wants = ["fc", "msg"].iter().any(|kind| id.starts_with(&format!("{kind}_sim{REASONED}")));
        if wants && !is_reasoned(items, at) {
            let (number, kind) = (number(id), kind(item));
            return refuse(format!(
                "Item '{id}' of type '{kind}' was provided without its required 'reasoning' item: \
                 'rs_sim{REASONED}{number}00'."
            ));
        }
    }
    pairs(items)
}

fn refuse<T>(why: String) -> Result<T, Problem> {
    Err(Problem::Refused(why))
}

/// Returns the type of an item. A message need not say it.
fn kind(item: &Value) -> &str {
    item["type"].as_str().unwrap_or("message")
}

/// Returns the number of the answer that an item came with.
fn number(id: &str) -> &str {
    let digits = id.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    digits.get(..8).unwrap_or(digits)
}

/// Returns whether the reasoning of an item's answer stands before it.
fn is_reasoned(items: &[Value], at: usize) -> bool {
    let wanted = number(items[at]["id"].as_str().unwrap_or_default());
    items[..at]
        .iter()
        .any(|item| kind(item) == "reasoning" && number(item["id"].as_str().unwrap_or_default()) == wanted)
}

fn fields(body: &Value, model: &str) -> Result<(), Problem> {
    const UNKNOWN: [&str; 9] = [
        "seed",
        "stop",
        "top_k",
        "frequency_penalty",
        "presence_penalty",
        "max_tokens",
        "max_completion_tokens",
        "stream_options",
        "logprobs",
    ];
    for (name, moved) in [("messages", "input"), ("response_format", "text.format")] {
        if !body[name].is_null() {
            return refuse(format!(
                "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{moved}'."
            ));
        }
    }
    // `stream_options` exists, but has no `include_usage`.
    let is_unknown = |name: &&&str| match **name {
        "stream_options" => !body["stream_options"]["include_usage"].is_null(),
        name => !body[name].is_null(),
    };
    if let Some(name) = UNKNOWN.iter().find(is_unknown) {
        return refuse(format!("Unknown parameter: '{name}'."));
    }
    let is_old = model.starts_with("gpt-4") || model.starts_with("gpt-3");
    let mut include = body["include"].as_array().into_iter().flatten();
    if is_old && include.any(|what| what == "reasoning.encrypted_content") {
        return refuse("Encrypted content is not supported with this model.".to_owned());
    }
    if is_old && !body["reasoning"]["effort"].is_null() {
        return refuse("Unsupported parameter: 'reasoning.effort' is not supported with this model.".to_owned());
    }
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        if tool["type"] != "function" {
            continue;
        }
        let name = tool["name"].as_str().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) {
            return refuse(format!(
                "Invalid 'tools[{at}].name': string does not match pattern. Expected a string that matches the pattern \
                 '^[a-zA-Z0-9_-]+$'."
            ));
        }
        let parameters = &tool["parameters"];
        if parameters["type"] != "object" {
            return refuse(format!(
                "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \
                 \"{}\"'.",
                parameters["type"].as_str().unwrap_or("None")
            ));
        }
        // The default is strict.
        if tool["strict"] != false && parameters["additionalProperties"] != false {
            return refuse(format!(
                "Invalid schema for function '{name}': In context=(), 'additionalProperties' is required to be supplied \
                 and to be false."
            ));
        }
    }
    Ok(())
}

fn content(at: usize, item: &Value) -> Result<(), Problem> {
    let is_model = item["role"] == "assistant";
    for (index, part) in item["content"].as_array().into_iter().flatten().enumerate() {
        let given = part["type"].as_str().unwrap_or_default();
        let known: &[&str] =
            if is_model { &["output_text", "refusal"] } else { &["input_text", "input_image", "input_file"] };
        if !known.contains(&given) {
            let quoted: Vec<String> = known.iter().map(|kind| format!("'{kind}'")).collect();
            let why = format!("'{given}'. Supported values are: {}", quoted.join(", "));
            return Err(Problem::Invalid(format!("input[{at}].content[{index}]"), why));
        }
        media::openai_input(part, &format!("input[{at}].content[{index}]"))?;
    }
    Ok(())
}

fn output(at: usize, item: &Value) -> Result<(), Problem> {
    if item["output"].is_null() {
        return refuse(format!("Missing required parameter: 'input[{at}].output'."));
    }
    for (index, part) in item["output"].as_array().into_iter().flatten().enumerate() {
        let given = part["type"].as_str().unwrap_or_default();
        if !["input_text", "input_image", "input_file"].contains(&given) {
            let why = format!("'{given}'. Supported values are: 'input_text', 'input_image', 'input_file'");
            return Err(Problem::Invalid(format!("input[{at}].output[{index}]"), why));
        }
        media::openai_input(part, &format!("input[{at}].output[{index}]"))?;
    }
    Ok(())
}

fn call(at: usize, item: &Value) -> Result<(), Problem> {
    for name in ["call_id", "name", "arguments"] {
        let Some(text) = item[name].as_str() else {
            return refuse(format!("Missing required parameter: 'input[{at}].{name}'."));
        };
        if name != "arguments" && text.len() > 64 {
            return refuse(format!(
                "Invalid 'input[{at}].{name}': string too long. Expected a string with maximum length 64, but got a \
                 string with length {} instead.",
                text.len()
            ));
        }
    }
    Ok(())
}

/// Checks that reasoning can be read, and that the item that it led to follows.
fn reasoning(item: &Value, next: Option<&Value>) -> Result<(), Problem> {
    let id = item["id"].as_str().unwrap_or_default();
    let summary = item["summary"].as_array().into_iter().flatten();
    let text: String = summary.filter_map(|part| part["text"].as_str()).collect();
    match item["encrypted_content"].as_str() {
        None => {
            return refuse(format!(
                "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with \
                 `store` set to true, or remove this item from your input."
            ));
        }
        Some(sealed) if sealed != sign(&text) => {
            return refuse(format!("The encrypted content for item {id} could not be verified."));
        }
        Some(_) => {}
    }
    let follows = next.is_some_and(|next| {
        ["function_call", "reasoning"].contains(&kind(next)) || kind(next) == "message" && next["role"] == "assistant"
    });
    if follows {
        Ok(())
    } else {
        refuse(format!("Item '{id}' of type 'reasoning' was provided without its required following item."))
    }
}

/// Checks that each call has a result, and each result a call before it.
fn pairs(items: &[Value]) -> Result<(), Problem> {
    let ids = |items: &[Value], of: &str| -> Vec<String> {
        let found = items.iter().filter(|item| kind(item) == of);
        found.map(|item| item["call_id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let results = ids(items, "function_call_output");
    if let Some(id) = ids(items, "function_call").into_iter().find(|id| !results.contains(id)) {
        return refuse(format!("No tool output found for function call {id}."));
    }
    for (at, item) in items.iter().enumerate().filter(|(_, item)| kind(item) == "function_call_output") {
        let id = item["call_id"].as_str().unwrap_or_default();
        if !ids(&items[..at], "function_call").iter().any(|call| call == id) {
            return refuse(format!("No tool call found for function call output with call_id {id}."));
        }
    }
    Ok(())
}
