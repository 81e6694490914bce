use super::{part::Piece, tokens::Tokens};
use crate::wire::{inline, lenient};
use serde::Deserialize;
use serde_json::Value;

/// A whole answer, or an event of a streamed one. The fields have the words of the API or of its libraries.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) candidates: Option<Candidates>,
    #[serde(alias = "prompt_feedback", deserialize_with = "inline::object")]
    pub(super) prompt_feedback: Option<Feedback>,
    #[serde(alias = "usage_metadata", deserialize_with = "inline::object")]
    pub(super) usage_metadata: Option<Tokens>,
    #[serde(alias = "model_version", deserialize_with = "lenient::text")]
    pub(super) model_version: Option<String>,
    #[serde(alias = "response_id", deserialize_with = "lenient::text")]
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
    #[serde(alias = "finish_reason", deserialize_with = "lenient::text")]
    pub(super) finish_reason: Option<String>,
    #[serde(alias = "logprobs_result")]
    pub(super) logprobs_result: Option<Value>,
    /// The sources of the answer.
    #[serde(alias = "grounding_metadata")]
    pub(super) grounding_metadata: Option<Value>,
    #[serde(alias = "citation_metadata")]
    pub(super) citation_metadata: Option<Value>,
    #[serde(alias = "url_context_metadata")]
    pub(super) url_context_metadata: Option<Value>,
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
    #[serde(alias = "block_reason", deserialize_with = "lenient::text")]
    pub(super) block_reason: Option<String>,
    #[serde(alias = "block_reason_message", deserialize_with = "lenient::text")]
    pub(super) block_reason_message: Option<String>,
}
