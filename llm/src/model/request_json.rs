//! The JSON form of a request, so that a service can take one as the input of a chain.

use crate::{ChatRequest, Messages, Options, ToolChoice, ToolDefinition};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use std::borrow::Cow;

/// In JSON, a request is an object with `messages`, `options`, `tools` and `tool_choice`, of which only `messages` is
/// required.
///
/// ```
/// use catena_llm::ChatRequest;
///
/// let json = r#"{"messages": [{"role": "user", "content": "Hi"}], "options": {"temperature": 0.2}}"#;
/// let request: ChatRequest = serde_json::from_str(json)?;
/// assert_eq!(request.options.temperature, Some(0.2));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<'de> Deserialize<'de> for ChatRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            messages: Messages,
            #[serde(default)]
            options: Options,
            #[serde(default)]
            tools: Vec<ToolDefinition>,
            #[serde(default)]
            tool_choice: Option<ToolChoice>,
        }
        let Wire { messages, options, tools, tool_choice } = Wire::deserialize(deserializer)?;
        Ok(ChatRequest { messages, options, tools: tools.into(), tool_choice })
    }
}

impl Serialize for ChatRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// The schema of the JSON form. It does not describe the settings further.
impl JsonSchema for ChatRequest {
    fn schema_name() -> Cow<'static, str> {
        "ChatRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list = json!({ "type": "array", "items": { "type": "object" } });
        Schema::try_from(json!({
            "type": "object",
            "properties": { "messages": list, "options": { "type": "object" }, "tools": list, "tool_choice": {} },
            "required": ["messages"],
        }))
        .unwrap_or_default()
    }
}
