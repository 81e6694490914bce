use serde::{Deserialize, Serialize};

/// The choice of tools that a model may or must call.
///
/// ```
/// use catena_llm::ToolChoice;
///
/// assert_eq!(serde_json::to_string(&ToolChoice::named("weather"))?, r#"{"named":"weather"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// The model must not call a tool.
    None,
    /// The model must call at least one tool.
    Required,
    /// The model must call the tool of this name.
    Named(String),
}

impl ToolChoice {
    /// Creates the choice of the tool of this name.
    pub fn named(name: impl Into<String>) -> Self {
        ToolChoice::Named(name.into())
    }
}
