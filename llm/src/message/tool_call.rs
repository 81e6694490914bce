use super::ProviderState;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A model's request to call a tool.
///
/// ```
/// use catena_llm::ToolCall;
///
/// let call = ToolCall::new("call_1", "weather", r#"{"city": "Oslo"}"#);
/// let arguments: serde_json::Value = call.arguments()?;
/// assert_eq!(arguments["city"], "Oslo");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolCall {
    /// The provider's id of the call, to which the result refers.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// The arguments, as the model wrote them. A JSON object is expected, but not guaranteed.
    #[serde(rename = "arguments")]
    pub raw_arguments: String,
    /// The state that the provider wants back with the call, such as a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ProviderState>,
}

impl ToolCall {
    /// Creates a call of a tool with arguments in JSON.
    pub fn new(id: impl Into<String>, name: impl Into<String>, raw_arguments: impl Into<String>) -> Self {
        ToolCall { id: id.into(), name: name.into(), raw_arguments: raw_arguments.into(), state: None }
    }

    /// Parses the arguments.
    ///
    /// # Errors
    /// If they are not JSON, or do not have this type.
    pub fn arguments<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.raw_arguments)
    }
}
