//! Efforts of reasoning, as each provider takes them.

use super::kind::Kind;
use crate::ReasoningEffort as Effort;
use catena::{Error, ErrorKind, Result};
use genai::chat::ReasoningEffort as Client;

/// What the client is told: it does in silence something else where the provider has no such level.
pub(super) fn effort(kind: Kind, model: &str, effort: Effort) -> Result<Client> {
    let levels = model.contains("gemini-3") || model.contains("gemma-4");
    Ok(match (kind, effort) {
        (Kind::Anthropic, Effort::Minimal) => return none_such(kind, effort),
        (Kind::Gemini, Effort::Minimal) if !levels => return none_such(kind, effort),
        (Kind::Gemini, Effort::None) if levels => return none_such(kind, effort),
        // The client takes `Zero` for saying nothing, and by itself the model reasons.
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
