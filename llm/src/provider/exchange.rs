//! An exchange with a server: a request, the head of its response, and the packets of its body.

use super::connection::Connection;
use bytes::Bytes;
use catena::{Error, Result};
use futures_util::{FutureExt, future::Either};
use reqwest::{
    Method, Request, Response, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// A response of status 200, whose body is read packet by packet.
pub(super) struct Exchange<'a> {
    connection: &'a Connection,
    response: Response,
    content_type: String,
    /// The bytes that were read.
    length: usize,
    /// When the wait for the next packet began, if it has.
    waits_since: Option<Instant>,
    /// The timer of a silence. It is not set again for each packet: if it fires early, it is set for the wait of then.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> Exchange<'a> {
    /// Sends a request, and reads the head of the response.
    pub(super) async fn begin(connection: &'a Connection, path: &str, body: Vec<u8>, stream: bool) -> Result<Self> {
        let errors = &connection.errors;
        let url = connection.endpoint.locate(path)?;
        let accept = if stream { "text/event-stream, application/json" } else { "application/json" };
        let mut request = Request::new(Method::POST, url.clone());
        *request.body_mut() = Some(body.into());
        let headers = request.headers_mut();
        headers.clone_from(&connection.head);
        headers.append(ACCEPT, HeaderValue::from_static(accept));
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let limit = connection.limits.first_byte;
        let sent = limited(limit, connection.http.execute(request)).await;
        let mut response = sent.ok_or_else(|| errors.silent(limit))?.map_err(|error| errors.reqwest(&error))?;
        if response.url() != &url {
            return Err(errors.redirected(response.url().host_str()));
        }
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let target = location.and_then(|to| url.join(to).ok());
            return Err(errors.redirected(target.as_ref().and_then(Url::host_str)));
        }
        // The headers share the memory that the HTTP client reads the body into.
        let headers = std::mem::take(response.headers_mut());
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        let mut exchange = Exchange { connection, response, content_type, length: 0, waits_since: None, timer: None };
        if !status.is_success() {
            let body = exchange.error_body().await;
            return Err(errors.status(status, &body, &headers));
        }
        Ok(exchange)
    }

    /// Returns the content type of the body, or an empty string.
    pub(super) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the next packet of the body, or `None` at its end.
    pub(super) async fn packet(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|task| self.poll_packet(task)).await
    }

    /// Polls for the next packet of the body, which is `None` at its end.
    pub(super) fn poll_packet(&mut self, task: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let (errors, limits) = (&self.connection.errors, &self.connection.limits);
        // The future keeps nothing between two polls.
        let Poll::Ready(packet) = pin!(self.response.chunk()).poll(task) else {
            return self.poll_silence(task).map(Err);
        };
        self.waits_since = None;
        let packet = packet.map_err(|error| errors.reqwest(&error))?;
        self.length += packet.as_ref().map_or(0, Bytes::len);
        if self.length > limits.stream {
            return Poll::Ready(Err(self.too_long(limits.stream)));
        }
        Poll::Ready(Ok(packet))
    }

    /// Waits until the server has sent nothing for too long.
    fn poll_silence(&mut self, task: &mut Context<'_>) -> Poll<Error> {
        let limit = self.connection.limits.idle;
        let Some(end) = self.waits_since.get_or_insert_with(Instant::now).checked_add(limit) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            ready!(timer.as_mut().poll(task));
            if timer.deadline() >= end {
                return Poll::Ready(self.connection.errors.silent(limit));
            }
            timer.as_mut().reset(end);
        }
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
        let ends = Instant::now() + ERROR_TIME;
        while Instant::now() < ends
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

/// Returns `None` if the future takes longer than `limit`. It is no `async fn`, which would keep room for the future twice.
fn limited<F: Future>(limit: Duration, future: F) -> impl Future<Output = Option<F::Output>> {
    // A timer cannot be created for longer times.
    match limit {
        Duration::MAX => Either::Left(future.map(Some)),
        limit => Either::Right(tokio::time::timeout(limit, future).map(Result::ok)),
    }
}
