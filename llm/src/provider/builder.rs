//! Builders of chat models.

use super::{Inner, Model, ProviderModel, connection::Settings, kind::Kind, secret::Secret};
use crate::{Chat, Options};
use catena::Result;
use serde_json::Value;
use std::{fmt, sync::Arc};

/// Creates a builder of an OpenAI model. The key is read from `OPENAI_API_KEY` and the base URL from `OPENAI_BASE_URL`,
/// unless they are set in code.
///
/// ```
/// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn openai(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::OpenAi, model.into())
}

/// Creates a builder of an OpenAI model, by OpenAI's responses in place of chat completions. Otherwise like [`openai`],
/// which takes the responses for models that have no chat completions.
///
/// The provider stores nothing: its encrypted reasoning is kept in the messages, and sent back.
///
/// ```
/// let model = catena_llm::openai_responses("gpt-5").api_key("sk-..").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn openai_responses(model: impl Into<String>) -> ModelBuilder {
    openai(model).responses(true)
}

/// Creates a builder of an Anthropic model. The key is read from `ANTHROPIC_API_KEY` and the base URL from
/// `ANTHROPIC_BASE_URL`, unless they are set in code.
///
/// Anthropic requires a limit of tokens in each request. If none is set, the maximum of the model is sent.
pub fn anthropic(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Anthropic, model.into())
}

/// Creates a builder of a Gemini model, by Gemini's own protocol. The key is read from `GEMINI_API_KEY` and the base
/// URL from `GEMINI_BASE_URL`, unless they are set in code.
pub fn gemini(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Gemini, model.into())
}

/// Creates a builder of a Gemini model, by OpenAI's protocol. Otherwise like [`gemini`]; `openai/` is appended to the
/// base URL.
pub fn gemini_openai(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::GeminiOpenAi, model.into())
}

/// Creates a builder of a model on any server with OpenAI's protocol. No key is sent unless
/// [`api_key`](ModelBuilder::api_key) sets one, because keys in the environment belong to other servers.
///
/// ```
/// let llama = catena_llm::openai_compatible("http://localhost:11434/v1", "llama3.2").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn openai_compatible(base_url: impl Into<String>, model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Compatible, model.into()).base_url(base_url)
}

/// Creates a builder of an Ollama model, by its OpenAI-compatible endpoint. The server is on this machine, or at
/// `OLLAMA_HOST`. It needs no key.
///
/// ```
/// let llama = catena_llm::ollama("llama3.2").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn ollama(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Ollama, model.into())
}

/// Creates a builder of an OpenAI model at Azure, by the endpoint of the resource and the name of the deployment. The
/// key is read from `AZURE_OPENAI_API_KEY`, unless it is set in code. It is sent in the header `api-key`; a token of
/// Entra ID is set by [`bearer_token`](ModelBuilder::bearer_token).
///
/// ```
/// let model = catena_llm::azure_openai("https://my-resource.openai.azure.com", "my-deployment").api_key("..").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn azure_openai(endpoint: impl Into<String>, deployment: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Azure, deployment.into()).base_url(endpoint)
}

/// A builder of chat models; created by [`openai`] and similar functions.
#[derive(Clone)]
#[must_use = "there is no model before `build`"]
pub struct ModelBuilder {
    settings: Settings,
    options: Options,
    structured: Option<bool>,
}

impl ModelBuilder {
    fn new(kind: Kind, model: String) -> Self {
        ModelBuilder { settings: Settings::new(kind, model), options: Options::default(), structured: None }
    }

    super::settings::connection_setters!();

    /// Sets whether OpenAI's responses are asked for, in place of chat completions: of OpenAI, Azure, and compatible
    /// servers that have them. Other protocols ignore it. By default OpenAI's models that have no chat completions are
    /// asked so.
    pub fn responses(mut self, responses: bool) -> Self {
        self.settings.responses = Some(responses);
        self
    }

    /// Sets whether Anthropic caches the tools, the system prompt and the conversation so far. Other providers cache
    /// without being asked, and ignore it. The default is `false`.
    pub fn prompt_cache(mut self, cache: bool) -> Self {
        self.settings.prompt_cache = cache;
        self
    }

    /// Sets the version of Azure's API. The default is `2024-10-21`. Other providers ignore it.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.settings.api_version = version.into();
        self
    }

    /// Adds fields to the body of each request, for settings that this crate does not have. Objects are merged with
    /// those in the body; other values replace them.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let model = catena_llm::openai_compatible("http://localhost:8000/v1", "qwen3")
    ///     .extra_body(json!({"top_k": 20, "chat_template_kwargs": {"enable_thinking": false}}))
    ///     .build()?;
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub fn extra_body(mut self, fields: Value) -> Self {
        self.settings.changes.extra.push(fields);
        self
    }

    /// Leaves a field out of the body of each request, for servers that refuse it. A slash separates the names of
    /// nested fields.
    ///
    /// ```
    /// let model = catena_llm::openai_compatible("https://api.example.com/v1", "m").without("stream_options").build()?;
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub fn without(mut self, field: impl Into<String>) -> Self {
        self.settings.changes.without.push(field.into());
        self
    }

    /// Sets the most bytes of an event of a stream. The default is 16 MiB. A larger event is an error.
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.event = bytes;
        self
    }

    /// Sets the most bytes of the content of a streamed answer: its texts, the arguments of its calls, and its other
    /// parts. The default is 16 MiB. More content is an error.
    pub fn max_content_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.content = bytes;
        self
    }

    /// Sets the most tool calls of an answer. The default is 16,384. More calls are an error. How many of them are made
    /// is limited by [`Tools::max_calls`](crate::Tools::max_calls).
    pub fn max_tool_calls(mut self, calls: usize) -> Self {
        self.settings.limits.calls = calls;
        self
    }

    /// Sets the most values in the JSON of an event or of a whole answer. The default is 250,000. More values are an
    /// error, because each takes many times its bytes in memory.
    pub fn max_json_values(mut self, values: usize) -> Self {
        self.settings.limits.values = values;
        self
    }

    /// Sets the options of the answers. Fields that are unset in `options` keep their values.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// Sets whether the model supports structured output. If it does, a [`ResponseFormat`](crate::ResponseFormat) is
    /// sent in the request; otherwise it is put into the prompt. Defaults to `true`, except for OpenAI-compatible
    /// servers, whose support is unknown. Set it for such a server, or for older models of a provider without support.
    pub fn structured_output(mut self, has: bool) -> Self {
        self.structured = Some(has);
        self
    }

    /// Builds the model. No request is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`](catena::ErrorKind::Auth) without a key, [`ErrorKind::BadInput`](catena::ErrorKind::BadInput)
    /// for an invalid base URL or option.
    pub fn build(self) -> Result<Model> {
        let ModelBuilder { settings, options, structured } = self;
        let (kind, name) = (settings.kind, settings.name("model")?);
        let connection = settings.connect(name)?;
        connection.check(&options)?;
        let structured = structured.unwrap_or(kind != Kind::Compatible);
        Ok(Chat::new(ProviderModel(Arc::new(Inner { connection, structured }))).with_options(options))
    }
}

impl fmt::Debug for ModelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelBuilder")
            .field("provider", &self.settings.kind.title())
            .field("model", &self.settings.model)
            .field("api_key", &self.settings.api_key.as_deref().and_then(Secret::new))
            .field("headers", &self.settings.headers)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
