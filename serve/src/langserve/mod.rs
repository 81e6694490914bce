//! LangServe's paths: `POST /support/invoke` and the others.
//!
//! | file | contents |
//! |---|---|
//! | this file | the routes of one chain |
//! | `envelope` | the bodies of requests |
//! | `invoke`, `batch`, `stream`, `stream_events`, `stream_log` | a run, in one way each |
//! | `resume` | a stream that goes on after its client has come back |
//! | `about` | schemas and graph: what is known without a run |
//! | `open_api` | the OpenAPI document of all chains |
//! | `scrub` | events and logs without the words of errors |
//! | `messages` | messages as LangChain writes them |

mod about;
mod batch;
mod envelope;
mod invoke;
mod messages;
pub(crate) mod open_api;
mod resume;
mod scrub;
mod stream;
mod stream_events;
mod stream_log;

use crate::{
    chain::{Call, Served},
    failure::Failure,
    request::Gate,
};
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use std::{future::Future, sync::Arc};

/// One chain behind the gate of its server.
pub(crate) struct Door {
    pub(crate) gate: Arc<Gate>,
    pub(crate) served: Arc<Served>,
}

/// The routes of a chain, below its name.
pub(crate) fn routes(door: &Arc<Door>) -> Router {
    Router::new()
        .route("/invoke", run(door, invoke::answer))
        .route("/batch", run(door, batch::answer))
        .route("/stream", run(door, stream::answer))
        .route("/stream_events", run(door, stream_events::answer))
        .route("/stream_log", run(door, stream_log::answer))
        .route("/input_schema", look(door, |served| about::json(served.input_schema())))
        .route("/output_schema", look(door, |served| about::json(served.output_schema())))
        .route("/config_schema", look(door, about::config_schema))
        .route("/graph", about::graph(door))
        .route("/streams/{id}", resume::stream(door))
}

/// A route that runs the chain.
fn run<F>(door: &Arc<Door>, answer: fn(Arc<Door>, Request) -> F) -> MethodRouter
where
    F: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    let door = Arc::clone(door);
    post(move |request: Request| {
        let answered = answer(Arc::clone(&door), request);
        async move { answered.await.unwrap_or_else(Failure::into_response) }
    })
}

/// A route that looks at the chain.
fn look(door: &Arc<Door>, answer: fn(&Served) -> Response) -> MethodRouter {
    let served = Arc::clone(&door.served);
    get(move || std::future::ready(answer(&served)))
}

/// Reads an input: as the chain's type, or else with its messages as LangChain writes them.
pub(crate) fn read_input(served: &Served, json: &str, place: &str) -> Result<Box<dyn Call>, Failure> {
    let first = match served.chain.read(json) {
        Ok(call) => return Ok(call),
        Err(error) => error,
    };
    let mut shown = first;
    for input in messages::readings(json) {
        match served.chain.read(&input.to_string()) {
            Ok(call) => return Ok(call),
            Err(error) => shown = error,
        }
    }
    Err(Failure::unreadable(place, &shown))
}

/// A response whose body is JSON already.
fn json_response(json: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}
