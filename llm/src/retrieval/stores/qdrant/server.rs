//! Requests to the server, and its errors.

use super::builder::QdrantBuilder;
use crate::{
    Redactor,
    provider::{causes, readable, shared_client},
};
use catena::{Error, ErrorKind, Result};
use reqwest::{
    Method, Response, StatusCode, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use std::time::Duration;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A collection of a server.
pub(super) struct Server {
    pub(super) collection: String,
    /// The host for messages, with its port.
    pub(super) host: String,
    /// The URL of the collection, without a closing slash.
    url: String,
    head: HeaderMap,
    http: reqwest::Client,
    timeout: Duration,
    redactor: Redactor,
}

impl Server {
    pub(super) fn new(builder: QdrantBuilder) -> Result<Self> {
        let QdrantBuilder { url, collection, api_key, timeout, http_client } = builder;
        let wrong = |why: String| Err(Error::new(ErrorKind::BadInput, format!("the Qdrant server's {why}")));
        let Ok(mut url) = Url::parse(url.trim()) else {
            return wrong("URL cannot be read: it should look like http://localhost:6333".to_owned());
        };
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return wrong(
                "URL has more than a host, a port and a path: it should look like http://localhost:6333".to_owned(),
            );
        }
        let Some(host) = url.host_str() else { return wrong("URL has no host".to_owned()) };
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let is_name = !collection.is_empty() && !matches!(collection.as_str(), "." | "..");
        if !is_name || collection.contains(['/', '\\']) || collection.chars().any(char::is_control) {
            return wrong(format!("collection cannot be called {collection:?}"));
        }
        let mut redactor = Redactor::new();
        let mut head = HeaderMap::new();
        if let Some(key) = api_key {
            redactor.add(&key);
            let message = "the key for the Qdrant server has a character in it that no key has";
            let value = HeaderValue::from_str(key.trim()).map_err(|_| Error::new(ErrorKind::Auth, message));
            let mut value = value?;
            value.set_sensitive(true);
            head.insert(HeaderName::from_static("api-key"), value);
        }
        let http = http_client.map_or_else(|| shared_client(&url), Ok)?.into_inner();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["collections", &collection]);
        }
        Ok(Server { collection, host, url: url.into(), head, http, timeout, redactor })
    }

    /// Sends a request, with this path below that of the collection. Returns the field `result` of the answer, or `None` if
    /// there is no such collection.
    pub(super) async fn send(
        &self,
        doing: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Option<Value>> {
        // Boxed, because its state is several KiB and would be part of the state of every chain around this step.
        let work = Box::pin(self.exchange(method, path, body));
        let answered = tokio::time::timeout(self.timeout, work)
            .await
            .unwrap_or_else(|_| Err(self.unavailable(&format!("does not answer within {:?}", self.timeout))));
        answered.map_err(|error| error.while_doing(doing))
    }

    async fn exchange(&self, method: Method, path: &str, body: Option<Value>) -> Result<Option<Value>> {
        let url = if path.is_empty() { self.url.clone() } else { format!("{}/{path}", self.url) };
        let creates = method == Method::PUT && path.is_empty();
        let mut request = self.http.request(method, url).headers(self.head.clone());
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            request = request.header(reqwest::header::CONTENT_TYPE, json).body(body.to_string());
        }
        let lost = |error: reqwest::Error| self.unavailable(&format!("cannot be reached: {}", causes(&error)));
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let body = self.body(response).await?;
        match status {
            StatusCode::NOT_FOUND if said(&body).is_some_and(|said| said.contains("Not found: Collection")) => Ok(None),
            // Another process was first.
            StatusCode::CONFLICT if creates => Ok(Some(Value::Null)),
            status if status.is_success() => {
                let mut answer: Value = serde_json::from_str(&body).map_err(|error| {
                    let message = format!("{} sent an answer that cannot be read: {error}", self.title());
                    Error::new(ErrorKind::Parse { raw: self.redactor.clean(&body) }, message).with_retryable(false)
                })?;
                Ok(Some(answer["result"].take()))
            }
            status => Err(self.refused(status, &body)),
        }
    }

    async fn body(&self, mut response: Response) -> Result<String> {
        let mut body = Vec::new();
        loop {
            let packet = response.chunk().await;
            let packet = packet.map_err(|error| self.unavailable(&format!("broke off: {}", causes(&error))))?;
            let Some(packet) = packet else { break };
            if body.len() + packet.len() > LONGEST {
                let message = format!("{} sent an answer of more than 64 MB", self.title());
                return Err(Error::new(ErrorKind::Step, message).with_retryable(false));
            }
            body.extend_from_slice(&packet);
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn title(&self) -> String {
        format!("the Qdrant server at {}", self.host)
    }

    #[cold]
    fn unavailable(&self, why: &str) -> Error {
        let message = self.redactor.clean(&format!("{} {why}", self.title()));
        Error::new(ErrorKind::Unavailable { retry_after: None }, message)
    }

    #[cold]
    fn refused(&self, status: StatusCode, body: &str) -> Error {
        let said = said(body).unwrap_or_else(|| readable(body));
        let kind = match status.as_u16() {
            401 | 403 => ErrorKind::Auth,
            429 => ErrorKind::RateLimited { retry_after: None },
            408 | 500.. => ErrorKind::Unavailable { retry_after: None },
            _ => ErrorKind::BadInput,
        };
        let message =
            format!("{} refused a request of the collection `{}`: {status}: {said}", self.title(), self.collection);
        Error::new(kind, self.redactor.clean(&message))
    }

    /// Returns the error of a collection that was there a moment ago.
    #[cold]
    pub(super) fn gone(&self, doing: &'static str) -> Error {
        let message = format!("{} has no collection `{}` any more", self.title(), self.collection);
        Error::new(ErrorKind::Step, message).while_doing(doing)
    }
}

/// Returns the server's own words for an error.
fn said(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body["status"]["error"].as_str()?.to_owned())
}
