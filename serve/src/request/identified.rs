//! The handler around all handlers: the identity of the request, its trace, its span, and a panic as an answer.
//!
//! It is not a layer of the router. Each layer would box its future and clone the services below it, for each request.

use super::{RequestId, TraceParent};
use crate::failure::{CLIENT_CLOSED, Failure};
use axum::{
    extract::Request,
    handler::Handler,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use futures_util::{FutureExt, future::CatchUnwind};
use pin_project_lite::pin_project;
use std::{
    any::Any,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tracing::{Instrument, Span, instrument::Instrumented};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// Returns a route for `GET`.
pub(crate) fn get<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::get(Identified(handler))
}

/// Returns a route for `POST`.
pub(crate) fn post<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::post(Identified(handler))
}

/// The identity of a request, in its extensions.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) id: RequestId,
    pub(super) trace: TraceParent,
}

/// A handler that gives a request its identity and its span, and tells the client both.
#[derive(Clone)]
pub(crate) struct Identified<H>(pub(crate) H);

impl<H, T, S> Handler<T, S> for Identified<H>
where
    H: Handler<T, S>,
    S: Clone + Send + Sync + 'static,
{
    type Future = Answer<H::Future>;

    fn call(self, mut request: Request, state: S) -> Self::Future {
        let id = header(request.headers(), &REQUEST_ID).and_then(RequestId::given).unwrap_or_else(RequestId::random);
        let trace = header(request.headers(), &TRACE_PARENT)
            .and_then(|header| std::str::from_utf8(header).ok()?.parse::<TraceParent>().ok())
            .map_or_else(TraceParent::random, TraceParent::child);
        let span = tracing::info_span!(
            "request", request_id = %id, trace_id = %format_args!("{:032x}", trace.trace_id()),
            method = %request.method(), path = request.uri().path(), status = tracing::field::Empty,
        );
        let identity = Identity { id, trace };
        request.extensions_mut().insert(identity.clone());
        let handled = AssertUnwindSafe(self.0.call(request, state)).catch_unwind().instrument(span.clone());
        Answer { handled, identity, left: Left { span, answered: false } }
    }
}

pin_project! {
    /// The answer of a handler, with the identity of its request.
    pub(crate) struct Answer<F> {
        #[pin]
        handled: Instrumented<CatchUnwind<AssertUnwindSafe<F>>>,
        identity: Identity,
        left: Left,
    }
}

impl<F: Future<Output = Response>> Future for Answer<F> {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Response> {
        let this = self.project();
        let mut response = ready!(this.handled.poll(task)).unwrap_or_else(|panic| panicked(&*panic));
        this.left.answered = true;
        this.left.span.record("status", response.status().as_u16());
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(this.identity.id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        if let Ok(trace) = HeaderValue::from_bytes(&this.identity.trace.header()) {
            headers.insert(TRACE_PARENT, trace);
        }
        Poll::Ready(response)
    }
}

/// The answer of a handler that has panicked. The server lives.
#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = words.unwrap_or("of another type than text"), "a handler panicked");
    let message = "the server failed to handle the request";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "panic", message).into_response()
}

/// Logs that a client left before it had an answer; its run was cancelled.
struct Left {
    span: Span,
    answered: bool,
}

impl Drop for Left {
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
