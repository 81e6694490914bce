use serde::{Deserialize, Serialize};

/// Whether a model calls tools.
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
    /// If it wants to.
    #[default]
    Auto,
    /// It must not.
    None,
    /// At least one.
    Required,
    /// The tool of this name.
    Named(String),
}

impl ToolChoice {
    /// The tool of this name.
    pub fn named(name: impl Into<String>) -> Self {
        ToolChoice::Named(name.into())
    }
}
