//! How a server is reached.

use super::{
    Settings,
    bounded::{Bounded, Refusal},
    connection::{self, Client, Connection},
    process::Process,
};
use crate::{HttpClient, Redactor, provider};
use catena::{Error, ErrorKind, Result};
use futures_util::future::BoxFuture;
use reqwest::{
    Url,
    header::{HeaderName, HeaderValue},
};
use rmcp::transport::{
    StreamableHttpClientTransport, async_rw::AsyncRwTransport,
    streamable_http_client::StreamableHttpClientTransportConfig,
};
use std::{ffi::OsString, fmt, io, path::PathBuf};

/// A way to reach a server: [`Stdio`], [`Http`], or [`InMemory`](super::InMemory).
pub trait Transport: Sized {
    #[doc(hidden)]
    fn erase(self) -> Erased;
}

/// A transport of any type.
#[doc(hidden)]
pub struct Erased(pub(super) Box<dyn Open>);

impl fmt::Debug for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Erased").field(&self.0.shown()).finish()
    }
}

/// Opens connections.
pub(super) trait Open: Send + Sync + 'static {
    /// Checks the settings, before anything is started.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the name for errors, without secrets.
    fn shown(&self) -> String;

    /// Returns a filter that removes the secrets.
    fn redactor(&self) -> Redactor {
        Redactor::new()
    }

    fn open<'a>(&'a self, client: Client, settings: &'a Settings) -> BoxFuture<'a, Result<Connection>>;
}

/// A server that is a program; see [`McpServer::stdio`](super::McpServer::stdio).
#[derive(Clone)]
pub struct Stdio {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) directory: Option<PathBuf>,
}

impl Stdio {
    pub(super) fn new(program: OsString, arguments: Vec<OsString>) -> Self {
        Stdio { program, arguments, environment: Vec::new(), directory: None }
    }

    pub(super) fn shown(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    pub(super) fn cannot_start(&self, error: io::Error) -> Error {
        let program = self.shown();
        let why = match error.kind() {
            io::ErrorKind::NotFound => match &self.directory {
                Some(directory) if !directory.is_dir() => {
                    format!("its directory {} does not exist", directory.display())
                }
                _ => "there is no such program in the `PATH`: is it installed?".to_owned(),
            },
            _ => error.to_string(),
        };
        let message = format!("the MCP server `{program}` cannot be started: {why}");
        Error::new(ErrorKind::Unavailable { retry_after: None }, message).with_retryable(false).with_source(error)
    }
}

/// The arguments and the environment may have secrets in them.
impl fmt::Debug for Stdio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdio").field("program", &self.program).finish_non_exhaustive()
    }
}

impl Transport for Stdio {
    fn erase(self) -> Erased {
        Erased(Box::new(self))
    }
}

impl Open for Stdio {
    fn check(&self) -> Result<()> {
        if self.program.is_empty() {
            return Err(Error::new(ErrorKind::BadInput, "an MCP server has no program to start"));
        }
        Ok(())
    }

    fn shown(&self) -> String {
        Stdio::shown(self)
    }

    fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::new();
        self.environment.iter().for_each(|(_, value)| redactor.add(&value.to_string_lossy()));
        redactor
    }

    fn open<'a>(&'a self, client: Client, settings: &'a Settings) -> BoxFuture<'a, Result<Connection>> {
        Box::pin(self.connect(client, settings))
    }
}
impl Stdio {
    async fn connect(&self, client: Client, settings: &Settings) -> Result<Connection> {
        let redactor = self.redactor();
        let (process, output, input) = Process::start(self, &redactor)?;
        let refusal = Refusal::default();
        let output = Bounded::new(output, settings.message_limit, refusal.clone());
        // Its own limit drops a longer line without an error.
        let transport = AsyncRwTransport::new_client(output, input).with_max_line_length(usize::MAX);
        match connection::open(client, transport).await {
            Ok(running) => Ok(Connection::new(running, refusal, Some(process))),
            Err(error) => {
                let said = process.last_errors();
                let error = refusal.get().map_or(error, Error::msg);
                Err(if said.is_empty() { error } else { Error::msg(format!("{}; it said: {said}", error.message())) })
            }
        }
    }
}

/// A server at a URL; see [`McpServer::http`](super::McpServer::http).
#[derive(Clone)]
pub struct Http {
    url: String,
    pub(super) bearer: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) client: Option<HttpClient>,
}

impl Http {
    pub(super) fn new(url: String) -> Self {
        Http { url, bearer: None, headers: Vec::new(), client: None }
    }

    fn url(&self) -> Result<Url> {
        let wrong = |why: String| {
            let message = format!("the URL `{}` of an MCP server {why}", Open::shown(self));
            Error::new(ErrorKind::BadInput, message)
        };
        let url = Url::parse(self.url.trim()).map_err(|error| wrong(format!("cannot be read ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("does not start with http:// or https:// and a host".to_owned()));
        }
        Ok(url)
    }

    fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>> {
        let bearer = self.bearer.as_ref().map(|token| ("authorization", format!("Bearer {token}")));
        let all = self.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).chain(bearer);
        all.map(|(name, value)| {
            let wrong = |what| {
                let message = format!("the header `{name}` for an MCP server has an invalid {what}");
                Error::new(ErrorKind::BadInput, message)
            };
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("name"))?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| wrong("value"))?;
            value.set_sensitive(true);
            Ok((header, value))
        })
        .collect()
    }
}

/// Headers and the query of a URL may have secrets in them.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("url", &Open::shown(self)).finish_non_exhaustive()
    }
}

impl Transport for Http {
    fn erase(self) -> Erased {
        Erased(Box::new(self))
    }
}

impl Open for Http {
    fn check(&self) -> Result<()> {
        self.url()?;
        self.headers().map(drop)
    }

    fn shown(&self) -> String {
        // A query, or a user before an `@`, may be a secret.
        let shown = self.url.trim().split(['?', '#']).next().unwrap_or_default();
        match (shown.split_once("://"), shown.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
            _ => shown.to_owned(),
        }
    }

    fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::new();
        self.bearer.iter().chain(self.headers.iter().map(|(_, value)| value)).for_each(|secret| redactor.add(secret));
        if let Some((_, query)) = self.url.split_once('?') {
            redactor.add(query);
            query.split('&').filter_map(|pair| pair.split_once('=')).for_each(|(_, value)| redactor.add(value));
        }
        redactor
    }

    fn open<'a>(&'a self, client: Client, settings: &'a Settings) -> BoxFuture<'a, Result<Connection>> {
        Box::pin(self.connect(client, settings))
    }
}
impl Http {
    async fn connect(&self, client: Client, settings: &Settings) -> Result<Connection> {
        let url = self.url()?;
        let http = match &self.client {
            Some(client) => client.clone(),
            None => provider::shared_client(&url)?,
        };
        let config = StreamableHttpClientTransportConfig::with_uri(url.as_str())
            .custom_headers(self.headers()?.into_iter().collect())
            .max_sse_event_size(settings.message_limit)
            .max_json_response_size(settings.message_limit);
        let transport = StreamableHttpClientTransport::with_client(http.into_inner(), config);
        Ok(Connection::new(connection::open(client, transport).await?, Refusal::default(), None))
    }
}
