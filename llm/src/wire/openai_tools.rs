//! Tools, in the form that both protocols of OpenAI take.

use crate::ToolDefinition;
use serde_json::{Value, json};

/// Returns the parameters and the description of a tool.
///
/// The API refuses a choice at the top of a schema, and an object without properties. The choice is described instead.
pub(crate) fn described(definition: &ToolDefinition) -> (Value, String) {
    let mut parameters = definition.schema.clone();
    let mut description = definition.description.clone();
    if let Value::Object(fields) = &mut parameters {
        let choices = ["anyOf", "oneOf", "allOf", "enum", "not"].map(|key| fields.remove(key));
        if choices.iter().any(Option::is_some) {
            let separator = if description.is_empty() { "" } else { "\n\n" };
            description =
                format!("{description}{separator}The arguments have to fit this JSON Schema:\n{}", definition.schema);
        }
        fields.entry("type").or_insert_with(|| "object".into());
        // An object without this field is refused.
        fields.entry("properties").or_insert_with(|| json!({}));
    }
    (parameters, description)
}
