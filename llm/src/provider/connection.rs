//! Connections to a provider's models: the settings that all builders share, and the client that they result in.

use super::{
    client,
    endpoint::{Endpoint, ollama_url},
    error::ErrorContext,
    headers::Headers,
    kind::Kind,
    secret::{Redactor, Secret},
};
use catena::{Details, Error, ErrorKind, Result};
use genai::{
    ModelIden, ServiceTarget,
    resolver::{AuthData, Endpoint as Target},
};
use std::{env, sync::Arc};

/// A lookup of environment variables by name.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The settings of a connection.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) kind: Kind,
    pub(super) model: String,
    pub(super) api_key: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) http_client: Option<reqwest::Client>,
    pub(super) headers: Headers,
    pub(super) variables: Arc<Lookup>,
}

/// A model of a provider, with the client to send requests with.
pub(super) struct Connection {
    pub(super) kind: Kind,
    /// The name of the model.
    pub(super) name: String,
    pub(super) client: genai::Client,
    pub(super) target: ServiceTarget,
    pub(super) errors: ErrorContext,
    /// Whether there is a key. Local servers may need none.
    has_key: bool,
    /// The headers that are sent with each request.
    pub(super) headers: Headers,
}

impl Settings {
    pub(super) fn new(kind: Kind, model: String) -> Self {
        Settings {
            kind,
            model,
            api_key: None,
            base_url: None,
            http_client: None,
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

    /// Creates the connection. `path` is where OpenAI's protocol serves such requests, below the base URL.
    pub(super) fn connect(self, name: String, path: &str) -> Result<Connection> {
        let Settings { kind, model: _, api_key, base_url, http_client, headers, variables } = self;
        let key_variable = kind.key_variable().filter(|_| api_key.is_none());
        let key = key(kind, api_key, &*variables)?;
        let base_url =
            base_url.or_else(|| kind.url_variable().and_then(&*variables).filter(|url| !url.trim().is_empty()));
        let base_url = base_url.map(|url| if kind == Kind::Ollama { ollama_url(&url) } else { url });
        headers.check(key.is_some())?;
        let endpoint = Endpoint::parse(kind, base_url.as_deref().unwrap_or(kind.default_url()))?;
        let auth = match &key {
            Some(key) => AuthData::from_single(key.reveal()),
            // The client requires a key, unless it is given the URL and the headers of the request.
            None => AuthData::RequestOverride { url: endpoint.join(path), headers: headers.to_client() },
        };
        let http_client = http_client.map_or_else(|| client::shared(endpoint.local), Ok)?;
        let client = genai::Client::builder().with_reqwest(http_client).build();
        let client = client.map_err(|error| Error::new(ErrorKind::BadInput, error.to_string()))?;
        let target = ServiceTarget {
            endpoint: Target::from_owned(endpoint.url),
            auth,
            model: ModelIden::new(kind.adapter(), name.clone()),
        };
        let has_key = key.is_some();
        let secrets: Vec<Secret> = key.into_iter().chain(headers.secrets()).collect();
        let errors = ErrorContext { kind, host: endpoint.host, key_variable, redactor: Redactor::new(&secrets) };
        Ok(Connection { kind, name, client, target, errors, has_key, headers })
    }
}

impl Connection {
    /// Adds the provider, the base URL and the source of the key.
    pub(super) fn describe(&self, details: &mut Details) {
        details.set("provider", self.kind.title());
        details.set("base_url", self.target.endpoint.base_url());
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
        let message = format!("the API key for {} has a character in it that no key has", kind.title());
        return Err(Error::new(ErrorKind::Auth, message));
    }
    Ok(key)
}
