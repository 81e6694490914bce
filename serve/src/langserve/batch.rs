//! `batch`: many inputs, as many outputs, or the first error.

use super::{
    envelope::{Many, OneOrEach},
    json_response, messages, read_input,
};
use crate::{
    failure::Failure,
    request::{Door, Entered, Settings, read_json},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use catena::RunId;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) async fn answer(State(door): State<Arc<Door>>, request: Request) -> Result<Response, Failure> {
    let Door { gate, served } = &*door;
    let Entered { ticket: _ticket, config: outer, headers, body } = gate.enter(request).await?;
    let Many { inputs, config, .. } = read_json::<Many<'_>>(&headers, &body)?.checked()?;
    if inputs.len() > gate.limits.batch {
        let message = format!("a batch has at most {} inputs, not {}", gate.limits.batch, inputs.len());
        return Err(Failure::unprocessable(message).at("inputs"));
    }
    let configs = each(config, inputs.len())?;
    let mut concurrency = gate.limits.batch_concurrency;
    let mut calls = Vec::with_capacity(inputs.len());
    let mut ids = Vec::with_capacity(inputs.len());
    for (index, (input, (place, config))) in inputs.iter().zip(configs).enumerate() {
        let settings = Settings::read(&place, config, served, &gate.limits)?;
        concurrency = concurrency.min(settings.max_concurrency.unwrap_or(concurrency));
        let call = read_input(served, input.get(), &format!("inputs[{index}]"))?;
        // An id that was given for all of them is that of the first alone: runs have different ids.
        let run_id = settings.run_id.filter(|id| !ids.contains(id)).unwrap_or_else(RunId::random);
        let config = settings.config.within(outer.clone()).run_id(run_id);
        ids.push(run_id);
        calls.push(async move {
            let output = call.invoke(config).await;
            output.map(|output| (index, messages::output(output))).map_err(|error| (index, error))
        });
    }
    let failed = |(index, error): (usize, catena::Error)| gate.failure(&error).at(format!("inputs[{index}]"));
    let runs = stream::iter(calls).buffer_unordered(concurrency);
    let mut outputs: Vec<(usize, String)> = runs.try_collect().await.map_err(failed)?;
    outputs.sort_unstable_by_key(|(index, _)| *index);
    let outputs: Vec<String> = outputs.into_iter().map(|(_, output)| output).collect();
    let responses: Vec<Value> = ids.iter().map(|id| json!({ "run_id": id, "feedback_tokens": [] })).collect();
    let metadata = json!({ "responses": responses, "run_ids": ids });
    Ok(json_response(format!(r#"{{"output":[{}],"metadata":{metadata}}}"#, outputs.join(","))))
}

/// A configuration, and its place in the body.
type Placed = (String, Map<String, Value>);

/// Returns the configuration of each input, and its place in the body.
fn each(config: Option<OneOrEach>, inputs: usize) -> Result<Vec<Placed>, Failure> {
    match config {
        Some(OneOrEach::Each(configs)) if configs.len() == inputs => {
            Ok(configs.into_iter().enumerate().map(|(index, config)| (format!("config[{index}]"), config)).collect())
        }
        Some(OneOrEach::Each(configs)) if !configs.is_empty() => {
            let message = format!("there are {} configurations for {inputs} inputs", configs.len());
            Err(Failure::unprocessable(message).at("config"))
        }
        Some(OneOrEach::One(config)) => Ok(vec![("config".to_owned(), config); inputs]),
        _ => Ok(vec![("config".to_owned(), Map::new()); inputs]),
    }
}
