//! Chat completions.

mod request;
mod stream;
mod whole;

use super::{Models, answer as outputs, ask};
use crate::{
    failure::Failure,
    request::{Entered, read_json},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use std::sync::Arc;

pub(super) async fn answer(State(models): State<Arc<Models>>, request: Request) -> Result<Response, Failure> {
    let Entered { ticket, config, headers, body } = models.gate.enter(request).await?;
    let body: request::Body = read_json(&headers, &body)?;
    let served = models.find(&body.model)?;
    let (streamed, with_usage) = (body.stream, body.stream_options.include_usage);
    let request = body.read()?;
    let asked = ask::ask(&models, served, request, "response_format", (config, ticket))?;
    let completion = whole::Completion::new(&served.name, asked.ticket.run_id);
    if streamed {
        return Ok(stream::respond(&models, served, asked, completion, with_usage));
    }
    let output = asked.call.invoke(asked.config).await;
    let message = output.and_then(|json| outputs::message(&json)).map_err(|error| models.gate.failure(&error))?;
    Ok(completion.respond(&message, asked.spent.usage()))
}
