//! An exchange with a server: a request, the head of its response, and the packets of its body.

use super::connection::Connection;
use bytes::Bytes;
use catena::{Error, ErrorKind, Result};
use reqwest::{
    Response, Url,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use std::time::Duration;

/// A response of status 200, whose body is read packet by packet.
pub(super) struct Exchange<'a> {
    connection: &'a Connection,
    response: Response,
    /// The bytes that were read.
    length: usize,
}

impl<'a> Exchange<'a> {
    /// Sends a request, and reads the head of the response.
    pub(super) async fn begin(connection: &'a Connection, path: &str, body: Vec<u8>, stream: bool) -> Result<Self> {
        let errors = &connection.errors;
        let url = connection.endpoint.join(path);
        let url = Url::parse(&url)
            .map_err(|error| Error::new(ErrorKind::BadInput, format!("the request has no valid URL: {error}")))?;
        let accept = if stream { "text/event-stream, application/json" } else { "application/json" };
        let request = connection.http.post(url.clone()).headers(connection.head.clone());
        let request = request.header(ACCEPT, accept).header(CONTENT_TYPE, "application/json").body(body);
        let limit = connection.limits.first_byte;
        let sent = limited(limit, request.send()).await;
        let response = sent.ok_or_else(|| errors.silent(limit))?.map_err(|error| errors.reqwest(&error))?;
        if response.url() != &url {
            return Err(errors.redirected(response.url().host_str()));
        }
        let mut exchange = Exchange { connection, response, length: 0 };
        let status = exchange.response.status();
        if status.is_redirection() {
            let location = exchange.response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let target = location.and_then(|to| url.join(to).ok());
            return Err(errors.redirected(target.as_ref().and_then(Url::host_str)));
        }
        if !status.is_success() {
            let headers = exchange.response.headers().clone();
            let body = exchange.error_body().await;
            return Err(errors.status(status, &body, &headers));
        }
        Ok(exchange)
    }

    /// Returns the content type of the body, or an empty string.
    pub(super) fn content_type(&self) -> &str {
        self.response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the next packet of the body, or `None` at its end.
    pub(super) async fn packet(&mut self) -> Result<Option<Bytes>> {
        let (errors, limits) = (&self.connection.errors, &self.connection.limits);
        let packet = limited(limits.idle, self.response.chunk()).await;
        let packet = packet.ok_or_else(|| errors.silent(limits.idle))?.map_err(|error| errors.reqwest(&error))?;
        self.length += packet.as_ref().map_or(0, Bytes::len);
        if self.length > limits.stream {
            return Err(self.too_long(limits.stream));
        }
        Ok(packet)
    }

    #[cold]
    fn too_long(&self, limit: usize) -> Error {
        let size = crate::wire::sse::size(limit);
        self.connection.errors.too_large(&format!("the answer has more than {size}"))
    }

    /// Returns the rest of the body after `beginning`, with U+FFFD for bytes that are not UTF-8.
    pub(super) async fn rest(&mut self, beginning: &[u8]) -> Result<String> {
        let mut body = beginning.to_vec();
        let limit = self.connection.limits.whole;
        let mut packets = 0;
        while let Some(packet) = self.packet().await? {
            if body.len() + packet.len() > limit {
                return Err(self.too_long(limit));
            }
            body.extend_from_slice(&packet);
            packets += 1;
            if packets % YIELD == 0 {
                tokio::task::yield_now().await;
            }
        }
        let body = text(body);
        self.connection.limits.check_values(&body).map_err(|bound| self.connection.errors.too_large(&bound))?;
        Ok(body)
    }

    /// Returns the body of an error, as far as it can be read.
    async fn error_body(&mut self) -> String {
        let limits = &self.connection.limits;
        let mut body = Vec::new();
        // An error that is sent byte by byte is not waited for without end.
        let ends = tokio::time::Instant::now() + ERROR_TIME;
        while tokio::time::Instant::now() < ends
            && let Some(Ok(Some(packet))) = limited(limits.idle.min(ERROR_TIME), self.response.chunk()).await
        {
            let room = limits.error_body.saturating_sub(body.len());
            body.extend_from_slice(packet.get(..room).unwrap_or(&packet));
            if packet.len() > room {
                let mut body = text(body);
                body.push_str(" (the body of the error has more than ");
                body.push_str(&crate::wire::sse::size(limits.error_body));
                body.push(')');
                return body;
            }
        }
        text(body)
    }
}

/// The number of packets after which other tasks get their turn.
const YIELD: usize = 64;

/// The longest time that the body of an error is read.
const ERROR_TIME: Duration = Duration::from_mins(1);

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Returns `None` if the future takes longer than `limit`.
async fn limited<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    // A timer cannot be created for longer times.
    if limit == Duration::MAX {
        return Some(future.await);
    }
    tokio::time::timeout(limit, future).await.ok()
}
