use super::kind::Kind;
use crate::{
    ChatRequest, Message, ResponseFormat, schema,
    wire::{
        Fault, ReadStream, Target, anthropic, gemini, halves::Halves, names::Names, openai_chat, openai_responses,
        several::Several,
    },
};
use serde_json::Value;

/// The protocol of a model.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    OpenAiChat {
        dialect: openai_chat::Dialect,
        /// `true` if the server ends each answer with a finish reason.
        finishes: bool,
    },
    OpenAiResponses,
    Anthropic(anthropic::Settings),
    Gemini,
}

impl Protocol {
    /// Returns the protocol of a provider's model. `responses` is whether OpenAI's responses are asked for in place of
    /// chat completions; if it is unknown, the model decides.
    pub(super) fn of(kind: Kind, model: &str, responses: Option<bool>) -> Self {
        let responses = responses.unwrap_or(kind == Kind::OpenAi && has_only_responses(model));
        match kind {
            _ if responses && kind.is_openai() => Protocol::OpenAiResponses,
            Kind::Anthropic => Protocol::Anthropic(anthropic::Settings::default()),
            Kind::Gemini => Protocol::Gemini,
            _ => {
                let is_openai = matches!(kind, Kind::OpenAi | Kind::Azure);
                let max_tokens =
                    if is_openai && is_reasoning_model(model) { "max_completion_tokens" } else { "max_tokens" };
                let dialect = openai_chat::Dialect {
                    max_tokens,
                    top_k: kind == Kind::Compatible,
                    service_tier: kind != Kind::Ollama,
                    title: kind.title(),
                    longest_id: is_openai.then_some(40),
                    ..openai_chat::Dialect::default()
                };
                Protocol::OpenAiChat { dialect, finishes: !kind.is_lenient() }
            }
        }
    }

    /// Sets whether the provider is asked to cache the prompt, in a protocol in which that has to be asked for.
    pub(super) fn with_prompt_cache(mut self, cache: bool) -> Self {
        if let Protocol::Anthropic(settings) = &mut self {
            settings.cache = cache;
        }
        self
    }

    /// Returns whether answers may have images, which are sent back or left out.
    pub(super) fn makes_images(self) -> bool {
        matches!(self, Protocol::Gemini | Protocol::OpenAiChat { .. })
    }

    /// Returns the name of the protocol, for the origin of states.
    pub(super) fn name(self) -> &'static str {
        match self {
            Protocol::OpenAiChat { .. } => "openai_chat",
            Protocol::OpenAiResponses => "openai_responses",
            Protocol::Anthropic(_) => "anthropic",
            Protocol::Gemini => "gemini",
        }
    }

    /// Returns the path of the URL, after the base URL.
    pub(super) fn path(self, target: &Target<'_>) -> String {
        match self {
            Protocol::OpenAiChat { .. } => openai_chat::PATH.to_owned(),
            Protocol::OpenAiResponses => "responses".to_owned(),
            Protocol::Anthropic(_) => anthropic::PATH.to_owned(),
            Protocol::Gemini => gemini::path(target.model, target.stream),
        }
    }

    /// Returns whether the model enforces a response format, if it supports structured output at all.
    pub(super) fn has_response_format(self, model: &str, format: &ResponseFormat) -> bool {
        match (self, format) {
            (_, ResponseFormat::Text) | (Protocol::OpenAiChat { .. }, ResponseFormat::JsonObject) => true,
            (Protocol::OpenAiChat { .. }, ResponseFormat::JsonSchema { schema, .. }) => {
                schema::strict(schema).is_some()
            }
            (Protocol::OpenAiResponses, format) => openai_responses::has_response_format(format),
            (Protocol::Anthropic(_), format) => anthropic::has_response_format(model, format),
            (Protocol::Gemini, format) => gemini::has_response_format(format),
        }
    }

    /// Writes the body of a request.
    pub(super) fn write(self, request: &ChatRequest, target: &Target<'_>) -> Result<Value, Fault> {
        match self {
            Protocol::OpenAiChat { dialect, .. } => openai_chat::write(request, target, &dialect),
            Protocol::OpenAiResponses => openai_responses::write(request, target),
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
                Protocol::OpenAiResponses => openai_responses::NAMES,
                Protocol::Anthropic(_) => anthropic::NAMES,
                Protocol::Gemini => gemini::NAMES,
            },
        )
    }

    /// Reads a whole answer.
    pub(super) fn read(self, body: &str, origin: &str) -> Result<Message, Fault> {
        match self {
            Protocol::OpenAiChat { .. } => openai_chat::read(body, origin),
            Protocol::OpenAiResponses => openai_responses::read(body, origin),
            Protocol::Anthropic(_) => anthropic::read(body, origin),
            Protocol::Gemini => gemini::read(body, origin),
        }
    }

    /// Creates a reader of a streamed answer.
    pub(super) fn reader(self, origin: &str) -> Box<dyn ReadStream> {
        match self {
            Protocol::OpenAiChat { finishes, .. } => {
                Box::new(Halves::new(Several::new(openai_chat::Reader::new(origin, finishes))))
            }
            Protocol::OpenAiResponses => Box::new(Halves::new(Several::new(openai_responses::Reader::new(origin)))),
            Protocol::Anthropic(_) => Box::new(Halves::new(Several::new(anthropic::Reader::new(origin)))),
            Protocol::Gemini => Box::new(Halves::new(Several::new(gemini::Reader::new(origin)))),
        }
    }
}

/// Returns whether OpenAI serves a model by its responses only.
fn has_only_responses(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    ["-pro", "-codex", "-deep-research"].iter().any(|word| name.contains(word)) && is_reasoning_model(name)
}

/// Returns whether OpenAI refuses `max_tokens` for a model: those whose name begins with `o` and a number, and GPT-5
/// and later.
fn is_reasoning_model(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let number = |prefix: &str| name.strip_prefix(prefix)?.split(['-', '.']).next()?.parse::<u32>().ok();
    number("o").is_some() || number("gpt-").is_some_and(|version| version >= 5)
}

#[cfg(test)]
mod tests {
    use super::{has_only_responses, is_reasoning_model};

    #[test]
    fn models_that_have_no_chat_completions_are_known_by_name() {
        for model in ["o1-pro", "o3-pro-2025-06-10", "gpt-5-pro", "gpt-5.1-codex-max", "o4-mini-deep-research"] {
            assert!(has_only_responses(model), "{model}");
        }
        for model in ["gpt-5", "o3-mini", "gpt-4o", "gemini-2.5-pro"] {
            assert!(!has_only_responses(model), "{model}");
        }
    }

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
