use super::{part::Piece, tokens::Tokens};
use crate::wire::{inline, lenient};
use serde::Deserialize;
use serde_json::Value;

/// A whole answer, or an event of a streamed one.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) candidates: Option<Candidates>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) prompt_feedback: Option<Feedback>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) usage_metadata: Option<Tokens>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) model_version: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) response_id: Option<String>,
    pub(super) error: Option<Value>,
    /// The event itself, which some gateways wrap.
    #[serde(deserialize_with = "inline::object")]
    pub(super) response: Option<Box<Event>>,
}

/// The list of candidates.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Candidates(#[serde(deserialize_with = "inline::list")] pub(super) Vec<Candidate>);

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Candidate {
    #[serde(deserialize_with = "lenient::count")]
    pub(super) index: Option<u64>,
    #[serde(deserialize_with = "inline::object")]
    pub(super) content: Option<Content>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs_result: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    #[serde(deserialize_with = "inline::list")]
    pub(super) parts: Vec<Piece>,
}

/// The reason that the prompt was blocked.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Feedback {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) block_reason: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) block_reason_message: Option<String>,
}
