//! LangServe's paths: `POST /support/invoke` and the others.
//!
//! | file | contents |
//! |---|---|
//! | this file | the routes of one chain |
//! | `envelope` | the bodies of requests |
//! | `asked` | a request for one run, up to where its ways part |
//! | `invoke`, `batch`, `stream`, `stream_events`, `stream_log` | a run, in one way each |
//! | `resume` | a stream that goes on after its client has come back |
//! | `about` | schemas and graph: what is known without a run |
//! | `scrub` | events and logs without the words of errors |
//! | `messages` | messages as LangChain writes them |

mod about;
mod asked;
mod batch;
mod envelope;
mod invoke;
mod messages;
mod resume;
mod scrub;
mod stream;
mod stream_events;
mod stream_log;

pub(crate) use about::settings_schema;

use crate::{
    chain::{Call, Served},
    failure::Failure,
    request::{Door, get, post},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::Response,
};
use std::sync::Arc;

/// The routes of a chain, with its name.
pub(crate) fn routes(name: &str) -> Router<Arc<Door>> {
    Router::new()
        .route(&format!("/{name}/invoke"), post(invoke::answer))
        .route(&format!("/{name}/batch"), post(batch::answer))
        .route(&format!("/{name}/stream"), post(stream::answer))
        .route(&format!("/{name}/stream_events"), post(stream_events::answer))
        .route(&format!("/{name}/stream_log"), post(stream_log::answer))
        .route(&format!("/{name}/input_schema"), get(about::input_schema))
        .route(&format!("/{name}/output_schema"), get(about::output_schema))
        .route(&format!("/{name}/config_schema"), get(about::config_schema))
        .route(&format!("/{name}/graph"), get(about::graph))
        .route(&format!("/{name}/streams/{{id}}"), get(resume::stream))
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
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
