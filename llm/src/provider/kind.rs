use genai::adapter::AdapterKind;

/// Which provider, and how it is reached when nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OpenAi,
    Anthropic,
    Gemini,
    /// Gemini behind its OpenAI-compatible endpoint.
    GeminiOpenAi,
    /// Ollama, behind its OpenAI-compatible endpoint.
    Ollama,
    /// Any server that resembles OpenAI's.
    Compatible,
}

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::OpenAi => "OpenAI",
            Kind::Anthropic => "Anthropic",
            Kind::Gemini | Kind::GeminiOpenAi => "Gemini",
            Kind::Ollama => "Ollama",
            Kind::Compatible => "the OpenAI-compatible server",
        }
    }

    /// What OpenTelemetry calls it: the protocol decides, where both could be meant.
    pub(super) fn provider(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::Compatible => "openai",
            Kind::Anthropic => "anthropic",
            Kind::Gemini | Kind::GeminiOpenAi => "gcp.gemini",
            Kind::Ollama => "ollama",
        }
    }

    /// What LangChain calls such a model.
    pub(super) fn class(self) -> [&'static str; 4] {
        match self {
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Compatible => {
                ["langchain", "chat_models", "openai", "ChatOpenAI"]
            }
            Kind::Anthropic => ["langchain", "chat_models", "anthropic", "ChatAnthropic"],
            Kind::Gemini => ["langchain", "chat_models", "google_genai", "ChatGoogleGenerativeAI"],
        }
    }

    /// What LangChain calls the key of such a model.
    pub(super) fn key_setting(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Compatible => "openai_api_key",
            Kind::Anthropic => "anthropic_api_key",
            Kind::Gemini => "google_api_key",
        }
    }

    pub(super) fn adapter(self) -> AdapterKind {
        match self {
            Kind::OpenAi | Kind::GeminiOpenAi | Kind::Ollama | Kind::Compatible => AdapterKind::OpenAI,
            Kind::Anthropic => AdapterKind::Anthropic,
            Kind::Gemini => AdapterKind::Gemini,
        }
    }

    /// The variable that holds the key. A compatible server is none of those the user has keys in variables for.
    pub(super) fn key_variable(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("OPENAI_API_KEY"),
            Kind::Anthropic => Some("ANTHROPIC_API_KEY"),
            Kind::Gemini | Kind::GeminiOpenAi => Some("GEMINI_API_KEY"),
            Kind::Ollama | Kind::Compatible => None,
        }
    }

    /// The variable that may hold another base URL.
    pub(super) fn url_variable(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("OPENAI_BASE_URL"),
            Kind::Anthropic => Some("ANTHROPIC_BASE_URL"),
            Kind::Gemini | Kind::GeminiOpenAi => Some("GEMINI_BASE_URL"),
            Kind::Ollama => Some("OLLAMA_HOST"),
            Kind::Compatible => None,
        }
    }

    pub(super) fn default_url(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::Compatible => "https://api.openai.com/v1/",
            Kind::Anthropic => "https://api.anthropic.com/v1/",
            Kind::Gemini => "https://generativelanguage.googleapis.com/v1beta/",
            Kind::Ollama => "http://localhost:11434/v1/",
            Kind::GeminiOpenAi => "https://generativelanguage.googleapis.com/v1beta/openai/",
        }
    }

    /// The path to add to a base URL that is a server alone. Anthropic's and Google's own clients take such URLs;
    /// OpenAI's has the version in it, and compatible servers may well have none.
    pub(super) fn version_path(self) -> &'static str {
        match self {
            Kind::Anthropic | Kind::Ollama => "/v1/",
            Kind::Gemini | Kind::GeminiOpenAi => "/v1beta/",
            Kind::OpenAi | Kind::Compatible => "/",
        }
    }

    /// Whether its servers merely resemble OpenAI's, and may leave out what those say.
    pub(super) fn is_lenient(self) -> bool {
        matches!(self, Kind::Ollama | Kind::Compatible)
    }

    /// Whether it speaks OpenAI's protocol.
    pub(super) fn is_openai(self) -> bool {
        self.adapter() == AdapterKind::OpenAI
    }
}
