use crate::wire::lenient::{self, Every, Struct, Word, says_something};
use crate::wire::openai_tokens::Tokens;
use serde::Deserialize;
use serde_json::Value;

/// The fields of an event that pieces of text have. Every field may be missing.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Event<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Word<'a>,
    pub(super) delta: Word<'a>,
    #[serde(deserialize_with = "lenient::count")]
    pub(super) output_index: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    pub(super) content_index: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    pub(super) summary_index: Option<u64>,
    pub(super) item_id: Word<'a>,
}

/// The fields of an event that are not in every piece of text. They are read apart, so that a piece costs no more than
/// it has.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    pub(super) item: Struct<Value>,
    pub(super) response: Struct<Answer>,
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) text: Option<String>,
    pub(super) part: Struct<Part>,
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) refusal: Option<String>,
    pub(super) arguments: Option<Value>,
    pub(super) input: Option<Value>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: Option<String>,
    pub(super) error: Option<Value>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) object: Option<String>,
}

/// A complete part of a message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub(super) kind: Option<String>,
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) text: Option<String>,
}

impl Extra {
    /// Returns whether the event is an error, whatever it is called.
    pub(super) fn is_error(&self) -> bool {
        self.error.as_ref().is_some_and(says_something) || self.object.as_deref() == Some("error")
    }
}

/// A whole answer, or the one in an event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) model: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) status: Option<String>,
    pub(super) error: Option<Value>,
    pub(super) incomplete_details: Struct<Incomplete>,
    pub(super) output: Option<Every<Value>>,
    /// The text, of servers that send no items.
    #[serde(deserialize_with = "lenient::text")]
    pub(super) output_text: Option<String>,
    pub(super) usage: Struct<Tokens>,
}

impl Answer {
    /// Returns whether the status is one of the API's.
    pub(super) fn has_known_status(&self) -> bool {
        const KNOWN: [&str; 6] = ["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"];
        self.status.as_deref().is_some_and(|status| KNOWN.contains(&status))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Incomplete {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) reason: Option<String>,
}

/// Returns a text field of an item, unless it is empty.
pub(super) fn word<'a>(item: &'a Value, key: &str) -> Option<&'a str> {
    item.get(key)?.as_str().filter(|word| !word.is_empty())
}
