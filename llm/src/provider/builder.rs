use super::{
    Inner, Model, ProviderModel, client,
    endpoint::Endpoint,
    error::Blame,
    headers::Headers,
    kind::Kind,
    request,
    secret::{Redactor, Secret},
};
use crate::{Chat, Options};
use catena::{Error, ErrorKind, Result};
use genai::{
    ModelIden, ServiceTarget,
    resolver::{AuthData, Endpoint as Target},
};
use std::{env, fmt, sync::Arc};

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

/// The URL that a value of `OLLAMA_HOST` stands for, which may be a host, a port, or both.
fn ollama_url(host: &str) -> String {
    const PORT: u16 = 11434;
    let host = host.trim().trim_end_matches('/');
    if host.contains("://") {
        return host.to_owned();
    }
    let (host, path) = host.split_once('/').map_or((host, ""), |(host, path)| (host, path));
    let (name, port) = match host.rsplit_once(':') {
        // Not in the middle of an IPv6 address.
        Some((name, port)) if port.parse::<u16>().is_ok() && (!name.contains(':') || name.ends_with(']')) => {
            (name, port.to_owned())
        }
        _ => (host, PORT.to_string()),
    };
    // What a server listens at may be every address, which is none to connect to.
    let name = match name {
        "" | "0.0.0.0" | "[::]" => "localhost",
        name => name,
    };
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    format!("http://{name}:{port}{path}")
}

/// The value of a variable.
pub(super) type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Sets a model up; made by [`openai`] and its like.
#[derive(Clone)]
#[must_use = "there is no model before `build`"]
pub struct ModelBuilder {
    kind: Kind,
    model: String,
    api_key: Option<String>,
    base_url: Option<String>,
    http_client: Option<reqwest::Client>,
    headers: Headers,
    variables: Arc<Lookup>,
    options: Options,
    structured: Option<bool>,
}

impl ModelBuilder {
    fn new(kind: Kind, model: String) -> Self {
        ModelBuilder {
            kind,
            model,
            api_key: None,
            base_url: None,
            http_client: None,
            headers: Headers::default(),
            variables: Arc::new(|name| env::var(name).ok()),
            options: Options::default(),
            structured: None,
        }
    }

    /// The key, in place of the one in the environment.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Another server, in place of the one in the environment or the provider's own. With or without a slash at the
    /// end; Anthropic's and Gemini's may leave out the version (`/v1`, `/v1beta`).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
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
        self.headers.set(name.into(), value.into());
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
        self.http_client = Some(client);
        self
    }

    /// Where to look up the key and the base URL, in place of the process's environment.
    ///
    /// ```
    /// let nothing = catena_llm::openai("gpt-4o-mini").variables(|_| None).build();
    /// assert!(nothing.unwrap_err().message().contains("OPENAI_API_KEY"));
    /// ```
    pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.variables = Arc::new(lookup);
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
    /// [`ErrorKind::Auth`] without a key, [`ErrorKind::BadInput`] for a base URL or an option that cannot be right.
    pub fn build(self) -> Result<Model> {
        let ModelBuilder { kind, model, api_key, base_url, http_client, headers, variables, options, structured } =
            self;
        let name = model.trim().to_owned();
        if name.is_empty() {
            return Err(Error::new(ErrorKind::BadInput, format!("the model of {} has no name", kind.title())));
        }
        request::check(kind, &name, &options)?;
        let key_variable = kind.key_variable().filter(|_| api_key.is_none());
        let key = key(kind, api_key, &*variables)?;
        let base_url =
            base_url.or_else(|| kind.url_variable().and_then(&*variables).filter(|url| !url.trim().is_empty()));
        let base_url = base_url.map(|url| if kind == Kind::Ollama { ollama_url(&url) } else { url });
        headers.check(key.is_some())?;
        let endpoint = Endpoint::parse(kind, base_url.as_deref().unwrap_or(kind.default_url()))?;
        let auth = match &key {
            Some(key) => AuthData::from_single(key.reveal()),
            // The client insists on a key, except where it is given the whole request.
            None => AuthData::RequestOverride { url: chat_url(&endpoint.url), headers: headers.to_client() },
        };
        let http_client = http_client.map_or_else(|| client::shared(endpoint.local), Ok)?;
        let client = genai::Client::builder().with_reqwest(http_client).build();
        let client = client.map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
        let target = ServiceTarget {
            endpoint: Target::from_owned(endpoint.url),
            auth,
            model: ModelIden::new(kind.adapter(), name.clone()),
        };
        let (has_key, structured) = (key.is_some(), structured.unwrap_or(kind != Kind::Compatible));
        let secrets: Vec<Secret> = key.into_iter().chain(headers.secrets()).collect();
        let blame = Blame { kind, host: endpoint.host, key_variable, redactor: Redactor::new(&secrets) };
        let inner = Inner { kind, name, client, target, blame, has_key, structured, headers };
        Ok(Chat::new(ProviderModel(Arc::new(inner))).with_options(options))
    }
}

/// The key, from code or from the environment.
pub(super) fn key(kind: Kind, given: Option<String>, variables: &Lookup) -> Result<Option<Secret>> {
    let missing =
        |hint: String| Error::new(ErrorKind::Auth, format!("there is no API key for {}: {hint}", kind.title()));
    let key = match (given, kind.key_variable()) {
        (Some(key), _) => {
            Some(Secret::new(&key).ok_or_else(|| missing("the one given to `.api_key(..)` is empty".to_owned()))?)
        }
        (None, Some(variable)) => {
            let key = variables(variable).as_deref().and_then(Secret::new);
            Some(key.ok_or_else(|| missing(format!("set {variable}, or give one to `.api_key(..)`")))?)
        }
        (None, None) => None,
    };
    if key.as_ref().is_some_and(|key| !key.is_sendable()) {
        let message = format!("the API key for {} has a character in it that no key has", kind.title());
        return Err(Error::new(ErrorKind::Auth, message));
    }
    Ok(key)
}

/// Where OpenAI's protocol answers, for an endpoint whose query is to be kept.
fn chat_url(base: &str) -> String {
    match base.split_once('?') {
        Some((path, query)) => format!("{path}chat/completions?{query}"),
        None => format!("{base}chat/completions"),
    }
}

impl fmt::Debug for ModelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelBuilder")
            .field("provider", &self.kind.title())
            .field("model", &self.model)
            .field("api_key", &self.api_key.as_deref().and_then(Secret::new))
            .field("headers", &self.headers)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ollama_url;

    #[test]
    fn ollamas_host_may_be_written_in_many_ways() {
        for (given, wanted) in [
            ("localhost", "http://localhost:11434"),
            ("10.0.0.7:8080", "http://10.0.0.7:8080"),
            ("0.0.0.0", "http://localhost:11434"),
            (":9999", "http://localhost:9999"),
            ("[::1]:9999/", "http://[::1]:9999"),
            ("gpu.example/ollama", "http://gpu.example:11434/ollama"),
            ("https://gpu.example/", "https://gpu.example"),
        ] {
            assert_eq!(ollama_url(given), wanted);
        }
    }
}
