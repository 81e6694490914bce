//! The same chains behind handlers that are written by hand.

use crate::chains;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::post,
};
use catena::{Runnable, RunnableExt};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tower::{ServiceBuilder, limit::GlobalConcurrencyLimitLayer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

#[derive(Deserialize)]
struct Asked {
    input: String,
}

#[derive(Serialize)]
struct Answered {
    output: String,
}

async fn invoke<R: Runnable<String, Output = String>>(
    State(chain): State<Arc<R>>,
    Json(asked): Json<Asked>,
) -> Result<Json<Answered>, (StatusCode, String)> {
    match chain.invoke(asked.input).await {
        Ok(output) => Ok(Json(Answered { output })),
        Err(error) => Err((StatusCode::BAD_GATEWAY, error.to_string())),
    }
}

async fn stream<R>(State(chain): State<Arc<R>>, Json(asked): Json<Asked>) -> Response
where
    R: Runnable<String, Output = String, Chunk = String> + 'static,
{
    // The stream keeps its chain.
    let chunks = chain.stream_owned(asked.input).map(|chunk| match chunk {
        Ok(chunk) => Event::default().event("data").json_data(chunk),
        Err(error) => Ok(Event::default().event("error").data(error.to_string())),
    });
    let end = stream::once(std::future::ready(Ok(Event::default().event("end"))));
    Sse::new(chunks.chain(end)).keep_alive(KeepAlive::default()).into_response()
}

fn whole(chain: impl Runnable<String, Output = String> + 'static) -> Router {
    Router::new().route("/invoke", post(invoke)).with_state(Arc::new(chain))
}

fn streamed(chain: impl Runnable<String, Output = String, Chunk = String> + 'static) -> Router {
    Router::new().route("/stream", post(stream)).with_state(Arc::new(chain))
}

/// The handlers alone.
pub fn routes() -> Router {
    Router::new()
        .nest("/short", whole(chains::short()))
        .nest("/pieces", streamed(chains::pieces(false)))
        .nest("/at_once", streamed(chains::pieces(true)))
        .nest("/idle", streamed(chains::idle()))
}

/// The handlers, with the layers of `tower-http` for what the doors do by themselves: a limit of runs and of the body, a deadline,
/// an identity for each request, a span, and panics that are caught.
pub fn layered() -> Router {
    let name = HeaderName::from_static("x-request-id");
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(name.clone(), Random))
        .layer(TraceLayer::new_for_http())
        .layer(PropagateRequestIdLayer::new(name))
        .layer(CatchPanicLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(20_000))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(300)))
        .layer(DefaultBodyLimit::max(2 * 1024 * 1024));
    routes().layer(layers)
}

/// Random identities, made as those of the doors are.
#[derive(Clone)]
struct Random;

impl MakeRequestId for Random {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = catena::RunId::random().to_string();
        Some(RequestId::new(id.parse().ok()?))
    }
}
