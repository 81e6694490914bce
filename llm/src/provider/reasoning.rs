//! Reasoning efforts in the form of each provider.

use super::kind::Kind;
use crate::ReasoningEffort as Effort;
use catena::{Error, ErrorKind, Result};
use genai::chat::ReasoningEffort as Client;

/// Converts an effort, or fails if the provider has no such level. The client would silently use another one.
pub(super) fn effort(kind: Kind, model: &str, effort: Effort) -> Result<Client> {
    let levels = model.contains("gemini-3") || model.contains("gemma-4");
    Ok(match (kind, effort) {
        (Kind::Anthropic, Effort::Minimal) => return none_such(kind, effort),
        (Kind::Gemini, Effort::Minimal) if !levels => return none_such(kind, effort),
        (Kind::Gemini, Effort::None) if levels => return none_such(kind, effort),
        // The client sends nothing for `Zero`, and the model then reasons by default.
        (Kind::Gemini, Effort::None) => Client::Budget(0),
        (_, Effort::None) => Client::Zero,
        (_, Effort::Minimal) => Client::Minimal,
        (_, Effort::Low) => Client::Low,
        (_, Effort::Medium) => Client::Medium,
        (_, Effort::High) => Client::High,
    })
}

#[cold]
fn none_such(kind: Kind, effort: Effort) -> Result<Client> {
    let message = format!("`reasoning_effort` is `{effort}`, which this model of {} does not have", kind.title());
    Err(Error::new(ErrorKind::BadInput, message))
}
