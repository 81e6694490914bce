//! Responses.

mod item;
mod request;
mod stream;
mod whole;

use super::{Models, answer as outputs, ask};
use crate::{failure::Failure, request::read_json};
use axum::{extract::Request, response::Response};
use std::sync::Arc;

pub(super) async fn answer(models: Arc<Models>, request: Request) -> Result<Response, Failure> {
    let entered = models.gate.enter(request).await?;
    let body: request::Body = read_json(&entered.headers, &entered.body)?;
    let served = Arc::clone(models.find(&body.model)?);
    let streamed = body.stream;
    let frame = whole::Frame::new(&served.name, entered.run_id, &body);
    let request = body.read()?;
    let asked = ask::ask(&models, &served, request, "text.format", (entered.config, entered.run_id))?;
    if streamed {
        return Ok(stream::respond(models, asked, frame, entered.permit));
    }
    let output = asked.call.invoke(asked.config).await;
    let message = output.and_then(|json| outputs::message(&json)).map_err(|error| models.gate.failure(&error))?;
    Ok(frame.respond(&message, asked.spent.usage()))
}
