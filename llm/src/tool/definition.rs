use super::Tool;
use catena::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The description of a tool that a model receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolDefinition {
    /// The name of the tool.
    pub name: String,
    /// The description of what the tool does.
    pub description: String,
    /// The JSON Schema of the arguments.
    pub schema: Value,
}

impl ToolDefinition {
    /// Creates a definition with this name, description and JSON Schema of the arguments.
    pub fn new(name: impl Into<String>, description: impl Into<String>, schema: Value) -> Self {
        ToolDefinition { name: name.into(), description: description.into(), schema }
    }

    pub(crate) fn of(tool: &impl Tool) -> Self {
        ToolDefinition::new(tool.name(), tool.description(), tool.schema())
    }

    /// Checks that providers accept the definition.
    pub(crate) fn check(&self) -> Result<()> {
        let name = &self.name;
        let wrong = |why: String| Err(Error::new(ErrorKind::BadInput, why));
        if !is_name(name) {
            return wrong(format!(
                "`{name}` cannot be the name of a tool: providers take 1 to 64 letters, digits, `_` and `-`"
            ));
        }
        if self.schema["type"] != "object" {
            return wrong(format!(
                "the arguments of `{name}` are not an object: its schema has to be of type `object`"
            ));
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
