//! `invoke`: one input, one output.

use super::{asked::Asked, json_response, messages};
use crate::{failure::Failure, request::Door};
use axum::{extract::State, response::Response};
use std::sync::Arc;

pub(super) async fn answer(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Failure> {
    let Asked { call, config, ticket, .. } = asked;
    let output = call.invoke(config).await.map_err(|error| door.gate.failure(&error))?;
    let (output, run_id) = (messages::output(output), ticket.run_id);
    Ok(json_response(format!(r#"{{"output":{output},"metadata":{{"run_id":"{run_id}","feedback_tokens":[]}}}}"#)))
}
