//! The conversations and tools that OpenAI refuses, and others behind its protocol: DeepSeek and Gemini.

use serde_json::Value;

use super::{Problem, gemini_checks, media};

/// Checks a request whose fields have been read.
pub(super) fn check(body: &Value, messages: &[Value], model: &str) -> Result<(), Problem> {
    for (at, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) {
            return refuse(format!(
                "Invalid 'tools[{at}].function.name': string does not match pattern. Expected a string that matches \
                 the pattern '^[a-zA-Z0-9_-]+$'."
            ));
        }
    }
    for (at, message) in messages.iter().enumerate() {
        for (index, part) in message["content"].as_array().into_iter().flatten().enumerate() {
            let role = message["role"].as_str().unwrap_or_default();
            media::openai_chat(part, role, &format!("messages[{at}].content[{index}]"))?;
        }
    }
    pairs(messages)?;
    let is_question = |message: &Value| message["role"] == "user";
    let open = messages.iter().rposition(is_question).map_or(0, |at| at + 1);
    for (at, message) in messages.iter().enumerate() {
        let Some(first) = calls(message).first() else { continue };
        let is_open = at >= open;
        // DeepSeek wants the thoughts of the open turn, and from V4 on those of every turn with calls.
        let thinks = is_open && model.contains("deepseek-reasoner") || model.contains("deepseek-v4");
        if thinks && message["reasoning_content"].as_str().is_none() {
            return refuse(format!(
                "Missing `reasoning_content` field in the assistant message at message index {at}. For more \
                 information, please refer to https://api-docs.deepseek.com/guides/thinking_mode#tool-calls"
            ));
        }
        if is_open && gemini_checks::wants_signatures(model) {
            let signature = first["extra_content"]["google"]["thought_signature"].as_str();
            let name = first["function"]["name"].as_str().unwrap_or_default();
            gemini_checks::check_signature(signature, name, at + 1)?;
        }
    }
    Ok(())
}

fn refuse(why: String) -> Result<(), Problem> {
    Err(Problem::Refused(why))
}

fn calls(message: &Value) -> &[Value] {
    message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Checks that the results of calls follow them, and that results have a call.
fn pairs(messages: &[Value]) -> Result<(), Problem> {
    let id = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut open: Vec<String> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            let answered = id(&message["tool_call_id"]);
            let Some(at) = open.iter().position(|call| *call == answered) else {
                let why = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                           with 'tool_calls'.";
                return refuse(why.to_owned());
            };
            open.remove(at);
            continue;
        }
        if !open.is_empty() {
            return unanswered(&open);
        }
        open = calls(message).iter().map(|call| id(&call["id"])).collect();
    }
    if open.is_empty() { Ok(()) } else { unanswered(&open) }
}

fn unanswered(ids: &[String]) -> Result<(), Problem> {
    refuse(format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. \
         The following tool_call_ids did not have response messages: {}",
        ids.join(", ")
    ))
}
