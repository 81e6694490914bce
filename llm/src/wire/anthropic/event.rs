use super::tokens::Tokens;
use crate::wire::{inline, lenient};
use serde::Deserialize;
use serde_json::Value;

/// A streamed event, of any kind. The fields tell more than the kind, which some servers leave out.
///
/// Fields that a piece of text does not have are boxed, so that reading it moves fewer bytes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "type", deserialize_with = "inline::word")]
    pub(super) kind: Kind,
    #[serde(deserialize_with = "lenient::count")]
    pub(super) index: Option<u64>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) delta: Option<Delta>,
    pub(super) content_block: Option<Box<Value>>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) message: Option<Box<Start>>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) usage: Option<Box<Tokens>>,
    pub(super) error: Option<Box<Value>>,
}

/// A piece of a block, or the end of the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta {
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) text: Option<String>,
    /// A piece of JSON. Some servers send an object.
    #[serde(deserialize_with = "lenient::json_piece")]
    pub(super) partial_json: Option<String>,
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) thinking: Option<String>,
    #[serde(deserialize_with = "lenient::piece")]
    pub(super) signature: Option<String>,
    pub(super) citation: Option<Box<Value>>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) stop_reason: Option<String>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) stop_details: Option<Box<StopDetails>>,
}

/// The reason of a refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct StopDetails {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) explanation: Option<String>,
}

/// The beginning of an answer, or a whole one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Start {
    #[serde(rename = "type", deserialize_with = "inline::word")]
    pub(super) kind: Kind,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) model: Option<String>,
    /// A list of blocks. Some servers send a text.
    pub(super) content: Option<Value>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) stop_reason: Option<String>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) stop_details: Option<Box<StopDetails>>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) usage: Option<Tokens>,
    pub(super) error: Option<Value>,
}

/// The kind of an event, as far as its fields do not tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// A kind that is not known, or that the fields tell.
    #[default]
    Other,
    /// An event without content.
    Ping,
    /// The end of a block.
    BlockStop,
    /// The end of the stream.
    Stop,
    /// An error.
    Error,
    /// A whole answer.
    Message,
}

impl From<&str> for Kind {
    fn from(word: &str) -> Self {
        match word {
            "ping" => Kind::Ping,
            "content_block_stop" => Kind::BlockStop,
            "message_stop" => Kind::Stop,
            "error" => Kind::Error,
            "message" => Kind::Message,
            _ => Kind::Other,
        }
    }
}
