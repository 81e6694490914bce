use crate::wire::{anthropic, gemini};

/// A provider and its protocol, with their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OpenAi,
    Anthropic,
    Gemini,
    /// Gemini, by its OpenAI-compatible endpoint.
    GeminiOpenAi,
    /// Ollama, by its OpenAI-compatible endpoint.
    Ollama,
    /// OpenAI's models at Azure.
    Azure,
    /// Any other server with OpenAI's protocol.
    Compatible,
    /// Rerankers of Cohere.
    Cohere,
    /// Rerankers of Jina, with Cohere's protocol.
    Jina,
    /// Any other server with Cohere's protocol.
    Reranker,
}

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::OpenAi => "OpenAI",
            Kind::Anthropic => "Anthropic",
            Kind::Gemini | Kind::GeminiOpenAi => "Gemini",
            Kind::Ollama => "Ollama",
            Kind::Azure => "Azure OpenAI",
            Kind::Compatible => "the OpenAI-compatible server",
            Kind::Cohere => "Cohere",
            Kind::Jina => "Jina",
            Kind::Reranker => "the reranker",
        }
    }

    /// Returns OpenTelemetry's name of the provider. If protocol and provider differ, it is that of the protocol.
    pub(super) fn provider(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::Compatible => "openai",
            Kind::Cohere | Kind::Reranker => "cohere",
            Kind::Jina => "jina",
            Kind::Anthropic => "anthropic",
            Kind::Gemini | Kind::GeminiOpenAi => "gcp.gemini",
            Kind::Ollama => "ollama",
            Kind::Azure => "azure.ai.openai",
        }
    }

    /// Returns LangChain's class of such a model.
    pub(super) fn class(self) -> [&'static str; 4] {
        match self {
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Azure | Kind::Compatible => {
                ["langchain", "chat_models", "openai", "ChatOpenAI"]
            }
            Kind::Cohere | Kind::Reranker => ["langchain", "retrievers", "document_compressors", "CohereRerank"],
            Kind::Jina => ["langchain", "retrievers", "document_compressors", "JinaRerank"],
            Kind::Anthropic => ["langchain", "chat_models", "anthropic", "ChatAnthropic"],
            Kind::Gemini => ["langchain", "chat_models", "google_genai", "ChatGoogleGenerativeAI"],
        }
    }

    /// Returns LangChain's name of the key of such a model.
    pub(super) fn key_setting(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Azure | Kind::Compatible => "openai_api_key",
            Kind::Cohere | Kind::Reranker => "cohere_api_key",
            Kind::Jina => "jina_api_key",
            Kind::Anthropic => "anthropic_api_key",
            Kind::Gemini => "google_api_key",
        }
    }

    /// Returns the header of the key.
    pub(super) fn key_header(self) -> &'static str {
        match self {
            Kind::Anthropic => anthropic::KEY_HEADER,
            Kind::Gemini => gemini::KEY_HEADER,
            Kind::Azure => "api-key",
            Kind::OpenAi
            | Kind::GeminiOpenAi
            | Kind::Ollama
            | Kind::Compatible
            | Kind::Cohere
            | Kind::Jina
            | Kind::Reranker => "authorization",
        }
    }

    /// Returns the environment variable of the key. `None` for compatible servers, because the keys in variables belong
    /// to others.
    pub(super) fn key_variable(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("OPENAI_API_KEY"),
            Kind::Anthropic => Some("ANTHROPIC_API_KEY"),
            Kind::Gemini | Kind::GeminiOpenAi => Some("GEMINI_API_KEY"),
            Kind::Azure => Some("AZURE_OPENAI_API_KEY"),
            Kind::Cohere => Some("COHERE_API_KEY"),
            Kind::Jina => Some("JINA_API_KEY"),
            Kind::Ollama | Kind::Compatible | Kind::Reranker => None,
        }
    }

    /// Returns the environment variable of the base URL.
    pub(super) fn url_variable(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("OPENAI_BASE_URL"),
            Kind::Anthropic => Some("ANTHROPIC_BASE_URL"),
            Kind::Gemini | Kind::GeminiOpenAi => Some("GEMINI_BASE_URL"),
            Kind::Ollama => Some("OLLAMA_HOST"),
            Kind::Azure | Kind::Compatible | Kind::Cohere | Kind::Jina | Kind::Reranker => None,
        }
    }

    pub(super) fn default_url(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::Compatible => "https://api.openai.com/v1/",
            Kind::Cohere | Kind::Reranker => "https://api.cohere.com/v2/",
            Kind::Jina => "https://api.jina.ai/v1/",
            Kind::Anthropic => "https://api.anthropic.com/v1/",
            Kind::Gemini => "https://generativelanguage.googleapis.com/v1beta/",
            Kind::Azure => "https://example.openai.azure.com/",
            Kind::Ollama => "http://localhost:11434/v1/",
            Kind::GeminiOpenAi => "https://generativelanguage.googleapis.com/v1beta/openai/",
        }
    }

    /// Returns the path that is added to a base URL without a path. Clients of Anthropic and Google accept such URLs.
    /// OpenAI's URL includes the version, and compatible servers may have none.
    pub(super) fn version_path(self) -> &'static str {
        match self {
            Kind::Anthropic | Kind::Ollama => "/v1/",
            Kind::Gemini | Kind::GeminiOpenAi => "/v1beta/",
            Kind::OpenAi | Kind::Azure | Kind::Compatible | Kind::Cohere | Kind::Jina | Kind::Reranker => "/",
        }
    }

    /// Returns whether the servers may omit parts of OpenAI's protocol.
    pub(super) fn is_lenient(self) -> bool {
        matches!(self, Kind::Ollama | Kind::Compatible)
    }

    /// Returns whether the protocol is OpenAI's.
    pub(super) fn is_openai(self) -> bool {
        !matches!(self, Kind::Anthropic | Kind::Gemini | Kind::Cohere | Kind::Jina | Kind::Reranker)
    }
}
