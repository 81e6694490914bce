//! What a step tells of itself: settings that only its value knows, without their secrets.

use serde_json::{Map, Value, json};

/// What a step tells of itself, for graphs and manifests: see [`Step::details`](crate::Step::details).
///
/// Secrets are never kept. A setting whose name says that it is one (`api_key`, `token`, ..), or whose text looks like one, is
/// only marked as such, as LangChain marks it; of URLs, users, passwords and the values in queries are left out.
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
    /// A setting and its value. Graphs show those that are texts, numbers or truth values, manifests all.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        let value = safe(&name, value.into());
        self.settings.insert(name, value);
    }

    /// That there is a secret, and what it goes by where it comes from: the name of a variable.
    pub fn secret(&mut self, name: impl Into<String>, id: &str) {
        self.settings.insert(name.into(), secret(id));
    }

    /// What LangChain calls such a step, where it has one that takes the same settings.
    ///
    /// ```
    /// # let mut details = catena::Details::default();
    /// details.class(["langchain", "chat_models", "openai", "ChatOpenAI"]);
    /// ```
    pub fn class<'a>(&mut self, id: impl IntoIterator<Item = &'a str>) {
        self.class = Some(id.into_iter().map(str::to_owned).collect());
    }

    /// The value of a setting.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.settings.get(name)
    }
}

/// What stands for a secret.
fn secret(id: &str) -> Value {
    json!({ "lc": 1, "type": "secret", "id": [id] })
}

/// Whether this stands for a secret.
pub(crate) fn is_secret(value: &Value) -> bool {
    value["lc"] == 1 && value["type"] == "secret"
}

/// A value without its secrets.
pub(crate) fn safe(name: &str, value: Value) -> Value {
    if is_secret(&value) {
        return value;
    }
    match value {
        Value::String(text) if names_secret(name) || looks_secret(&text) => secret(name),
        Value::String(text) => without_credentials(&text).into(),
        Value::Array(items) => items.into_iter().map(|item| safe(name, item)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name.clone(), safe(&name, value))).collect(),
        value => value,
    }
}

/// Names with one of these words are those of secrets.
const WORDS: [&str; 9] =
    ["key", "apikey", "token", "secret", "password", "passwd", "authorization", "credential", "credentials"];

fn names_secret(name: &str) -> bool {
    let (mut words, mut after_lowercase) = (String::new(), false);
    for c in name.chars() {
        // `apiKey` is two words, `API_KEY` too.
        if c.is_uppercase() && after_lowercase {
            words.push(' ');
        }
        after_lowercase = c.is_lowercase();
        words.extend(c.to_lowercase());
    }
    words.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// How keys of well-known services begin.
const PREFIXES: [&str; 8] = ["sk-", "Bearer ", "Basic ", "AIza", "ghp_", "github_pat_", "xoxb-", "hf_"];

fn looks_secret(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// A URL without user, password, the values of its query, and what follows that; any other text as it is.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
        return text.to_owned();
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (host, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let host = host.rsplit('@').next().unwrap_or_default();
    let mut url = format!("{scheme}://{host}{path}");
    for (at, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) => url.extend([name, "=[redacted]"]),
            None => url.push_str("[redacted]"),
        }
    }
    url
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
