//! Responses.

mod item;
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
    let streamed = body.stream;
    let frame = whole::Frame::new(&served.name, ticket.run_id, &body);
    let request = body.read()?;
    let asked = ask::ask(&models, served, request, "text.format", (config, ticket))?;
    if streamed {
        return Ok(stream::respond(&models, served, asked, frame));
    }
    let output = asked.call.invoke(asked.config).await;
    let message = output.and_then(|json| outputs::message(&json)).map_err(|error| models.gate.failure(&error))?;
    Ok(frame.respond(&message, asked.spent.usage()))
}
