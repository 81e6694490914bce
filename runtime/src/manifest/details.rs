//! The details of a step: settings that only its value knows, without secrets.

use crate::util::redact::{safe, secret};
use serde_json::{Map, Value};

/// The details of a step, for graphs and manifests: see [`Step::details`](crate::Step::details).
///
/// Secrets are never stored. A setting whose name is that of a secret (`api_key`, `token`, ..), or whose text looks like one, is
/// only marked as a secret, as in LangChain. Users, passwords and query values are removed from URLs.
///
/// ```
/// use catena::Details;
///
/// let mut details = Details::default();
/// details.set("model", "gpt-4o");
/// details.set("base_url", "https://me:hunter2@example.com/v1?key=hunter2");
/// details.secret("api_key", "OPENAI_API_KEY");
/// assert_eq!(details.get("base_url").unwrap(), "https://example.com/v1?key=[redacted]");
/// assert_eq!(details.get("api_key").unwrap()["id"][0], "OPENAI_API_KEY");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    pub(crate) settings: Map<String, Value>,
    pub(crate) class: Option<Vec<String>>,
}

impl Details {
    /// Adds a setting. Manifests have all settings. Graphs show texts, numbers and booleans.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        let value = safe(&name, value.into());
        self.settings.insert(name, value);
    }

    /// Adds a secret, by the name of its source, such as an environment variable.
    pub fn secret(&mut self, name: impl Into<String>, id: &str) {
        self.settings.insert(name.into(), secret(id));
    }

    /// Sets the class of such a step in LangChain, if one with the same settings exists.
    ///
    /// ```
    /// # let mut details = catena::Details::default();
    /// details.class(["langchain", "chat_models", "openai", "ChatOpenAI"]);
    /// ```
    pub fn class<'a>(&mut self, id: impl IntoIterator<Item = &'a str>) {
        self.class = Some(id.into_iter().map(str::to_owned).collect());
    }

    /// Returns the value of a setting.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.settings.get(name)
    }
}

/// The settings that steps can be called by.
pub(crate) fn is_name(setting: &str) -> bool {
    matches!(setting, "model" | "retriever")
}

#[cfg(test)]
mod tests {
    use super::Details;

    #[test]
    fn no_secret_gets_in() {
        let mut details = Details::default();
        for name in ["api_key", "apiKey", "OPENAI-API-KEY", "auth token", "password"] {
            details.set(name, "hunter2");
        }
        details.set("header", "Bearer hunter2");
        details.set("headers", serde_json::json!({ "x-api-key": "hunter2", "accept": ["sk-hunter2"] }));
        details.set("url", "postgres://me:hunter2@db:5432/a?password=hunter2&hunter2#hunter2");
        let shown = format!("{details:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(details.get("url").unwrap(), "postgres://db:5432/a?password=[redacted]&[redacted]");
    }

    #[test]
    fn what_only_resembles_one_stays() {
        let mut details = Details::default();
        details.set("max_tokens", "many");
        details.set("monkey", "yes");
        details.set("prompt", "What is https:// for? {text}");
        assert_eq!(details.get("max_tokens").unwrap(), "many");
        assert_eq!(details.get("monkey").unwrap(), "yes");
        assert_eq!(details.get("prompt").unwrap(), "What is https:// for? {text}");
    }
}
