use super::kind::Kind;
use crate::{
    ChatRequest, Message, ResponseFormat, schema,
    wire::{Fault, ReadStream, Target, anthropic, gemini, names::Names, openai_chat},
};
use serde_json::Value;

/// The protocol of a model.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    OpenAiChat {
        dialect: openai_chat::Dialect,
        /// Whether the server ends each answer with a finish reason.
        finishes: bool,
    },
    Anthropic(anthropic::Settings),
    Gemini,
}

impl Protocol {
    /// Returns the protocol of a provider's model.
    pub(super) fn of(kind: Kind, model: &str) -> Self {
        match kind {
            Kind::Anthropic => Protocol::Anthropic(anthropic::Settings::default()),
            Kind::Gemini => Protocol::Gemini,
            _ => {
                let is_openai = matches!(kind, Kind::OpenAi | Kind::Azure);
                let max_tokens =
                    if is_openai && is_reasoning_model(model) { "max_completion_tokens" } else { "max_tokens" };
                let dialect = openai_chat::Dialect { max_tokens, ..openai_chat::Dialect::default() };
                Protocol::OpenAiChat { dialect, finishes: !kind.is_lenient() }
            }
        }
    }

    /// Returns the name of the protocol, for the origin of states.
    pub(super) fn name(self) -> &'static str {
        match self {
            Protocol::OpenAiChat { .. } => "openai_chat",
            Protocol::Anthropic(_) => "anthropic",
            Protocol::Gemini => "gemini",
        }
    }

    /// Returns the path of the URL, after the base URL.
    pub(super) fn path(self, target: &Target<'_>) -> String {
        match self {
            Protocol::OpenAiChat { .. } => openai_chat::PATH.to_owned(),
            Protocol::Anthropic(_) => anthropic::PATH.to_owned(),
            Protocol::Gemini => gemini::path(target.model, target.stream),
        }
    }

    /// Returns whether the model enforces a response format, if it supports structured output at all.
    pub(super) fn has_response_format(self, model: &str, format: &ResponseFormat) -> bool {
        match (self, format) {
            (_, ResponseFormat::Text) => true,
            (Protocol::OpenAiChat { .. }, ResponseFormat::JsonObject) => true,
            (Protocol::OpenAiChat { .. }, ResponseFormat::JsonSchema { schema, .. }) => {
                schema::strict(schema).is_some()
            }
            (Protocol::Anthropic(_), format) => anthropic::has_response_format(model, format),
            (Protocol::Gemini, format) => gemini::has_response_format(format),
        }
    }

    /// Writes the body of a request.
    pub(super) fn write(self, request: &ChatRequest, target: &Target<'_>) -> Result<Value, Fault> {
        match self {
            Protocol::OpenAiChat { dialect, .. } => openai_chat::write(request, target, &dialect),
            Protocol::Anthropic(settings) => anthropic::write(request, target, settings),
            Protocol::Gemini => gemini::write(request, target),
        }
    }

    /// Returns the names that stand for those of tools in the request and in its answer.
    pub(super) fn names(self, request: &ChatRequest) -> Names {
        Names::new(
            request,
            match self {
                Protocol::OpenAiChat { .. } => openai_chat::NAMES,
                Protocol::Anthropic(_) => anthropic::NAMES,
                Protocol::Gemini => gemini::NAMES,
            },
        )
    }

    /// Reads a whole answer.
    pub(super) fn read(self, body: &str, origin: &str) -> Result<Message, Fault> {
        match self {
            Protocol::OpenAiChat { .. } => openai_chat::read(body, origin),
            Protocol::Anthropic(_) => anthropic::read(body, origin),
            Protocol::Gemini => gemini::read(body, origin),
        }
    }

    /// Creates a reader of a streamed answer.
    pub(super) fn reader(self, origin: &str) -> Box<dyn ReadStream> {
        match self {
            Protocol::OpenAiChat { finishes, .. } => Box::new(openai_chat::Reader::new(origin, finishes)),
            Protocol::Anthropic(_) => Box::new(anthropic::Reader::new(origin)),
            Protocol::Gemini => Box::new(gemini::Reader::new(origin)),
        }
    }
}

/// Returns whether OpenAI refuses `max_tokens` for a model: those whose name begins with `o` and a number, and GPT-5 and
/// later.
fn is_reasoning_model(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let number = |prefix: &str| name.strip_prefix(prefix)?.split(['-', '.']).next()?.parse::<u32>().ok();
    number("o").is_some() || number("gpt-").is_some_and(|version| version >= 5)
}

#[cfg(test)]
mod tests {
    use super::is_reasoning_model;

    #[test]
    fn models_that_take_max_completion_tokens_are_known_by_name() {
        for model in ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5.1", "gpt-5-mini"] {
            assert!(is_reasoning_model(model), "{model}");
        }
        for model in ["gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "omni-moderation", "llama3.2", "gpt-oss-20b"] {
            assert!(!is_reasoning_model(model), "{model}");
        }
    }
}
