//! The server: connections, routes, and the handling of requests.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{Router, post};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::protocol::{Anthropic, Gemini, GeminiOpenAi, OpenAi, OpenAiResponses, Problem, Protocol};
use super::recorder::{Outcome, Recorder};
use super::script::{Action, Rules};
use super::wire::{Exchange, Pace, Plan, Start, body};
use super::{Answer, Provider, Request, Status};

/// The maximum size of a request, which is about that of the providers.
const LIMIT: usize = 32 << 20;

pub(super) type Responder = Box<dyn Fn(&Request) -> Answer + Send + Sync>;

/// The state that all connections share.
pub(super) struct Shared {
    pub(super) responder: Responder,
    pub(super) models: Option<Vec<String>>,
    pub(super) key: Option<String>,
    pub(super) pace: Pace,
    pub(super) rules: Rules,
    pub(super) recorder: Arc<Recorder>,
    pub(super) numbers: AtomicUsize,
}

/// Serves until the future is dropped. Its connections are tasks in a set of its own and end with it. Axum's server
/// would let them continue, so it is not used.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = router(shared);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, router.clone()));
            }
            // In most cases the file descriptors are exhausted; some may be free in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// The mark of a response that is not sent: the connection is closed instead.
#[derive(Clone)]
struct Vanish;

async fn connection(stream: TcpStream, router: Router) {
    // Nagle's algorithm would merge writes, and with them delays and split characters.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let response = router.call(request);
        async {
            let response = response.await.map_err(io::Error::other)?;
            if response.extensions().get::<Vanish>().is_some() {
                return Err(io::Error::other("closed as scripted"));
            }
            Ok(response)
        }
    });
    // An error is a connection that the client or the script closed. The record distinguishes them.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

fn router(shared: Arc<Shared>) -> Router {
    let at = |provider| post(move |State(shared), request| receive(shared, provider, request));
    Router::new()
        .route("/v1/chat/completions", at(Provider::OpenAi))
        .route("/v1/responses", at(Provider::OpenAiResponses))
        .route("/v1/embeddings", at(Provider::OpenAi))
        .route("/v1/messages", at(Provider::Anthropic))
        .route("/v1beta/models/{call}", at(Provider::Gemini))
        .route("/v1beta/openai/chat/completions", at(Provider::GeminiOpenAi))
        .route("/v1beta/openai/embeddings", at(Provider::GeminiOpenAi))
        .fallback(lost)
        .method_not_allowed_fallback(lost)
        .with_state(shared)
}

async fn receive(shared: Arc<Shared>, provider: Provider, request: axum::extract::Request) -> Response {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LIMIT).await;
    let mut request = Request::arriving(provider, &parts);
    let verdict = match body {
        Ok(body) => examine(&shared, &parts, &body, &mut request),
        Err(_) => Err(Problem::TooLarge),
    };
    reply(&shared, request, arrived, verdict).await
}

/// Answers a request to an unknown URL in the form of the provider that it was most likely meant for.
async fn lost(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    let arrived = Instant::now();
    let (parts, _) = request.into_parts();
    let path = parts.uri.path();
    let provider = match path {
        _ if path.starts_with(Provider::GeminiOpenAi.base_path()) => Provider::GeminiOpenAi,
        _ if path.starts_with(Provider::Gemini.base_path()) => Provider::Gemini,
        _ if parts.headers.contains_key("x-api-key") => Provider::Anthropic,
        _ => Provider::OpenAi,
    };
    let url = format!("{} {path}", parts.method);
    reply(&shared, Request::arriving(provider, &parts), arrived, Err(Problem::UnknownUrl(url))).await
}

/// Parses the request, and rejects it if the provider would.
fn examine(shared: &Shared, parts: &Parts, body: &[u8], request: &mut Request) -> Result<(), Problem> {
    let protocol = protocol_of(request.provider);
    protocol.authorise(&parts.headers, parts.uri.query().unwrap_or_default(), shared.key.as_deref())?;
    request.body = serde_json::from_slice(body).map_err(|error| Problem::NotJson(error.to_string()))?;
    let body = std::mem::replace(&mut request.body, Value::Null);
    let read = protocol.read(&body, request);
    request.body = body;
    read?;
    if shared.models.as_ref().is_some_and(|models| !models.contains(&request.model)) {
        return Err(Problem::UnknownModel);
    }
    request.attempt = shared.recorder.attempt(request.provider, &request.model);
    Ok(())
}

async fn reply(shared: &Shared, request: Request, arrived: Instant, verdict: Result<(), Problem>) -> Response {
    let number = shared.numbers.fetch_add(1, Ordering::Relaxed) + 1;
    let mut tracker = shared.recorder.track(request.clone(), arrived);
    let exchange = Exchange { protocol: protocol_of(request.provider), request: &request, number, pace: shared.pace };
    let Plan { start, status, headers, steps } = match verdict {
        Ok(()) => exchange.respond(decide(shared, &request)),
        Err(problem) => exchange.fail(&problem),
    };
    match start {
        Start::After(delay) if delay.is_zero() => {}
        Start::After(delay) => tokio::time::sleep(delay).await,
        Start::Never => std::future::pending().await,
        Start::Vanish => {
            tracker.finish(Outcome::Cut);
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(Vanish);
            return response;
        }
    }
    tracker.status(status);
    let headers =
        headers.into_iter().fold(Response::builder().status(status), |all, (name, value)| all.header(name, value));
    // All headers and the status are valid.
    headers.body(body(steps, tracker)).unwrap_or_default()
}

/// Returns the answer of the script, or else of the responder.
fn decide(shared: &Shared, request: &Request) -> Answer {
    let respond = || {
        // A test's closure may panic. An answer shows its message, while a dropped connection would not.
        catch_unwind(AssertUnwindSafe(|| (shared.responder)(request)))
            .unwrap_or_else(|_| Status::new(500).message("The simulator's responder panicked.").into())
    };
    match shared.rules.next(request.provider, &request.model) {
        Action::Answer(answer) => answer,
        Action::Fail(fault) => respond().fault(fault),
        Action::Pass => respond(),
    }
}

fn protocol_of(provider: Provider) -> &'static dyn Protocol {
    match provider {
        Provider::OpenAi => &OpenAi,
        Provider::OpenAiResponses => &OpenAiResponses,
        Provider::Anthropic => &Anthropic,
        Provider::Gemini => &Gemini,
        Provider::GeminiOpenAi => &GeminiOpenAi,
    }
}
