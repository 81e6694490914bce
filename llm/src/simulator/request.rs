//! A request, read the same way whichever protocol it came by.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use serde_json::Value;

use super::Provider;

/// What stands in the record in place of an API key.
const REDACTED: &str = "[redacted]";

/// Who a turn of the conversation is by.
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

/// One turn of the conversation, reduced to its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who it is by.
    pub role: Role,
    /// Its text: several text parts are joined, anything else (images, calls) is left out.
    pub text: String,
}

impl Turn {
    pub(super) fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}

/// A request the simulator received.
///
/// Of a request that was refused, the fields are filled as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The protocol it came by.
    pub provider: Provider,
    /// The model asked for.
    pub model: String,
    /// The conversation, the system's instructions first.
    pub turns: Vec<Turn>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The limit on the answer's tokens, if the request sets one.
    pub max_tokens: Option<u64>,
    /// Which request for this model by this protocol it is, from 1. Refused requests do not count (0).
    pub attempt: usize,
    /// The path, without the query.
    pub path: String,
    /// The query, with the value of `key` redacted.
    pub query: String,
    /// The headers by lower-case name, keys redacted.
    pub headers: BTreeMap<String, String>,
    /// The body as it came, or `Null` when it is not JSON.
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

    /// The user's last words, or `""`.
    pub fn last_user(&self) -> &str {
        self.turns.iter().rev().find(|turn| turn.role == Role::User).map_or("", |turn| &turn.text)
    }

    /// The system's instructions, joined by newlines.
    pub fn system(&self) -> String {
        let system = self.turns.iter().filter(|turn| turn.role == Role::System);
        system.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The tokens of the conversation: [`tokens`] of each turn, summed.
    pub fn prompt_tokens(&self) -> usize {
        self.turns.iter().map(|turn| tokens(&turn.text)).sum()
    }
}

/// The simulator's measure of a text: a token for every four characters begun.
///
/// ```
/// # use catena_llm::simulator::tokens;
/// assert_eq!(tokens(""), 0);
/// assert_eq!(tokens("Hello"), 2);
/// ```
pub fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

/// The parameter of that name in a query, not decoded.
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
        // A repeated header means the same as its values separated by commas (RFC 9110, 5.3).
        headers.entry(name.as_str().to_owned()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
    }
    headers
}
