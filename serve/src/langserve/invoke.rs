//! `invoke`: one input, one output.

use super::{Door, envelope::One, json_response, messages, read_input};
use crate::{
    failure::Failure,
    request::{Settings, read_json},
};
use axum::{extract::Request, response::Response};
use std::sync::Arc;

pub(super) async fn answer(door: Arc<Door>, request: Request) -> Result<Response, Failure> {
    let Door { gate, served } = &*door;
    let entered = gate.enter(request).await?;
    let One { input, config, .. } = read_json::<One<'_>>(&entered.headers, &entered.body)?.checked()?;
    let settings = Settings::read("config", config.unwrap_or_default(), served, &gate.limits)?;
    let call = read_input(served, input.get(), "input")?;
    let run_id = settings.run_id.unwrap_or(entered.run_id);
    let config = settings.config.within(entered.config).run_id(run_id);
    let output = call.invoke(config).await.map_err(|error| gate.failure(&error))?;
    let output = messages::output(output);
    Ok(json_response(format!(r#"{{"output":{output},"metadata":{{"run_id":"{run_id}","feedback_tokens":[]}}}}"#)))
}
