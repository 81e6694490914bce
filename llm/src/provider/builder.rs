//! Builders of chat models.

use super::{Inner, Model, ProviderModel, connection::Settings, kind::Kind, request, secret::Secret};
use crate::{Chat, Options};
use catena::Result;
use std::{fmt, sync::Arc};

/// A model of OpenAI. The key is in `OPENAI_API_KEY`, another base URL in `OPENAI_BASE_URL`, unless they are given.
///
/// ```
/// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn openai(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::OpenAi, model.into())
}

/// A model of Anthropic. The key is in `ANTHROPIC_API_KEY`, another base URL in `ANTHROPIC_BASE_URL`, unless they are
/// given.
///
/// Anthropic wants a limit of tokens with each request; the most that the model can is sent where none is set.
pub fn anthropic(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Anthropic, model.into())
}

/// A model of Gemini, by its own protocol. The key is in `GEMINI_API_KEY`, another base URL in `GEMINI_BASE_URL`, unless
/// they are given.
pub fn gemini(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Gemini, model.into())
}

/// A model of Gemini, by OpenAI's protocol; otherwise as [`gemini`]. Of the base URL it is the part `openai/`.
pub fn gemini_openai(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::GeminiOpenAi, model.into())
}

/// A model of any server with OpenAI's protocol. Without [`api_key`](ModelBuilder::api_key) none is sent: keys in the
/// environment are for other servers.
///
/// ```
/// let llama = catena_llm::openai_compatible("http://localhost:11434/v1", "llama3.2").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn openai_compatible(base_url: impl Into<String>, model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Compatible, model.into()).base_url(base_url)
}

/// A model of Ollama, on this machine or where `OLLAMA_HOST` says, by its OpenAI-compatible endpoint. It needs no key.
///
/// ```
/// let llama = catena_llm::ollama("llama3.2").build()?;
/// # Ok::<(), catena::Error>(())
/// ```
pub fn ollama(model: impl Into<String>) -> ModelBuilder {
    ModelBuilder::new(Kind::Ollama, model.into())
}

/// Sets a model up; made by [`openai`] and its like.
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

    /// The key, in place of the one in the environment.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Another server, in place of the one in the environment or the provider's own. With or without a slash at the
    /// end; Anthropic's and Gemini's may leave out the version (`/v1`, `/v1beta`).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into());
        self
    }

    /// Send this header with each request, in place of one of this name set before: for gateways, organisations, features in
    /// preview. Its value is treated as a secret: it is in no error, log or description.
    ///
    /// ```
    /// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").header("OpenAI-Organization", "org-123").build()?;
    /// # Ok::<(), catena::Error>(())
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.headers.set(name.into(), value.into());
        self
    }

    /// The client to send with: for a proxy, certificates, or limits of its own.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxied = reqwest::Client::builder().proxy(reqwest::Proxy::all("http://proxy.example:8080")?).build()?;
    /// let model = catena_llm::openai("gpt-4o-mini").api_key("sk-..").http_client(proxied).build()?;
    /// # Ok(()) }
    /// ```
    /// Without one, the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count, except for a server on this machine:
    /// `localhost` and loopback addresses are asked directly. How long a request may take is best said in
    /// the chain, by [`timeout`](catena::StepExt::timeout), which covers streams and waiting, too.
    ///
    /// Unless one is given, the models built in a tokio runtime share one, and with it the connections. That one follows
    /// no redirects, which would carry the key along.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.settings.http_client = Some(client);
        self
    }

    /// Where to look up the key and the base URL, in place of the process's environment.
    ///
    /// ```
    /// let nothing = catena_llm::openai("gpt-4o-mini").variables(|_| None).build();
    /// assert!(nothing.unwrap_err().message().contains("OPENAI_API_KEY"));
    /// ```
    pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings.variables = Arc::new(lookup);
        self
    }

    /// How it answers. What is not set here stays as it was.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options.or(&self.options);
        self
    }

    /// Whether it has structured output, so that a [`ResponseFormat`](crate::ResponseFormat) is sent in the request. By default
    /// it is, but to OpenAI-compatible servers, of which nobody knows; and then it stands in the prompt. For a server that
    /// has it, and for older models of a provider, which have not.
    pub fn structured_output(mut self, has: bool) -> Self {
        self.structured = Some(has);
        self
    }

    /// The model, ready to be asked. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`](catena::ErrorKind::Auth) without a key, [`ErrorKind::BadInput`](catena::ErrorKind::BadInput) for a base URL or an option that cannot be right.
    pub fn build(self) -> Result<Model> {
        let ModelBuilder { settings, options, structured } = self;
        let (kind, name) = (settings.kind, settings.name("model")?);
        request::check(kind, &name, &options)?;
        let connection = settings.connect(name, "chat/completions")?;
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
