//! `stream_log`: the log of a run as JSON Patch operations.

use super::{Door, envelope::One, messages, read_input, scrub, stream::ended};
use crate::{
    chain::caught,
    failure::Failure,
    request::{Settings, read_json},
    response::{Frame, respond},
};
use axum::{extract::Request, response::Response};
use futures_util::StreamExt;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn answer(door: Arc<Door>, request: Request) -> Result<Response, Failure> {
    let Door { gate, served } = &*door;
    let entered = gate.enter(request).await?;
    let One { input, config, filter, .. } = read_json::<One<'_>>(&entered.headers, &entered.body)?.checked()?;
    if !filter.is_empty() {
        let message = "the log has all steps: leave out `include_..` and `exclude_..`, or ask for `stream_events`";
        return Err(Failure::unprocessable(message));
    }
    let settings = Settings::read("config", config.unwrap_or_default(), served, &gate.limits)?;
    let call = read_input(served, input.get(), "input")?;
    let run_id = settings.run_id.unwrap_or(entered.run_id);
    let log = call.log(settings.config.within(entered.config).run_id(run_id));
    let debug = gate.debug;
    let frames = caught(log).map(move |patch| {
        let mut operations = serde_json::to_value(patch?)?;
        scrub::patch(&mut operations, debug);
        messages::values(&mut operations);
        Ok(Frame::json(&json!({ "ops": operations })).named("data"))
    });
    Ok(respond(gate, run_id, None, ended(frames, &door), entered.permit))
}
