//! `stream_log`: the log of a run as JSON Patch operations.

use super::{asked::Asked, messages, scrub, stream};
use crate::{
    chain::caught,
    failure::Failure,
    request::Door,
    response::{Frame, encoded, respond},
};
use axum::{extract::State, response::Response};
use futures_util::StreamExt;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn answer(State(door): State<Arc<Door>>, asked: Asked) -> Result<Response, Failure> {
    let filter = asked.filter()?;
    let (call, config, ticket) = asked.run();
    if !filter.is_empty() {
        let message = "the log has all steps: leave out `include_..` and `exclude_..`, or ask for `stream_events`";
        return Err(Failure::unprocessable(message));
    }
    let debug = door.gate.debug;
    let data = caught(call.log(config)).map(move |patch| {
        let mut operations = serde_json::to_value(patch?)?;
        scrub::patch(&mut operations, debug);
        messages::values(&mut operations);
        Ok(Frame::json(&json!({ "ops": operations })))
    });
    let frames = encoded(data.boxed(), stream::Events { run_id: None }, &door.gate);
    Ok(respond(&door.gate, &door.served, ticket, None, frames))
}
