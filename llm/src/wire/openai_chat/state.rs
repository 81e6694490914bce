//! The forms of state that goes back.
//!
//! | value | goes back as |
//! |---|---|
//! | `{"field": "reasoning_content"}` | the text of the reasoning, in the message's field of this name |
//! | `{"field": "<think>"}` | the text of the reasoning, between tags before the content |
//! | `{"field": "thinking"}` | the text of the reasoning, as a part of the content |
//! | `{"reasoning_details": [..]}` | itself |
//! | `{"thinking_blocks": [..]}` | itself |
//! | `{"reasoning_opaque": ".."}` | itself |
//! | `{"extra_content": {..}}` | itself, in the message or in the call |
//! | `{"custom": true}` | a call of a tool without a schema |
//! | `{"annotations": [..]}`, `{"citations": [..]}`, `{"search_results": [..]}` | not at all |

use serde_json::{Map, Value, json};

pub(super) const FIELD: &str = "field";
pub(super) const DETAILS: &str = "reasoning_details";
pub(super) const EXTRA: &str = "extra_content";
/// Anthropic's blocks of thoughts, behind `LiteLLM`.
pub(super) const BLOCKS: &str = "thinking_blocks";
/// The signature of Copilot.
pub(super) const SIGNATURE: &str = "reasoning_opaque";
pub(super) const CUSTOM: &str = "custom";
/// The fields with sources of the answer.
pub(super) const SOURCES: [&str; 3] = ["annotations", "citations", "search_results"];
/// The field of thoughts between tags.
pub(super) const TAGS: &str = "<think>";
/// The field of thoughts that are a part of the content.
pub(super) const PART: &str = "thinking";

/// Returns the state of reasoning that came in this field.
pub(super) fn field(name: &str) -> Value {
    json!({ FIELD: name })
}

/// Adds details to those before. Texts and summaries come in pieces, which have the same type and index.
pub(super) fn add_details(details: &mut Vec<Value>, more: Value) {
    let more = match more {
        Value::Array(more) => more,
        Value::Object(_) => vec![more],
        _ => return,
    };
    for detail in more {
        let (kind, index) = (detail.get("type").cloned(), detail.get("index").cloned());
        let is_text = kind.as_ref().and_then(Value::as_str).is_some_and(|kind| kind != "reasoning.encrypted");
        // The details are few, and a text continues the last one of its kind.
        let same = |before: &&mut Value| before.get("type") == kind.as_ref() && before.get("index") == index.as_ref();
        match (details.iter_mut().rev().take(8).find(same), detail) {
            (Some(Value::Object(before)), Value::Object(detail)) if is_text => join(before, detail),
            (_, detail) => details.push(detail),
        }
    }
}

/// Adds blocks of thoughts to those before, and returns the text that is new. The text of a block comes in pieces, and
/// its signature with the last one, which may repeat the whole text.
pub(super) fn add_blocks(blocks: &mut Vec<Value>, more: Value) -> String {
    let more = match more {
        Value::Array(more) => more,
        Value::Object(_) => vec![more],
        _ => return String::new(),
    };
    let mut new = String::new();
    for mut block in more {
        let Some(fields) = block.as_object_mut() else { continue };
        fields.retain(|_, value| !value.is_null());
        let before = blocks.last_mut().and_then(Value::as_object_mut);
        let open = before.filter(|before| !before.contains_key("signature") && !before.contains_key("data"));
        let said = match fields.get("thinking") {
            Some(Value::String(said)) => said.clone(),
            _ => String::new(),
        };
        let Some(before) = open.filter(|_| !fields.contains_key("data")) else {
            new.push_str(&said);
            blocks.push(block);
            continue;
        };
        let is_last = fields.contains_key("signature");
        fields.remove("thinking");
        before.extend(std::mem::take(fields));
        match before.entry("thinking").or_insert_with(|| String::new().into()) {
            Value::String(known) => {
                let rest = said.strip_prefix(known.as_str()).filter(|_| is_last).unwrap_or(&said);
                known.push_str(rest);
                new.push_str(rest);
            }
            other => *other = said.into(),
        }
    }
    new
}

fn join(before: &mut Map<String, Value>, detail: Map<String, Value>) {
    for (name, value) in detail {
        match (before.get_mut(&name), value) {
            (Some(Value::String(text)), Value::String(more)) if matches!(&*name, "text" | "summary") => {
                text.push_str(&more);
            }
            (Some(_), Value::Null) => {}
            (_, value) => {
                before.insert(name, value);
            }
        }
    }
}

/// Returns the text of details that can be shown.
pub(super) fn text(details: &Value) -> String {
    match details {
        Value::Array(details) => details.iter().map(text).collect(),
        detail => ["text", "summary"].iter().find_map(|name| detail.get(name)?.as_str()).unwrap_or_default().to_owned(),
    }
}
