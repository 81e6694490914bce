//! Connections to a provider's models: the settings that all builders share, and the client that they result in.

use super::{
    client::{self, HttpClient},
    endpoint::{Endpoint, ollama_url},
    error::ErrorContext,
    headers::Headers,
    kind::Kind,
    limits::Limits,
    protocol::Protocol,
    request::Changes,
    secret::{Redactor, Secret},
};
use crate::ModelIdentity;
use catena::{Details, Error, ErrorKind, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::{env, sync::Arc};

use crate::wire::anthropic;

/// A lookup of environment variables by name.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The settings of a connection.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) kind: Kind,
    pub(super) model: String,
    pub(super) api_key: Option<String>,
    pub(super) base_url: Option<String>,
    /// `true` if the key is sent as `Authorization: Bearer`, by any provider.
    pub(super) is_bearer: bool,
    /// `true` if OpenAI's responses are asked for; if unset, the model decides.
    pub(super) responses: Option<bool>,
    /// `true` if Anthropic caches the prompt.
    pub(super) prompt_cache: bool,
    /// The version of Azure's API.
    pub(super) api_version: String,
    pub(super) http_client: Option<HttpClient>,
    pub(super) limits: Limits,
    pub(super) changes: Changes,
    pub(super) headers: Headers,
    pub(super) variables: Arc<Lookup>,
}

/// A model of a provider, with the client to send requests with.
pub(super) struct Connection {
    pub(super) kind: Kind,
    /// The name of the model.
    pub(super) name: String,
    pub(super) protocol: Protocol,
    /// The protocol and the host, which identify the state that goes back.
    pub(super) origin: String,
    pub(super) http: reqwest::Client,
    pub(super) endpoint: Endpoint,
    /// The headers of every request: the key, and those of the protocol and of the user.
    pub(super) head: HeaderMap,
    pub(super) limits: Limits,
    pub(super) changes: Changes,
    pub(super) errors: ErrorContext,
    /// `true` if there is a key. Local servers may need none.
    has_key: bool,
    /// The headers that are sent with each request.
    pub(super) headers: Headers,
    /// The secrets among the values that are sent. They are never shown.
    pub(super) secrets: Vec<Secret>,
}

impl Settings {
    pub(super) fn new(kind: Kind, model: String) -> Self {
        Settings {
            kind,
            model,
            api_key: None,
            base_url: None,
            is_bearer: false,
            responses: None,
            prompt_cache: false,
            api_version: AZURE_VERSION.to_owned(),
            http_client: None,
            limits: Limits::default(),
            changes: Changes::default(),
            headers: Headers::default(),
            variables: Arc::new(|name| env::var(name).ok()),
        }
    }

    /// Returns the name of the model. `noun` is what an error calls the model.
    pub(super) fn name(&self, noun: &str) -> Result<String> {
        let name = self.model.trim().to_owned();
        if name.is_empty() {
            return Err(Error::new(ErrorKind::BadInput, format!("the {noun} of {} has no name", self.kind.title())));
        }
        Ok(name)
    }

    /// Creates the connection.
    pub(super) fn connect(self, name: String) -> Result<Connection> {
        let Settings { kind, api_key, base_url, is_bearer, http_client, headers, variables, limits, changes, .. } =
            self;
        let key_variable = kind.key_variable().filter(|_| api_key.is_none());
        let key = key(kind, api_key, &*variables)?;
        let base_url =
            base_url.or_else(|| kind.url_variable().and_then(&*variables).filter(|url| !url.trim().is_empty()));
        let base_url = base_url.map(|url| match kind {
            Kind::Ollama => ollama_url(&url),
            Kind::Azure => azure_url(&url, &name, &self.api_version),
            _ => url,
        });
        headers.check(key.is_some())?;
        let endpoint = Endpoint::parse(kind, base_url.as_deref().unwrap_or(kind.default_url()))?;
        let head = head(kind, key.as_ref(), is_bearer, &headers)?;
        let http = http_client.map_or_else(|| client::shared(endpoint.local), |client| Ok(client.0))?;
        let protocol = Protocol::of(kind, &name, self.responses).with_prompt_cache(self.prompt_cache);
        let origin = format!("{} {}", protocol.name(), endpoint.host);
        let has_key = key.is_some();
        let secrets = headers.secrets().chain(endpoint.secrets()).chain(changes.secrets());
        let secrets: Vec<Secret> = key.into_iter().chain(secrets).collect();
        let errors =
            ErrorContext { kind, host: endpoint.host.clone(), key_variable, redactor: Redactor::new(&secrets) };
        Ok(Connection {
            kind,
            name,
            protocol,
            origin,
            http,
            endpoint,
            head,
            limits,
            changes,
            errors,
            has_key,
            headers,
            secrets,
        })
    }
}

/// The version of Azure's API that is asked for by default.
const AZURE_VERSION: &str = "2024-10-21";

/// Returns the URL of a deployment at Azure.
fn azure_url(endpoint: &str, deployment: &str, version: &str) -> String {
    let endpoint = endpoint.trim().trim_end_matches('/');
    let endpoint = endpoint.strip_suffix("/openai").unwrap_or(endpoint);
    format!("{endpoint}/openai/deployments/{deployment}/?api-version={version}")
}

/// Returns the headers of every request.
fn head(kind: Kind, key: Option<&Secret>, is_bearer: bool, headers: &Headers) -> Result<HeaderMap> {
    let mut head = HeaderMap::new();
    if kind == Kind::Anthropic {
        let (name, value) = anthropic::VERSION_HEADER;
        head.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.add_to(&mut head);
    if let Some(key) = key {
        let name = if is_bearer { "authorization" } else { kind.key_header() };
        let value = if name == "authorization" { format!("Bearer {}", key.reveal()) } else { key.reveal().to_owned() };
        let mut value = HeaderValue::from_str(&value).map_err(|_| unsendable(kind))?;
        // Logs do not show it.
        value.set_sensitive(true);
        head.insert(HeaderName::from_static(name), value);
    }
    Ok(head)
}

#[cold]
fn unsendable(kind: Kind) -> Error {
    let message = format!("the API key for {} has a character in it that no key has", kind.title());
    Error::new(ErrorKind::Auth, message)
}

impl Connection {
    /// Adds all that is sent besides the request itself: the URL with its query, the headers with the key, and the
    /// changes of the body.
    pub(super) fn identify(&self, identity: &mut ModelIdentity) {
        identity.add("protocol", format!("{:?}", self.protocol));
        identity.add("url", &self.endpoint.url);
        let mut headers: Vec<_> = self.head.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.sort_unstable();
        for (name, value) in headers {
            identity.add("header", name);
            identity.add("value", value);
        }
        for extra in &self.changes.extra {
            identity.add("extra", extra.to_string());
        }
        for path in &self.changes.without {
            identity.add("without", path);
        }
    }

    /// Adds the provider, the base URL and the source of the key.
    pub(super) fn describe(&self, details: &mut Details) {
        details.set("provider", self.kind.title());
        details.set("base_url", self.endpoint.shown());
        if let Some(variable) = self.errors.key_variable {
            details.secret(self.kind.key_setting(), variable);
        } else if self.has_key {
            details.secret(self.kind.key_setting(), self.kind.key_setting());
        }
    }
}

/// Returns the key, given in code or found in the environment.
fn key(kind: Kind, given: Option<String>, variables: &Lookup) -> Result<Option<Secret>> {
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
        return Err(unsendable(kind));
    }
    Ok(key)
}
