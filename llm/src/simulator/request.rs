//! A request in a form that is independent of its protocol.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use serde_json::Value;

use super::Provider;

/// The replacement of API keys in the record.
const REDACTED: &str = "[redacted]";

/// The author of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions: a `system` or `developer` message, or the field of that name.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// A turn of the conversation, reduced to its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The author.
    pub role: Role,
    /// The text parts, joined. Other parts (images, calls) are left out.
    pub text: String,
}

impl Turn {
    pub(super) fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}

/// A request that the simulator received.
///
/// If the request was rejected, the fields are filled as far as it could be parsed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The protocol.
    pub provider: Provider,
    /// The model.
    pub model: String,
    /// The conversation, with the system's instructions first.
    pub turns: Vec<Turn>,
    /// `true` if the answer is streamed.
    pub stream: bool,
    /// The maximum number of tokens in the answer, if the request sets one.
    pub max_tokens: Option<u64>,
    /// The number of the request among those for this model by this protocol, from 1. Rejected requests do not count
    /// and have 0.
    pub attempt: usize,
    /// The path, without the query.
    pub path: String,
    /// The query, with the value of `key` redacted.
    pub query: String,
    /// The headers by lower-case name, with keys redacted.
    pub headers: BTreeMap<String, String>,
    /// The body as it was received, or `Null` if it is not JSON.
    pub body: Value,
}

impl Request {
    pub(super) fn arriving(provider: Provider, parts: &Parts) -> Self {
        Self {
            provider,
            model: String::new(),
            turns: Vec::new(),
            stream: false,
            max_tokens: None,
            attempt: 0,
            path: parts.uri.path().to_owned(),
            query: redact_query(parts.uri.query().unwrap_or_default()),
            headers: redact_headers(parts),
            body: Value::Null,
        }
    }

    /// Returns the last text of the user, or `""`.
    pub fn last_user(&self) -> &str {
        self.turns.iter().rev().find(|turn| turn.role == Role::User).map_or("", |turn| &turn.text)
    }

    /// Returns the system's instructions, joined by line breaks.
    pub fn system(&self) -> String {
        let system = self.turns.iter().filter(|turn| turn.role == Role::System);
        system.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Returns the tokens of the conversation: the sum of the [`tokens`] of each turn.
    pub fn prompt_tokens(&self) -> usize {
        self.turns.iter().map(|turn| tokens(&turn.text)).sum()
    }
}

/// Returns the simulator's count of tokens: one per four characters, rounded up.
///
/// ```
/// # use catena_llm::simulator::tokens;
/// assert_eq!(tokens(""), 0);
/// assert_eq!(tokens("Hello"), 2);
/// ```
pub fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

/// Returns the parameter of this name in a query, without decoding.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
}

fn redact_query(query: &str) -> String {
    let hide = |pair: &str| if pair.starts_with("key=") { format!("key={REDACTED}") } else { pair.to_owned() };
    query.split('&').map(hide).collect::<Vec<_>>().join("&")
}

fn redact_headers(parts: &Parts) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in &parts.headers {
        let value = match name.as_str() {
            "authorization" | "x-api-key" | "x-goog-api-key" | "api-key" | "cookie" => REDACTED.to_owned(),
            _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        // A repeated header is equivalent to its values separated by commas (RFC 9110, 5.3).
        headers.entry(name.as_str().to_owned()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
    }
    headers
}
