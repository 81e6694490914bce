use serde_json::{Value, json};

/// Returns the arguments of a call as an object, as protocols with arguments in JSON require.
///
/// Text that is not an object is sent back to the model inside one. Otherwise the provider would refuse the
/// conversation.
pub(crate) fn object(raw: &str) -> Value {
    match serde_json::from_str(raw) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        _ if raw.trim().is_empty() => json!({}),
        _ => json!({ "unreadable": raw }),
    }
}

/// Returns the arguments of a call that came as JSON, as text.
pub(crate) fn text(arguments: Value) -> String {
    match arguments {
        Value::Null => "{}".to_owned(),
        Value::String(text) if text.trim().is_empty() => "{}".to_owned(),
        Value::String(text) => text,
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_an_object() {
        for (raw, sent) in [
            (r#"{"a": [1]}"#, json!({"a": [1]})),
            ("", json!({})),
            (" \n", json!({})),
            ("[1]", json!({"unreadable": "[1]"})),
            (r#"{"a": "#, json!({"unreadable": r#"{"a": "#})),
        ] {
            assert_eq!(object(raw), sent, "{raw}");
        }
    }

    #[test]
    fn arguments_come_as_json_or_text() {
        for (read, raw) in [
            (json!({"a": 1}), r#"{"a":1}"#),
            (json!("{\"a\": 1}"), r#"{"a": 1}"#),
            (json!(""), "{}"),
            (Value::Null, "{}"),
        ] {
            assert_eq!(text(read), raw);
        }
    }
}
