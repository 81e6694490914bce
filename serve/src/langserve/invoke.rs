//! `invoke`: one input, one output.

use super::{asked::Asked, json_response, messages};
use crate::{failure::Failure, request::Door};
use axum::{extract::State, response::Response};
use std::{fmt::Write, sync::Arc};

/// The bytes around an output.
const ENVELOPE: usize = 96;

pub(super) async fn answer(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Failure> {
    let (call, config, ticket) = asked.run();
    let output = call.invoke(config).await.map_err(|error| door.gate.failure(&error))?;
    let (output, run_id) = (messages::output(output), ticket.run_id);
    let mut json = String::with_capacity(output.len() + ENVELOPE);
    for part in [r#"{"output":"#, &output, r#","metadata":{"run_id":""#] {
        json.push_str(part);
    }
    // Writing to a `String` does not fail.
    let _ = write!(json, "{run_id}");
    json.push_str(r#"","feedback_tokens":[]}}"#);
    Ok(json_response(json))
}
