//! Messages as LangChain writes them, in what comes in and in what goes out.
//!
//! | file | contents |
//! |---|---|
//! | this file | where messages stand in outputs, chunks and events |
//! | `read` | LangChain's messages and prompts as Catena's |
//! | `write` | Catena's messages as LangChain's |
//! | `write_chunk` | Catena's chunks of messages as LangChain's |

mod read;
mod write;
mod write_chunk;

pub(super) use read::readings;

use crate::chain::Piece;
use catena::Result;
use catena_llm::{Message, MessageChunk};
use serde_json::{Map, Value};

/// Returns an output with its messages as LangChain writes them.
pub(super) fn output(json: String) -> String {
    // A message has a role; most outputs do not, and stay as they are.
    if !json.contains(r#""role""#) {
        return json;
    }
    match serde_json::from_str(&json) {
        Ok(mut value) => {
            values(&mut value);
            Value::to_string(&value)
        }
        Err(_) => json,
    }
}

/// Returns a chunk with its messages as LangChain writes them.
pub(super) fn piece(piece: Piece) -> Result<String> {
    Ok(match piece {
        Piece::Message(chunk) => write_chunk::chunk(&chunk).to_string(),
        Piece::Whole(json) => output(json),
        // A field of a map may be a message, or chunks of one.
        Piece::Json(Value::Object(mut fields)) if !is_message(&fields) => {
            fields.values_mut().for_each(value_or_chunk);
            Value::Object(fields).to_string()
        }
        Piece::Json(mut value) => {
            values(&mut value);
            value.to_string()
        }
        text @ Piece::Text(_) => text.into_json()?,
    })
}

/// Writes all messages of an event as LangChain does.
pub(super) fn event(event: &mut Value) {
    if let Some(data) = event.get_mut("data").and_then(Value::as_object_mut) {
        for (name, value) in data {
            if name == "chunk" { value_or_chunk(value) } else { values(value) }
        }
    }
}

/// Writes all messages in a value as LangChain does.
pub(super) fn values(value: &mut Value) {
    match value {
        Value::Array(items) => {
            let mut written = Vec::with_capacity(items.len());
            for mut item in items.drain(..) {
                // The results of several tools are one message here, and one for each there.
                if let Some(message) = message(&item) {
                    written.extend(write::message(&message));
                } else {
                    values(&mut item);
                    written.push(item);
                }
            }
            *items = written;
        }
        Value::Object(fields) => match is_message(fields).then(|| message(value)).flatten() {
            Some(message) => {
                let mut written = write::message(&message);
                *value = if written.len() == 1 { written.remove(0) } else { written.into() };
            }
            None => value.as_object_mut().into_iter().flatten().for_each(|(_, field)| values(field)),
        },
        _ => {}
    }
}

/// The same for a chunk, which may be one of a message, or have such in its fields.
fn value_or_chunk(value: &mut Value) {
    match value {
        Value::Object(fields) if is_chunk(fields) => {
            if let Ok(chunk) = serde_json::from_value::<MessageChunk>(value.clone()) {
                *value = write_chunk::chunk(&chunk);
            }
        }
        Value::Object(fields) if !is_message(fields) => fields.values_mut().for_each(value_or_chunk),
        value => values(value),
    }
}

fn message(value: &Value) -> Option<Message> {
    value.as_object().filter(|fields| is_message(fields))?;
    serde_json::from_value(value.clone()).ok()
}

/// The fields of a message in Catena's JSON.
const FIELDS: [&str; 9] = ["role", "content", "name", "tool_calls", "places", "model", "id", "finish_reason", "usage"];

/// Returns `true` if an object is a message: it has no other fields, and its role is one of a message.
fn is_message(fields: &Map<String, Value>) -> bool {
    let role = fields.get("role").and_then(Value::as_str);
    matches!(role, Some("system" | "user" | "assistant" | "tool"))
        && fields.contains_key("content")
        && fields.keys().all(|name| FIELDS.contains(&&**name))
}

/// Returns `true` if an object is a chunk of a message.
fn is_chunk(fields: &Map<String, Value>) -> bool {
    fields.get("content").is_some_and(Value::is_string)
        && fields.keys().all(|name| name == "part" || FIELDS.contains(&&**name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_output_without_messages_is_untouched() {
        for json in
            [r#"{"a": 1.0}"#, r#"{"role": "admin", "content": "x"}"#, r#"{"role":"user","content":"x","age":3}"#]
        {
            assert_eq!(
                serde_json::from_str::<Value>(&output(json.to_owned())).unwrap(),
                serde_json::from_str::<Value>(json).unwrap()
            );
        }
    }

    #[test]
    fn messages_deep_in_an_output_are_written() {
        let out: Value = serde_json::from_str(&output(
            json!({ "gpt": { "role": "assistant", "content": "Hi" }, "all": [{ "role": "user", "content": "?" }] })
                .to_string(),
        ))
        .unwrap();
        assert_eq!((&out["gpt"]["type"], &out["all"][0]["type"]), (&json!("ai"), &json!("human")));
        assert_eq!(out["gpt"]["content"], "Hi");
    }

    #[test]
    fn fields_of_a_map_are_chunks_of_messages() {
        let chunk = Piece::Json(json!({ "gpt": { "content": "Hel" } }));
        let out: Value = serde_json::from_str(&piece(chunk).unwrap()).unwrap();
        assert_eq!((&out["gpt"]["type"], &out["gpt"]["content"]), (&json!("AIMessageChunk"), &json!("Hel")));
    }
}
