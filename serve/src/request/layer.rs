//! The middleware around all doors: the identity of the request, its trace, and its span.

use super::{RequestId, TraceParent};
use crate::failure::CLIENT_CLOSED;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// Gives a request its identity and its span, and tells the client both.
pub(crate) async fn identified(mut request: Request, next: Next) -> Response {
    let id = header(request.headers(), &REQUEST_ID).and_then(RequestId::given).unwrap_or_else(RequestId::random);
    let trace = header(request.headers(), &TRACE_PARENT)
        .and_then(|header| std::str::from_utf8(header).ok()?.parse::<TraceParent>().ok())
        .map_or_else(TraceParent::random, TraceParent::child);
    let span = tracing::info_span!(
        "request", request_id = %id, trace_id = %format_args!("{:032x}", trace.trace_id()),
        method = %request.method(), path = request.uri().path(), status = tracing::field::Empty,
    );
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(trace);
    let mut left = Left { span: &span, answered: false };
    let mut response = next.run(request).instrument(span.clone()).await;
    left.answered = true;
    span.record("status", response.status().as_u16());
    let headers = response.headers_mut();
    for (name, value) in [(REQUEST_ID, id.to_string()), (TRACE_PARENT, trace.to_string())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Logs that a client left before it had an answer; its run was cancelled.
struct Left<'a> {
    span: &'a Span,
    answered: bool,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.span.record("status", CLIENT_CLOSED);
            let _entered = self.span.enter();
            tracing::info!(status = CLIENT_CLOSED, "the client left before the answer: its run is cancelled");
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    headers.get(name).map(HeaderValue::as_bytes)
}
